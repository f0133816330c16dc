// What a benchmark prints: with `--json` one object a line, else tables for people. Lines that have
// the same figures stand in one table.

internal import Mneme
internal import MnemeCommandLine

/// One figure of a line.
enum Figure {
    case word(String)
    case flag(Bool)
    case count(Int)
    case seconds(Double)
    case microseconds(Double)
    case rate(Double)
    /// Between 0 and 1 as a rule.
    case share(Double)
    case nothing

    /// As JSON says it; numbers have as many digits as mean something.
    var value: Value {
        switch self {
        case .word(let word): .text(word)
        case .flag(let flag): .bool(flag)
        case .count(let count): .int(Int64(count))
        case .seconds(let seconds): .float(Self.rounded(seconds, 1e6))
        case .microseconds(let microseconds): .float(Self.rounded(microseconds, 1e3))
        case .rate(let rate): .float(Self.rounded(rate, 10))
        case .share(let share): .float(Self.rounded(share, 1e6))
        case .nothing: .null
        }
    }

    /// As people read it.
    var text: String {
        switch self {
        case .word(let word): word
        case .flag(let flag): flag ? "yes" : "no"
        case .count(let count): Figures.count(count)
        case .seconds(let seconds): Figures.seconds(seconds)
        case .microseconds(let microseconds): Figures.seconds(microseconds * 1e-6)
        case .rate(let rate):
            rate < 100 ? Figures.decimal(rate, digits: 1) : Figures.count(Int(rate))
        case .share(let share): Figures.decimal(share, digits: 4)
        case .nothing: "–"
        }
    }

    private static func rounded(_ number: Double, _ unit: Double) -> Double {
        (number * unit).rounded() / unit
    }
}

/// Prints lines.
final class Report {
    private let bench: String
    private let isJSON: Bool
    private var names: [String] = []
    private var table: TextTable?

    /// The lines of one benchmark.
    init(_ bench: String, json isJSON: Bool) {
        self.bench = bench
        self.isJSON = isJSON
    }

    /// Prints a line; a table comes when a line with other figures or the end does.
    func add(_ figures: [(String, Figure)]) {
        guard !isJSON else {
            var members: [String: Value] = ["bench": .text(bench)]
            for (name, figure) in figures { members[name] = figure.value }
            StandardStreams.writeOutput(Value.map(members).json() + "\n")
            return
        }
        if figures.map(\.0) != names { finish() }
        if table == nil {
            names = figures.map(\.0)
            table = TextTable(
                figures.map { name, figure in
                    if case .word = figure { return (Self.head(name), .left) }
                    return (Self.head(name), .right)
                }
            )
        }
        table?.add(figures.map(\.1.text))
    }

    /// Prints what is still to be printed.
    func finish() {
        if let table, !table.isEmpty {
            StandardStreams.writeOutput(table.lines(width: 200).joined(separator: "\n") + "\n\n")
        }
        table = nil
        names = []
    }

    /// A figure's name without its unit, which the cells carry.
    private static func head(_ name: String) -> String {
        for unit in ["Microseconds", "PerSecond"] where name.hasSuffix(unit) {
            return unit == "PerSecond"
                ? name.dropLast(unit.count) + "/s" : String(name.dropLast(unit.count))
        }
        return name
    }
}

/// Says on standard error what is going on.
func note(_ text: String) { StandardStreams.writeError("mneme-bench: \(text)\n") }
