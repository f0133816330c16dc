// `mneme-bench vectors`: recall and rate of nearest-neighbour search. Row numbers are the keys.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// The command.
enum VectorsCommand {
    /// How vectors are searched.
    enum Mode: String, CaseIterable, Sendable {
        /// As the store chooses.
        case auto
        /// Codes are scanned and the best ones rescored.
        case scan
        /// By the graph, with the beams that are given.
        case graph
        /// Every candidate is compared in full precision.
        case exact
        /// What the choice between ways counts with is measured, and nothing else.
        case costs
    }

    private static let base = Parameter<String?>(
        option: "base",
        .text("F"),
        "vectors to put: .npy, [count, dimension]"
    )
    private static let queries = Parameter<String?>(
        option: "queries",
        .text("F"),
        "vectors to search for: .npy, [count, dimension]"
    )
    private static let truth = Parameter<String?>(
        option: "truth",
        .text("F"),
        "row numbers of each query's exact neighbours, nearest first: .npy, [count, at least k]"
    )
    private static let tenants = Parameter<String?>(
        option: "tenants",
        .text("F"),
        "each vector's tenant: .npy, [count]; it becomes the owner"
    )
    private static let tenant = Parameter<Int?>(
        option: "tenant",
        .int(in: 0...Int.max),
        "searches inside this tenant; the truth must be of it too"
    )
    private static let k = Parameter<Int>(
        option: "k",
        .int(in: 1...10_000),
        "how many neighbours",
        default: 10
    )
    private static let beam = Parameter<[Int]>(
        option: "beam",
        .list(of: .int(in: 1...100_000)),
        "widths of the walk that are measured, one after the other; for --mode graph",
        default: [16, 24, 32, 48, 64, 96, 128, 256, 512]
    )
    private static let mode = Parameter<Mode>(
        option: "mode",
        .word(),
        "how to search: as the store chooses, by scans alone, by the graph, or exactly; costs "
            + "measures what that choice counts with",
        default: .auto
    )
    private static let threads = Parameter<Int>(
        option: "threads",
        .int(in: 1...1024),
        "threads that search at the same time",
        default: 1
    )
    private static let buildThreads = Parameter<Int>(
        option: "build-threads",
        .int(in: 1...1024),
        "threads that make the graph",
        default: 1
    )
    private static let metric = Parameter<VectorMetric>(
        option: "metric",
        .word(),
        "what nearness is",
        default: .cosine
    )
    private static let churn = Parameter<Bool>(
        flag: "churn",
        "then replaces every vector by another one of the file, in random order with queries "
            + "between, and measures everything again"
    )
    private static let batch = Parameter<Int>(
        option: "batch",
        .int(in: 1...100_000),
        "vectors a commit",
        default: 1000
    )

    /// The declaration.
    static let command = Command(
        "vectors",
        "Measures nearest-neighbour search: recall against exact neighbours, and rate",
        details: [
            "Puts all vectors into a store (float16 where the file is float16, else "
                + "float32), closes and opens it, then asks find(near:) one query a call and "
                + "selects no fields, so that a row carries its key alone.",
            "residentBytesPerVector counts anonymous memory and mapped index files, not "
                + "the mapped log, as growth over the opened empty store, after the first pass. "
                + "secondsUntilGraphReady is from the first put until all vectors are in the "
                + "graph; with --mode scan and exact there is none.",
            "With --mode graph there is a line for each width of the beam. With --mode costs "
                + "there is one line of nanoseconds: of a code that is scanned, one that is "
                + "listed from an index and gathered, a score on a walk, a look at a record, a "
                + "test of a record, and a row in full precision; it needs no truth.",
            "--churn gives the file's vectors to other keys, so that what was built anew would "
                + "have the recall of the lines before. Its line counts the vectors that a "
                + "search for themselves does not find.",
        ],
        parameters: [
            base.declaration, queries.declaration, truth.declaration, tenants.declaration,
            tenant.declaration, k.declaration, mode.declaration, beam.declaration,
            threads.declaration, buildThreads.declaration, metric.declaration,
            churn.declaration, batch.declaration,
        ] + BenchmarkStore.declarations,
        examples: ["vectors --base base.npy --queries query.npy --truth gt.npy --json"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let place = try BenchmarkStore(invocation)
        defer { place.remove() }
        let made =
            invocation[BenchmarkStore.smoke] ? try MadeData(place.scratch).vectors() : nil
        let base = try ArrayFile(invocation.file(base, "base", or: made?.base))
        let queries = try ArrayFile(invocation.file(queries, "queries", or: made?.queries))
        if invocation[mode] == .costs {
            let report = Report("vectors", json: invocation[Program.json])
            report.add(try VectorCosts(base, queries, metric: invocation[metric]).measure(place))
            return report.finish()
        }
        let truth = try ArrayFile(invocation.file(truth, "truth", or: made?.truth))
        let tenants = try invocation[tenants].map { (path) throws(Failure) in try ArrayFile(path) }
        let k = invocation[k]
        try check(base, queries, truth, tenants, k)
        guard invocation[tenant] == nil || tenants != nil else {
            throw CommandLineError("--tenant needs --tenants, the file with each vector's tenant.")
        }
        guard !invocation[churn] || tenants == nil else {
            throw CommandLineError("--churn is of vectors without tenants: leave --tenants out.")
        }
        let asked = invocation[mode]
        if invocation.has(beam), asked != .graph { note("--beam is for --mode graph alone") }

        let owner = invocation[tenant].map { "tenant\($0)" }
        let wanted = try Self.neighbours(truth, k: k, of: base.rowCount)
        let report = Report("vectors", json: invocation[Program.json])
        var options = MemoryOptions.withoutEmbedder
        options.graphThreads = invocation[buildThreads]
        switch asked {
        case .scan, .exact: options.graphVectors = .max
        case .graph: options.graphVectors = 2
        case .auto, .costs: break
        }
        var memory = try place.open(options)
        let before = ProcessFigures.residentBytes(store: place.path)
        var build = try Self.build(
            memory,
            base,
            tenants,
            metric: invocation[metric],
            batch: invocation[batch],
            place.durability
        )
        let count = Double(max(1, base.rowCount))
        func bytesPerVector() -> Figure {
            .rate(Double(ProcessFigures.residentBytes(store: place.path) - before) / count)
        }
        build.append(("residentBytesPerVectorBuilt", bytesPerVector()))
        // A clean close gives back the zeros that were written ahead for the log.
        try memory.close()
        let diskBytes = place.byteCount
        let reopen = try Ticks.seconds { memory = try place.open(options) }

        let beams = asked == .graph ? invocation[beam].map { Optional($0) } : [nil]
        let sweeps = try Self.sweeps(queries, owner, k: k, isExact: asked == .exact, beams)
        var answers = try sweeps.map { try evaluate(memory, $0.questions, wanted) }
        let mode = ("mode", Figure.word(invocation[mode].rawValue))
        build.insert(contentsOf: [("event", .word("build")), mode], at: 0)
        build.append(("reopenSeconds", .seconds(reopen)))
        build.append(("residentBytesPerVector", bytesPerVector()))
        build.append(("diskBytesPerVector", .rate(Double(diskBytes) / count)))
        report.add(build)

        let passes = Passes(
            count: invocation[BenchmarkStore.passes],
            threads: invocation[threads]
        )
        func measure(after event: [(String, Figure)] = []) throws {
            let opened = memory
            for (sweep, answer) in zip(sweeps, answers) {
                let figures = try passes.measure(questions: sweep.questions.count) { question in
                    _ = try opened.find(sweep.questions[question])
                }
                report.add(
                    [
                        ("event", .word("search")), mode,
                        ("beam", sweep.beam.map { .count($0) } ?? .nothing),
                        ("recall", .share(answer.recall)),
                    ] + figures.named + [
                        ("exact", .flag(answer.isExact)), ("k", .count(k)),
                        ("threads", .count(passes.threads)),
                    ] + event
                )
            }
        }
        try measure()
        if invocation[churn] {
            let churn = VectorChurn(base, seed: 11)
            let asked = sweeps.flatMap(\.questions)
            var line = try churn.run(memory, between: asked, batch: invocation[batch])
            answers = try sweeps.map { sweep in
                try evaluate(memory, sweep.questions, wanted.map(churn.keys))
            }
            line.insert(contentsOf: [("event", .word("churn")), mode], at: 0)
            line.append(("residentBytesPerVector", bytesPerVector()))
            // Pages that were changed stay in memory as long as there is room. So what is taken
            // after an opening is held against what was taken after one before, without what the
            // heap has kept of the churn.
            try memory.close()
            Heap.giveBack()
            memory = try place.open(options)
            answers = try sweeps.map { sweep in
                try evaluate(memory, sweep.questions, wanted.map(churn.keys))
            }
            line.append(("residentBytesPerVectorReopened", bytesPerVector()))
            let widest = beams.compactMap(\.self).max()
            let metric = invocation[metric]
            line.append(("notFound", .count(try churn.notFound(memory, metric, beam: widest))))
            report.add(line)
            try measure(after: [("after", .word("churn"))])
        }
        report.finish()
        try memory.close()
    }

    private static func check(
        _ base: ArrayFile,
        _ queries: ArrayFile,
        _ truth: ArrayFile,
        _ tenants: ArrayFile?,
        _ k: Int
    ) throws(Failure) {
        guard base.columnCount == queries.columnCount else {
            throw Failure(
                "The vectors have \(base.columnCount) components and the queries "
                    + "\(queries.columnCount); they must be of one model."
            )
        }
        guard truth.rowCount == queries.rowCount, truth.columnCount >= k else {
            throw Failure(
                "The truth is [\(truth.rowCount), \(truth.columnCount)] and must be "
                    + "[\(queries.rowCount), \(k) or more]."
            )
        }
        guard tenants.map({ $0.rowCount == base.rowCount }) ?? true else {
            throw Failure("There must be one tenant for each of the \(base.rowCount) vectors.")
        }
    }

    /// What is asked with each width of the beam.
    private static func sweeps(
        _ queries: ArrayFile,
        _ owner: String?,
        k: Int,
        isExact: Bool,
        _ beams: [Int?]
    ) throws(Failure) -> [(beam: Int?, questions: [Find])] {
        var sweeps: [(beam: Int?, questions: [Find])] = []
        for beam in beams {
            let asked = try questions(queries, owner, k: k, isExact: isExact, beam: beam)
            sweeps.append((beam, asked))
        }
        return sweeps
    }

    private static func questions(
        _ queries: ArrayFile,
        _ owner: String?,
        k: Int,
        isExact: Bool,
        beam: Int?
    ) throws(Failure) -> [Find] {
        var questions: [Find] = []
        for row in 0..<queries.rowCount {
            let vector = try queries.floats(rows: row..<row + 1)
            questions.append(
                Find(
                    "vectors",
                    owner: owner,
                    near: Near("vector", vector, isExact: isExact, beam: beam),
                    limit: k,
                    select: []
                )
            )
        }
        return questions
    }

    /// The first k row numbers of each query; negative ones stand for no neighbour.
    private static func neighbours(
        _ truth: ArrayFile,
        k: Int,
        of count: Int
    ) throws(Failure) -> [Set<Key>] {
        var neighbours: [Set<Key>] = []
        for row in 0..<truth.rowCount {
            let rows = try truth.integers(rows: row..<row + 1).prefix(k)
            if let beyond = rows.first(where: { $0 >= count }) {
                throw Failure(
                    "The truth of query \(row) names row \(beyond), and there are \(count) "
                        + "vectors; it is the truth of others."
                )
            }
            neighbours.append(Set(rows.filter { $0 >= 0 }.map { .int(Int64($0)) }))
        }
        return neighbours
    }

    private static func build(
        _ memory: Memory,
        _ base: ArrayFile,
        _ tenants: ArrayFile?,
        metric: VectorMetric,
        batch: Int,
        _ durability: Durability
    ) throws -> [(String, Figure)] {
        let type = VectorType(
            dimension: base.columnCount,
            element: base.element == .float16 ? .float16 : .float32,
            metric: metric
        )
        var roles = Roles()
        roles.owner = "owner"
        let collection = Collection(
            "vectors",
            key: .int,
            fields: [Field("owner", .text), Field("vector", .vector(type))],
            roles: tenants == nil ? Roles() : roles
        )
        try memory.define(Schema(collections: [collection]))
        var meter = ProgressMeter("vectors", unit: "vectors", total: base.rowCount)
        defer { meter.finish() }
        let start = Ticks.now()
        for first in stride(from: 0, to: base.rowCount, by: batch) {
            let rows = first..<min(first + batch, base.rowCount)
            let changes = try changes(base, tenants, rows)
            _ = try memory.commit(changes, durability)
            meter.advance(to: rows.upperBound)
        }
        let seconds = Double(Ticks.now() - start) * 1e-9
        try memory.settleGraphs()
        let ready = Double(Ticks.now() - start) * 1e-9
        let checkpoint = try Ticks.seconds { try memory.checkpoint() }
        return [
            ("count", .count(base.rowCount)), ("seconds", .seconds(seconds)),
            ("secondsUntilGraphReady", .seconds(ready)),
            ("checkpointSeconds", .seconds(checkpoint)),
        ]
    }

    private static func changes(
        _ base: ArrayFile,
        _ tenants: ArrayFile?,
        _ rows: Range<Int>
    ) throws(Failure) -> [Change] {
        let numbers = try base.floats(rows: rows)
        let owners = try tenants?.integers(rows: rows)
        let dimension = base.columnCount
        return rows.enumerated().map { place, row in
            let vector = numbers[place * dimension..<(place + 1) * dimension]
            var fields: [String: Value] = ["vector": .vector(Array(vector))]
            if let owners { fields["owner"] = .text("tenant\(owners[place])") }
            return .put(Put("vectors", .int(Int64(row)), fields, mode: .insert))
        }
    }

    /// Asks every question once.
    private static func evaluate(
        _ memory: Memory,
        _ questions: [Find],
        _ wanted: [Set<Key>]
    ) throws -> (recall: Double, isExact: Bool) {
        var sum = 0.0
        var counted = 0
        var isExact = true
        for (question, neighbours) in zip(questions, wanted) {
            let found = try memory.find(question)
            isExact = isExact && found.isExact
            guard !neighbours.isEmpty else { continue }
            let keys = Set(found.rows.map(\.record.reference.key))
            sum += Double(keys.intersection(neighbours).count) / Double(neighbours.count)
            counted += 1
        }
        return (counted == 0 ? 0 : sum / Double(counted), isExact)
    }
}

extension MemoryOptions {
    /// For stores whose texts need no vectors.
    static var withoutEmbedder: MemoryOptions {
        var options = MemoryOptions()
        options.embedsText = false
        return options
    }
}
