// What is the memory layer's own: the vectors that it makes, and the names of its collections.

import Mneme
import Testing

@Suite struct OwnNamesTests {
    private static func notes(_ dimension: Int) -> Schema {
        var roles = Roles()
        roles.text = "text"
        return Schema(collections: [
            Collection(
                "notes",
                fields: [
                    Field("text", .text, isSearchable: true),
                    Field("meaning", .vector(VectorType(dimension: dimension))),
                ],
                roles: roles
            )
        ])
    }

    private static func vector(_ dimension: Int, _ place: Int) -> [Float] {
        (0..<dimension).map { $0 == place ? 1 : 0 }
    }

    /// A field `meaning` of one's own has another model's vectors, of whatever dimension.
    @Test(arguments: [3, 256]) func aMeaningOfOnesOwnIsOnesOwn(dimension: Int) throws {
        let memory = try Memory.inMemory()
        try memory.define(Self.notes(dimension))
        _ = try memory.commit([
            .put(
                Put(
                    "notes",
                    "tea",
                    ["text": "green tea", "meaning": .vector(Self.vector(dimension, 0))]
                )
            ),
            .put(
                Put(
                    "notes",
                    "milk",
                    ["text": "cold milk", "meaning": .vector(Self.vector(dimension, 1))]
                )
            ),
        ])
        let plain = try memory.recall(Recall("green tea", collection: "notes"))
        #expect(plain.items.map(\.record.reference.key) == ["tea"])
        #expect(plain.items.allSatisfy { $0.parts.allSatisfy { $0.signal != .meaning } })
        let given = ["meaning": Self.vector(dimension, 1)]
        let asked = try memory.recall(Recall("", collection: "notes", vectors: given))
        #expect(asked.items.first?.record.reference.key == "milk")
        let signals = Set(asked.items.flatMap { $0.parts.map(\.signal) })
        #expect(signals.contains(.vector) && !signals.contains(.meaning))
        let wrong = #expect(throws: MnemeError.self) {
            try memory.recall(Recall("tea", collection: "notes", vectors: ["meaning": [1, 0]]))
        }
        #expect(wrong?.code == .badVector)
        #expect(wrong?.message.contains("notes.meaning") == true, "\(String(describing: wrong))")
    }

    /// Of memories the store makes the vectors, unless the question has one.
    @Test func memoriesAreAskedByTheirMeaning() throws {
        let memory = try Memory.inMemory()
        _ = try memory.remember([Remember("Ada drinks green tea", owner: "ada", key: "tea")])
        func signals(_ recall: Recall) throws -> Set<Signal> {
            Set(try memory.recall(recall).items.flatMap { $0.parts.map(\.signal) })
        }
        #expect(try signals(Recall("What does Ada drink?")).contains(.meaning))
        let vector = try #require(Memory.embed("green tea"))
        let given = try signals(Recall("What does Ada drink?", vectors: ["meaning": vector]))
        #expect(given.contains(.vector) && !given.contains(.meaning))
    }

    private static func schema(
        _ name: String,
        key: KeyType = .text,
        _ fields: [Field],
        owner: String? = nil
    ) -> Schema {
        var roles = Roles()
        roles.owner = owner
        return Schema(collections: [Collection(name, key: key, fields: fields, roles: roles)])
    }

    @Test(arguments: [
        schema("memories", [Field("user", .text, isRequired: true)]),
        schema("memories", key: .uuid, []),
        schema("memories", [Field("text", .int)]),
        schema("memories", [Field("user", .text)], owner: "user"),
        schema("sessions", key: .uuid, []),
        schema("sessions", [Field("title", .text)]),
        schema("sessions", [Field("title", .text, isRequired: true)]),
    ])
    func theMemoryLayersCollectionsStayWhatTheyAre(schema: Schema) throws {
        let memory = try Memory.inMemory()
        let before = memory.schema
        let error = #expect(throws: MnemeError.self) { try memory.define(schema) }
        let message = error?.message ?? ""
        #expect(error?.code == .schemaConflict)
        #expect(message.contains("the memory layer's own"), "\(message)")
        #expect(message.contains("owner") && message.contains("another name"), "\(message)")
        #expect(!message.contains("records that lack"), "\(message)")
        #expect(memory.schema == before)
    }

    @Test func memoriesTakeWhatNeedNotBeGiven() throws {
        let memory = try Memory.inMemory()
        var schema = Self.schema("memories", [Field("mood", .text), Field("level", .int)])
        schema.collections[0].indexes = [Index("byMood", on: ["owner", "mood"])]
        try memory.define(schema)
        try memory.define(memory.schema)
        _ = try memory.remember([Remember("tea", owner: "ann", key: "a")])
        let sessions = Index("byStart", on: ["startedAt"])
        try memory.define(
            Schema(collections: [Collection("sessions", fields: [], indexes: [sessions])])
        )
        #expect(try memory.openSession(owner: "ann").isNew)
    }
}
