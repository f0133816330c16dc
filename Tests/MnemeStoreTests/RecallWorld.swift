// A store with one vector field and a graph over few vectors, for what is said of recall.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

/// A store of vectors that lie in clusters, and questions that lie beside them.
struct RecallWorld {
    static let dimension = 24
    let random: SeededRandomness
    let disk: MemoryDisk
    var store: Store
    var vectors: [String: [Float]] = [:]

    static func schema(recall: Double? = nil) -> Schema {
        let type = VectorType(dimension: dimension, recall: recall)
        var roles = Roles()
        roles.owner = "owner"
        return Schema(collections: [
            Collection(
                "notes",
                fields: [Field("owner", .text), Field("meaning", .vector(type))],
                roles: roles
            )
        ])
    }

    static func options(_ disk: any Disk, inBackground: Bool = false) -> StoreOptions {
        var options = StoreTests.options(disk)
        options.graphLeast = 60
        options.worksInBackground = inBackground
        return options
    }

    init(
        _ count: Int,
        seed: UInt64 = 7,
        recall: Double? = nil,
        inBackground: Bool = false
    ) throws {
        random = SeededRandomness(seed: seed)
        disk = MemoryDisk()
        store = try Store.open("store", options: Self.options(disk, inBackground: inBackground))
        try store.define(Self.schema(recall: recall))
        try put(0..<count)
    }

    /// Puts records under these numbers, new or in the place of others.
    mutating func put(_ numbers: Range<Int>) throws {
        var changes: [Change] = []
        for number in numbers {
            let vector = self.vector()
            vectors["k\(number)"] = vector
            changes.append(
                .put(
                    Put(
                        "notes",
                        .text("k\(number)"),
                        ["owner": .text("o\(number % 3)"), "meaning": .vector(vector)]
                    )
                )
            )
        }
        _ = try store.commit(changes)
    }

    func vector() -> [Float] {
        let centre = Int(random.below(9))
        return (0..<Self.dimension).map { place in
            Float(place % 9 == centre ? 2 : 0) + Float(random.below(2001)) / 1000 - 1
        }
    }

    func find(_ near: Near, owner: String? = nil, limit: Int = 10) throws -> Found {
        try store.snapshot().find(Find("notes", owner: owner, near: near, limit: limit))
    }

    /// What the definition asks for, as it is described.
    var described: Double? { store.snapshot().schema.collections.first?.field("meaning")?.recall }

    /// How much of the 10 nearest a way of asking finds, over questions.
    func recall(_ questions: [[Float]], _ near: (inout Near) -> Void) throws -> Double {
        var found = 0
        for question in questions {
            let exact = try find(Near("meaning", question, isExact: true)).rows
            var asked = Near("meaning", question)
            near(&asked)
            let least = try #require(exact.last).score
            found += try find(asked).rows.count { $0.score >= least }
        }
        return Double(found) / Double(10 * questions.count)
    }
}
