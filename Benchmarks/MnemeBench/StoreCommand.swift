// `mneme-bench store`: commits, ingest, reads by key and by index, reopening, disk.

internal import Mneme
internal import MnemeCommandLine

/// The command.
enum StoreCommand {
    private static let records = Parameter<Int>(
        option: "records",
        .int(in: 1000...1_000_000_000),
        "how many records are ingested",
        default: 100_000
    )
    private static let valueBytes = Parameter<Int>(
        option: "value-bytes",
        .int(in: 552...1_000_000),
        "bytes of a record, key and fields together; 552 of them are not text",
        default: 2552
    )
    private static let clients = Parameter<[Int]>(
        option: "clients",
        .list(of: .int(in: 1...1024)),
        "threads that commit one record at a time",
        default: [1, 16]
    )
    private static let commits = Parameter<Int>(
        option: "commits",
        .int(in: 1...10_000_000),
        "the most commits for each number of clients",
        default: 4000
    )
    private static let seconds = Parameter<Int>(
        option: "seconds",
        .int(in: 1...3600),
        "the longest time for each number of clients",
        default: 60
    )
    private static let batch = Parameter<Int>(
        option: "batch",
        .int(in: 1...10_000),
        "records an ingesting commit",
        default: 1000
    )
    private static let reads = Parameter<Int>(
        option: "reads",
        .int(in: 1...10_000_000),
        "questions a pass, of each kind",
        default: 5000
    )

    /// The declaration.
    static let command = Command(
        "store",
        "Measures commits, ingest, reads, reopening and disk under five indexes",
        details: [
            "The record: a UUID, an owner of 100, a type of 8, an instant, an importance, "
                + "a session, a tag, 500 bytes of JSON and text. Indexes: owner and newest "
                + "first; owner, type and importance; type and instant; session; tag.",
            "First all records are ingested in batches. control: 2,560 bytes into a zeroed file "
                + "and a data sync, right before the ingest and each commit line. get: by key, "
                + "whole, every field copied out. getMetadata: without the text. newest50: an "
                + "owner's newest 50, whole, or their ids. compound50: of an owner and type, 50 "
                + "with an importance above 0.5, whole. getValues: get in values. "
                + "answers: a digest of the keys in them. reopen: a clean close, then open and a "
                + "first get. writeAmplification: bytes that the disk was told to write, by "
                + "anybody, in that time and for a checkpoint after it, over the bytes of the "
                + "records.",
        ],
        parameters: [
            records.declaration, valueBytes.declaration, clients.declaration, commits.declaration,
            seconds.declaration, batch.declaration, reads.declaration,
        ] + BenchmarkStore.declarations,
        examples: ["store --records 100000 --clients 1,16 --json"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let place = try BenchmarkStore(invocation)
        defer { place.remove() }
        let isSmoke = invocation[BenchmarkStore.smoke]
        let count = isSmoke && !invocation.has(records) ? 2000 : invocation[records]
        let maker = StoreRecords(valueByteCount: invocation[valueBytes])
        note("texts are \(maker.source)")
        let report = Report("store", json: invocation[Program.json])
        let memory = try place.open(MemoryOptions.withoutEmbedder)
        try memory.define(StoreRecords.schema)

        var run = StoreRun(
            place: place,
            memory: memory,
            maker: maker,
            count: count,
            passes: Passes(count: invocation[BenchmarkStore.passes])
        )
        let commits = isSmoke ? 200 : invocation[commits]
        report.add(try run.control(count: min(2000, commits)))
        report.add(try run.ingest(batch: invocation[batch]))
        let answers = StoreAnswers(count: count)
        let questions = try run.questions()
        for kind in StoreQuestions.Kind.allCases {
            let reads = isSmoke ? 100 : invocation[reads]
            report.add(try questions.measure(kind, count: reads, run.passes, answers))
        }
        for clients in invocation[clients] {
            report.add(try run.control(count: min(2000, commits)))
            report.add(
                try run.commit(clients: clients, commits: commits, seconds: invocation[seconds])
            )
        }
        report.add(try run.reopen())
        report.add(try run.disk())
        report.finish()
    }
}
