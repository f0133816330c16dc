// What the writers of a killed server write: every batch can be told from its number alone, so that
// whoever looks later knows what should be there.

internal import MnemeBase
internal import MnemeModel

/// One batch of one writer.
struct ServerBatch {
    let writer: Int
    let number: Int
    let seed: UInt64

    static let schema = Schema(
        collections: [
            Collection(
                "parts",
                fields: [
                    Field("writer", .int), Field("batch", .int),
                    Field("text", .text, isSearchable: true),
                ],
                indexes: [Index("byBatch", on: ["writer", "batch"])]
            ),
            Collection("progress", key: .int, fields: [Field("batch", .int)]),
            ServerLife.counters,
        ],
        edgeTypes: [EdgeType("follows")]
    )

    /// Records of a batch.
    static let partCount = 3
    /// Edges of a batch: from each record to the next.
    static let edgeCount = partCount - 1

    /// Whether it remembers; the others commit.
    var isMemories: Bool { number % 4 == 3 }

    private var collection: String { isMemories ? "memories" : "parts" }

    /// Where its records stand.
    var references: [Reference] {
        (0..<Self.partCount).map { Reference(collection, .text("\(writer)/\(number)/\($0)")) }
    }

    private var text: String {
        let dice = SeededRandomness(seed: seed ^ UInt64(writer) << 48 ^ UInt64(number))
        let words = ["ash", "beech", "cherry", "elder", "holly", "lime", "plum", "sorrel"]
        return (0..<8).map { _ in words[dice.below(words.count)] }.joined(separator: " ")
    }

    /// The request that writes it.
    var request: Request {
        let references = references
        if isMemories {
            return .remember(
                references.enumerated().map { place, reference in
                    Remember(
                        text,
                        owner: "writer\(writer)",
                        key: reference.key,
                        links: place + 1 < references.count
                            ? [MemoryLink("follows", to: references[place + 1].key)] : []
                    )
                }
            )
        }
        let fields: [String: Value] = [
            "writer": .int(Int64(writer)), "batch": .int(Int64(number)), "text": .text(text),
        ]
        var changes = references.map {
            Change.put(Put($0.collection, $0.key, fields, mode: .insert))
        }
        changes += zip(references, references.dropFirst()).map {
            .link(Link("follows", from: $0, to: $1))
        }
        changes.append(
            .put(Put("progress", .int(Int64(writer)), ["batch": .int(Int64(number))]))
        )
        return .commit(changes, [.synced, .buffered, .none][number % 3])
    }

    /// Whether all of it is there, or nothing.
    ///
    /// - Throws: `KilledServerFailure` where it is there by halves or says something else.
    func isThere(_ records: ArraySlice<Record?>) throws(KilledServerFailure) -> Bool {
        let there = records.compactMap { $0 }
        guard !there.isEmpty else { return false }
        guard there.count == Self.partCount else {
            throw KilledServerFailure("\(self) is there by halves: \(there.count) records")
        }
        for record in there where record["text"] != .text(text) {
            throw KilledServerFailure("\(record.reference) is \(record.json())")
        }
        return true
    }
}

extension ServerBatch: CustomStringConvertible {
    var description: String { "batch \(number) of writer \(writer)" }
}
