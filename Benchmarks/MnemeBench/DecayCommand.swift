// `mneme-bench decay`: whether useful memories still come up after a simulated year of a service's
// use, with decay by the last use, by age alone, without it, and by recency alone.

internal import Mneme
internal import MnemeCommandLine

/// The command.
enum DecayCommand {
    private static let days = Parameter(
        option: "days",
        .int(in: 30...3650),
        "how many days pass",
        default: 365
    )
    private static let owners = Parameter(
        option: "owners",
        .int(in: 1...1000),
        "how many owners there are",
        default: 10
    )
    private static let seed = Parameter(
        option: "seed",
        .int(in: 0...Int.max),
        "what the made data is drawn from",
        default: 1
    )

    /// The declaration.
    static let command = Command(
        "decay",
        "Measures whether useful memories still come up after a year of use",
        details: [
            "Each owner says six things a day, most of which nobody asks for again; of things that "
                + "are alike some are useful, and asked for again now and then through the year. "
                + "found is the share of these questions in the last quarter whose memory is among "
                + "the first five, by how recall counts: by the last use (of what answers had, "
                + "or of what the service says was used), by age alone, without decay, and by "
                + "recency alone. The data are made, and the time is simulated."
        ],
        parameters: [
            days.declaration, owners.declaration, seed.declaration,
            BenchmarkStore.smoke.declaration, Program.json.declaration,
        ],
        examples: ["decay --owners 3"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let isSmoke = invocation[BenchmarkStore.smoke]
        let report = Report("decay", json: invocation[Program.json])
        for mode in DecayYear.Mode.allCases {
            var year = try DecayYear(
                mode,
                days: isSmoke ? 120 : invocation[days],
                owners: isSmoke ? 2 : invocation[owners],
                seed: UInt64(invocation[seed])
            )
            try year.run()
            report.add([
                ("decay", .word(mode.rawValue)), ("memories", .count(year.said)),
                ("questions", .count(year.asked)),
                ("found", .share(Double(year.found) / Double(max(1, year.asked)))),
            ])
        }
        report.finish()
    }
}
