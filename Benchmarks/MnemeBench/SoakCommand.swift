// `mneme-bench soak`: everything at once for a long time, and whether memory grows.

internal import Mneme
internal import MnemeCommandLine

/// The command.
enum SoakCommand {
    private static let minutes = Parameter<Int>(
        option: "minutes",
        .int(in: 1...100_000),
        "how long",
        default: 60
    )
    private static let records = Parameter<Int>(
        option: "records",
        .int(in: 1000...100_000_000),
        "how many passages there are, about; they are replaced and deleted again and again",
        default: 20_000
    )
    private static let rate = Parameter<Int>(
        option: "rate",
        .int(in: 1...1_000_000),
        "calls a second that each of the four threads makes at most",
        default: 500
    )

    /// The declaration.
    static let command = Command(
        "soak",
        "Puts every kind of load on a store for a long time and watches what it takes",
        details: [
            "Four threads put, replace, delete and link passages with text and vectors, get them, "
                + "find them by owner, words and nearness, walk along their links, remember, "
                + "recall and forget memories. Now and then come checkpoints and backups.",
            "A line a minute. At the end the store is verified and opened again. Status 1 when "
                + "something failed, or when memory without a file behind it, threads or open "
                + "files grew: when their median over the last quarter of the time is more than a "
                + "tenth above that over the second quarter.",
        ],
        parameters: [minutes.declaration, records.declaration, rate.declaration]
            + BenchmarkStore.declarations,
        examples: ["soak --minutes 10"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let place = try BenchmarkStore(invocation)
        defer { place.remove() }
        let isSmoke = invocation[BenchmarkStore.smoke]
        let run = SoakRun(
            place: place,
            count: isSmoke ? 1000 : invocation[records],
            rate: invocation[rate],
            seconds: isSmoke ? 4 : Double(invocation[minutes]) * 60
        )
        let report = Report("soak", json: invocation[Program.json])
        try run.run(lines: isSmoke ? 2 : invocation[minutes]) { report.add($0) }
        report.finish()
    }
}
