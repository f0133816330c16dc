// Records that are put aside: which of them a read sees. Where a question has a filter anyhow, what
// is left out is a part of it, so that indexes serve it and the explanation says so; where records
// are come by one by one, by key or by edges, their marks are read. Collections without such roles
// pay a look at `marks`. formats/operations.md#put-aside

internal import MnemeBase
package import MnemeModel
internal import MnemePages

/// By which fields records of a collection are put aside.
struct RecordMarks: Sendable {
    let deleted: MarkFields?
    let archived: MarkFields?
    /// The fields of both.
    let choice: FieldChoice

    /// Nil for a collection whose records are never put aside.
    ///
    /// `names`: its fields by number.
    init?(_ schema: Collection, _ names: [SpelledName?]) {
        deleted = MarkFields.deleted(schema)
        archived = MarkFields.archived(schema)
        let chosen = Set((deleted?.names ?? []) + (archived?.names ?? []))
        if chosen.isEmpty { return nil }
        choice = FieldChoice(
            names.map { $0.flatMap { chosen.contains($0.name) ? $0 : nil } },
            hasVectors: false
        )
    }

    /// Whether a read of a sight sees a record, by its fields.
    func sees(_ value: (String) -> Value, _ sight: Sight) -> Bool {
        func isSeen(_ fields: MarkFields?, _ wanted: Marked?) -> Bool {
            if wanted == .include { return true }
            return (fields?.isHeld(value) ?? false) == (wanted == .only)
        }
        return isSeen(deleted, sight.deleted) && isSeen(archived, sight.archived)
    }

    /// Whether two versions of a record differ in a mark.
    func differ(_ old: StoredRecord, _ new: StoredRecord, _ collection: CollectionEntry) -> Bool {
        func value(_ record: StoredRecord) -> (String) -> Value {
            { name in collection.fieldNumbers[name].map { record[$0] } ?? .null }
        }
        return [deleted, archived].contains { fields in
            fields.map { $0.isHeld(value(old)) != $0.isHeld(value(new)) } ?? false
        }
    }
}

extension CollectionEntry {
    /// A question's filter with what it leaves out of the records that are put aside.
    ///
    /// - Throws: `.badRequest` for a question about marks that the collection does not have.
    package func filter(
        _ filter: Filter?,
        seeing sight: Sight
    ) throws(MnemeError) -> Filter? {
        guard let marks else {
            if sight.isStandard { return filter }
            throw unmarked(sight.deleted != nil)
        }
        var parts: [Filter] = []
        if let filter { parts.append(filter) }
        // What the question says itself is not said again.
        let known = filter?.conjuncts ?? []
        let asked = [(marks.deleted, sight.deleted, true), (marks.archived, sight.archived, false)]
        for (fields, wanted, isDeleted) in asked {
            guard let fields else {
                if wanted == nil { continue }
                throw unmarked(isDeleted)
            }
            let part: Filter
            switch wanted {
            case nil: part = fields.lacking
            case .only: part = fields.holding
            case .include: continue
            }
            parts += known.isEmpty ? [part] : part.conjuncts.filter { !known.contains($0) }
        }
        if parts.isEmpty { return nil }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    /// What is said of marks that the collection does not have.
    func unmarked(_ isDeleted: Bool) -> MnemeError {
        let (roles, member) =
            isDeleted ? ("deletedAt or active", "deleted") : ("archivedAt or archived", "archived")
        return MnemeError(
            .badRequest,
            "collection \"\(schema.name)\" has no role \(roles), so that none of its records is "
                + "\(member); define it again with such a role, or leave \"\(member)\" out"
        )
    }
}

extension CollectionEntry {
    /// Whether a read of a sight sees a record of the collection.
    func sees(_ record: Record, _ sight: Sight) -> Bool {
        guard let marks else { return sight.deleted != .only && sight.archived != .only }
        return marks.sees({ record[$0] }, sight)
    }
}

extension StateReader {
    /// Whether a read of a sight sees the version that an entry names.
    ///
    /// - Complexity: O(1) for collections whose records are never put aside.
    func sees(
        _ entry: OrdinalEntry,
        _ collection: CollectionEntry,
        _ sight: Sight
    ) throws(StoreError) -> Bool {
        guard let marks = collection.marks, sight != .everything else {
            return sight.deleted != .only && sight.archived != .only
        }
        var reader = reader(keeps: true)
        try reader.open(entry)
        let fields = try reader.fields(marks.choice)
        return marks.sees({ fields[$0] ?? .null }, sight)
    }

    /// Whether a walk of a sight sees a visible record.
    func sees(node entry: OrdinalEntry, _ sight: Sight) throws(StoreError) -> Bool {
        if !state.catalog.hasMarks, sight.isStandard { return true }
        guard let collection = state.catalog.collection(number: entry.collection) else {
            return true
        }
        return try sees(entry, collection, sight)
    }

    /// The visible version of a key that a read of a sight sees.
    func version(
        _ collection: CollectionEntry,
        _ key: Key,
        _ sight: Sight
    ) throws(StoreError) -> (ordinal: UInt64, entry: OrdinalEntry)? {
        guard let found = try version(collection, key),
            try sees(found.entry, collection, sight)
        else { return nil }
        return found
    }
}

extension Snapshot {
    /// The sight by which a question sees all records of a collection.
    ///
    /// - Throws: `.unknownCollection`.
    package func everything(of name: String) throws(MnemeError) -> Sight {
        let marks = try catalog.collection(name).marks
        return Sight(
            deleted: marks?.deleted == nil ? nil : .include,
            archived: marks?.archived == nil ? nil : .include
        )
    }

    /// The ordinal of a record that is there and that a read of a sight sees.
    package func ordinal(
        _ reference: Reference,
        _ sight: Sight
    ) throws(MnemeError) -> UInt64? {
        let collection = try catalog.collection(reference.collection)
        let key = try collection.coerced(reference.key)
        return try reading { state throws(StoreError) in
            try state.version(collection, key, sight)?.ordinal
        }
    }
}

extension Sight {
    /// The same for records on the way to those that are asked for.
    package var onTheWay: Sight {
        Sight(
            deleted: deleted == nil ? nil : .include,
            archived: archived == nil ? nil : .include
        )
    }

    /// Refuses a walk through nothing but what is put aside.
    ///
    /// - Throws: `.badRequest`.
    func checkWalk() throws(MnemeError) {
        guard deleted == .only || archived == .only else { return }
        throw MnemeError(
            .badRequest,
            "a walk sees what is put aside besides all else, and \"only\" is given; give "
                + "\"include\", or find the records"
        )
    }
}

extension EdgeScope {
    /// Edges are not put aside; they are found whatever their ends are.
    static func refuse(_ sight: Sight) throws(MnemeError) {
        guard !sight.isStandard else { return }
        throw MnemeError(
            .badRequest,
            "edges are neither deleted softly nor archived, and \"deleted\" or \"archived\" is "
                + "given; leave it out, or ask for records"
        )
    }
}
