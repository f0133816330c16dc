// What is left of collections and edge types that were dropped: nobody sees it, and it goes behind
// the commits, by deletes and unlinks that stand in the log like any others. How far that is
// follows from what is there.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

extension Store {
    /// Records or edges in one batch.
    private static let sliceCount = 256
    /// A batch takes no further record once it has so many edges.
    private static let sliceEdges = 4096
    /// So many ordinals are looked at for edges at a time.
    private static let sliceOrdinals: UInt64 = 65_536

    /// The number of something dropped of which something is left; nil where nothing is.
    func dropped(_ state: StoreState) -> UInt16? {
        for collection in state.catalog.leaving
        where state.roots.counts[collection.number] ?? 0 > 0 {
            return collection.number
        }
        for type in state.catalog.leavingTypes where state.roots.counts[type.number] ?? 0 > 0 {
            return type.number
        }
        return nil
    }

    /// Ends some of what is left of it.
    func drain(_ number: UInt16, _ work: inout IndexWork) throws(StoreError) {
        try makeRoom()
        let reader = reader()
        let limit = deletesPerBatch(most: Self.sliceCount)
        let changes =
            reader.state.catalog.edgeType(number: number) == nil
            ? try records(of: number, reader, limit) : try edges(of: number, reader, limit, &work)
        try end(changes, reader)
    }

    /// Ends what is left behind the commits.
    func end(_ changes: [PreparedChange], _ reader: StateReader) throws(StoreError) {
        if changes.isEmpty { return }
        let outcome = queue.submit(
            .batch(
                WriterWork(
                    changes: changes,
                    catalogVersion: reader.state.catalog.version,
                    durability: .buffered,
                    prepareAgain: { _ in changes }
                )
            )
        )
        do throws(MnemeError) { _ = try outcome.get() } catch { throw .refused(error) }
        Courtesy(clock, log, isWanted: { true }).pause(0)
    }

    private func records(
        of number: UInt16,
        _ reader: StateReader,
        _ limit: Int
    ) throws(StoreError) -> [PreparedChange] {
        let ordinals = try reader.ordinals(under: StoreKeys.records(number), atMost: limit)
        return try reader.slice(of: ordinals, edges: Self.sliceEdges).map { .expire($0) }
    }

    /// The edges are found by going through all ordinals; where this ends is kept in memory.
    private func edges(
        of number: UInt16,
        _ reader: StateReader,
        _ limit: Int,
        _ work: inout IndexWork
    ) throws(StoreError) -> [PreparedChange] {
        let end = reader.state.roots.nextOrdinal
        var next = work.scanned[number] ?? 1
        // No edge of it is made any more: what is counted stands somewhere.
        if next >= end { next = 1 }
        let last = min(end, next + Self.sliceOrdinals)
        var changes: [PreparedChange] = []
        while next < last, changes.count < limit {
            if let entry = try reader.entry(next), entry.isLiving(of: number) {
                changes.append(.unlink(next, erases: false))
            }
            next += 1
        }
        work.scanned[number] = next
        return changes
    }
}
