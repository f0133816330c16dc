// The time of day as a store sees it.

internal import MnemeBase
internal import Synchronization

/// A clock whose time of day does not step back, whatever becomes of the system's: what has expired
/// once does not come back.
final class SteadyClock: Clock {
    private let clock: any Clock
    private let latest = Atomic<Microseconds>(.min)

    init(_ clock: any Clock) { self.clock = clock }

    func now() -> Microseconds {
        latest.max(clock.now(), ordering: .acquiringAndReleasing).newValue
    }

    func elapsed() -> Microseconds { clock.elapsed() }
}
