// Rows of edges that have ended and joined records of a collection that was dropped: what is said
// of those goes with them. The rows stand by their edges, so all are gone through, once for each
// opening of a store from which anything was ever dropped, and before the records go.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree
internal import Synchronization

/// How far the rows were gone through.
struct PastPass {
    /// How many collections were dropped when it began; a later drop begins another.
    let dropped: Int
    /// The collection of rows that comes next, and the first key of it.
    var rows: UInt16 = 0
    var next: Int64 = 1
}

extension Store {
    /// So many rows are looked at, or ended, in one turn.
    private static let rowsPerTurn = 2048
    private static let endsPerTurn = 256

    /// Whether rows may speak of records of a collection that was dropped.
    ///
    /// - Complexity: O(types with a history).
    func mayNameDropped(_ catalog: Catalog) -> Bool {
        catalog.leaving.count > forgottenDrops.load(ordering: .relaxed)
            && !catalog.openPasts.isEmpty
    }

    /// Looks at some rows, and ends those that speak of what was dropped.
    func drainPast(_ work: inout IndexWork) throws(StoreError) {
        try makeRoom()
        let reader = reader()
        let catalog = reader.state.catalog
        var pass = work.past ?? PastPass(dropped: catalog.leaving.count)
        if pass.dropped != catalog.leaving.count {
            pass = PastPass(dropped: catalog.leaving.count)
        }
        guard let rows = catalog.openPasts.first(where: { $0.number >= pass.rows }) else {
            forgottenDrops.store(pass.dropped, ordering: .relaxed)
            work.past = nil
            return
        }
        if rows.number > pass.rows { (pass.rows, pass.next) = (rows.number, 1) }
        let most = deletesPerBatch(most: Self.endsPerTurn)
        let found = try reader.rows(
            of: rows,
            from: pass.next,
            atMost: Self.rowsPerTurn,
            ending: most
        )
        let sequence = reader.sequence
        try end(found.naming.map { .retire($0, asOf: sequence) }, reader)
        if let next = found.next {
            pass.next = next
        } else {
            (pass.rows, pass.next) = (rows.number + 1, 1)
        }
        work.past = pass
    }
}

extension StateReader {
    /// The rows among the next ones that speak of records of a collection that was dropped, and the
    /// key to go on from; nil behind the last.
    fileprivate func rows(
        of rows: CollectionEntry,
        from key: Int64,
        atMost count: Int,
        ending most: Int
    ) throws(StoreError) -> (naming: [UInt64], next: Int64?) {
        let range = TreeRange(
            from: StoreKeys.record(rows.number, .int(key)),
            to: StoreKeys.record(rows.number, .int(.max))
        )
        let ordinals = try ordinals(under: range, atMost: count)
        var naming: [UInt64] = []
        var next: Int64?
        for ordinal in ordinals {
            guard let past = try PastEdge(stored(ordinal)) else { continue }
            next = Int64(past.edge) + 1
            let isNaming =
                state.catalog.isLeaving(past.fromName.collection)
                || state.catalog.isLeaving(past.toName.collection)
            if isNaming { naming.append(ordinal) }
            if naming.count == most { return (naming, next) }
        }
        return (naming, ordinals.count < count ? nil : next)
    }
}

extension Catalog {
    /// The rows of those types with a history that may join records of any collection, by their
    /// numbers; what others join cannot be dropped.
    fileprivate var openPasts: [CollectionEntry] {
        if pasts.isEmpty { return [] }
        let open = edgeTypes.filter { $0.type.from == nil || $0.type.to == nil }
        return open.compactMap { pasts[$0.number] }.sorted { $0.number < $1.number }
    }
}
