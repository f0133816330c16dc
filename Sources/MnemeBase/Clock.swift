// Time as a parameter.

internal import Glibc

/// A point in time: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
package typealias Microseconds = Int64

/// Where a store takes the time from.
package protocol Clock: Sendable {
    /// The time of day; may step back when the system's clock is set.
    func now() -> Microseconds
    /// A clock for durations only; never steps back.
    func elapsed() -> Microseconds
}

/// The system's clocks.
package struct RealClock: Clock {
    /// A clock has no state of its own.
    package init() {}

    package func now() -> Microseconds { Self.read(CLOCK_REALTIME) }

    package func elapsed() -> Microseconds { Self.read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Microseconds {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
