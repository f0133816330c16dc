// `mneme-bench text`: quality and rate of word search over documents.

internal import Mneme
internal import MnemeCommandLine

/// The command.
enum TextCommand {
    private static let documents = Parameter<String?>(
        option: "documents",
        .text("F"),
        "documents: .jsonl with id and text"
    )
    private static let queries = Parameter<String?>(
        option: "queries",
        .text("F"),
        "queries: .jsonl with id, text and relevant (ids)"
    )
    private static let limit = Parameter<Int>(
        option: "limit",
        .int(in: 1...10_000),
        "how many documents are asked for",
        default: 100
    )
    private static let threads = Parameter<Int>(
        option: "threads",
        .int(in: 1...1024),
        "threads that search at the same time",
        default: 1
    )
    private static let batch = Parameter<Int>(
        option: "batch",
        .int(in: 1...100_000),
        "documents a commit",
        default: 1000
    )

    /// The declaration.
    static let command = Command(
        "text",
        "Measures word search: ranking quality against known relevance, and rate",
        details: [
            "Relevance is binary. Queries without a relevant document count for the rates "
                + "alone. indexSeconds covers the commits and the checkpoint after them; "
                + "indexBytes are the used pages of the page file: the text index and the index "
                + "over keys."
        ],
        parameters: [
            documents.declaration, queries.declaration, limit.declaration, threads.declaration,
            batch.declaration,
        ] + BenchmarkStore.declarations,
        examples: ["text --documents memories.jsonl --queries queries.jsonl --json"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let place = try BenchmarkStore(invocation)
        defer { place.remove() }
        let made = invocation[BenchmarkStore.smoke] ? try MadeData(place.scratch).texts() : nil
        let documents = try invocation.file(documents, "documents", or: made?.documents)
        var lines = try JSONLines(invocation.file(queries, "queries", or: made?.queries))
        var questions: [Find] = []
        var wanted: [Set<Key>] = []
        while let row = try lines.next() {
            questions.append(
                Find(
                    "documents",
                    match: Match("text", try row.text("text")),
                    limit: invocation[limit],
                    select: []
                )
            )
            wanted.append(Set(try row.names("relevant").map { .text($0) }))
        }
        let asked = questions

        let memory = try place.open(MemoryOptions.withoutEmbedder)
        let (count, seconds) = try index(
            memory,
            documents,
            batch: invocation[batch],
            place.durability
        )
        let statistics = try memory.statistics()

        var rankings: [Relevance] = []
        for (question, relevant) in zip(asked, wanted) {
            let found = try memory.find(question)
            guard !relevant.isEmpty else { continue }
            rankings.append(
                Relevance(of: found.rows.map(\.record.reference.key), against: relevant)
            )
        }
        let passes = Passes(
            count: invocation[BenchmarkStore.passes],
            threads: invocation[threads]
        )
        let figures = try passes.measure(questions: asked.count) { question in
            _ = try memory.find(asked[question])
        }
        let report = Report("text", json: invocation[Program.json])
        report.add(
            [
                ("ndcgAt10", .share(mean(rankings) { $0.discountedGain(at: 10) })),
                ("recallAt100", .share(mean(rankings) { $0.recall(at: 100) })),
            ] + figures.named + [
                ("indexSeconds", .seconds(seconds)),
                ("indexBytes", .count(statistics.pageBytes - statistics.freePageBytes)),
                ("documents", .count(count)), ("queries", .count(asked.count)),
            ]
        )
        report.finish()
        try memory.close()
    }

    private static func index(
        _ memory: Memory,
        _ path: String,
        batch: Int,
        _ durability: Durability
    ) throws -> (count: Int, seconds: Double) {
        try memory.define(
            Schema(collections: [
                Collection(
                    "documents",
                    fields: [Field("text", .text, isRequired: true, isSearchable: true)]
                )
            ])
        )
        var lines = try JSONLines(path)
        var rows: [Change] = []
        while let row = try lines.next() {
            rows.append(
                .put(
                    Put(
                        "documents",
                        .text(try row.name("id")),
                        ["text": row["text"]],
                        mode: .insert
                    )
                )
            )
        }
        var meter = ProgressMeter("documents", unit: "documents", total: rows.count)
        defer { meter.finish() }
        let seconds = try Ticks.seconds {
            for first in stride(from: 0, to: rows.count, by: batch) {
                let end = min(first + batch, rows.count)
                _ = try memory.commit(Array(rows[first..<end]), durability)
                meter.advance(to: end)
            }
            try memory.checkpoint()
        }
        return (rows.count, seconds)
    }
}
