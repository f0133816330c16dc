// Rows of a file of SQLite: of a table or of a query. The file is opened for reading alone. Calls
// SQLite's library; one thread uses an object at a time.

internal import CSQLite
internal import Mneme
internal import MnemeCommandLine

/// The rows of a statement.
@safe final class SQLiteRows: RowSource {
    let path: String
    private(set) var columns: [String]?
    private var names: [String] = []
    private var database: OpaquePointer?
    private var statement: OpaquePointer?
    private var number = 0

    var progress: (done: Int, total: Int?) { (number, nil) }

    /// The rows of a query; of all of a table where there is none.
    ///
    /// - Throws: `Failure` for a file that is not SQLite's, and for what SQLite refuses.
    init(_ path: String, table: String?, query: String?) throws(Failure) {
        self.path = path
        // Says what is wrong with a file that cannot be opened at all.
        _ = try InputFile(path)
        let sql: String
        switch (table, query) {
        case (let table?, nil):
            sql = "SELECT * FROM \"\(table.replacing("\"", with: "\"\""))\""
        case (nil, let query?): sql = query
        default:
            throw Failure(
                "A source of the format sqlite needs one of \"table\" and \"query\"; give one of "
                    + "them."
            )
        }
        // SAFETY: the pointers that SQLite gives are used until `deinit` gives them back, and not
        // afterwards.
        var status = unsafe sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, nil)
        guard status == SQLITE_OK else { throw fault("cannot be opened") }
        status = unsafe sqlite3_prepare_v2(database, sql, -1, &statement, nil)
        guard status == SQLITE_OK, unsafe statement != nil else {
            throw fault("refuses \(quoted(sql))")
        }
        for index in 0..<(unsafe sqlite3_column_count(statement)) {
            guard let name = unsafe sqlite3_column_name(statement, index) else { continue }
            names.append(unsafe String(cString: name))
        }
        guard !names.isEmpty else {
            throw Failure("\(path): \(quoted(sql)) gives no columns. Give a SELECT.")
        }
        try ColumnNames.check(names, of: path)
        columns = names
    }

    deinit {
        unsafe sqlite3_finalize(statement)
        unsafe sqlite3_close(database)
    }

    private func fault(_ what: String) -> Failure {
        let code = unsafe sqlite3_errcode(database)
        let words =
            unsafe sqlite3_errmsg(database).map { unsafe String(cString: $0) } ?? "error \(code)"
        let advice =
            switch code {
            case SQLITE_NOTADB: "It is no file of SQLite; give another one, or another format."
            case SQLITE_CORRUPT: "Mend it with sqlite3's .recover, and import what that gives."
            case SQLITE_BUSY, SQLITE_LOCKED: "Another program writes it; end that, and try again."
            default: "See \"table\" and \"query\" in the mapping, and the file."
            }
        return Failure("\(path) \(what): \(words). \(advice)")
    }

    func next() throws(Failure) -> RowStep {
        switch unsafe sqlite3_step(statement) {
        case SQLITE_DONE: return .end
        case SQLITE_ROW: break
        default: throw fault("cannot be read after row \(number)")
        }
        number += 1
        var members = [String: Value](minimumCapacity: names.count)
        do throws(Failure) {
            for (index, name) in names.enumerated() {
                members[name] = try value(Int32(index), name)
            }
        } catch {
            return .bad(BadRow(number: number, place: "row \(number)", message: error.message))
        }
        return .row(SourceRow(number: number, place: "row \(number)", members: members))
    }

    private func value(_ index: Int32, _ name: String) throws(Failure) -> Value {
        switch unsafe sqlite3_column_type(statement, index) {
        case SQLITE_INTEGER: return .int(unsafe sqlite3_column_int64(statement, index))
        case SQLITE_FLOAT: return .float(unsafe sqlite3_column_double(statement, index))
        case SQLITE_TEXT:
            // SAFETY: asked first, so that the bytes are those of UTF-8; copied before the next
            // call.
            let start = unsafe sqlite3_column_text(statement, index)
            let count = Int(unsafe sqlite3_column_bytes(statement, index))
            let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
            return .text(try SourceText.text(bytes, of: "the column \(quoted(name))"))
        case SQLITE_BLOB:
            // SAFETY: as above.
            let start = unsafe sqlite3_column_blob(statement, index)
            let count = Int(unsafe sqlite3_column_bytes(statement, index))
            return .bytes(unsafe Array(UnsafeRawBufferPointer(start: start, count: count)))
        default: return .null
        }
    }
}
