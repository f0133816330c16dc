// Deciding a patch: the fields of the version that is there, with the edits made to them, become a
// put that is held against the schema as any other.

internal import MnemeModel
internal import MnemePages
internal import MnemeVectors

extension BatchPlanner {
    /// Decides a patch.
    mutating func decide(_ patch: PreparedPatch) throws(StoreError) {
        let collection = patch.collection
        let name = collection.schema.name
        var key: Key? = patch.key
        if let named = patch.named { key = try self.key(named: named, in: collection) }
        // Of a record that is not within reach the key is not told either.
        if reach != nil, patch.named != nil, let found = key,
            try self.named(collection.number, found) == nil
        {
            key = nil
        }
        // Of a record that has no key yet it is for messages alone.
        var reference = Reference(name, key ?? .text(patch.named?.shown ?? ""))
        var ordinal: UInt64?
        if let key { ordinal = try self.named(collection.number, key) }
        var fields: [String: Value]
        var told: [String: Value]?
        var standing: OldVersion?
        if let ordinal { standing = try version(ordinal) }
        if let wanted = patch.version { try hold(version: wanted, of: reference, standing) }
        var expiresAt: Int64 = OrdinalEntry.never
        if let standing {
            fields = try standing.record.valuesByName(collection)
            expiresAt = standing.record.expiresAt
            if patch.returns == .old { told = fields }
            if let condition = patch.condition, !holds(condition, of: reference, standing, fields) {
                throw refused(
                    .conditionFailed,
                    "the condition of a patch does not hold of \(reference) as it is now; read it "
                        + "again and decide anew"
                )
            }
        } else if let given = patch.orPut {
            fields = given
        } else {
            throw refused(
                .notFound,
                (patch.named.map { "no record of collection \"\(name)\" has \($0.shown)" }
                    ?? "there is no \(reference)")
                    + " to patch; put it first, or give the patch what to put (orPut)"
            )
        }
        switch patch.expiry {
        // Seconds were made an instant when the patch was made ready.
        case .kept, .after: break
        case .at(let end): expiresAt = end.microseconds
        case .never: expiresAt = OrdinalEntry.never
        }
        let put: PreparedPut
        var preparation = preparation
        if let draws = patch.draws { preparation = preparation.with(draws) }
        do throws(MnemeError) {
            for edit in patch.edits { try edit.apply(to: &fields, of: name) }
            put = try preparation.prepare(
                Put(
                    name,
                    key,
                    fields,
                    expiresAt: expiresAt == OrdinalEntry.never
                        ? nil : Instant(microseconds: expiresAt)
                ),
                revises: ordinal != nil,
                at: patch.time
            )
        } catch {
            throw .refused(error)
        }
        let record = try decide(put, tellsOutcome: false)
        reference.key = record.key
        var patched = Committed.Patched(reference: reference, isNew: ordinal == nil)
        if patch.returns == .new { told = try record.valuesByName(collection) }
        if let told { patched.record = try tell(Record(reference, fields: told)) }
        plan.made.append(BatchPlan.Made(outcome: plan.outcomes.count, by: plan.changes.count - 1))
        plan.outcomes.append(.patched(patched))
    }
}

extension BatchPlanner {
    /// Whether the condition of a change holds of the version that is there.
    ///
    /// One that an earlier change of the batch has made has no number yet that anybody knows.
    func holds(
        _ condition: Filter,
        of reference: Reference,
        _ standing: OldVersion,
        _ fields: [String: Value]
    ) -> Bool {
        condition.holds { name in
            switch name {
            case PseudoField.key: reference.key.value
            case PseudoField.version: .int(Int64(clamping: standing.entry.birth))
            default: fields[name] ?? .null
            }
        }
    }
}

extension StoredRecord {
    /// The fields by name, vectors among them.
    func valuesByName(_ collection: CollectionEntry) throws(StoreError) -> [String: Value] {
        var values = [String: Value](minimumCapacity: fields.count + vectors.count)
        for (number, value) in fields {
            if let name = collection.fieldNames[number] { values[name] = value }
        }
        for vector in vectors {
            guard let entry = collection.vector(numbered: vector.field) else { continue }
            do throws(VectorError) {
                values[entry.name] = .vector(
                    try entry.coder.shape.format.decode(
                        vector.bytes,
                        dimension: vector.dimension
                    )
                )
            } catch {
                throw .inconsistent("a stored vector of \"\(entry.name)\" is refused: \(error)")
            }
        }
        return values
    }
}
