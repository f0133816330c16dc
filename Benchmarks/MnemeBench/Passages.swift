// Records with text and a vector, which the store benchmark's other records do not have: a UUID as
// key, an owner of 100, 200 bytes of text and a vector of 256 near one of 100 centres. The record
// of a number is always the same.

internal import Mneme
internal import MnemeBase

/// Makes passages, and asks for them.
struct Passages: Sendable {
    static let collection = "passages"
    static let dimension = 256
    private static let textByteCount = 200

    private let texts: StoreRecords
    private let centres: [[Float]]

    /// Passages whose texts come from where those of other records do.
    init(_ texts: StoreRecords) {
        self.texts = texts
        centres = (0..<100).map { Self.noise(SeededRandomness(seed: UInt64($0) &* 13 &+ 5)) }
    }

    /// The collection: searchable text, and vectors by cosine.
    static var schema: Schema {
        var roles = Roles()
        roles.owner = "owner"
        return Schema(collections: [
            Collection(
                collection,
                key: .uuid,
                fields: [
                    Field("owner", .text, isRequired: true),
                    Field("text", .text, isSearchable: true),
                    Field("meaning", .vector(VectorType(dimension: dimension))),
                ],
                roles: roles
            )
        ])
    }

    /// Where a passage is.
    static func reference(_ number: Int) -> Reference {
        Reference(collection, StoreRecords.key(number))
    }

    /// Puts a passage.
    func put(_ number: Int) -> Change {
        .put(
            Put(
                Self.collection,
                StoreRecords.key(number),
                [
                    "owner": .text(StoreRecords.owner(number)), "text": .text(text(number)),
                    "meaning": .vector(vector(number)),
                ]
            )
        )
    }

    /// Asks for ten passages of a passage's owner that hold a word of it, or are near it.
    func find(_ number: Int, byWords: Bool) -> Find {
        var find = Find(Self.collection, owner: StoreRecords.owner(number), limit: 10)
        if byWords {
            let words = text(number).split(separator: " ").dropFirst().prefix(4)
            find.match = Match("text", words.joined(separator: " "))
        } else {
            find.near = Near("meaning", vector(number))
        }
        find.select = []
        return find
    }

    private func text(_ number: Int) -> String {
        texts.text(Self.textByteCount, SeededRandomness(seed: UInt64(number) &* 5 &+ 11))
    }

    private func vector(_ number: Int) -> [Float] {
        let chance = SeededRandomness(seed: UInt64(number) &* 11 &+ 7)
        return zip(centres[chance.below(centres.count)], Self.noise(chance)).map { $0 + 0.6 * $1 }
    }

    private static func noise(_ chance: SeededRandomness) -> [Float] {
        (0..<dimension / 4).flatMap { _ in
            let bits = chance.next()
            return (0..<4).map { Float(bits >> UInt64($0 * 16) & 0xffff) / 32768 - 1 }
        }
    }
}
