// `mneme-bench embed`: the rate of the built-in embedder.

internal import Mneme
internal import MnemeCommandLine

/// The command.
enum EmbedCommand {
    private static let file = Parameter<String>(
        argument: "FILE",
        .text("FILE"),
        "texts: .jsonl",
        default: ""
    )
    private static let text = Parameter<String>(
        option: "text",
        .text("NAME"),
        "the member with the text",
        default: "text"
    )

    /// The declaration.
    static let command = Command(
        "embed",
        "Measures how many texts the built-in embedder embeds, on one thread",
        details: ["Nothing is stored. The rate is the median over the passes."],
        parameters: [
            file.declaration, text.declaration, BenchmarkStore.passes.declaration,
            BenchmarkStore.smoke.declaration, Program.json.declaration,
        ],
        examples: ["embed texts.jsonl"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        var texts: [String] = []
        if invocation[BenchmarkStore.smoke] {
            texts = (0..<1000).map { MadeText.sentence(UInt64($0), words: 12) }
        } else {
            guard invocation.has(file) else {
                throw CommandLineError("Give a .jsonl file with texts, or --smoke for made data.")
            }
            var lines = try JSONLines(invocation[file])
            while let row = try lines.next() { texts.append(try row.text(invocation[text])) }
        }
        let byteCount = texts.reduce(0) { $0 + $1.utf8.count }
        var embedded = 0
        var rates: [Double] = []
        // The first pass warms up: it reads the token table.
        for pass in 0...invocation[BenchmarkStore.passes] {
            embedded = 0
            let seconds = Ticks.seconds {
                for text in texts where Memory.embed(text) != nil { embedded += 1 }
            }
            if pass > 0 { rates.append(Double(texts.count) / max(seconds, 1e-9)) }
        }
        let report = Report("embed", json: invocation[Program.json])
        report.add([
            ("texts", .count(texts.count)), ("embedded", .count(embedded)),
            ("bytesPerText", .rate(Double(byteCount) / Double(max(1, texts.count)))),
            ("textsPerSecond", .rate(median(rates))),
        ])
        report.finish()
    }
}
