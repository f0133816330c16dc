// Time that passes when it is told to.

package import MnemeBase
internal import Synchronization

/// A clock that stands still, is set, or takes a step at each question.
package final class SimulatedClock: Clock {
    private struct State {
        var now: Microseconds
        var elapsed: Microseconds = 0
        var step: Microseconds
    }
    private let state: Mutex<State>

    /// A clock at `start`; each `now()` moves it by `step` after it answered.
    package init(start: Microseconds = 1_700_000_000_000_000, step: Microseconds = 0) {
        state = Mutex(State(now: start, step: step))
    }

    package func now() -> Microseconds {
        state.withLock { state in
            defer {
                state.now += state.step
                state.elapsed += max(0, state.step)
            }
            return state.now
        }
    }

    package func elapsed() -> Microseconds { state.withLock { $0.elapsed } }

    /// Sets the time of day, forwards or back; durations do not notice.
    package func set(_ now: Microseconds) { state.withLock { $0.now = now } }

    /// Lets time pass.
    ///
    /// - Precondition: `duration` is not negative.
    package func advance(by duration: Microseconds) {
        precondition(duration >= 0, "time does not run backwards; `set` puts the clock back")
        state.withLock { state in
            state.now += duration
            state.elapsed += duration
        }
    }
}
