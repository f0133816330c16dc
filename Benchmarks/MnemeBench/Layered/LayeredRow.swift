// A memory of the layered service as made data, and the room that an engine copies an answer into.

internal import Mneme
internal import MnemeBase

/// What a column holds, and how both engines keep it.
enum LayeredKind {
    case text
    case real
    case integer
    /// A truth value; 0 and 1 in SQLite.
    case flag
    /// Microseconds since 1970 in SQLite.
    case instant
    /// CBOR in Mneme, text in SQLite.
    case json
}

/// The memories of the layered service, made from their numbers.
struct LayeredMemories: Sendable {
    static let collection = "memory_items"
    static let userCount = 10
    static let projectCount = 20
    static let sessionCount = 50
    static let tagCount = 40
    static let types = ["decision", "task", "progress", "insight", "pattern", "fact"]
    static let languages = [
        "swift", "rust", "go", "python", "c", "java", "ruby", "kotlin", "scala", "haskell", "zig",
        "elm",
    ]
    static let frameworks = [
        "vapor", "axum", "gin", "django", "rails", "spring", "phoenix", "none",
    ]

    /// The columns in the order of their slots, without the key.
    static let columns: [(name: String, kind: LayeredKind)] = [
        ("user_id", .text), ("project_id", .text), ("session_id", .text), ("title", .text),
        ("content", .text), ("summary", .text), ("memory_type", .text), ("category", .text),
        ("tags", .json), ("importance_score", .real), ("decay_rate", .real),
        ("access_count", .integer), ("last_accessed_at", .instant), ("context_json", .json),
        ("git_context_json", .json), ("layer_session", .flag), ("layer_project", .flag),
        ("layer_global", .flag), ("layer_temporal", .flag), ("source_tool", .text),
        ("external_id", .text), ("is_private", .flag), ("is_archived", .flag),
        ("created_at", .instant), ("updated_at", .instant), ("primary_layer", .text),
    ]

    static let kinds = columns.map(\.kind)
    static let importance = columns.firstIndex { $0.name == "importance_score" } ?? 0

    static func key(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "m" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits
    }

    static func user(_ number: Int) -> String { "user-\(number)" }
    static func project(_ user: Int, _ number: Int) -> String { "project-\(user)-\(number)" }
    static func session(_ user: Int, _ number: Int) -> String { "session-\(user)-\(number)" }
    static func tag(_ number: Int) -> String { "tag-\(number)" }

    /// Instants that no two memories share, in an order of no meaning.
    static func instant(_ number: Int, _ factor: UInt64) -> Instant {
        let turned = UInt64(number) &* factor % 1_000_003
        return Instant(microseconds: 1_700_000_000_000_000 + Int64(turned) * 61_000_000)
    }

    /// A memory's fields by name.
    func fields(_ number: Int) -> [String: Value] {
        let chance = SeededRandomness(seed: UInt64(number) &+ 77)
        let user = number % Self.userCount
        func share() -> Double { Double(chance.below(1 << 20)) / Double(1 << 20) }
        let tags = Set((0..<3).map { _ in chance.below(Self.tagCount) }).sorted().map(Self.tag)
        var fields: [String: Value] = [
            "user_id": .text(Self.user(user)),
            "title": .text(MadeText.sentence(UInt64(number) * 3, words: 6)),
            "content": .text(MadeText.sentence(UInt64(number) * 3 + 1, words: 320)),
            "summary": .text(MadeText.sentence(UInt64(number) * 3 + 2, words: 24)),
            "memory_type": .text(Self.types[chance.below(Self.types.count)]),
            "category": .text("category-\(chance.below(12))"),
            "tags": .array(tags.map { .text($0) }),
            // So fine that no two are alike, and the order is one.
            "importance_score": .float(share() * 0.999 + Double(number) * 1e-9),
            "decay_rate": .float(0.1), "access_count": .int(Int64(chance.below(50))),
            "last_accessed_at": .instant(Self.instant(number, 7919)),
            "context_json": [
                "language": .text(Self.languages[chance.below(Self.languages.count)]),
                "framework": .text(Self.frameworks[chance.below(Self.frameworks.count)]),
                "files": .int(Int64(chance.below(30))),
            ],
            "git_context_json": ["branch": "main", "commit": .text("c\(chance.below(100_000))")],
            "layer_session": .bool(chance.below(4) == 0),
            "layer_project": .bool(chance.below(3) > 0),
            "layer_global": .bool(chance.below(5) == 0),
            "layer_temporal": .bool(chance.below(6) == 0), "source_tool": "editor",
            "is_private": .bool(chance.below(8) == 0), "is_archived": .bool(chance.below(7) == 0),
            "created_at": .instant(Self.instant(number, 104_729)),
        ]
        if chance.below(5) > 0 {
            fields["project_id"] = .text(Self.project(user, chance.below(Self.projectCount)))
        }
        if chance.below(3) == 0 {
            fields["session_id"] = .text(Self.session(user, chance.below(Self.sessionCount)))
        }
        return fields
    }

    /// A memory's vector, of length 1.
    func vector(_ number: Int) -> [Float] {
        let chance = SeededRandomness(seed: UInt64(number) &+ 4_000_000_007)
        let raw = (0..<384).map { _ in Float(chance.below(1 << 16)) / 32_768 - 1 }
        let length = raw.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
        return raw.map { $0 / length }
    }
}

/// Rows of an answer, with room that is used again.
final class LayeredAnswer {
    struct Row {
        var key = Bytes()
        var numbers = [Int64](repeating: 0, count: LayeredMemories.columns.count)
        var reals = [Double](repeating: 0, count: LayeredMemories.columns.count)
        var texts = [Bytes](repeating: Bytes(), count: LayeredMemories.columns.count)
    }

    /// Bytes at the beginning of an array that is made longer where it must be.
    struct Bytes {
        var room: [UInt8] = []
        var count = 0

        var text: String { String(decoding: room[..<count], as: UTF8.self) }

        /// Has bytes put over its first ones; `copy` says how many they are, nil for none.
        mutating func fill(_ copy: (inout [UInt8]) -> Int?) { count = copy(&room) ?? 0 }

        /// Takes a text's bytes.
        mutating func take(_ text: String) {
            let bytes = text.utf8
            if room.count < bytes.count { room = Array(bytes) }
            count = 0
            for byte in bytes {
                room[count] = byte
                count += 1
            }
        }
    }

    var rows: [Row] = []
    var count = 0
    /// Counts by a field's value, of a question for groups.
    var groups: [String: Int] = [:]

    /// Gives a row to fill.
    func next() -> Int {
        if count == rows.count { rows.append(Row()) }
        count += 1
        return count - 1
    }

    func clear() {
        count = 0
        groups.removeAll(keepingCapacity: true)
    }

    /// What both engines must agree in: keys in their order with what was computed, and groups.
    var digest: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func take(_ text: String) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        for row in rows[..<count] {
            take(row.key.text)
            take("\(row.reals[LayeredMemories.importance])")
            take(row.texts[LayeredMemories.columns.count - 1].text)
        }
        for (name, count) in groups.sorted(by: { $0.key < $1.key }) { take("\(name) \(count)") }
        return hash
    }
}
