// How far a long job is, on standard error. Nothing is shown of a job of less than two seconds. On
// a terminal one line is drawn over and over; elsewhere nothing is shown unless it was asked for,
// and then a line every two seconds. A job that says nothing for a while is still seen to go on: a
// thread shows what it said last, or for how long it has been at work.

internal import MnemeBase
internal import Synchronization

/// Shows the progress of one job.
package struct ProgressMeter: Sendable {
    /// When progress is shown.
    package enum Mode: Sendable {
        /// On a terminal only.
        case automatic
        /// Wherever standard error leads.
        case always
        case never
    }

    private let line: ProgressLine
    private let pulse: ProgressPulse?

    /// A job that starts now; `total` counts `unit`s and is nil where it is not known.
    ///
    /// Nothing is shown any more once nobody wants it.
    package init(
        _ title: String,
        unit: String,
        total: Int? = nil,
        mode: Mode = .automatic,
        isWanted: @escaping @Sendable () -> Bool = { true }
    ) {
        line = ProgressLine(
            title,
            unit: unit,
            total: total,
            mode: mode,
            isTerminal: StandardStreams.errorIsTerminal,
            now: { Stopwatch.now() },
            write: { if isWanted() { StandardStreams.writeError($0) } }
        )
        pulse = line.isSilent ? nil : ProgressPulse(line)
    }

    /// A job whose line is given and has no thread, for tests.
    init(_ line: ProgressLine) {
        self.line = line
        pulse = nil
    }

    /// So much is done, and of so much where that is known only now.
    package mutating func advance(to done: Int, of total: Int? = nil) {
        line.advance(to: done, of: total)
    }

    /// The job is done, or given up: what was drawn is wiped away.
    package mutating func finish() {
        pulse?.end()
        line.finish()
    }
}

/// What a meter shows; on any thread.
final class ProgressLine: Sendable {
    private struct State {
        var done = 0
        var total: Int?
        var lastShown: Double
        var drawnWidth = 0
        var isOver = false
    }

    private enum Style {
        case redrawn
        case lines
        case silent
    }

    private let title: String
    private let unit: String
    private let style: Style
    private let now: @Sendable () -> Double
    private let write: @Sendable (String) -> Void
    private let start: Double
    private let state: Mutex<State>

    private static let delay = 2.0

    /// A job that starts now.
    init(
        _ title: String,
        unit: String,
        total: Int?,
        mode: ProgressMeter.Mode,
        isTerminal: Bool,
        now: @escaping @Sendable () -> Double,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.title = title
        self.unit = unit
        self.now = now
        self.write = write
        style =
            switch mode {
            case .never: .silent
            case .automatic: isTerminal ? .redrawn : .silent
            case .always: isTerminal ? .redrawn : .lines
            }
        start = now()
        state = Mutex(State(total: total, lastShown: start))
    }

    var isSilent: Bool { style == .silent }

    func advance(to done: Int, of total: Int?) {
        guard style != .silent else { return }
        state.withLock { state in
            state.done = done
            if let total, total > 0 { state.total = total }
            show(&state, every: style == .redrawn ? 0.1 : Self.delay)
        }
    }

    /// Time has passed, whether or not anything was said.
    func tick() {
        state.withLock { show(&$0, every: style == .redrawn ? 0.5 : Self.delay) }
    }

    func finish() {
        state.withLock { state in
            state.isOver = true
            guard state.drawnWidth > 0 else { return }
            write("\r" + TextFlow.blanks(state.drawnWidth) + "\r")
            state.drawnWidth = 0
        }
    }

    private func show(_ state: inout State, every seconds: Double) {
        let time = now()
        guard !state.isOver, time - start >= Self.delay, time - state.lastShown >= seconds else {
            return
        }
        state.lastShown = time
        let line = line(state, after: time - start)
        guard style == .redrawn else { return write(line + "\n") }
        write("\r" + line + TextFlow.blanks(state.drawnWidth - line.count))
        state.drawnWidth = line.count
    }

    private func line(_ state: State, after seconds: Double) -> String {
        let done = state.done
        if done == 0 { return "\(title): \(Figures.seconds(seconds)) so far" }
        let rate = Double(done) / seconds
        let speed = "\(Figures.count(Int(rate.rounded())))/s"
        guard let total = state.total, total > 0 else {
            return "\(title): \(Figures.count(done)) \(unit), \(speed)"
        }
        let share = Figures.decimal(100 * Double(done) / Double(total), digits: 0)
        let left = rate > 0 ? Figures.seconds(Double(max(0, total - done)) / rate) : "unknown"
        return "\(title): \(share) %, \(Figures.count(done)) of \(Figures.count(total)) \(unit), "
            + "\(speed), \(left) left"
    }
}

/// The thread that shows a line again as long as its job lasts.
private final class ProgressPulse: Sendable {
    private let line: ProgressLine
    private let isOver = Gate()

    private static let interval: Microseconds = 500_000

    init(_ line: ProgressLine) {
        self.line = line
        BackgroundThread.start(niceness: 0) { [line, isOver] in
            while !isOver.wait(atMost: Self.interval) { line.tick() }
        }
    }

    func end() { isOver.open() }

    /// Of a job that was given up.
    deinit {
        end()
        line.finish()
    }
}

/// A clock for durations.
package struct Stopwatch: Sendable {
    private let start = ContinuousClock.now

    /// A stopwatch that starts now.
    package init() {}

    /// Seconds since the start.
    package var seconds: Double { Self.seconds(ContinuousClock.now - start) }

    private static let origin = ContinuousClock.now

    /// Seconds since some moment of this process; never steps back.
    static func now() -> Double { seconds(ContinuousClock.now - origin) }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}
