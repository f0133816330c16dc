// `mneme-bench recall`: whether the memories that answer a question are recalled.

internal import Foundation
internal import Mneme
internal import MnemeCommandLine
internal import Synchronization

/// The command.
enum RecallCommand {
    /// Where a question is asked.
    enum Reach: String, CaseIterable, Sendable {
        case owner
        case all
    }

    /// Who makes vectors of texts.
    enum EmbedderChoice: String, CaseIterable, Sendable {
        case builtin
        case none
    }

    /// On or off.
    enum Switch: String, CaseIterable, Sendable {
        case on
        case off
    }

    private static let memories = Parameter<String?>(
        option: "memories",
        .text("F"),
        "memories: .jsonl with id, text and what is named below"
    )
    private static let queries = Parameter<String?>(
        option: "queries",
        .text("F"),
        "questions: .jsonl with id, text, relevant and category"
    )
    private static let vectors = Parameter<String?>(
        option: "vectors",
        .text("F"),
        "a vector of each memory: .npy, [count, dimension]"
    )
    private static let queryVectors = Parameter<String?>(
        option: "query-vectors",
        .text("F"),
        "a vector of each question: .npy, [count, dimension]"
    )
    private static let embedder = Parameter<EmbedderChoice>(
        option: "embedder",
        .word(),
        "whether the built-in embedder embeds memories and questions",
        default: .builtin
    )
    private static let signals = Parameter<String>(
        option: "signals",
        .text("WORD"),
        "what speaks for a memory: all, dense, rrf (dense and text by rank), or names with commas: "
            + Signal.allCases.map(\.rawValue).joined(separator: ", "),
        default: "all"
    )
    private static let hints = Parameter<Switch>(
        option: "hints",
        .word(),
        "whether anything is guessed from the wording of questions",
        default: .on
    )
    private static let fusion = Parameter<RecallFusion>(
        option: "fusion",
        .word(),
        "how the signals become one score",
        default: .weighted
    )
    private static let limit = Parameter<Int>(
        option: "limit",
        .int(in: 1...1000),
        "how many memories are asked for",
        default: 20
    )
    private static let owner = member(
        "owner",
        "whose it is, and where a question is asked",
        "conversation"
    )
    private static let text = member("text", "the text of a memory", "text")
    private static let time = member("time", "when it was", "timestamp")
    private static let session = member("session", "the session, within its owner", "session")
    private static let position = member("position", "the place in the session", "turn")
    private static let speaker = member("speaker", "who said it", "speaker")
    private static let within = Parameter<Reach>(
        option: "within",
        .word(),
        "whether a question is asked inside its owner, or of all memories",
        default: .owner
    )
    private static let dump = Parameter<String?>(
        option: "dump",
        .text("F"),
        "writes the ranked ids of each question to this .jsonl file"
    )
    private static let batch = Parameter<Int>(
        option: "batch",
        .int(in: 1...100_000),
        "memories a commit",
        default: 500
    )

    private static func member(
        _ name: String,
        _ summary: String,
        _ standard: String
    ) -> Parameter<String> {
        Parameter(
            option: name,
            .text("NAME"),
            "the member with \(summary)",
            default: standard
        )
    }

    /// The declaration.
    static let command = Command(
        "recall",
        "Measures recall over conversations: quality by category, and latency",
        details: [
            "Remembers all memories, then recalls each question inside its owner, or with "
                + "--within all among all of them. "
                + "recallAt5, 10 and 20: the part of the relevant memories among the first k, "
                + "as a mean over questions. Categories are the questions' own; 1-4 and all are "
                + "means over their questions. Questions without a relevant memory are timed "
                + "and not judged."
        ],
        parameters: [
            memories.declaration, queries.declaration, vectors.declaration,
            queryVectors.declaration, embedder.declaration, signals.declaration, hints.declaration,
            fusion.declaration, limit.declaration,
            owner.declaration, text.declaration, time.declaration, session.declaration,
            position.declaration, speaker.declaration, within.declaration, dump.declaration,
            batch.declaration,
        ] + BenchmarkStore.declarations,
        examples: [
            "recall --memories memories.jsonl --queries queries.jsonl",
            "recall --memories m.jsonl --queries q.jsonl --vectors m.npy --query-vectors q.npy",
            "recall --memories memories.jsonl --queries queries.jsonl --hints off",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        guard invocation.has(vectors) == invocation.has(queryVectors) else {
            throw CommandLineError("--vectors and --query-vectors are given together.")
        }
        guard
            var choice = RecallSignals(
                invocation[signals],
                hasVectors: invocation.has(vectors)
            )
        else {
            throw CommandLineError(
                "--signals takes all, dense, rrf, or of these with commas between them: "
                    + Signal.allCases.map(\.rawValue).joined(separator: ", ") + "."
            )
        }
        choice.hints = invocation[hints] == .on
        choice.fusion = invocation[fusion]
        let place = try BenchmarkStore(invocation)
        defer { place.remove() }
        let made =
            invocation[BenchmarkStore.smoke] ? try MadeData(place.scratch).conversations() : nil
        let members = RecallMembers(
            owner: invocation[owner],
            text: invocation[text],
            time: invocation[time],
            session: invocation[session],
            position: invocation[position],
            speaker: invocation[speaker]
        )
        let questions = try readQuestions(
            invocation.file(queries, "queries", or: made?.queries),
            invocation[queryVectors],
            members,
            invocation[within]
        )
        var lines = try JSONLines(invocation.file(memories, "memories", or: made?.memories))
        let rows = try lines.all()
        let given = try invocation[vectors].map { (path) throws(Failure) in
            try GivenVectors(path, lineCount: rows.count)
        }

        var options = MemoryOptions()
        options.embedsText = invocation[embedder] == .builtin
        if let given { options.vectors = [GivenVectors.field: given.type] }
        let memory = try place.open(options)
        let seconds = try remember(rows, members, given, in: memory, batch: invocation[batch])
        note(
            "\(rows.count) memories remembered in \(Figures.seconds(seconds)), "
                + "\(Figures.count(Int(Double(rows.count) / max(seconds, 1e-9))))/s"
        )
        // What is built behind is not to be beside what is measured.
        try memory.settleGraphs()
        let asked = try ask(
            questions,
            choice,
            of: memory,
            limit: invocation[limit],
            passes: invocation[BenchmarkStore.passes]
        )
        if let path = invocation[dump] { try write(asked, to: path) }
        let report = Report("recall", json: invocation[Program.json])
        for line in summary(asked) { report.add(line) }
        report.finish()
        try memory.close()
    }

    private static func readQuestions(
        _ path: String,
        _ vectorPath: String?,
        _ members: RecallMembers,
        _ reach: Reach
    ) throws(Failure) -> [RecallQuestion] {
        var lines = try JSONLines(path)
        let rows = try lines.all()
        let given = try vectorPath.map { (path) throws(Failure) in
            try GivenVectors(path, lineCount: rows.count)
        }
        var questions: [RecallQuestion] = []
        for (line, row) in rows.enumerated() {
            var question =
                try RecallQuestion(row, members, vectors: try given?.vectors(of: line) ?? [:])
            if reach == .all { question.owner = nil }
            questions.append(question)
        }
        return questions
    }

    private static func remember(
        _ rows: [JSONRow],
        _ members: RecallMembers,
        _ given: GivenVectors?,
        in memory: Memory,
        batch: Int
    ) throws -> Double {
        var meter = ProgressMeter("remember", unit: "memories", total: rows.count)
        defer { meter.finish() }
        return try Ticks.seconds {
            for first in stride(from: 0, to: rows.count, by: batch) {
                let range = first..<min(first + batch, rows.count)
                let memories = try range.map { line in
                    try members.memory(
                        rows[line],
                        vectors: try given?.vectors(of: line) ?? [:]
                    )
                }
                _ = try memory.remember(memories)
                meter.advance(to: range.upperBound)
            }
            try memory.checkpoint()
        }
    }

    // MARK: Asking

    /// A question with what came back.
    private struct Asked {
        let question: RecallQuestion
        let ranked: [String]
        var latencies: Latencies

        var relevance: Relevance { Relevance(of: ranked, against: question.relevant) }
    }

    private static func ask(
        _ questions: [RecallQuestion],
        _ choice: RecallSignals,
        of memory: Memory,
        limit: Int,
        passes: Int
    ) throws -> [Asked] {
        var meter = ProgressMeter(
            "recall",
            unit: "questions",
            total: questions.count * (passes + 1)
        )
        defer { meter.finish() }
        var asked: [Asked] = []
        for question in questions {
            let ranked = try choice.ask(question, of: memory, limit: limit)
            asked.append(Asked(question: question, ranked: ranked, latencies: Latencies()))
            meter.advance(to: asked.count)
        }
        for pass in 0..<passes {
            for place in asked.indices {
                _ = try asked[place].latencies.time {
                    try choice.ask(questions[place], of: memory, limit: limit)
                }
                meter.advance(to: (pass + 1) * questions.count + place)
            }
        }
        return asked
    }

    private static func summary(_ asked: [Asked]) -> [[(String, Figure)]] {
        let categories = Set(asked.compactMap(\.question.category)).sorted()
        var lines = categories.map { category in
            line(category, asked.filter { $0.question.category == category })
        }
        let answerable: Set = ["1", "2", "3", "4"]
        let four = asked.filter { answerable.contains($0.question.category ?? "") }
        if !four.isEmpty { lines.append(line("1-4", four)) }
        lines.append(line("all", asked))
        return lines
    }

    private static func line(_ category: String, _ asked: [Asked]) -> [(String, Figure)] {
        let judged = asked.filter { !$0.question.relevant.isEmpty }.map(\.relevance)
        var latencies = Latencies()
        for one in asked { latencies.add(one.latencies) }
        let percentiles = latencies.microseconds(50, 99)
        return [
            ("category", .word(category)),
            ("recallAt5", .share(mean(judged) { $0.recall(at: 5) })),
            ("recallAt10", .share(mean(judged) { $0.recall(at: 10) })),
            ("recallAt20", .share(mean(judged) { $0.recall(at: 20) })),
            ("ndcgAt10", .share(mean(judged) { $0.discountedGain(at: 10) })),
            ("mrr", .share(mean(judged) { $0.reciprocalRank })),
            ("p50Microseconds", .microseconds(percentiles[0])),
            ("p99Microseconds", .microseconds(percentiles[1])),
            ("queries", .count(judged.count)),
        ]
    }

    private static func write(_ asked: [Asked], to path: String) throws(Failure) {
        var text = ""
        for one in asked {
            let line: Value = [
                "id": .text(one.question.id), "ranked": .array(one.ranked.map { .text($0) }),
            ]
            text += line.json() + "\n"
        }
        do {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw Failure("\(path) cannot be written: \(error.localizedDescription)")
        }
    }
}
