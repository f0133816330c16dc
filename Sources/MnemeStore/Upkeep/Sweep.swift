// The sweep: what has expired is deleted, in slices that fit a batch and do not hold the writer up.
// A sweep that fails waits longer and longer before it is tried again, and holds up nothing else.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import Synchronization

/// How long a sweep that failed is left alone.
struct SweepPause {
    private static let shortest: Microseconds = 1_000_000
    private static let longest: Microseconds = 64_000_000

    /// What it failed with; nil when the last one went well.
    private(set) var failure: MnemeError?
    private var length: Microseconds = 0
    private var end: Microseconds = .min

    /// Whether it is to be left alone at a time of the clock for durations.
    func isOn(at elapsed: Microseconds) -> Bool { elapsed < end }

    mutating func note(_ outcome: MnemeError?, at elapsed: Microseconds) {
        failure = outcome
        guard outcome != nil else {
            length = 0
            end = .min
            return
        }
        length = min(max(length * 2, Self.shortest), Self.longest)
        end = elapsed + length
    }
}

extension Store {
    /// Records in one batch of a sweep.
    private static let sliceRecords = 256
    /// A slice takes no further record once it has so many edges.
    private static let sliceEdges = 4096

    /// How many deletes fit one batch of the log, at least 1 and at most `most`.
    package func deletesPerBatch(most: Int) -> Int {
        let size = PlannedDelete.largestFrameSize(forks: newest.state.roots.forks.count)
        // A row of how it was used may go with each.
        let count = newest.state.catalog.touches == nil ? 1 : 2
        return max(1, min(most, log.batchLimit / (size * count)))
    }

    func sweepUnlessPaused() throws(StoreError) {
        let now = clock.elapsed()
        guard !upkeepState.withLock({ $0.sweepPause.isOn(at: now) }) else { return }
        do throws(StoreError) {
            try sweep()
        } catch {
            let failure = MnemeError(error)
            upkeepState.withLock { $0.sweepPause.note(failure, at: now) }
            throw error
        }
        upkeepState.withLock { $0.sweepPause.note(nil, at: now) }
    }

    /// Deletes what has expired or was withdrawn, in slices.
    func sweep() throws(StoreError) {
        while newest.state.roots.mayHide {
            try makeRoom()
            let reader = reader()
            let limit = deletesPerBatch(most: Self.sliceRecords)
            let expired = try reader.slice(
                of: try reader.over(limit: limit),
                edges: Self.sliceEdges
            )
            guard !expired.isEmpty else { return }
            // By ordinal and with another look in the writer: the key may have a new record by
            // then.
            let changes = expired.map { PreparedChange.expire($0) }
            do throws(MnemeError) {
                let committed = try submit(
                    WriterWork(
                        changes: changes,
                        catalogVersion: reader.state.catalog.version,
                        durability: .buffered,
                        prepareAgain: { _ in changes }
                    )
                )
                guard committed.outcomes.contains(.deleted(true)) else { return }
            } catch {
                throw .refused(error)
            }
        }
    }
}

extension StateReader {
    /// The first of these records, up to and with the one that brings their edges to `edges`.
    ///
    /// - Complexity: O(edges of the records taken), `edges` at most.
    func slice(of ordinals: [UInt64], edges: Int) throws(StoreError) -> [UInt64] {
        var count = 0
        for (index, ordinal) in ordinals.enumerated() {
            try onPages { () throws(PageError) in
                for side in [EdgeSide.out, .arriving] {
                    try state.adjacency.forFirst(of: ordinal, side, in: view) { _ in
                        count += 1
                        return count < edges
                    }
                }
            }
            if count >= edges { return Array(ordinals[...index]) }
        }
        return ordinals
    }
}
