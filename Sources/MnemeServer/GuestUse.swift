// How much of the server's time a guest has had lately, by the loop and by workers. It fades by
// half each quarter of a second, so that whoever asked much is soon as good as anybody.

internal import Glibc
internal import MnemeBase
internal import Synchronization

/// What a connection has had of the server's time.
final class GuestUse: Sendable {
    /// Who has had more than this lately asks much.
    static let much = 10_000.0
    private static let halfLife = 250_000.0

    private let state = Mutex((microseconds: 0.0, at: Microseconds.min))

    /// Adds a piece of work that ended at `now`, and says how much that comes to.
    ///
    /// From any thread; clocks of several threads may be a little apart.
    @discardableResult
    func add(_ duration: Microseconds, now: Microseconds) -> Double {
        state.withLock { state in
            let used = Self.faded(state.microseconds, max(0, now &- state.at))
            state = (used + Double(duration), max(now, state.at))
            return state.microseconds
        }
    }

    /// Whether the guest asks much.
    func isMuch(at now: Microseconds) -> Bool { add(0, now: now) > Self.much }

    private static func faded(_ microseconds: Double, _ time: Microseconds) -> Double {
        microseconds == 0 ? 0 : microseconds * exp2(-Double(time) / halfLife)
    }
}
