// SQLite's library, as the benchmark calls it: one connection on one thread.

internal import CSQLite
internal import Mneme
internal import MnemeCommandLine

/// A database.
@safe final class SQLiteDatabase {
    // SAFETY: what SQLite gives is used until `deinit` gives it back, and not afterwards.
    fileprivate private(set) var pointer: OpaquePointer?

    /// Opens a database, and makes it where it is not there.
    ///
    /// - Throws: `Failure` with what SQLite says.
    init(_ path: String) throws(Failure) {
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        guard unsafe sqlite3_open_v2(path, &pointer, flags, nil) == SQLITE_OK else {
            throw fault(path)
        }
    }

    deinit { unsafe sqlite3_close_v2(pointer) }

    /// Runs statements that give nothing.
    ///
    /// - Throws: `Failure` with what SQLite says.
    func run(_ words: String) throws(Failure) {
        guard unsafe sqlite3_exec(pointer, words, nil, nil, nil) == SQLITE_OK else {
            throw fault(words)
        }
    }

    /// What SQLite says of its last call.
    func fault(_ what: String) -> Failure {
        let words = unsafe sqlite3_errmsg(pointer).map { unsafe String(cString: $0) }
        return Failure("SQLite: \(what): \(words ?? "no reason")")
    }
}

/// A prepared statement.
@safe final class SQLiteStatement {
    private let database: SQLiteDatabase
    // SAFETY: as that of the database, which outlives it.
    private var pointer: OpaquePointer?

    /// Prepares a statement.
    ///
    /// - Throws: `Failure` with what SQLite says.
    init(_ database: SQLiteDatabase, _ words: String) throws(Failure) {
        self.database = database
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = unsafe sqlite3_prepare_v3(database.pointer, words, -1, flags, &pointer, nil)
        guard code == SQLITE_OK else { throw database.fault(words) }
    }

    deinit { unsafe sqlite3_finalize(pointer) }

    /// Goes to the next row.
    ///
    /// - Returns: whether there is one.
    /// - Throws: `Failure` with what SQLite says.
    func step() throws(Failure) -> Bool {
        switch unsafe sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw database.fault("a step")
        }
    }

    /// Makes it ready to be run again.
    func reset() { unsafe sqlite3_reset(pointer) }

    /// Gives a parameter its value, by its number from 1; what is neither number nor text as JSON.
    func bind(_ value: Value, _ number: Int) {
        let index = Int32(number)
        switch value {
        case .null: unsafe sqlite3_bind_null(pointer, index)
        case .bool(let flag): unsafe sqlite3_bind_int64(pointer, index, flag ? 1 : 0)
        case .int(let number): unsafe sqlite3_bind_int64(pointer, index, number)
        case .float(let number): unsafe sqlite3_bind_double(pointer, index, number)
        case .instant(let instant):
            unsafe sqlite3_bind_int64(pointer, index, instant.microseconds)
        case .text(let text): bind(text, index)
        default: bind(value.json(), index)
        }
    }

    private func bind(_ text: String, _ index: Int32) {
        // SAFETY: SQLite copies what it is given before the call ends (SQLITE_TRANSIENT).
        let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        unsafe sqlite3_bind_text(pointer, index, text, -1, transient)
    }

    /// A number of the row, by its column from 0.
    func int(_ column: Int) -> Int64 { unsafe sqlite3_column_int64(pointer, Int32(column)) }

    /// A number of the row, by its column from 0.
    func float(_ column: Int) -> Double { unsafe sqlite3_column_double(pointer, Int32(column)) }

    /// Copies a text of the row, by its column from 0.
    func copyText(_ column: Int, _ bytes: inout LayeredAnswer.Bytes) {
        // SAFETY: the bytes stand until the next step; they are copied at once.
        guard let start = unsafe sqlite3_column_text(pointer, Int32(column)) else {
            bytes.count = 0
            return
        }
        let count = Int(unsafe sqlite3_column_bytes(pointer, Int32(column)))
        if bytes.room.count < count {
            bytes.room += [UInt8](repeating: 0, count: count - bytes.room.count)
        }
        unsafe bytes.room.withUnsafeMutableBytes { room in
            unsafe room.copyMemory(from: UnsafeRawBufferPointer(start: start, count: count))
        }
        bytes.count = count
    }
}
