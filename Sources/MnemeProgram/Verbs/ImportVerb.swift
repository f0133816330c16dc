// mneme import

internal import Mneme
internal import MnemeCommandLine

/// Imports rows by a mapping, or what was exported.
enum ImportVerb {
    /// What is imported without a mapping.
    enum Format: String, CaseIterable, Sendable {
        case mneme
    }

    private static let mapping = Parameter<String?>(
        option: "mapping",
        .text("FILE"),
        "a JSON file that says where rows come from and what they make (formats/import.md)"
    )
    private static let from = Parameter<String?>(
        option: "from",
        .text("PATH"),
        "what is imported; with a mapping, instead of the path that it names"
    )
    private static let format = Parameter<Format?>(
        option: "format",
        .word(Format.self),
        "what --from is, without a mapping: mneme for what mneme export wrote"
    )
    private static let dryRun = Parameter(
        flag: "dry-run",
        "reads and checks everything and writes nothing; what only the store can see, such as "
            + "unique indexes and the ends of edges, is not checked"
    )
    private static let batch = Parameter(
        option: "batch",
        .int(in: 1...100_000),
        "how many changes are committed at once; what one row makes is never divided",
        default: 1000
    )
    private static let skipBad = Parameter(
        option: "skip-bad",
        .int(in: 0...1_000_000),
        "how many bad rows are named and passed over; one more ends the import",
        default: 0
    )

    static let command = Command(
        "import",
        "Imports tables and documents by a mapping, or what was exported",
        details: [
            "Rows of JSON lines, CSV, SQLite or PostgreSQL's COPY become records and edges by the "
                + "rules of a mapping; collections and edge types are defined before. Keys are "
                + "made "
                + "of the rows, so that an import that is run again puts the same records under "
                + "the "
                + "same keys and leaves edges that are there alone.",
            "A bad row is named with what came and what to do, and ends the import; what the rows "
                + "before it made stays. With --skip-bad so many are passed over.",
            "With --format mneme an export is imported: its schema, and every record and edge as "
                + "they were, where there are none of them yet. The store is created then when it "
                + "is not there; for a mapping it has to be there, with the collections that "
                + "the mapping names.",
            "Other kinds: import jsonl (memories without a mapping) and import wordnet.",
        ],
        parameters: StoreOption.declarations + [
            mapping.declaration, from.declaration, format.declaration, dryRun.declaration,
            batch.declaration, skipBad.declaration, StoreOption.commitDurability.declaration,
        ],
        examples: [
            "import --mapping tea.mapping.json --from tea.csv --store notes.mneme",
            "import --mapping tea.mapping.json --from tea.csv --dry-run --store notes.mneme",
            "import --format mneme --from old.export --store copy.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let watch = Stopwatch()
        var options = ImportOptions()
        options.badRowLimit = invocation[skipBad]
        options.batch = invocation[batch]
        options.isDryRun = invocation[dryRun]
        options.durability = invocation[StoreOption.commitDurability]
        switch (invocation[mapping], invocation[format]) {
        case (let file?, nil):
            let mapping = try Mapping(reading: file)
            guard let path = invocation[from] ?? mapping.source.path else {
                throw CommandLineError(
                    "\(file) names no \"path\" of its source. Say with --from what is imported."
                )
            }
            try StoreOption.with(invocation, takesLong: true) { door in
                let meter = meter(
                    unit: mapping.source.format == .sqlite ? "rows" : "bytes",
                    invocation
                )
                defer { meter.finish() }
                var rows = MappedImport(
                    mapping,
                    from: path,
                    options,
                    progress: { meter.advance(to: $0, of: $1) },
                    note: note
                )
                try rows.run(into: door)
                meter.finish()
                put(rows.counts, watch.seconds, invocation)
            }
        case (nil, .mneme?):
            guard let path = invocation[from] else {
                throw CommandLineError("--format mneme needs --from PATH, what is imported.")
            }
            try StoreOption.with(invocation, creating: !options.isDryRun, takesLong: true) { door in
                let meter = meter(unit: "bytes", invocation)
                defer { meter.finish() }
                var rows = ExportImport(
                    path,
                    options,
                    progress: { meter.advance(to: $0, of: $1) },
                    note: note
                )
                try rows.run(into: door)
                meter.finish()
                put(rows.counts, watch.seconds, invocation)
            }
        default:
            throw CommandLineError(
                "Say what is imported: --mapping FILE, or --format mneme for an export, one of "
                    + "both. "
                    + "import jsonl and import wordnet are kinds of their own."
            )
        }
    }

    /// A meter that closures share.
    private static func meter(unit: String, _ invocation: Invocation) -> SharedMeter {
        SharedMeter(Tool.meter("import", unit: unit, invocation))
    }

    private static func note(_ words: String) {
        StandardStreams.writeError("passed over: \(words.shown)\n")
    }

    private static func put(_ counts: ImportCounts, _ seconds: Double, _ invocation: Invocation) {
        let isDryRun = invocation[dryRun]
        func spelled(_ counts: [String: Int]) -> Value {
            .map(counts.mapValues { .int(Int64($0)) })
        }
        var members: [String: Value] = [
            "rows": .int(Int64(counts.rows)), "records": spelled(counts.records),
            "edges": spelled(counts.edges), "keptEdges": .int(Int64(counts.kept)),
            "badRows": .int(Int64(counts.badRows)), "seconds": .float(seconds),
        ]
        if counts.evicted > 0 { members["evicted"] = .int(Int64(counts.evicted)) }
        Output(invocation).put([isDryRun ? "checked" : "imported": .map(members)]) {
            let rows = Figures.count(counts.rows, "row")
            var lines = [
                isDryRun
                    ? "Checked \(rows) in \(Figures.seconds(seconds)); nothing was written. It "
                        + "would be:"
                    : "Imported \(rows) in \(Figures.seconds(seconds)):"
            ]
            for (name, count) in counts.records.sorted(by: { $0.key < $1.key }) {
                lines.append("  \(Figures.count(count, "record")) of \(name)")
            }
            for (name, count) in counts.edges.sorted(by: { $0.key < $1.key }) {
                lines.append("  \(Figures.count(count, "edge")) of \(name)")
            }
            if counts.kept > 0 {
                let were = counts.kept == 1 ? "that was there" : "that were there"
                lines.append("  \(Figures.count(counts.kept, "edge")) \(were) stayed")
            }
            if counts.evicted > 0 {
                lines.append("  \(Figures.count(counts.evicted, "record")) gave way to quotas")
            }
            if counts.badRows > 0 {
                lines.append("  \(Figures.count(counts.badRows, "bad row")) passed over")
            }
            return lines
        }
    }
}

/// A meter that several hold.
final class SharedMeter {
    private var meter: ProgressMeter

    init(_ meter: ProgressMeter) { self.meter = meter }

    func advance(to done: Int, of total: Int?) { meter.advance(to: done, of: total) }

    func finish() { meter.finish() }
}
