// mneme top

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Shows what a server does, and renews it.
enum TopVerb {
    private static let metrics = Parameter(
        required: "metrics",
        .text("HOST:PORT"),
        "where the server tells its figures: what serve was given as --metrics"
    )
    private static let every = Parameter(
        option: "every",
        .float("SECONDS", in: 0.1...3600),
        "how far the readings are apart",
        default: 2.0
    )
    private static let once = Parameter(
        flag: "once",
        "prints what happened between two readings, and ends"
    )

    static let command = Command(
        "top",
        "Shows what a server does: requests by verb, commits, syncs, debts",
        details: [
            "Reads the server's figures again and again and shows what came between two readings: "
                + "how often a second, and the bounds of the buckets in which half of all and 99 "
                + "of 100 have ended. In a terminal the screen renews itself, and q or control-C "
                + "ends it; elsewhere, and with --json, one reading follows another.",
            "A store's debt is idle bytes of its log, from what is comfortable, 0, to the bound, "
                + "1; its oldest read is how far behind the oldest state is that is still read.",
        ],
        parameters: [metrics.declaration, every.declaration, once.declaration],
        examples: [
            "top --metrics 127.0.0.1:9411 --once",
            "top --metrics 127.0.0.1:9411 --every 0.5 --once --json",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let source = try MetricsSource(invocation[metrics])
        let seconds = invocation[every]
        let output = Output(invocation)
        let isScreen =
            !invocation[once] && StandardStreams.outputIsTerminal
            && (output.form == .lines || output.form == .table)
        let keys = isScreen ? TopKeys() : nil
        var watch = Stopwatch()
        var last = try source.read()
        if isScreen { StandardStreams.writeOutput(clear + "Reading \(source.address) …\n") }
        while true {
            let pause = Microseconds(seconds * 1_000_000)
            if let keys {
                if keys.wantsEnd(within: pause) { return }
            } else {
                _ = Gate().wait(atMost: pause)
            }
            let (next, nextWatch) = (try source.read(), Stopwatch())
            let figures = TopFigures(from: last, to: next, seconds: watch.seconds)
            (last, watch) = (next, nextWatch)
            show(figures, source, output, isScreen: isScreen)
            if invocation[once] { return }
        }
    }

    private static func show(
        _ figures: TopFigures,
        _ source: MetricsSource,
        _ output: Output,
        isScreen: Bool
    ) {
        let width = StandardStreams.outputIsTerminal ? LineEditor.width : Program.width
        func lines() -> [String] {
            TopLayout.lines(figures, of: "\(source.address)", width: width)
        }
        guard isScreen else {
            return output.put(figures.spelling) { lines() }
        }
        let text = (lines() + ["", "q ends"]).map(\.shown).joined(separator: "\n")
        StandardStreams.writeOutput(clear + text + "\n")
    }

    /// Has a terminal begin anew at its upper left corner.
    private static let clear = "\u{1b}[H\u{1b}[2J"
}
