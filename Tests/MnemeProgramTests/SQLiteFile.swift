// Files of SQLite that tests make.

import CSQLite

/// An open file.
@safe final class SQLiteFile {
    private var database: OpaquePointer?

    struct Refusal: Error {
        let message: String
    }

    init(_ path: String) throws {
        guard unsafe sqlite3_open(path, &database) == SQLITE_OK else {
            throw Refusal(message: path)
        }
    }

    deinit { unsafe sqlite3_close(database) }

    func run(_ statements: String) throws {
        guard unsafe sqlite3_exec(database, statements, nil, nil, nil) == SQLITE_OK else {
            throw Refusal(message: unsafe String(cString: sqlite3_errmsg(database)))
        }
    }
}
