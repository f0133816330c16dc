// Segments that somebody outside the log still needs as they are. Whoever would remove a segment's
// file, or give it to other bytes, asks here and acts in the same step: a hold that came first
// keeps the segment, and one that comes later meets what was done.

internal import Synchronization

/// Who holds which segments of a log.
///
/// For any thread.
package final class SegmentHolds: Sendable {
    private struct State {
        var held: [UInt64: Set<UInt64>] = [:]
        var next: UInt64 = 0
    }
    private let state = Mutex(State())

    /// Nothing is held.
    package init() {}

    /// Holds segments, cold ones too, by their numbers as they stand in places, until the hold is
    /// released.
    package func hold(_ segments: Set<UInt64>) -> SegmentHold {
        let id = state.withLock { state in
            state.next += 1
            state.held[state.next] = segments
            return state.next
        }
        return SegmentHold(self, id)
    }

    /// Whether somebody holds a segment now.
    package func isHeld(_ segment: UInt64) -> Bool {
        state.withLock { state in state.held.values.contains { $0.contains(segment) } }
    }

    /// Runs `body` unless somebody holds the segment; nobody gets a hold of any meanwhile.
    ///
    /// - Returns: whether it ran.
    package func unlessHeld<Failure: Error>(
        _ segment: UInt64,
        _ body: () throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        try state.withLock { (state) throws(Failure) in
            guard !state.held.values.contains(where: { $0.contains(segment) }) else { return false }
            try body()
            return true
        }
    }

    fileprivate func release(_ id: UInt64) { state.withLock { $0.held[id] = nil } }
}

/// Segments that are held until this is released or gone.
package final class SegmentHold: Sendable {
    private let holds: SegmentHolds
    private let id: UInt64

    fileprivate init(_ holds: SegmentHolds, _ id: UInt64) {
        self.holds = holds
        self.id = id
    }

    /// Lets go; more than once is the same as once.
    package func release() { holds.release(id) }

    deinit { release() }
}
