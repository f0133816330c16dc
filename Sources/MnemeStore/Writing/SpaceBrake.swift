// Where those who want to write wait while the log holds much that nobody needs: the nearer it
// comes to its bound, the slower commits go, all of them together, so that compaction can keep up
// on the busiest machine. Each waits for a time that is known when it comes, never for work to end:
// whatever becomes of compaction, commits go on.
//
// They wait before the queue of commits, never in the writer's place, which compaction needs.

internal import MnemeBase
internal import Synchronization

/// Slows down those who want to write.
///
/// For any thread but those that do the work behind.
final class SpaceBrake: Sendable {
    /// Work of one who must not sleep.
    struct Parked: Sendable {
        var due: Microseconds
        var body: @Sendable (Bool) -> Void
    }

    struct State {
        /// When everything is through that came before.
        var free: Microseconds = .min
        /// In the order of their calls, which is that of their times.
        var parked: [Parked] = []
        /// Those asleep.
        var sleepers: [Gate] = []
        /// Whether a thread waits for what is parked.
        var hasThread = false
        var isOff: Bool
    }

    /// Shorter waits are not slept, but add up until they are.
    private static let shortestWait: Microseconds = 50

    private let state: Mutex<State>
    private let clock: SteadyClock
    private let strain: @Sendable () -> Double
    /// Wakes the thread of what is parked.
    private let gate = Gate()

    /// A brake that nobody has touched; `strain` says how hard it is pulled, 0 … 1.
    ///
    /// Without `isOn` nobody pays the debt behind, and nobody is held up.
    init(isOn: Bool, _ clock: SteadyClock, strain: @escaping @Sendable () -> Double) {
        state = Mutex(State(isOff: !isOn))
        self.clock = clock
        self.strain = strain
    }

    /// Waits as long as a commit of so many bytes should.
    func wait(_ byteCount: @autoclosure () -> Int) {
        let strain = strain()
        if strain <= 0 { return }
        let byteCount = byteCount()
        let gate = Gate()
        let now = clock.elapsed()
        let time = state.withLock { state -> Microseconds in
            let time = Self.reserve(byteCount, strain, now, &state) - now
            if state.isOff || time < Self.shortestWait { return 0 }
            state.sleepers.append(gate)
            return time
        }
        if time == 0 || gate.wait(atMost: time) { return }
        state.withLock { state in state.sleepers.removeAll { $0 === gate } }
    }

    /// Does `body` when a commit of so many bytes may go, in the order of the calls; at once where
    /// nothing holds it up.
    ///
    /// `body` is told whether it was held up, and must not wait for anything.
    func pass(_ byteCount: @autoclosure () -> Int, _ body: @escaping @Sendable (Bool) -> Void) {
        let strain = strain()
        if strain <= 0, !isParking { return body(false) }
        let byteCount = byteCount()
        let now = clock.elapsed()
        let (isParked, starts) = state.withLock { state -> (Bool, Bool) in
            if state.isOff { return (false, false) }
            let due = strain > 0 ? Self.reserve(byteCount, strain, now, &state) : now
            guard due - now >= Self.shortestWait || !state.parked.isEmpty else {
                return (false, false)
            }
            state.parked.append(Parked(due: max(due, state.parked.last?.due ?? due), body: body))
            defer { state.hasThread = true }
            return (true, !state.hasThread)
        }
        if !isParked { return body(false) }
        if starts { BackgroundThread.start(niceness: 0) { self.letGo() } }
    }

    /// Whether something is parked, which what comes must not overtake.
    private var isParking: Bool { state.withLock { !$0.parked.isEmpty } }

    /// How many wait now.
    var waiting: Int { state.withLock { $0.parked.count + $0.sleepers.count } }

    /// Nobody waits any more.
    func end() {
        let sleepers = state.withLock { state in
            state.isOff = true
            Self.release(&state, upTo: .max)
            defer { state.sleepers = [] }
            return state.sleepers
        }
        for sleeper in sleepers { sleeper.open() }
        gate.open()
    }

    /// When a commit of so many bytes may go: behind those before it, but never later than it would
    /// have to wait alone at the most.
    static func reserve(
        _ byteCount: Int,
        _ strain: Double,
        _ now: Microseconds,
        _ state: inout State
    ) -> Microseconds {
        let behind = max(now, state.free) + SpaceDebt.delay(byteCount, strain: strain)
        let due = min(behind, now + SpaceDebt.longestDelay(byteCount))
        state.free = max(state.free, due)
        return due
    }

    /// Does what is parked and due, under the lock: who comes meanwhile goes behind it, and nothing
    /// of it is left when `end` returns.
    private static func release(_ state: inout State, upTo now: Microseconds) {
        let count = state.parked.prefix { $0.due <= now }.count
        for parked in state.parked[..<count] { parked.body(true) }
        state.parked.removeFirst(count)
    }

    /// The thread of what is parked; it ends with it.
    private func letGo() {
        var now = clock.elapsed()
        while true {
            let due = state.withLock { state -> Microseconds? in
                Self.release(&state, upTo: now)
                if state.parked.isEmpty { state.hasThread = false }
                return state.parked.first?.due
            }
            guard let due else { return }
            let time = due - clock.elapsed()
            // What has slept that long goes, whatever the clock says.
            now = gate.wait(atMost: time) ? clock.elapsed() : max(clock.elapsed(), due)
        }
    }
}
