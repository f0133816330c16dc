// What snapshots hold on to. A snapshot reads through a door: each of its reads takes the state for
// as long as it runs, and between two reads the store may take the state back, when newer commits
// have replaced it for longer than the store keeps such. So a snapshot that nobody lets go of does
// not keep pages, places and segments for ever, and a read that has begun is never disturbed.

internal import MnemeBase
internal import MnemeModel
internal import Synchronization

/// A state as the snapshots of one commit hold it.
final class HeldState: Sendable {
    let sequence: UInt64
    let catalog: Catalog
    private let number: UInt64
    private let ages: SnapshotAges
    /// Nil when the store has taken it back.
    private let state: Mutex<StoreState?>
    /// When a newer state was published, by the clock for durations; `.max` before.
    private let behindSince = Atomic<Microseconds>(.max)

    init(_ state: StoreState, number: UInt64, ages: SnapshotAges) {
        sequence = state.sequence
        catalog = state.catalog
        self.number = number
        self.ages = ages
        self.state = Mutex(state)
    }

    deinit { if behindSince.load(ordering: .relaxed) != .max { ages.forget(number) } }

    /// The state for one read, which keeps it as long as it runs.
    ///
    /// - Throws: `.snapshotTooOld` when newer commits have replaced it for too long.
    func take() throws(MnemeError) -> StoreState {
        let since = behindSince.load(ordering: .acquiring)
        guard since == .max || !ages.isTooOld(since), let state = state.withLock({ $0 }) else {
            throw ages.tooOld
        }
        return state
    }

    /// Notes that a newer state was published.
    func fallBehind() {
        let now = ages.now
        behindSince.store(now, ordering: .releasing)
        ages.note(self, number, since: now)
    }

    /// Takes the state away from snapshots; reads that have begun keep it until they end.
    ///
    /// - Returns: the state, for the caller to let go of.
    func takeBack() -> StoreState? {
        state.withLock { state in
            defer { state = nil }
            return state
        }
    }
}

/// Which states that were replaced are still held, and since when they were replaced.
final class SnapshotAges: Sendable {
    private struct Kept {
        weak var held: HeldState?
        let since: Microseconds
    }

    private let clock: SteadyClock
    /// How long they are kept at most; nil for as long as somebody holds them.
    private let limit: Microseconds?
    private let kept = Mutex<[UInt64: Kept]>([:])
    /// None was replaced before; `.max` where there are none.
    private let oldest = Atomic<Microseconds>(.max)

    init(_ clock: SteadyClock, limit: Microseconds?) {
        self.clock = clock
        self.limit = limit
    }

    var now: Microseconds { clock.elapsed() }

    func isTooOld(_ since: Microseconds) -> Bool { limit.map { now - since > $0 } ?? false }

    var tooOld: MnemeError {
        MnemeError(
            .snapshotTooOld,
            "what the snapshot shows was replaced by newer commits more than "
                + "\(Double(limit ?? 0) / 1_000_000) s ago, and the store keeps it no longer; "
                + "take a new snapshot and ask again"
        )
    }

    func note(_ held: HeldState, _ number: UInt64, since: Microseconds) {
        kept.withLock { kept in
            if kept.isEmpty { oldest.store(since, ordering: .relaxed) }
            kept[number] = Kept(held: held, since: since)
        }
    }

    func forget(_ number: UInt64) { kept.withLock { $0[number] = nil } }

    /// Whether some may have to be taken back.
    var isDue: Bool {
        let oldest = oldest.load(ordering: .relaxed)
        return oldest != .max && isTooOld(oldest)
    }

    /// For how long the oldest of them has been replaced; nil where there are none.
    var age: Microseconds? {
        let oldest = kept.withLock { $0.values.lazy.map(\.since).min() }
        return oldest.map { now - $0 }
    }

    /// Takes back what was replaced too long ago.
    ///
    /// - Complexity: O(states held), and what letting go of them takes.
    func takeBack() {
        guard isDue else { return }
        // Nothing is let go of under the lock, which that takes too.
        var held: [HeldState] = []
        kept.withLock { kept in
            for (number, entry) in kept where isTooOld(entry.since) {
                kept[number] = nil
                if let state = entry.held { held.append(state) }
            }
            oldest.store(kept.values.lazy.map(\.since).min() ?? .max, ordering: .relaxed)
        }
        for one in held { _ = one.takeBack() }
    }
}

/// The newest state, for everybody.
final class Published: Sendable {
    private struct Newest {
        var state: StoreState
        var held: HeldState
        var number: UInt64 = 0
    }

    let ages: SnapshotAges
    private let newest: Mutex<Newest>

    init(_ state: StoreState, ages: SnapshotAges) {
        self.ages = ages
        newest = Mutex(
            Newest(state: state, held: HeldState(state, number: 0, ages: ages))
        )
    }

    var state: StoreState { newest.withLock { $0.state } }

    /// The newest state for snapshots.
    var held: HeldState { newest.withLock { $0.held } }

    func set(_ state: StoreState) {
        let (before, isHeld) = newest.withLock { newest in
            // Nobody comes to hold it meanwhile.
            let isHeld = !isKnownUniquelyReferenced(&newest.held)
            let before = newest
            newest.number += 1
            newest.held = HeldState(state, number: newest.number, ages: ages)
            newest.state = state
            return (before, isHeld)
        }
        // What nobody else holds goes here, when the lock has been given back.
        if isHeld { before.held.fallBehind() }
    }
}
