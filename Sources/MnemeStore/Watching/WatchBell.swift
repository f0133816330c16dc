// Who waits for something durable to be committed, and where in the log those who watch have come:
// nothing of either outlives the process, and neither keeps a segment.

internal import MnemeLog
internal import Synchronization

/// Tells whoever waits that more is durable.
///
/// For any thread. What waits is called once, by the thread that hardened, and waits for nothing.
final class WatchBell: Sendable {
    private struct State {
        var next: UInt64 = 1
        var waiting: [UInt64: (after: UInt64, action: @Sendable () -> Void)] = [:]
    }
    private let state = Mutex(State())

    /// Has `action` called when something behind a sequence is durable; the number takes it back.
    func wait(after sequence: UInt64, _ action: @escaping @Sendable () -> Void) -> UInt64 {
        state.withLock { state in
            defer { state.next += 1 }
            state.waiting[state.next] = (sequence, action)
            return state.next
        }
    }

    /// Takes an action back; whether it was there, and will not be called.
    @discardableResult
    func cancel(_ number: UInt64) -> Bool {
        state.withLock { $0.waiting.removeValue(forKey: number) != nil }
    }

    /// Calls all that wait for something up to a sequence, which is durable and shown.
    func ring(_ end: UInt64) {
        let due = state.withLock { state -> [@Sendable () -> Void] in
            if state.waiting.isEmpty { return [] }
            let due = state.waiting.filter { $0.value.after < end }
            for number in due.keys { state.waiting[number] = nil }
            return due.values.map(\.action)
        }
        for action in due { action() }
    }
}

/// Where commits end that somebody watched up to: who goes on from one need not be led along its
/// segment from the beginning.
final class WatchPlaces: Sendable {
    private static let limit = 256
    private struct State {
        var places: [UInt64: LogPlace] = [:]
        /// The sequences in the order in which they came.
        var order: [UInt64] = []
    }
    private let state = Mutex(State())

    /// Right behind the commit of a sequence.
    func place(behind sequence: UInt64) -> LogPlace? { state.withLock { $0.places[sequence] } }

    /// Notes where a commit ends; the oldest goes where there are many.
    func note(_ place: LogPlace, behind sequence: UInt64) {
        state.withLock { state in
            guard state.places.updateValue(place, forKey: sequence) == nil else { return }
            state.order.append(sequence)
            guard state.order.count > Self.limit else { return }
            state.places[state.order.removeFirst()] = nil
        }
    }
}
