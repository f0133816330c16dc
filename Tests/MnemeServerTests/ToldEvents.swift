// What a server had to say, kept for tests.

import MnemeBase
import MnemeModel
import Synchronization

@testable import MnemeServer

/// Keeps events in the order in which they came.
final class ToldEvents: Sendable {
    private let events = Mutex<[LogEvent]>([])

    /// What takes them.
    var report: @Sendable (LogEvent) -> Void {
        { [self] event in
            events.withLock { $0.append(event) }
        }
    }

    /// All of a kind so far.
    func of(_ name: LogEvent.Name) -> [LogEvent] {
        events.withLock { $0.filter { $0.name == name } }
    }

    var names: [LogEvent.Name] { events.withLock { $0.map(\.name) } }

    /// Waits until there is one of a kind, for half a minute at most.
    func wait(for name: LogEvent.Name) -> LogEvent? {
        let gate = Gate()
        for _ in 0..<3000 {
            if let event = of(name).first { return event }
            _ = gate.wait(atMost: 10_000)
        }
        return nil
    }
}

extension LogEvent {
    /// What stands under a name.
    subscript(_ name: String) -> Value? { allFields.first { $0.name == name }?.value }
}

/// A clock that is set by hand.
final class SetClock: Clock {
    private let time = Mutex<Microseconds>(0)

    func now() -> Microseconds { time.withLock { $0 } }

    func elapsed() -> Microseconds { now() }

    func set(_ to: Microseconds) { time.withLock { $0 = to } }
}
