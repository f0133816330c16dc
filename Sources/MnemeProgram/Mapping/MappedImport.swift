// An import by a mapping. Records are made first; where the mapping makes edges too, the source is
// read a second time for them, so that a row may be linked to one that comes later.

internal import Mneme
internal import MnemeCommandLine

/// An import by a mapping.
struct MappedImport {
    private let mapping: Mapping
    private var rows: RowImport

    /// An import of a source.
    init(
        _ mapping: Mapping,
        from path: String,
        _ options: ImportOptions = ImportOptions(),
        progress: @escaping (Int, Int?) -> Void = { _, _ in },
        note: @escaping (String) -> Void = { _ in }
    ) {
        self.mapping = mapping
        rows = RowImport(path, options, progress: progress, note: note)
    }

    /// What was done.
    var counts: ImportCounts { rows.counts }

    /// Does it.
    ///
    /// - Throws: `Failure` that names file, row and what is wrong, and what stays.
    mutating func run(into door: any BlockingDoor) throws(Failure) {
        let schema: Schema
        do {
            schema = try door.describe()
        } catch {
            throw Failure(error.message, code: error.code)
        }
        var rules: [BoundRule] = []
        for rule in mapping.rules { rules.append(try BoundRule(rule, in: schema)) }
        try ColumnCheck.run(mapping, rows.path)
        let records = rules.filter { !$0.rule.makesEdges }
        let edges = rules.filter(\.rule.makesEdges)
        var isFirst = true
        for part in [records, edges] where !part.isEmpty {
            let source = try mapping.source.open(rows.path)
            let (mapping, isDryRun) = (mapping, rows.options.isDryRun)
            try rows.pass(over: source, isFirst: isFirst, looksUpEdges: true, into: door) {
                (row) throws(Failure) in
                var scope = RowScope(row, named: mapping.values)
                var made = MadeRow(number: row.number, place: row.place)
                for rule in part {
                    try rule.make(&scope) { (change) throws(Failure) in
                        if isDryRun { try rule.check(change) }
                        made.add(change)
                    }
                }
                return made
            }
            isFirst = false
        }
    }
}
