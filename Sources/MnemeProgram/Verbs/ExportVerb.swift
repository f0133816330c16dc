// mneme export

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Exports records and edges.
enum ExportVerb {
    /// How an export is written.
    enum Format: String, CaseIterable, Sendable {
        case jsonl, csv
    }

    private static let collection = Parameter<String?>(
        option: "collection",
        .text("NAME"),
        "the records of this collection alone"
    )
    private static let owner = Parameter<String?>(
        option: "owner",
        .text("PATH"),
        "the records of this owner and of those below it alone"
    )
    private static let edges = Parameter(
        option: "edges",
        .word(StoreExport.Edges.self),
        "which edges go with them: none, those between records that are exported, or all that have "
            + "one end among them",
        default: .inside
    )
    private static let output = Parameter<String?>(
        option: "output",
        .text("FILE"),
        "the file that is written, which must not be there; without it standard output"
    )
    private static let format = Parameter(
        option: "format",
        .word(Format.self),
        "lines of JSON, which mneme import --format mneme takes, or a table of one collection",
        default: .jsonl
    )
    private static let columns = Parameter<[String]?>(
        option: "columns",
        .list(of: .text("FIELD")),
        "the columns of the table: fields, and _key; all of them without it"
    )

    static let command = Command(
        "export",
        "Writes records and edges as lines of JSON, or a collection as CSV",
        details: [
            "All of it is of one commit, also where it takes long. Lines of JSON lose nothing: the "
                + "schema comes first, then records with their vectors and the end of their time, "
                + "then edges, then a line that says how many. mneme import --format mneme makes "
                + "a store of them that says the same.",
            "A table has the key of each record and its fields: nothing for null, JSON for arrays, "
                + "objects and vectors, \\x and hexadecimal digits for bytes.",
            "The store is in a directory: a server has no request that goes through everything.",
        ],
        parameters: StoreOption.readingDeclarations + [
            collection.declaration, owner.declaration, edges.declaration, output.declaration,
            format.declaration, columns.declaration,
        ],
        examples: [
            "export --output notes.export --store notes.mneme",
            "export --owner ada --edges all --store notes.mneme",
            "export --collection notes --format csv --columns _key,title --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try check(invocation)
        let watch = Stopwatch()
        try StoreOption.with(invocation, keepsSnapshots: true) { door in
            guard let memory = door.memory else { return }
            var export = try StoreExport(
                memory.frozen(),
                collection: invocation[collection],
                owner: invocation[owner],
                edges: invocation[format] == .csv ? .none : invocation[edges]
            )
            var file = try ExportFile(invocation[output])
            let meter = SharedMeter(
                Tool.meter("export", unit: "records and edges", invocation)
            )
            defer { meter.finish() }
            do {
                if invocation[format] == .csv {
                    try export.writeTable(invocation[columns], to: &file) {
                        meter.advance(to: $0, of: nil)
                    }
                } else {
                    try export.writeLines(to: &file) { meter.advance(to: $0, of: nil) }
                }
                try file.finish()
            } catch {
                file.giveUp()
                throw error
            }
            meter.finish()
            guard let path = invocation[output] else { return }
            let (counts, seconds, bytes) = (export.counts, watch.seconds, file.byteCount)
            Output(invocation).put(
                [
                    "exported": [
                        "records": .int(Int64(counts.records)), "edges": .int(Int64(counts.edges)),
                        "bytes": .int(Int64(bytes)), "seconds": .float(seconds),
                    ]
                ]
            ) {
                let edges =
                    invocation[format] == .csv ? "" : " and \(Figures.count(counts.edges, "edge"))"
                return [
                    "Exported \(Figures.count(counts.records, "record"))\(edges) to \(path), "
                        + "\(Figures.bytes(bytes)), in \(Figures.seconds(seconds))."
                ]
            }
        }
    }

    private static func check(_ invocation: Invocation) throws(CommandLineError) {
        if invocation.has(StoreOption.connect) {
            throw CommandLineError(
                "export goes through a store in a directory: over a connection there is no request "
                    + "that does. Have the server make a backup (mneme backup --connect), restore "
                    + "it "
                    + "to a directory (mneme restore), and export that; or stop the server and "
                    + "export its store."
            )
        }
        if invocation[format] == .csv {
            guard invocation.has(collection) else {
                throw CommandLineError(
                    "--format csv writes one collection. Name it with --collection."
                )
            }
            guard !invocation.has(edges) else {
                throw CommandLineError("--format csv writes no edges. Leave --edges out.")
            }
        } else if invocation.has(columns) {
            throw CommandLineError(
                "--columns goes with --format csv; lines of JSON have all fields."
            )
        }
        if let path = invocation[owner], let fault = Owner.fault(in: path) {
            throw CommandLineError("--owner: \(quoted(path)) \(fault)")
        }
    }
}
