// What a change demands of the record that is there, and what it tells of it. Most changes have
// none of this, and nothing is done for those.

internal import MnemeModel
internal import MnemePages

/// What must hold of a record for a change of it to be made, and what its outcome has.
struct PreparedTerms: Sendable {
    /// The version that it has, 0 where it is not there.
    var version: UInt64?
    /// What holds of it where it is there.
    var condition: Filter?
    var returns: Returns?
}

/// A delete or an erase under terms.
struct PreparedRemoval: Sendable {
    var collection: CollectionEntry
    var key: Key
    var erases: Bool
    var terms: PreparedTerms
}

extension ChangePreparation {
    /// The terms of a put; nil where it has none.
    ///
    /// - Throws: as a filter of the collection; `badRequest` where they make no sense with the put.
    func terms(
        of put: Put,
        _ collection: CollectionEntry
    ) throws(MnemeError) -> PreparedTerms? {
        if put.version == nil, put.condition == nil, put.returns == nil { return nil }
        if put.key == nil, put.version ?? 0 != 0 || put.condition != nil {
            throw MnemeError(
                .badRequest,
                "a put into collection \"\(collection.schema.name)\" has a version or a condition "
                    + "and no key, so that there is no record to hold them against; give the key"
            )
        }
        if put.mode == .insert, put.version ?? 0 != 0 || put.condition != nil {
            throw MnemeError(
                .badRequest,
                "a put into collection \"\(collection.schema.name)\" has the mode insert, which "
                    + "wants no record to be there, and a version or a condition of one that is; "
                    + "leave out one of them"
            )
        }
        var condition: Filter?
        if let filter = put.condition { condition = try collection.checked(filter) }
        return PreparedTerms(version: put.version, condition: condition, returns: put.returns)
    }

    /// A removal with its names looked up.
    func prepare(_ removal: Removal) throws(MnemeError) -> PreparedRemoval {
        let collection = try catalog.collection(removal.reference.collection)
        var condition: Filter?
        if let filter = removal.condition { condition = try collection.checked(filter) }
        return PreparedRemoval(
            collection: collection,
            key: try check(removal.reference.key, collection),
            erases: removal.erases,
            terms: PreparedTerms(
                version: removal.version,
                condition: condition,
                returns: removal.returnsRecord ? .old : nil
            )
        )
    }
}

extension BatchPlanner {
    /// Expects terms to hold of a record, or of there being none.
    ///
    /// - Throws: `.refused` with `conditionFailed`.
    func hold(
        _ terms: PreparedTerms,
        of reference: Reference,
        _ standing: OldVersion?,
        _ collection: CollectionEntry
    ) throws(StoreError) {
        if let wanted = terms.version { try hold(version: wanted, of: reference, standing) }
        guard let condition = terms.condition, let standing else { return }
        let fields = try standing.record.valuesByName(collection)
        guard holds(condition, of: reference, standing, fields) else {
            throw refused(
                .conditionFailed,
                "the condition of a change does not hold of \(reference) as it is now; read it "
                    + "again and decide anew"
            )
        }
    }

    /// Expects a record to have a version.
    ///
    /// - Throws: `.refused` with `conditionFailed`, which says the version that it has.
    func hold(
        version wanted: UInt64,
        of reference: Reference,
        _ standing: OldVersion?
    ) throws(StoreError) {
        let actual: String
        switch standing {
        case nil:
            if wanted == 0 { return }
            actual = "is not there (version 0)"
        // Its frame has no place yet, and it no version that anybody could know.
        case .some(let standing) where standing.isOfBatch:
            actual = "was changed by an earlier change of the same commit"
        case .some(let standing):
            if wanted == standing.entry.birth { return }
            actual = "has version \(standing.entry.birth)"
        }
        throw refused(
            .conditionFailed,
            "\(reference) \(actual), and the change is for version \(wanted)"
                + (wanted == 0 ? ", that is for no record" : "")
                + "; read it again and decide anew"
        )
    }

    /// Decides a delete or an erase under terms.
    mutating func decide(_ removal: PreparedRemoval) throws(StoreError) {
        let collection = removal.collection
        let reference = Reference(collection.schema.name, removal.key)
        let ordinal = try named(collection.number, removal.key)
        var standing: OldVersion?
        if let ordinal { standing = try version(ordinal) }
        try hold(removal.terms, of: reference, standing, collection)
        guard let ordinal, let standing else {
            if removal.erases, reach == nil { try eraseKept(collection, removal.key) }
            return plan.outcomes.append(.deleted(false))
        }
        try end(ordinal, collection, erases: removal.erases, overrules: false)
        guard removal.terms.returns != nil else { return plan.outcomes.append(.deleted(true)) }
        let fields = try standing.record.valuesByName(collection)
        plan.outcomes.append(.deletedReturning(try tell(Record(reference, fields: fields))))
    }

    /// Tells the outcome of a put: `record` is what it made.
    mutating func tellPut(
        _ record: StoredRecord,
        _ old: OldVersion?,
        _ terms: PreparedTerms?,
        _ collection: CollectionEntry
    ) throws(StoreError) {
        let reference = Reference(collection.schema.name, record.key)
        plan.made.append(BatchPlan.Made(outcome: plan.outcomes.count, by: plan.changes.count - 1))
        guard let returns = terms?.returns else { return plan.outcomes.append(.put(reference)) }
        var put = Committed.Patched(reference: reference, isNew: old == nil)
        if let told = returns == .new ? record : old?.record {
            put.record = try tell(Record(reference, fields: try told.valuesByName(collection)))
        }
        plan.outcomes.append(.putReturning(put))
    }

    /// Tells the outcome of a link: `old` is what it took the place of.
    mutating func tellLink(
        _ link: PreparedLink,
        _ edge: PlannedEdge,
        _ old: PlannedEdge?
    ) throws(StoreError) {
        guard let returns = link.returns else {
            return plan.outcomes.append(.linked(edge.ordinal))
        }
        var told: Edge?
        if let one = returns == .new ? edge : old {
            // Of types that mean the same both ways, the old one may have gone the other way.
            let isTurned = one.from != edge.from
            var (body, vectors) = (one.body, one.vectors)
            if body.isEmpty {
                (body, vectors) = try reader.edgeParts(one.ordinal)
            } else if let plain = FrameBody.plain(
                one.frame(StoreFrameType.link, catalog.version),
                limit: FrameDecoder.bodyLimit
            ) {
                body = plain
            }
            told = Edge(
                id: one.ordinal,
                type: link.type.type.name,
                from: isTurned ? link.to : link.from,
                to: isTurned ? link.from : link.to,
                fields: link.type.named((try? Value.decodeFields(body)) ?? [], vectors)
            )
        }
        if let told { try noteTold(told.mostBytes, "the edge from \(link.from) to \(link.to)") }
        plan.outcomes.append(.linkedReturning(edge.ordinal, told))
    }
}

extension OldVersion {
    /// Whether the batch that is being decided has made it.
    var isOfBatch: Bool { entry.place == 0 }
}
