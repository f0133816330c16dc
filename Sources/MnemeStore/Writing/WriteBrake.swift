// Where those who want to write wait while there is too much in memory. Between the bound of the
// pages and their most they are held up the longer, the more there is; at the most until the work
// behind the commits has let pages go. Nobody waits for more than two of its rounds: what snapshots
// hold, or a checkpoint that the disk refuses, stops nobody for good.
//
// They wait before the queue of commits, never in the writer's place, which the work behind needs.

internal import MnemeBase
internal import Synchronization

/// Holds up those who want to write.
///
/// For any thread but those that do the work behind.
final class WriteBrake: Sendable {
    private struct State {
        /// Asleep until a round has ended.
        var sleepers: [Gate] = []
        /// Work of those who must not sleep, in order.
        var parked: [@Sendable () -> Void] = []
        /// Rounds that have ended since the first of them came.
        var parkedRounds = 0
        /// Somebody is doing what was parked; what comes meanwhile goes behind it.
        var isReleasing = false
        var isOff: Bool
    }

    /// What a change is held up by at half the way from the bound to the most, in microseconds:
    /// about what it takes otherwise.
    private static let pause = 30.0
    /// The longest time that a commit is held up below the most.
    private static let longestPause: Microseconds = 100_000
    /// The longest time that a read is held up.
    private static let readerPause: Microseconds = 20_000

    private let state: Mutex<State>
    private let strain: @Sendable () -> Double
    private let call: @Sendable () -> Void

    /// A brake that nobody has touched.
    ///
    /// `strain` says how much there is, `call` has the work behind begin a round. Without `isOn`
    /// nobody does that work, and nobody waits for it.
    init(isOn: Bool, strain: @escaping @Sendable () -> Double, call: @escaping @Sendable () -> Void)
    {
        state = Mutex(State(isOff: !isOn))
        self.strain = strain
        self.call = call
    }

    /// Waits as long as so many changes should.
    func wait(changes count: Int) {
        let strain = strain()
        if strain <= 0 { return }
        if strain < 1 {
            let time = Microseconds(Self.pause * Double(count) * strain / (1 - strain))
            // Shorter ones are not slept, but add up until they are.
            if time >= 50 { sleep(atMost: min(time, Self.longestPause)) }
            return
        }
        // The round under way may have come too late to help.
        for _ in 0..<2 where self.strain() >= 1 { sleep(atMost: nil) }
    }

    /// Waits a little where a read would bring in more pages than there may be.
    func waitToRead() {
        if strain() >= 1 { sleep(atMost: Self.readerPause) }
    }

    /// Whether something is parked, which what comes must not overtake.
    var isParking: Bool { state.withLock { !$0.parked.isEmpty || $0.isReleasing } }

    /// Does `body`, now or when there is room for it, in the order of the calls.
    func pass(_ body: @escaping @Sendable () -> Void) {
        let isFull = strain() >= 1
        let isParked = state.withLock { state in
            guard !state.isOff || state.isReleasing else { return false }
            guard isFull || !state.parked.isEmpty || state.isReleasing else { return false }
            if state.parked.isEmpty { state.parkedRounds = 0 }
            state.parked.append(body)
            return true
        }
        if isParked { call() } else { body() }
    }

    /// A round of the work behind has ended.
    func roundEnded() {
        let isFull = strain() >= 1
        let sleepers = state.withLock { state in
            state.parkedRounds += 1
            defer { state.sleepers = [] }
            return state.sleepers
        }
        for gate in sleepers { gate.open() }
        release { isFull && $0.parkedRounds < 2 }
    }

    /// Nobody waits any more.
    func end() {
        state.withLock { $0.isOff = true }
        roundEnded()
        release { _ in false }
    }

    private func sleep(atMost time: Microseconds?) {
        let gate = Gate()
        let isOff = state.withLock { state in
            if !state.isOff { state.sleepers.append(gate) }
            return state.isOff
        }
        if isOff { return }
        call()
        guard let time else { return gate.wait() }
        if !gate.wait(atMost: time) {
            state.withLock { state in state.sleepers.removeAll { $0 === gate } }
        }
    }

    /// Does what is parked, unless it is to stay.
    private func release(unless stays: (State) -> Bool) {
        while true {
            let bodies = state.withLock { state -> [@Sendable () -> Void] in
                if state.parked.isEmpty { state.isReleasing = false }
                guard !state.parked.isEmpty, !stays(state) else { return [] }
                state.isReleasing = true
                defer { state.parked = [] }
                return state.parked
            }
            if bodies.isEmpty { return }
            for body in bodies { body() }
        }
    }
}
