// SQLite with the same rows and the same indexes, in the settings that the store benchmark's peer
// has. Tags are in a table of their own, as SQLite has no index over the elements of an array.

internal import CSQLite
internal import Mneme
internal import MnemeCommandLine

/// SQLite, on one thread.
@safe final class LayeredSQLite: LayeredEngine {
    let name = "SQLite"
    private var database: OpaquePointer?
    private var statements: [LayeredQuestion.Kind: OpaquePointer] = [:]

    private static let settings = """
        PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
        PRAGMA wal_autocheckpoint=8192; PRAGMA cache_size=-1048576;
        PRAGMA mmap_size=68719476736; PRAGMA temp_store=MEMORY;
        """

    private static let schema = """
        CREATE TABLE memories (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
          user_id TEXT NOT NULL, project_id TEXT, session_id TEXT, title TEXT NOT NULL,
          content TEXT NOT NULL, summary TEXT, memory_type TEXT NOT NULL, category TEXT, tags TEXT,
          importance_score REAL NOT NULL, decay_rate REAL NOT NULL, access_count INTEGER NOT NULL,
          last_accessed_at INTEGER, context_json TEXT, git_context_json TEXT,
          layer_session INTEGER, layer_project INTEGER, layer_global INTEGER,
          layer_temporal INTEGER, source_tool TEXT, external_id TEXT, is_private INTEGER,
          is_archived INTEGER, created_at INTEGER, updated_at INTEGER);
        CREATE TABLE memory_tags (tag TEXT NOT NULL, memory INTEGER NOT NULL,
          PRIMARY KEY (tag, memory)) WITHOUT ROWID;
        """

    /// As the schema that ships has them, and those for what is asked here: one over the two members
    /// of the JSON, as SQLite has none for containment.
    private static let indexes = """
        CREATE INDEX m_user ON memories (user_id);
        CREATE INDEX m_project ON memories (project_id) WHERE project_id IS NOT NULL;
        CREATE INDEX m_session ON memories (session_id) WHERE session_id IS NOT NULL;
        CREATE INDEX m_type ON memories (memory_type);
        CREATE INDEX m_category ON memories (category) WHERE category IS NOT NULL;
        CREATE INDEX m_importance ON memories (importance_score DESC);
        CREATE INDEX m_accessed ON memories (last_accessed_at DESC);
        CREATE INDEX m_created ON memories (created_at DESC);
        CREATE INDEX m_layers ON memories
          (layer_session, layer_project, layer_global, layer_temporal);
        CREATE INDEX m_user_project_type ON memories (user_id, project_id, memory_type);
        CREATE INDEX m_layers_importance ON memories
          (layer_global, layer_project, importance_score DESC);
        CREATE INDEX m_recent ON memories (created_at DESC, importance_score DESC)
          WHERE is_archived = 0;
        CREATE INDEX m_layered ON memories
          (user_id, importance_score DESC, last_accessed_at DESC) WHERE is_archived = 0;
        CREATE INDEX m_external ON memories (external_id) WHERE external_id IS NOT NULL;
        CREATE INDEX m_user_created ON memories (user_id, created_at DESC);
        CREATE INDEX m_user_type ON memories (user_id, memory_type);
        CREATE INDEX m_language ON memories
          (user_id, json_extract(context_json, '$.language'),
           json_extract(context_json, '$.framework'));
        ANALYZE;
        """

    private static let selected =
        "id, user_id, project_id, session_id, title, content, summary, memory_type, category, "
        + "tags, importance_score, decay_rate, access_count, last_accessed_at, context_json, "
        + "git_context_json, layer_session, layer_project, layer_global, layer_temporal, "
        + "source_tool, external_id, is_private, is_archived, created_at, updated_at, "
        + "CASE WHEN layer_session = 1 THEN 'session' WHEN layer_project = 1 THEN 'project' "
        + "WHEN layer_global = 1 THEN 'global' WHEN layer_temporal = 1 THEN 'temporal' END"

    private static func words(_ kind: LayeredQuestion.Kind) -> String {
        let start = "SELECT \(selected) FROM memories WHERE user_id = ?1 "
        return switch kind {
        case .layered50:
            start + "AND is_archived = 0 AND (layer_project = 1 OR layer_global = 1) "
                + "AND importance_score > 0.3 "
                + "ORDER BY importance_score DESC, last_accessed_at DESC LIMIT 50"
        case .newest50: start + "ORDER BY created_at DESC LIMIT 50"
        case .compound50:
            start + "AND project_id = ?2 AND memory_type = ?3 AND importance_score > 0.5 "
                + "ORDER BY importance_score DESC LIMIT 50"
        case .tag50:
            start + "AND number IN (SELECT memory FROM memory_tags WHERE tag = ?2) "
                + "ORDER BY created_at DESC LIMIT 50"
        case .containment50:
            start + "AND json_extract(context_json, '$.language') = ?2 "
                + "AND json_extract(context_json, '$.framework') = ?3 "
                + "ORDER BY created_at DESC LIMIT 50"
        case .groups:
            "SELECT memory_type, count(*) FROM memories WHERE user_id = ?1 GROUP BY memory_type"
        }
    }

    /// Makes a database with so many memories.
    ///
    /// - Throws: `Failure` with what SQLite says.
    init(_ path: String, count: Int) throws(Failure) {
        // SAFETY: the pointers that SQLite gives are used until `deinit` gives them back, and not
        // afterwards.
        guard
            unsafe sqlite3_open_v2(
                path,
                &database,
                SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                nil
            ) == SQLITE_OK
        else { throw fault("open") }
        try run(Self.settings)
        try run(Self.schema)
        try fill(count)
        try run(Self.indexes)
        try run("PRAGMA wal_checkpoint(TRUNCATE)")
        for kind in LayeredQuestion.Kind.allCases {
            let statement = try prepared(Self.words(kind))
            unsafe statements[kind] = statement
        }
    }

    deinit {
        for statement in unsafe statements.values { unsafe sqlite3_finalize(statement) }
        unsafe sqlite3_close(database)
    }

    private func fault(_ what: String) -> Failure {
        let words = unsafe sqlite3_errmsg(database).map { unsafe String(cString: $0) }
        return Failure("SQLite: \(what): \(words ?? "no reason")")
    }

    private func run(_ words: String) throws(Failure) {
        guard unsafe sqlite3_exec(database, words, nil, nil, nil) == SQLITE_OK else {
            throw fault(words)
        }
    }

    private func prepared(_ words: String) throws(Failure) -> OpaquePointer {
        var statement: OpaquePointer?
        guard
            unsafe sqlite3_prepare_v3(
                database,
                words,
                -1,
                UInt32(SQLITE_PREPARE_PERSISTENT),
                &statement,
                nil
            ) == SQLITE_OK, let statement = unsafe statement
        else { throw fault(words) }
        return unsafe statement
    }

    // MARK: Filling

    private func fill(_ count: Int) throws(Failure) {
        let stored = LayeredMemories.columns.dropLast()
        let places = String(repeating: ", ?", count: stored.count)
        let insert = try prepared(
            "INSERT INTO memories (number, id, \(stored.map(\.name).joined(separator: ", "))) "
                + "VALUES (?, ?\(places))"
        )
        let tag = try prepared("INSERT INTO memory_tags (tag, memory) VALUES (?, ?)")
        defer {
            unsafe sqlite3_finalize(insert)
            unsafe sqlite3_finalize(tag)
        }
        let memories = LayeredMemories()
        var meter = ProgressMeter("SQLite", unit: "memories", total: count)
        defer { meter.finish() }
        for number in 0..<count {
            if number % 1000 == 0 { try run(number == 0 ? "BEGIN" : "COMMIT; BEGIN") }
            let fields = memories.fields(number)
            unsafe sqlite3_bind_int64(insert, 1, Int64(number))
            bind(.text(LayeredMemories.key(number)), insert, 2)
            for (index, column) in stored.enumerated() {
                bind(fields[column.name] ?? .null, insert, Int32(index + 3))
            }
            try step(insert)
            if case .array(let tags)? = fields["tags"] {
                for name in tags {
                    bind(name, tag, 1)
                    unsafe sqlite3_bind_int64(tag, 2, Int64(number))
                    try step(tag)
                }
            }
            meter.advance(to: number + 1)
        }
        try run("COMMIT")
    }

    private func step(_ statement: OpaquePointer) throws(Failure) {
        guard unsafe sqlite3_step(statement) == SQLITE_DONE else { throw fault("insert") }
        unsafe sqlite3_reset(statement)
    }

    private func bind(_ value: Value, _ statement: OpaquePointer, _ index: Int32) {
        // SAFETY: SQLite copies what it is given before the call ends (SQLITE_TRANSIENT).
        let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: unsafe sqlite3_bind_null(statement, index)
        case .bool(let flag): unsafe sqlite3_bind_int64(statement, index, flag ? 1 : 0)
        case .int(let number): unsafe sqlite3_bind_int64(statement, index, number)
        case .float(let number): unsafe sqlite3_bind_double(statement, index, number)
        case .instant(let instant):
            unsafe sqlite3_bind_int64(statement, index, instant.microseconds)
        case .text(let text): unsafe sqlite3_bind_text(statement, index, text, -1, transient)
        default: unsafe sqlite3_bind_text(statement, index, value.json(), -1, transient)
        }
    }

    // MARK: Asking

    func ask(_ question: LayeredQuestion, _ answer: LayeredAnswer) throws {
        answer.clear()
        guard let statement = unsafe statements[question.kind] else { return }
        bind(.text(LayeredMemories.user(question.user)), unsafe statement, 1)
        switch question.kind {
        case .compound50:
            let project = LayeredMemories.project(question.user, question.project)
            bind(.text(project), unsafe statement, 2)
            bind(.text(LayeredMemories.types[question.type]), unsafe statement, 3)
        case .tag50: bind(.text(LayeredMemories.tag(question.tag)), unsafe statement, 2)
        case .containment50:
            bind(.text(LayeredMemories.languages[question.language]), unsafe statement, 2)
            bind(.text(LayeredMemories.frameworks[question.framework]), unsafe statement, 3)
        case .layered50, .newest50, .groups: break
        }
        var code = unsafe sqlite3_step(statement)
        while code == SQLITE_ROW {
            if question.kind == .groups {
                let name = unsafe sqlite3_column_text(statement, 0).map {
                    unsafe String(cString: $0)
                }
                answer.groups[name ?? ""] = Int(unsafe sqlite3_column_int64(statement, 1))
            } else {
                unsafe take(statement, &answer.rows[answer.next()])
            }
            code = unsafe sqlite3_step(statement)
        }
        guard code == SQLITE_DONE else { throw fault(question.kind.rawValue) }
        unsafe sqlite3_reset(statement)
    }

    private func take(_ statement: OpaquePointer, _ row: inout LayeredAnswer.Row) {
        copy(statement, 0, &row.key)
        for (slot, column) in LayeredMemories.columns.enumerated() {
            let index = Int32(slot + 1)
            switch column.kind {
            case .real: row.reals[slot] = unsafe sqlite3_column_double(statement, index)
            case .integer, .flag, .instant:
                row.numbers[slot] = unsafe sqlite3_column_int64(statement, index)
            case .text, .json: copy(statement, index, &row.texts[slot])
            }
        }
    }

    private func copy(
        _ statement: OpaquePointer,
        _ index: Int32,
        _ bytes: inout LayeredAnswer.Bytes
    ) {
        // SAFETY: the bytes stand until the next step; they are copied at once.
        guard let start = unsafe sqlite3_column_text(statement, index) else {
            bytes.count = 0
            return
        }
        let count = Int(unsafe sqlite3_column_bytes(statement, index))
        if bytes.room.count < count {
            bytes.room += [UInt8](repeating: 0, count: count - bytes.room.count)
        }
        unsafe bytes.room.withUnsafeMutableBytes { room in
            unsafe room.copyMemory(from: UnsafeRawBufferPointer(start: start, count: count))
        }
        bytes.count = count
    }
}
