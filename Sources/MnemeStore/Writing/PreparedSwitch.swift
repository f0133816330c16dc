// A switch of vectors on its way: whoever asks for it holds it against all records in a snapshot,
// and the writer against those that were changed since, so that others wait for little.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import MnemeVectors

/// A switch of vectors, and how far it was looked at.
struct PreparedSwitch: Sendable {
    var change: VectorSwitch
    /// The commit up to which all records are as they have to be, and the collection; nil where
    /// nobody has looked.
    var seen: (sequence: UInt64, collection: UInt16)?

    /// The records that were changed since it was looked at; nil where that is not known.
    func changed(in history: CommitHistory) -> Set<UInt64>? {
        guard let seen, let found = history.since(seen.sequence) else { return nil }
        var ordinals: Set<UInt64> = []
        for batch in found.batches {
            for case .record(let change) in batch.changes
            where change.collection.number == seen.collection && change.new != nil {
                ordinals.insert(change.ordinal)
            }
        }
        return ordinals
    }

    /// What is said to whoever has read before a switch what he changes after it.
    static let overtook = MnemeError(
        .conflict,
        "a vector field's name came to be another one's since this was begun, and what it has read "
            + "by that name was read of other vectors; nothing was changed. Begin it again"
    )
}

extension Store {
    /// Gives a vector field's name to another vector field of the collection, in one commit.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`, `.badRequest`, `.badSchema`,
    ///   `.schemaConflict`; `.vectorsMissing` where records have the old vector and not the new
    ///   one; what a commit throws.
    /// - Complexity: O(vectors of both fields) beside the commits; in the writer O(records that are
    ///   changed meanwhile).
    package func switchVector(
        _ change: VectorSwitch,
        _ durability: Durability = .synced
    ) throws(MnemeError) {
        try checkWritable()
        // Until the writer's turn everything counts that is committed from here on.
        let held = holdNewest()
        defer { transactions.history.end(held.sequence) }
        let snapshot = snapshot(of: held)
        let catalog = snapshot.catalog
        _ = try catalog.switching(change)
        let demand = try SwitchDemand(change, catalog)
        if demand.wantsAll {
            try snapshot.reading { state throws(StoreError) in try state.check(demand) }
        }
        let prepared = PreparedSwitch(
            change: change,
            seen: (held.sequence, try catalog.collection(change.collection).number)
        )
        _ = try submit(
            WriterWork(
                changes: [.switchVector(prepared)],
                catalogVersion: catalog.version,
                durability: durability,
                prepareAgain: { _ in [.switchVector(PreparedSwitch(change: change))] }
            )
        )
    }
}

extension StateReader {
    /// Holds all visible records against what a switch demands.
    fileprivate func check(_ demand: SwitchDemand) throws(StoreError) {
        let (old, new) = (try vectorIndex(demand.old), try vectorIndex(demand.new))
        let gap = try VectorGap(old, new, in: view) { (ordinal) throws(StoreError) in
            try visibleEntry(ordinal) != nil
        }
        try demand.check(gap) { (ordinal) throws(StoreError) in
            try stored(ordinal).key.description
        }
    }
}

extension BatchPlanner {
    /// Decides a switch of vectors, which is the whole of its batch.
    mutating func plan(_ prepared: PreparedSwitch) throws(StoreError) {
        let change = prepared.change
        let next: Catalog
        let demand: SwitchDemand
        do throws(MnemeError) {
            next = try catalog.switching(change)
            demand = try SwitchDemand(change, catalog)
        } catch {
            throw .refused(error)
        }
        if demand.wantsAll { try check(demand) }
        plan.changes.append(
            .schema(PlannedDefinition(catalog: next, definition: .switchVector(change)))
        )
    }

    private func check(_ demand: SwitchDemand) throws(StoreError) {
        guard let old = try vectorIndex(demand.old), let new = try vectorIndex(demand.new) else {
            throw .inconsistent("vector field \(demand.old.name) has no index")
        }
        let gap: VectorGap
        if let changedSince {
            var records: [(owner: UInt32, ordinal: UInt64)] = []
            for ordinal in changedSince.sorted() where try isThere(ordinal) {
                records.append((try reader.entry(ordinal).owner, ordinal))
            }
            gap = try VectorGap(of: records, old, new, in: reader.view)
        } else {
            gap = try VectorGap(old, new, in: reader.view) { (ordinal) throws(StoreError) in
                try isThere(ordinal)
            }
        }
        try demand.check(gap) { (ordinal) throws(StoreError) in
            try reader.version(ordinal).record.key.description
        }
    }

    private func isThere(_ ordinal: UInt64) throws(StoreError) -> Bool {
        guard try reader.lives(ordinal) else { return false }
        return try reader.entry(ordinal).expiresAt > reader.instant
    }

    private func vectorIndex(_ entry: VectorEntry) throws(StoreError) -> VectorIndex? {
        guard let head = roots.vectors[entry.number] else { return nil }
        return try onPages { () throws(PageError) in
            try VectorIndex.open(entry.coder, head, in: reader.view)
        }
    }
}
