// Definitions of what is there already: what they leave out stays, what they say otherwise is
// refused.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct DefinitionTests {
    private static var notes: Collection {
        var roles = Roles()
        roles.owner = "user"
        return Collection(
            "notes",
            key: .int,
            fields: [Field("user", .text), Field("count", .int), Field("data", .json)],
            roles: roles
        )
    }

    private func store(_ disk: any Disk = MemoryDisk()) throws -> Store {
        let store = try Store.open("notes", .openOrCreate, options: StoreTests.options(disk))
        let joins = EdgeType("joins", from: "notes", fields: [Field("w", .int)], isUnique: true)
        try store.define(Schema(collections: [Self.notes], edgeTypes: [joins]))
        _ = try store.commit([
            .put(Put("notes", 1, ["user": "ann", "count": 2, "data": ["a": 5]]))
        ])
        _ = try store.commit(
            (2..<40).map { .put(Put("notes", .int(Int64($0)), ["user": "bob", "count": 3])) }
        )
        return store
    }

    @Test func anIndexAloneIsAdded() throws {
        let disk = MemoryDisk()
        let first = try store(disk)
        try first.define(
            Schema(
                collections: [
                    Collection(
                        "notes",
                        fields: [],
                        indexes: [Index("byCount", on: ["count"]), Index("byA", on: ["data.a"])]
                    )
                ],
                edgeTypes: [EdgeType("joins", indexes: [Index("byW", on: ["w", "$from"])])]
            )
        )
        try first.close()
        let store = try store(disk)
        let schema = store.snapshot().schema
        var wanted = Self.notes
        wanted.indexes = [Index("byCount", on: ["count"]), Index("byA", on: ["data.a"])]
        #expect(schema.collections == [wanted])
        #expect(schema.edgeTypes[0].indexes.map(\.name) == ["byW"] && schema.edgeTypes[0].isUnique)
        var find = Find("notes", where: .eq("count", 2))
        find.isExplained = true
        let found = try store.snapshot().find(find)
        #expect(found.explanation?.index == "byCount" && found.rows.count == 1)
        #expect(try store.verify().findings == [])
    }

    @Test func aFieldAloneIsAdded() throws {
        let store = try store()
        try store.define(
            Schema(
                collections: [
                    Collection(
                        "notes",
                        fields: [Field("state", .text, standard: "open")],
                        indexes: [Index("byState", on: ["user", "state"])],
                        checks: [Check("small", try Expression("count < 9 or state = 'big'"))]
                    )
                ]
            )
        )
        let find = Find("notes", owner: "ann", where: .eq("state", "open"))
        #expect(try store.snapshot().find(find).rows.count == 1)
        #expect(store.snapshot().schema.collections[0].roles.owner == "user")
    }

    @Test func whatIsSaidOtherwiseIsRefused() throws {
        let store = try store()
        var other = Self.notes
        other.key = .text
        try expectRefusal(.schemaConflict) { try store.define(Schema(collections: [other])) }
        other = Self.notes
        other.roles = Roles()
        try expectRefusal(.schemaConflict) { try store.define(Schema(collections: [other])) }
        other = Collection("notes", key: .uuid, fields: [])
        try expectRefusal(.schemaConflict) { try store.define(Schema(collections: [other])) }
        other = Collection("notes", fields: [], indexes: [Index("byNone", on: ["none"])])
        try expectRefusal(.badSchema) { try store.define(Schema(collections: [other])) }
        other = Collection("notes", fields: [Field("count", .text)])
        try expectRefusal(.schemaConflict) { try store.define(Schema(collections: [other])) }
        let joins = EdgeType("joins", isUndirected: true)
        try expectRefusal(.schemaConflict) { try store.define(Schema(edgeTypes: [joins])) }
        #expect(store.snapshot().schema.collections == [Self.notes])
    }
}
