// What a question sees under a permit: what the permit does not reach is not there. Every way of
// reading asks `visibleEntry` of each ordinal that it would answer with, and that asks here; whose
// records a question means is narrowed besides, so that what is counted, scanned or walked is no
// more than that.

internal import MnemeBase
internal import MnemeGraph
package import MnemeModel
internal import MnemePages
internal import MnemeTree

extension StateReader {
    /// Whether indexes may have entries of what is not to be seen.
    var mayHide: Bool { state.roots.mayHide || reach != nil }

    /// Whether what an entry says is within reach; an edge is where its ends are, which whoever
    /// tells of it asks.
    func reaches(_ entry: OrdinalEntry) throws(StoreError) -> Bool {
        guard let reach else { return true }
        if entry.flags & OrdinalFlags.edge != 0 { return true }
        guard let collection = state.catalog.collection(number: entry.collection) else {
            return false
        }
        // The store's own collections nobody can name but the audit, which is the whole store's.
        if collection.isHidden { return collection.schema.name != AuditTrail.collection }
        guard reach.reaches(collection: collection.schema.name) else { return false }
        return try reaches(owner: entry.owner)
    }

    /// Whether what is of an owner is within reach.
    func reaches(owner number: UInt32) throws(StoreError) -> Bool {
        guard let reach else { return true }
        return try reach.reaches(owner: number) { () throws(StoreError) in
            try path(ofOwner: number)
        }
    }

    /// Whether a record that an edge joins, and that may have gone, is within reach.
    func reachesEnd(_ ordinal: UInt64) throws(StoreError) -> Bool {
        guard reach != nil else { return true }
        // Of one that the table has let go of nobody knows any more whose it was.
        guard let entry = try entry(ordinal) else { return false }
        return try reaches(entry)
    }

    /// Whether all of a record's past is within reach: what stands, and what each row tells of the
    /// version before it.
    func reachesPast(
        _ rows: [HistoryRow],
        of key: Key,
        _ collection: CollectionEntry
    ) throws(StoreError) -> Bool {
        guard let reach else { return true }
        guard reach.reaches(collection: collection.schema.name) else { return false }
        for row in rows where row.kind != .created {
            guard try reaches(owner: row.owner) else { return false }
        }
        let found = try onTree { () throws(TreeError) in
            try state.tree.value64(StoreKeys.record(collection.number, key), in: view)
        }
        guard let found, let standing = try entry(found) else { return true }
        return try reaches(standing)
    }

    /// Whether the edge of a step is within reach where it has ended: what its ends were called
    /// then, and whose they were.
    func reachesPast(of step: EdgeStep, _ row: inout StepRow) throws(StoreError) -> Bool {
        guard let reach, let past = try row.past(of: step, self) else { return true }
        for end in [past.fromName, past.toName] {
            guard let collection = state.catalog.collection(number: end.collection),
                reach.reaches(collection: collection.schema.name), try reaches(owner: end.owner)
            else { return false }
        }
        return true
    }

    /// As much of a scope as is within reach.
    func narrowed(_ scope: OwnerScope) throws(StoreError) -> OwnerScope {
        guard let reach, let owners = reach.permit.owners else { return scope }
        var numbers: [UInt32] = []
        switch scope {
        case .nobody: return .nobody
        case .all:
            var seen: Set<UInt32> = []
            for owner in owners { seen.formUnion(try self.owners(in: owner)) }
            numbers = seen.sorted()
        case .some(let asked):
            for number in asked where try reaches(owner: number) { numbers.append(number) }
        }
        return numbers.isEmpty ? .nobody : .some(numbers)
    }

    /// The path of an owner, nil where the number is nobody's.
    func path(ofOwner number: UInt32) throws(StoreError) -> String? {
        let bytes = try onTree { () throws(TreeError) in
            try state.tree.value(StoreKeys.ownerName(number), in: view)
        }
        return bytes.flatMap { String(validating: $0, as: UTF8.self) }
    }
}

extension Snapshot {
    /// What is defined, as far as it is within reach.
    package var describedSchema: Schema {
        guard let reach else { return schema }
        var told = schema
        told.collections.removeAll { !reach.reaches(collection: $0.name) }
        told.edgeTypes.removeAll { !reach.reaches(edgesOf: $0) }
        for place in told.collections.indices {
            told.collections[place].quotas?.removeAll { quota in
                quota.owner.map { !reach.reaches(path: $0) } ?? false
            }
        }
        return told
    }
}
