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
    private static let kills = Parameter<Int>(
        option: "kills",
        .int(in: 0...1000),
        "how many writers are killed by SIGKILL, the store being opened after each",
        default: 0
    )
    private static let beside = Parameter<Int>(
        option: "beside",
        .int(in: 0...3600),
        "seconds of commits alone, and beside each kind of other work",
        default: 0
    )
    private static let audit = Parameter<Int>(
        option: "audit",
        .int(in: 0...1_000_000),
        "commits and gets a pass for each setting of the audit",
        default: 0
    )
    private static let memoryCap = Parameter<Int?>(
        option: "memory-cap-mib",
        .int(in: 64...1_000_000),
        "MiB of memory that this process may have; the store becomes more than four times as large"
    )
    private static let writeFrom = Parameter<Int?>(
        option: "write-from",
        .int(in: 0...1_000_000_000),
        "writes passages from this number on into the store until it is killed; for --kills"
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
            "With --beside commits of one record follow, alone and beside other work. "
                + "p99OverAlone: how many times the 99th percentile without it; control is the "
                + "disk's sync at the same time.",
            "With --audit commits of one record and gets by key follow, with nothing kept of who "
                + "asked, with the changes, with one of 100 gets beside them, and with "
                + "everything, in turns. commitsOverNothing, getsOverNothing: the rate over that "
                + "with nothing kept.",
            "With --memory-cap-mib the system refuses this process more private memory than that, "
                + "and a quarter of it is for index pages. memory: the most that was in memory, "
                + "20 ms by 20 ms; of mapped files the system takes back what it needs.",
            "With --kills as many passages as records follow, each with 200 bytes of searchable "
                + "text and a vector of 256. Then processes that commit more of them are killed, "
                + "each within five seconds, and the store is opened. killed: what opening takes, "
                + "and then the first get, the first answer to words and the first nearest "
                + "passages of an owner, one after another.",
        ],
        parameters: [
            records.declaration, valueBytes.declaration, clients.declaration, commits.declaration,
            seconds.declaration, batch.declaration, reads.declaration, beside.declaration,
            audit.declaration,
            memoryCap.declaration, kills.declaration, writeFrom.declaration,
        ] + BenchmarkStore.declarations,
        examples: ["store --records 100000 --clients 1,16 --json"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        if let first = invocation[writeFrom] {
            let passages = Passages(StoreRecords(valueByteCount: invocation[valueBytes]))
            return try KilledRun.write(
                into: BenchmarkStore(of: invocation),
                passages,
                from: first
            )
        }
        let cap = try invocation[memoryCap].map { (mebibytes) throws(Failure) in
            try MemoryCap(byteCount: mebibytes << 20)
        }
        let watch = cap.map { _ in MemoryWatch() }
        var place = try BenchmarkStore(invocation)
        defer { place.remove() }
        place.pageCacheBytes = place.pageCacheBytes ?? cap?.pageCacheBytes
        let isSmoke = invocation[BenchmarkStore.smoke]
        let maker = StoreRecords(valueByteCount: invocation[valueBytes])
        var count = isSmoke && !invocation.has(records) ? 2000 : invocation[records]
        if let cap, !invocation.has(records), !isSmoke {
            count = cap.recordCount(valueByteCount: invocation[valueBytes])
        }
        note("texts are \(maker.source)")
        let report = Report("store", json: invocation[Program.json])
        var run = StoreRun(
            place: place,
            memory: try place.open(MemoryOptions.withoutEmbedder),
            maker: maker,
            count: count,
            passes: Passes(count: invocation[BenchmarkStore.passes])
        )
        // What is made ahead is in memory too.
        if cap != nil { run.batchesAhead = 1 }
        try measure(&run, invocation, report)
        if let cap, let watch { report.add(run.memory(watch, cap)) }
        watch?.end()
        try measureBeside(run, invocation, report)
        try measureAudit(run, invocation, report)
        try measureKills(run, invocation, report)
        report.finish()
    }

    private static func measure(
        _ run: inout StoreRun,
        _ invocation: Invocation,
        _ report: Report
    ) throws {
        let isSmoke = invocation[BenchmarkStore.smoke]
        let commits = isSmoke ? 200 : invocation[commits]
        try run.define()
        report.add(try run.control(count: min(2000, commits)))
        report.add(try run.ingest(batch: invocation[batch]))
        let answers = StoreAnswers(count: run.count)
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
    }

    /// Commits beside other work, in the store that the run has left closed.
    private static func measureBeside(
        _ run: StoreRun,
        _ invocation: Invocation,
        _ report: Report
    ) throws {
        let isSmoke = invocation[BenchmarkStore.smoke]
        let seconds = isSmoke && !invocation.has(beside) ? 0.1 : Double(invocation[beside])
        guard seconds > 0 else { return }
        let memory = try run.place.open(MemoryOptions.withoutEmbedder)
        let part = BesideRun(
            place: run.place,
            memory: memory,
            maker: run.maker,
            count: run.count,
            seconds: seconds
        )
        // Numbers that no record has had.
        var first = 2_000_000_000
        var alone: (commit: Double, control: Double)?
        for load in BesideRun.Load.allCases {
            report.add(try part.measure(load, from: &first, &alone))
        }
        try memory.close()
    }

    /// What it costs to keep who asked, in the same store.
    private static func measureAudit(
        _ run: StoreRun,
        _ invocation: Invocation,
        _ report: Report
    ) throws {
        let isSmoke = invocation[BenchmarkStore.smoke]
        let each = isSmoke && !invocation.has(audit) ? 50 : invocation[audit]
        guard each > 0 else { return }
        let memory = try run.place.open(MemoryOptions.withoutEmbedder)
        let part = AuditCost(
            memory: memory,
            maker: run.maker,
            durability: run.place.durability,
            count: run.count,
            each: each
        )
        // Numbers that no record has had.
        for line in try part.measure(turns: run.passes.count, from: 2_200_000_000) {
            report.add(line)
        }
        try memory.close()
    }

    /// Writers that are killed, in the same store.
    private static func measureKills(
        _ run: StoreRun,
        _ invocation: Invocation,
        _ report: Report
    ) throws {
        let isSmoke = invocation[BenchmarkStore.smoke]
        let kills = isSmoke && !invocation.has(kills) ? 1 : invocation[kills]
        guard kills > 0 else { return }
        var part = KilledRun(
            place: run.place,
            passages: Passages(run.maker),
            count: run.count,
            seconds: isSmoke ? 0.2 : 5
        )
        report.add(try part.fill(batch: invocation[batch]))
        for line in try part.kill(times: kills) { report.add(line) }
    }
}
