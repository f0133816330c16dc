// The records of the store benchmark: a UUID as key, 36 bytes of fixed fields, 500 bytes of JSON
// and text like English, 2,552 bytes in all by default. The record of a number is always the same;
// `rivals/store_records.c` makes the same ones for the peers.

internal import Foundation
internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Makes records.
struct StoreRecords: Sendable {
    static let collection = "records"
    static let ownerCount = 100
    static let typeCount = 8
    /// Key, fixed fields and JSON.
    static let bytesBesideText = 552
    /// What the other members of the metadata leave of its 500 bytes as JSON.
    private static let summaryByteCount = 285

    /// How many bytes of a record the caller gave.
    let valueByteCount: Int
    /// Where texts come from, for the report.
    let source: String
    private let pool: [UInt8]

    /// Records of so many bytes, with WordNet's glosses as text where WordNet is installed.
    init(valueByteCount: Int) {
        self.valueByteCount = valueByteCount
        let glosses = Self.glosses(byteCount: 4 << 20)
        source = glosses == nil ? "made words" : "WordNet glosses"
        pool = glosses ?? Array(MadeText.sentence(5, words: 200_000).utf8)
    }

    /// The collection with its five indexes.
    static var schema: Schema {
        var roles = Roles()
        roles.owner = "owner"
        let types = (0..<typeCount).map { "type\($0)" }
        return Schema(collections: [
            Collection(
                collection,
                key: .uuid,
                fields: [
                    Field("owner", .text, isRequired: true),
                    Field("type", .oneOf(types), isRequired: true),
                    Field("created", .instant, isRequired: true),
                    Field("importance", .float, isRequired: true),
                    Field("session", .text), Field("tag", .text), Field("metadata", .json),
                    Field("text", .text),
                ],
                indexes: [
                    Index("byOwner", on: ["owner", IndexField("created", descending: true)]),
                    Index("byImportance", on: ["owner", "type", "importance"]),
                    Index("byType", on: ["type", "created"]),
                    Index("bySession", on: ["session"]), Index("byTag", on: ["tag"]),
                ],
                roles: roles
            )
        ])
    }

    /// The key of a record.
    static func key(_ number: Int) -> Key {
        let chance = SeededRandomness(seed: UInt64(number) &* 2 &+ 1)
        return .uuid(UniqueID(high: chance.next(), low: chance.next()))
    }

    /// An owner.
    static func owner(_ number: Int) -> String { "owner\(number % ownerCount)" }

    private static func chance(_ number: Int) -> SeededRandomness {
        SeededRandomness(seed: UInt64(number) &* 7 &+ 3)
    }

    /// What a record can be asked for by.
    static func facts(_ number: Int) -> StoreFacts { StoreFacts(number, chance(number)) }

    /// When a record was made; no two records at the same instant.
    static func created(_ number: Int) -> Instant {
        Instant(microseconds: 1_700_000_000_000_000 + Int64(number) * 1_000_003)
    }

    /// All fields of a record.
    func fields(_ number: Int) -> [String: Value] {
        let chance = Self.chance(number)
        let facts = StoreFacts(number, chance)
        return [
            "owner": .text(Self.owner(facts.owner)), "type": .text("type\(facts.type)"),
            "created": .instant(Self.created(number)), "importance": .float(facts.importance),
            "session": .text("s\(number / 20)"), "tag": .text("tag\(facts.tag)"),
            "metadata": metadata(chance),
            "text": .text(text(max(0, valueByteCount - Self.bytesBesideText), chance)),
        ]
    }

    /// Puts a record that is not there yet.
    func put(_ number: Int) -> Change {
        .put(Put(Self.collection, Self.key(number), fields(number), mode: .insert))
    }

    /// Puts the fields of another record in the place of a record's own.
    func replace(_ number: Int, by other: Int) -> Change {
        .put(Put(Self.collection, Self.key(number), fields(other)))
    }

    /// 500 bytes as JSON.
    private func metadata(_ chance: SeededRandomness) -> Value {
        [
            "source": "conversation", "model": "small", "version": .int(Int64(chance.below(9))),
            "confidence": .int(Int64(10 + chance.below(90))), "language": "en",
            "entities": .array((0..<8).map { _ in .text("entity\(1000 + chance.below(9000))") }),
            "summary": .text(text(Self.summaryByteCount, chance)),
        ]
    }

    /// A part of the texts, like English.
    func text(_ byteCount: Int, _ chance: SeededRandomness) -> String {
        guard byteCount > 0, byteCount < pool.count else {
            return String(repeating: "a ", count: byteCount / 2)
        }
        let start = chance.below(pool.count - byteCount)
        return String(decoding: pool[start..<start + byteCount], as: UTF8.self)
    }

    /// Definitions of WordNet in ASCII without what JSON would escape, nil where they are not
    /// installed.
    private static func glosses(byteCount: Int) -> [UInt8]? {
        let path = "/usr/share/wordnet/data.noun"
        guard let file = try? InputFile(path) else { return nil }
        var lines = InputLines(file)
        var pool: [UInt8] = []
        while pool.count < byteCount, let line = try? lines.next() {
            guard let bar = line.firstIndex(of: UInt8(ascii: "|")) else { continue }
            pool += line[(bar + 1)...].lazy.map { byte in
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "'")
                case 0x80...: UInt8(ascii: "?")
                default: byte
                }
            }
        }
        return pool.count >= 1 << 20 ? pool : nil
    }
}

/// The fields of a record that it is asked for by.
struct StoreFacts: Sendable {
    let owner: Int
    let type: Int
    /// Between 0 and 1; no two of a million records in a row have the same.
    let importance: Double
    let tag: Int

    fileprivate init(_ number: Int, _ chance: SeededRandomness) {
        owner = chance.below(StoreRecords.ownerCount)
        type = chance.below(StoreRecords.typeCount)
        let (whole, part) = (chance.below(1_000_000), number % 1_000_000)
        importance = (Double(whole) + Double(part) / 1_000_000) / 1_000_000
        tag = chance.below(50)
    }
}
