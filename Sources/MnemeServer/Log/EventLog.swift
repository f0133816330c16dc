// The log of a server: events come on any thread, which waits for nothing, and one thread makes
// lines of them and writes them in their order. Where they come faster than they can be written,
// those are lost for which there is no room, and the log says how many. A reader that goes away,
// or a disk that is full, ends nothing but lines.

internal import Glibc
internal import MnemeBase
package import MnemeModel
internal import Synchronization

/// Writes events to a file or to standard error.
package final class EventLog: Sendable {
    private enum Item {
        case event(LogEvent, Microseconds)
        /// Opens the file again, or another one; the gate is opened when that is done.
        case reopening(LogPlace?, Gate)
        /// Opens the gate when everything before is written.
        case gate(Gate)
    }

    private struct State {
        var items: [Item] = []
        var lost = 0
        var hasEnded = false
        var level: LogEvent.Level
    }

    /// Shared with the thread, which outlives the log until it notices its end.
    private final class Shared: Sendable {
        let state: Mutex<State>
        let work = Gate()
        let end = Gate()

        init(_ level: LogEvent.Level) { state = Mutex(State(level: level)) }
    }

    /// So many events wait to be written at most.
    static let most = 4096

    private let shared: Shared
    private let clock: any Clock

    /// A log in a file, or on standard error where there is none.
    ///
    /// - Throws: `.denied`, `.diskFull`, `.disk` for a file that cannot be opened.
    package convenience init(_ place: LogPlace) throws(MnemeError) {
        try self.init(place, clock: RealClock())
    }

    /// The same, of everything that happens.
    convenience init(
        path: String?,
        format: LogFormat,
        clock: any Clock = RealClock()
    ) throws(MnemeError) {
        try self.init(LogPlace(path: path, format: format), clock: clock)
    }

    private init(_ place: LogPlace, clock: any Clock) throws(MnemeError) {
        // Now, so that whoever starts a server hears of it.
        if let path = place.path { _ = try LogOutput(appendingTo: path) }
        self.clock = clock
        shared = Shared(place.level)
        BackgroundThread.start(niceness: 0) { [shared] in
            Self.run(shared, place, clock)
        }
    }

    /// Looks whether a log could be opened at a path, and makes no file.
    ///
    /// - Throws: `.denied`, `.disk`.
    package static func check(_ path: String) throws(MnemeError) { try LogOutput.check(path) }

    deinit { close() }

    /// Has an event written.
    package func note(_ event: LogEvent) {
        let time = clock.now()
        let isTaken = shared.state.withLock { state in
            guard !state.hasEnded, event.name.level >= state.level else { return false }
            guard state.items.count < Self.most else {
                state.lost += 1
                return false
            }
            state.items.append(.event(event, time))
            return true
        }
        if isTaken { shared.work.open() }
    }

    /// Opens the file again, as after somebody gave the one that was written another name, or goes
    /// on in another place; waits for that a few seconds at most.
    ///
    /// Where that fails, the file that was open goes on to be written, and says so.
    package func reopen(_ place: LogPlace? = nil) {
        if let place { shared.state.withLock { $0.level = place.level } }
        pass { .reopening(place, $0) }
    }

    /// Waits until everything so far is written, a few seconds at most.
    package func flush() { pass { .gate($0) } }

    /// Writes what waits, within a few seconds, and nothing more.
    package func close() {
        let isFirst = shared.state.withLock { state in
            defer { state.hasEnded = true }
            return !state.hasEnded
        }
        guard isFirst else { return }
        shared.work.open()
        _ = shared.end.wait(atMost: Self.patience)
    }

    private static let patience: Microseconds = 5_000_000

    private func pass(_ item: (Gate) -> Item) {
        let gate = Gate()
        let isTaken = shared.state.withLock { state in
            if !state.hasEnded { state.items.append(item(gate)) }
            return !state.hasEnded
        }
        guard isTaken else { return }
        shared.work.open()
        _ = gate.wait(atMost: Self.patience)
    }

    // MARK: The thread

    private static func run(
        _ shared: Shared,
        _ place: LogPlace,
        _ clock: any Clock
    ) {
        holdPipeSignal()
        var lines = LineWriter(place, clock)
        while true {
            let (items, lost, ends) = shared.state.withLock { state in
                defer { (state.items, state.lost) = ([], 0) }
                return (state.items, state.lost, state.hasEnded)
            }
            for item in items {
                switch item {
                case .event(let event, let time): lines.put(event, at: time)
                case .gate(let gate): gate.open()
                case .reopening(let place, let gate):
                    lines.reopen(place)
                    gate.open()
                }
            }
            lines.tellLost(lost)
            if ends { break }
            if items.isEmpty { shared.work.wait() }
        }
        shared.end.open()
    }

    /// Has a reader that went away be an error of the write, and not the end of the process.
    private static func holdPipeSignal() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}

/// Makes lines of events and writes them, on the thread of the log.
private struct LineWriter: ~Copyable {
    private var place: LogPlace
    private let clock: any Clock
    private var output: LogOutput
    private var lost = 0

    init(_ place: LogPlace, _ clock: any Clock) {
        (self.place, self.clock) = (place, clock)
        if let path = place.path, let file = try? LogOutput(appendingTo: path) {
            output = file
        } else {
            output = LogOutput()
        }
    }

    mutating func put(_ event: LogEvent, at time: Microseconds) {
        if !output.write(LogLine.of(event, at: time, as: place.format)) { lost += 1 }
    }

    mutating func reopen(_ other: LogPlace?) {
        let next = other ?? place
        guard let path = next.path else {
            if place.path != nil { output = LogOutput() }
            place = next
            return
        }
        do throws(MnemeError) {
            output = try LogOutput(appendingTo: path)
            place = next
            put(LogEvent(.logOpened, [("path", .text(path))]), at: clock.now())
        } catch {
            put(LogEvent(.logUnopened, message: error.message), at: clock.now())
        }
    }

    /// Says how many lines were lost, `more` among them, where any were.
    mutating func tellLost(_ more: Int) {
        lost += more
        guard lost > 0 else { return }
        let event = LogEvent(.linesLost, [("lines", .int(Int64(lost)))])
        if output.write(LogLine.of(event, at: clock.now(), as: place.format)) { lost = 0 }
    }
}
