// `mneme-bench layered`: the questions of a layered memory service, asked of Mneme and of SQLite in
// one process, over the same rows with the same indexes; and what its memories take on disk.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// The command.
enum LayeredCommand {
    private static let records = Parameter<Int>(
        option: "records",
        .int(in: 1000...1_000_000),
        "how many memories there are",
        default: 100_000
    )
    private static let questions = Parameter<Int>(
        option: "questions",
        .int(in: 0...1_000_000),
        "questions a pass, of each kind",
        default: 500
    )
    private static let edges = Parameter<Int>(
        option: "edges",
        .int(in: 0...100),
        "edges of each memory to earlier ones",
        default: 5
    )
    private static let versions = Parameter<Int>(
        option: "versions",
        .int(in: 1...100),
        "versions of each memory, where bytes on disk are measured",
        default: 2
    )
    private static let diskRecords = Parameter<Int>(
        option: "disk-records",
        .int(in: 0...1_000_000),
        "how many memories there are where bytes on disk are measured, 0 for no such measurement",
        default: 10_000
    )
    private static let texts = Parameter<String?>(
        option: "texts",
        .text("F"),
        "a file of JSON objects with a member text: memories on disk have these, and no made ones"
    )
    private static let schema = Parameter<String>(
        option: "schema",
        .text("F"),
        "the schema of the service",
        default: "formats/schemas/layered-memory.json"
    )

    /// The declaration.
    static let command = Command(
        "layered",
        "Measures the questions of a layered memory service beside SQLite",
        details: [
            "Both engines have the same memories under the same indexes, everything in "
                + "memory, and copy every field of each answer's rows. Their passes alternate. "
                + "The answers of both are compared first; ratio is Mneme's rate over SQLite's. "
                + "Vectors and edges are in Mneme alone. Then stores are filled with vectors of "
                + "either kind and every version of the memories, compacted, checkpointed and "
                + "closed: bytes are those of log and page file then, without the spare segment; "
                + "plainBytes those of the newest texts and metadata as JSON. With --questions 0 "
                + "that is all."
        ],
        parameters: [
            records.declaration, questions.declaration, edges.declaration, versions.declaration,
            diskRecords.declaration, texts.declaration, schema.declaration,
        ] + BenchmarkStore.declarations,
        examples: ["layered --records 10000 --json"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let place = try BenchmarkStore(invocation)
        defer { place.remove() }
        let report = Report("layered", json: invocation[Program.json])
        if invocation[questions] > 0 { try ask(invocation, place, report) }
        try weigh(invocation, place, report)
        report.finish()
    }

    private static func ask(
        _ invocation: Invocation,
        _ place: BenchmarkStore,
        _ report: Report
    ) throws {
        let isSmall = invocation[BenchmarkStore.smoke]
        let count = isSmall ? 2000 : invocation[records]
        let memory = try place.open(MemoryOptions.withoutEmbedder)
        let mneme = try LayeredMneme(
            memory,
            schema: invocation[schema],
            edges: invocation[edges],
            count: count
        )
        let peer = try LayeredSQLite("\(place.scratch)/layered.sqlite", count: count)
        for kind in LayeredQuestion.Kind.allCases {
            let chance = SeededRandomness(seed: 5)
            let asked = (0..<(isSmall ? 50 : invocation[questions])).map { _ in
                LayeredQuestion(kind, chance)
            }
            report.add(
                try measure(asked, [mneme, peer], passes: invocation[BenchmarkStore.passes])
            )
        }
        report.finish()
        try memory.close()
    }

    /// Measures what memories take on disk, with vectors of either kind.
    private static func weigh(
        _ invocation: Invocation,
        _ place: BenchmarkStore,
        _ report: Report
    ) throws {
        let isSmall = invocation[BenchmarkStore.smoke]
        let count = isSmall ? 1000 : invocation[diskRecords]
        if count == 0 { return }
        var given: [String] = []
        if let file = invocation[texts] {
            var lines = try JSONLines(file)
            while let row = try lines.next() {
                if let text = row["text"].text { given.append(text) }
            }
            if given.isEmpty { throw Failure("\(file) has no texts.") }
        }
        for element in [VectorElement.float16, .float32] {
            let disk = LayeredDisk(
                count: count,
                edges: invocation[edges],
                versions: invocation[versions],
                element: element,
                texts: given
            )
            let path = "\(place.scratch)/disk-\(element.rawValue)"
            report.add(try disk.row(at: path, schema: invocation[schema]))
        }
        report.finish()
    }

    /// Asks all engines the same, in turns; the first is held against the second.
    ///
    /// - Throws: `Failure` where they do not answer alike.
    private static func measure(
        _ asked: [LayeredQuestion],
        _ engines: [any LayeredEngine],
        passes: Int
    ) throws -> [(String, Figure)] {
        let answer = LayeredAnswer()
        var rows = 0
        for question in asked {
            var digests: [UInt64] = []
            for engine in engines {
                try engine.ask(question, answer)
                digests.append(answer.digest)
            }
            rows += answer.count + answer.groups.count
            guard Set(digests).count == 1 else {
                throw Failure("\(question) is answered in two ways. One of both is wrong.")
            }
        }
        var rates = engines.map { _ in [Double]() }
        var middles = rates
        var tails = rates
        for _ in 0..<passes {
            for (index, engine) in engines.enumerated() {
                var latencies = Latencies(capacity: asked.count)
                let seconds = try Ticks.seconds {
                    for question in asked {
                        try latencies.time { try engine.ask(question, answer) }
                    }
                }
                let percentiles = latencies.microseconds(50, 99)
                rates[index].append(Double(asked.count) / max(seconds, 1e-9))
                middles[index].append(percentiles[0])
                tails[index].append(percentiles[1])
            }
        }
        let rate = rates.map(median)
        return [
            ("event", .word(asked[0].kind.rawValue)), ("queriesPerSecond", .rate(rate[0])),
            ("p50Microseconds", .microseconds(median(middles[0]))),
            ("p99Microseconds", .microseconds(median(tails[0]))),
            ("peerQueriesPerSecond", .rate(rate[1])),
            ("peerP50Microseconds", .microseconds(median(middles[1]))),
            ("peerP99Microseconds", .microseconds(median(tails[1]))),
            ("ratio", .share(rate[0] / max(rate[1], 1e-9))),
            ("rowsPerQuery", .share(Double(rows) / Double(asked.count))),
        ]
    }
}
