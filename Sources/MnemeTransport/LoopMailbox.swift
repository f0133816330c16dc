// What other threads hand to a loop: jobs, and the wish that it stops. The loop says when it goes
// to sleep; only the first job after that costs a wake-up, whoever brings it.

internal import MnemeBase
internal import Synchronization

/// A piece of work that runs on a loop's thread.
package typealias LoopJob = @Sendable () -> Void

/// Jobs on their way to a loop.
final class LoopMailbox: Sendable {
    private struct State {
        var jobs: [LoopJob] = []
        var isAsleep = false
        var isClosed = false
        var stopWithin: Microseconds?
    }

    private let state = Mutex(State())
    private let signal: WakeSignal

    init() throws(TransportError) { signal = try WakeSignal() }

    /// What the loop watches.
    var number: Int32 { signal.number }

    /// Hands a job over; false when the loop takes no more, and then the job never runs.
    func put(_ job: @escaping LoopJob) -> Bool {
        let (isTaken, wakes) = state.withLock { state -> (Bool, Bool) in
            guard !state.isClosed else { return (false, false) }
            state.jobs.append(job)
            defer { state.isAsleep = false }
            return (true, state.isAsleep)
        }
        if wakes { signal.wake() }
        return isTaken
    }

    /// Asks the loop to stop; of several times the shortest counts.
    func stop(within microseconds: Microseconds) {
        let wakes = state.withLock { state -> Bool in
            state.stopWithin = min(state.stopWithin ?? .max, microseconds)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if wakes { signal.wake() }
    }

    /// Whether something waits for the loop.
    var hasMail: Bool { state.withLock { !$0.jobs.isEmpty || $0.stopWithin != nil } }

    /// Notes that the loop goes to sleep; false where something waits for it.
    func fallAsleep() -> Bool {
        state.withLock { state in
            guard state.jobs.isEmpty, state.stopWithin == nil else { return false }
            state.isAsleep = true
            return true
        }
    }

    /// Takes everything, and the wish to stop; the loop is awake.
    ///
    /// `jobs` must be empty; its room is used for the next ones.
    func take(into jobs: inout [LoopJob]) -> Microseconds? {
        state.withLock { state in
            state.isAsleep = false
            swap(&state.jobs, &jobs)
            defer { state.stopWithin = nil }
            return state.stopWithin
        }
    }

    /// Takes no more from here on; what was taken still waits.
    func close() { state.withLock { $0.isClosed = true } }
}
