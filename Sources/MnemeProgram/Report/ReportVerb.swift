// mneme report

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Writes a page to look at of a store.
enum ReportVerb {
    private static let out = Parameter(
        required: "out",
        .text("FILE"),
        "the file of the page, which must not be there yet"
    )
    private static let replaces = Parameter(
        flag: "replace",
        "has the page take the place of a file that is there"
    )
    private static let around = Parameter<String?>(
        option: "around",
        .text("COLLECTION/KEY"),
        "draws what lies around this record; one with many edges is chosen where it is not given"
    )
    private static let depth = Parameter(
        option: "depth",
        .int(in: 1...3),
        "how many edges away records are drawn, sixty of them at most",
        default: 2
    )
    private static let metrics = Parameter<String?>(
        option: "metrics",
        .text("HOST:PORT"),
        "with --connect: where the server tells its figures (serve --metrics), for how long the "
            + "stages of commits and requests take"
    )

    static let command = Command(
        "report",
        "Writes a page of HTML with what there is to see of a store",
        details: [
            "One file that fetches nothing: how much there is, how the log grew, segments and how "
                + "much of each is needed, collections, indexes and what they cost, how long "
                + "questions take, owners by size, and a drawing of what lies around a record. A "
                + "browser shows it; it says what the store holds, so it is for those who may read "
                + "that.",
            "Reads all of the log and all indexes of a store in a directory once. Over a "
                + "connection what stands in the files alone is left out.",
        ],
        parameters: StoreOption.readingDeclarations + [
            out.declaration, replaces.declaration, around.declaration, depth.declaration,
            metrics.declaration,
        ],
        examples: [
            "report --store notes.mneme --out notes.html",
            "report --store notes.mneme --out notes.html --around notes/tea --depth 1",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        var file = try ExportFile(invocation[out], replacing: invocation[replaces])
        do {
            try StoreOption.with(invocation, takesLong: true, keepsSnapshots: true) { door in
                try file.put(page(of: door, invocation))
            }
            try file.finish()
        } catch {
            file.giveUp()
            throw error
        }
        let (path, byteCount) = (invocation[out], file.byteCount)
        Output(invocation).put(
            ["report": ["file": .text(path), "bytes": .int(Int64(byteCount))]]
        ) {
            ["Wrote \(path), \(Figures.bytes(byteCount)). A browser shows it."]
        }
    }

    private static func page(
        of door: any BlockingDoor,
        _ invocation: Invocation
    ) throws -> String {
        var wish = StoreReport.Wish(around: invocation[around], depth: invocation[depth])
        if let text = invocation[metrics] {
            guard invocation.has(StoreOption.connect) else {
                throw CommandLineError(
                    "--metrics is for a store behind a server: its figures are the server's. Give "
                        + "--connect too, or leave it out."
                )
            }
            let store = invocation[StoreOption.directory] ?? "default"
            wish.metrics = (try MetricsSource(text).read(), store)
        }
        let directory = invocation[StoreOption.directory]
        let address = invocation[StoreOption.connect]
        let name = address.map { "\(directory ?? "default") at \($0)" } ?? directory ?? ""
        let report = try Tool.metered("report", invocation) {
            try StoreReport.read(
                door,
                named: name,
                directory: address == nil ? directory : nil,
                wish
            )
        }
        return String(ReportPage(report: report).text.dropLast())
    }
}
