// How far a long job is, on standard error. Nothing is shown of a job of less than two seconds. On
// a terminal one line is drawn over and over; elsewhere nothing is shown unless it was asked for,
// and then a line every two seconds.

/// Shows the progress of one job.
package struct ProgressMeter {
    /// When progress is shown.
    package enum Mode: Sendable {
        /// On a terminal only.
        case automatic
        /// Wherever standard error leads.
        case always
        case never
    }

    private let title: String
    private let unit: String
    private let total: Int?
    private let style: Style
    private let now: () -> Double
    private let write: (String) -> Void
    private let start: Double
    private var lastShown: Double
    private var drawnWidth = 0

    private enum Style {
        case redrawn
        case lines
        case silent
    }

    private static let delay = 2.0

    /// A job that starts now; `total` counts `unit`s and is nil where it is not known.
    package init(_ title: String, unit: String, total: Int? = nil, mode: Mode = .automatic) {
        self.init(
            title,
            unit: unit,
            total: total,
            mode: mode,
            isTerminal: StandardStreams.errorIsTerminal,
            now: { Stopwatch.now() },
            write: { StandardStreams.writeError($0) }
        )
    }

    /// A job whose time and output are given, for tests.
    init(
        _ title: String,
        unit: String,
        total: Int?,
        mode: Mode,
        isTerminal: Bool,
        now: @escaping () -> Double,
        write: @escaping (String) -> Void
    ) {
        self.title = title
        self.unit = unit
        self.total = total
        self.now = now
        self.write = write
        style =
            switch mode {
            case .never: .silent
            case .automatic: isTerminal ? .redrawn : .silent
            case .always: isTerminal ? .redrawn : .lines
            }
        start = now()
        lastShown = start
    }

    /// So much is done.
    package mutating func advance(to done: Int) {
        guard style != .silent else { return }
        let time = now()
        guard time - start >= Self.delay else { return }
        guard time - lastShown >= (style == .redrawn ? 0.1 : Self.delay) else { return }
        lastShown = time
        show(line(done, after: time - start))
    }

    /// The job is done, or given up: what was drawn is wiped away.
    package mutating func finish() {
        guard drawnWidth > 0 else { return }
        write("\r" + TextFlow.blanks(drawnWidth) + "\r")
        drawnWidth = 0
    }

    private mutating func show(_ line: String) {
        guard style == .redrawn else { return write(line + "\n") }
        write("\r" + line + TextFlow.blanks(drawnWidth - line.count))
        drawnWidth = line.count
    }

    private func line(_ done: Int, after seconds: Double) -> String {
        let rate = Double(done) / seconds
        let speed = "\(Figures.count(Int(rate.rounded())))/s"
        guard let total, total > 0 else {
            return "\(title): \(Figures.count(done)) \(unit), \(speed)"
        }
        let share = Figures.decimal(100 * Double(done) / Double(total), digits: 0)
        let left = rate > 0 ? Figures.seconds(Double(max(0, total - done)) / rate) : "unknown"
        return "\(title): \(share) %, \(Figures.count(done)) of \(Figures.count(total)) \(unit), "
            + "\(speed), \(left) left"
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
