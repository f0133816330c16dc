// Reading rows one after another and committing what they make in batches. A row that is bad is
// named; it ends the import, or is passed over where that was asked for.

internal import Mneme
internal import MnemeCommandLine

/// How rows are imported.
struct ImportOptions: Sendable {
    /// How many rows may be bad, and are passed over.
    var badRowLimit = 0
    /// How many changes are committed at once.
    var batch = 1000
    /// Whether nothing is written.
    var isDryRun = false
    var durability = Durability.synced
}

/// Rows on their way into a store, and those that are bad.
struct RowImport {
    let path: String
    let options: ImportOptions
    /// Called now and then with how much is done, and of how much.
    private let progress: (Int, Int?) -> Void
    /// Told of each row that is passed over.
    private let note: (String) -> Void
    /// The numbers of rows that were passed over.
    private var badRows: Set<Int> = []
    private(set) var counts = ImportCounts()

    /// An import of the rows of a file.
    init(
        _ path: String,
        _ options: ImportOptions,
        progress: @escaping (Int, Int?) -> Void,
        note: @escaping (String) -> Void
    ) {
        self.path = path
        self.options = options
        self.progress = progress
        self.note = note
    }

    /// Reads a source to its end, and commits what its rows make.
    ///
    /// Rows are counted where `isFirst`: where the source was not read before. With `looksUpEdges`
    /// edges that are there already are left alone. What `make` throws is what is wrong with a row.
    ///
    /// - Throws: `Failure` that names file, row and what is wrong, and what stays.
    mutating func pass(
        over opened: any RowSource,
        isFirst: Bool,
        looksUpEdges: Bool,
        isExport: Bool = false,
        into door: any BlockingDoor,
        _ make: (SourceRow) throws(Failure) -> MadeRow
    ) throws(Failure) {
        var source = opened
        var batch = ImportBatch(
            door,
            options.durability,
            limit: options.batch,
            looksUpEdges: looksUpEdges,
            isExport: isExport
        )
        var seen = 0
        reading: while true {
            let step: RowStep
            do throws(Failure) {
                step = try source.next()
            } catch {
                try flush(&batch, isFirst)
                throw ended(error, batch.counts, isFirst)
            }
            switch step {
            case .end: break reading
            case .bad(let row): try refuse(row, .badRequest, &batch, isFirst)
            case .row(let row):
                if badRows.contains(row.number) { continue }
                let made: MadeRow
                do throws(Failure) {
                    made = try make(row)
                } catch {
                    let bad = BadRow(number: row.number, place: row.place, message: error.message)
                    try refuse(bad, error.code, &batch, isFirst)
                    continue
                }
                batch.add(made)
            }
            seen += 1
            if batch.isFull || seen % 1000 == 0 {
                progress(source.progress.done, source.progress.total)
            }
            if batch.isFull { try flush(&batch, isFirst) }
        }
        try flush(&batch, isFirst)
        take(batch.counts, isFirst)
    }

    /// Passes over a row that is bad, or ends the import.
    private mutating func refuse(
        _ row: BadRow,
        _ code: MnemeError.Code,
        _ batch: inout ImportBatch,
        _ isFirst: Bool
    ) throws(Failure) {
        if badRows.contains(row.number) { return }
        // What stands before it is put first.
        try flush(&batch, isFirst)
        do throws(Failure) {
            try tell(row, code)
        } catch {
            throw ended(error, batch.counts, isFirst)
        }
    }

    private mutating func flush(
        _ batch: inout ImportBatch,
        _ isFirst: Bool
    ) throws(Failure) {
        if options.isDryRun { return batch.discard() }
        do throws(Failure) {
            try batch.flush { (row, code) throws(Failure) in try tell(row, code) }
        } catch {
            throw ended(error, batch.counts, isFirst)
        }
    }

    /// Notes a row that is bad.
    ///
    /// - Throws: `Failure` where there are more of them than may be passed over.
    private mutating func tell(
        _ row: BadRow,
        _ code: MnemeError.Code
    ) throws(Failure) {
        if !badRows.insert(row.number).inserted { return }
        let message = "\(path), \(row.place): \(row.message)"
        let words = message.hasSuffix(".") ? message : message + "."
        guard badRows.count <= options.badRowLimit else {
            let skipped =
                options.badRowLimit == 0
                ? "" : " \(Figures.count(options.badRowLimit, "bad row")) were passed over before."
            throw Failure(words + skipped, code: code)
        }
        counts.badRows += 1
        note(words)
    }

    /// An error with what stays of the import.
    private func ended(_ error: Failure, _ done: ImportCounts, _ isFirst: Bool) -> Failure {
        if options.isDryRun { return error }
        let rows = Figures.count(done.rows, "row")
        let stays =
            switch (isFirst, done.rows) {
            case (true, 0): "Nothing was imported."
            case (true, _):
                "What \(rows) before it made stays; run the import again when it is mended."
            case (false, _): "All records are imported and stay, and the edges of \(rows)."
            }
        return Failure("\(error.message) \(stays)", code: error.code)
    }

    private mutating func take(_ done: ImportCounts, _ isFirst: Bool) {
        if isFirst { counts.rows = done.rows }
        counts.kept += done.kept
        counts.evicted += done.evicted
        counts.records.merge(done.records) { $0 + $1 }
        counts.edges.merge(done.edges) { $0 + $1 }
    }
}

extension Change {
    /// About how many bytes it has.
    var roughByteCount: Int {
        switch self {
        case .put(let put): Value.map(put.fields).roughByteCount + 64
        case .patch(let patch):
            patch.edits.reduce(64) { count, edit in
                switch edit {
                case .set(_, let value), .fill(_, let value): count + value.roughByteCount + 16
                default: count + 16
                }
            }
        default: 64
        }
    }
}

extension Value {
    /// About how many bytes it has.
    var roughByteCount: Int {
        switch self {
        case .text(let text): text.utf8.count + 4
        case .bytes(let bytes): bytes.count + 4
        case .vector(let vector): vector.count * 4 + 4
        case .array(let values): values.reduce(4) { $0 + $1.roughByteCount }
        case .map(let members):
            members.reduce(4) { $0 + $1.key.utf8.count + $1.value.roughByteCount }
        default: 9
        }
    }
}
