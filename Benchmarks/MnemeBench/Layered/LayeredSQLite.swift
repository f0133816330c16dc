// SQLite with the same rows and the same indexes, in the settings that the store benchmark's peer
// has. Tags are in a table of their own, as SQLite has no index over the elements of an array.

internal import Mneme
internal import MnemeCommandLine

/// SQLite, on one thread.
final class LayeredSQLite: LayeredEngine {
    let name = "SQLite"
    private let database: SQLiteDatabase
    private var questions: [LayeredQuestion.Kind: SQLiteStatement] = [:]

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

    /// As the schema that ships has them, and those for what is asked here.
    ///
    /// One is over the two members of the JSON, as SQLite has none for containment.
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
        database = try SQLiteDatabase(path)
        try database.run(Self.settings)
        try database.run(Self.schema)
        try fill(count)
        try database.run(Self.indexes)
        try database.run("PRAGMA wal_checkpoint(TRUNCATE)")
        for kind in LayeredQuestion.Kind.allCases {
            questions[kind] = try SQLiteStatement(database, Self.words(kind))
        }
    }

    private func fill(_ count: Int) throws(Failure) {
        let stored = LayeredMemories.columns.dropLast()
        let places = String(repeating: ", ?", count: stored.count)
        let insert = try SQLiteStatement(
            database,
            "INSERT INTO memories (number, id, \(stored.map(\.name).joined(separator: ", "))) "
                + "VALUES (?, ?\(places))"
        )
        let tag = try SQLiteStatement(
            database,
            "INSERT INTO memory_tags (tag, memory) VALUES (?, ?)"
        )
        let memories = LayeredMemories()
        var meter = ProgressMeter("SQLite", unit: "memories", total: count)
        defer { meter.finish() }
        for number in 0..<count {
            if number % 1000 == 0 { try database.run(number == 0 ? "BEGIN" : "COMMIT; BEGIN") }
            let fields = memories.fields(number)
            insert.bind(.int(Int64(number)), 1)
            insert.bind(.text(LayeredMemories.key(number)), 2)
            for (index, column) in stored.enumerated() {
                insert.bind(fields[column.name] ?? .null, index + 3)
            }
            _ = try insert.step()
            insert.reset()
            if case .array(let tags)? = fields["tags"] {
                for name in tags {
                    tag.bind(name, 1)
                    tag.bind(.int(Int64(number)), 2)
                    _ = try tag.step()
                    tag.reset()
                }
            }
            meter.advance(to: number + 1)
        }
        try database.run("COMMIT")
    }

    func ask(_ question: LayeredQuestion, _ answer: LayeredAnswer) throws {
        answer.clear()
        guard let rows = questions[question.kind] else { return }
        rows.bind(.text(LayeredMemories.user(question.user)), 1)
        switch question.kind {
        case .compound50:
            rows.bind(.text(LayeredMemories.project(question.user, question.project)), 2)
            rows.bind(.text(LayeredMemories.types[question.type]), 3)
        case .tag50: rows.bind(.text(LayeredMemories.tag(question.tag)), 2)
        case .containment50:
            rows.bind(.text(LayeredMemories.languages[question.language]), 2)
            rows.bind(.text(LayeredMemories.frameworks[question.framework]), 3)
        case .layered50, .newest50, .groups: break
        }
        while try rows.step() {
            if question.kind == .groups {
                var name = LayeredAnswer.Bytes()
                rows.copyText(0, &name)
                answer.groups[name.text] = Int(rows.int(1))
            } else {
                take(rows, &answer.rows[answer.next()])
            }
        }
        rows.reset()
    }

    private func take(_ rows: SQLiteStatement, _ row: inout LayeredAnswer.Row) {
        rows.copyText(0, &row.key)
        for (slot, kind) in LayeredMemories.kinds.enumerated() {
            switch kind {
            case .real: row.reals[slot] = rows.float(slot + 1)
            case .integer, .flag, .instant: row.numbers[slot] = rows.int(slot + 1)
            case .text, .json: rows.copyText(slot + 1, &row.texts[slot])
            }
        }
    }
}
