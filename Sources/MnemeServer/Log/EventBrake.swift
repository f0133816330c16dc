// Events that others can have happen by the thousand fill nobody's disk: of each kind so many lines
// a second are told, and the next one says how many were not.

internal import MnemeBase
internal import MnemeModel
internal import Synchronization

/// Lets through so many events of a kind a second.
final class EventBrake: Sendable {
    private struct Window {
        var start: Microseconds
        var told = 0
        var untold = 0
    }

    /// So many events of a kind a second.
    static let most = 20

    private let clock: any Clock
    private let report: @Sendable (LogEvent) -> Void
    private let windows = Mutex<[LogEvent.Name: Window]>([:])

    init(
        _ report: @escaping @Sendable (LogEvent) -> Void,
        clock: any Clock = RealClock()
    ) {
        self.clock = clock
        self.report = report
    }

    /// Tells an event, unless there were many like it.
    func note(_ event: LogEvent) {
        guard event.name.isOthersDoing else { return report(event) }
        let now = clock.elapsed()
        let untold = windows.withLock { windows -> Int? in
            var window = windows[event.name] ?? Window(start: now)
            defer { windows[event.name] = window }
            if now - window.start >= 1_000_000 { (window.start, window.told) = (now, 0) }
            guard window.told < Self.most else {
                window.untold += 1
                return nil
            }
            window.told += 1
            defer { window.untold = 0 }
            return window.untold
        }
        guard let untold else { return }
        var event = event
        if untold > 0 { event.fields.append(("untold", .int(Int64(untold)))) }
        report(event)
    }
}
