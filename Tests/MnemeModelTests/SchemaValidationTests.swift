import Testing

@testable import MnemeModel

@Suite struct SchemaValidationTests {
    static func notes(
        _ fields: [Field] = [],
        _ indexes: [Index] = [],
        name: String = "notes",
        roles: (inout Roles) -> Void = { _ in }
    ) -> Schema {
        var given = Roles()
        roles(&given)
        return Schema(collections: [
            Collection(
                name,
                fields: [
                    Field("title", .text, isSearchable: true), Field("tags", .array(.text)),
                    Field("links", .array(.int)), Field("data", .json), Field("at", .instant),
                    Field("meaning", .vector(VectorType(dimension: 4))),
                    Field("who", .oneOf(["a"])),
                ] + fields,
                indexes: indexes,
                roles: given
            )
        ])
    }

    @Test func aGoodSchemaPasses() throws {
        var schema = Self.notes(
            [Field("a", .vector(VectorType(dimension: 1))), Field("_b9", .float)],
            [
                Index("byTitle", on: ["title", IndexField("at", descending: true)]),
                Index("byTag", on: ["tags"], isUnique: true),
            ]
        ) {
            $0.owner = "title"
            $0.time = "at"
            $0.speaker = "who"
            $0.decayRate = "_b9"
        }
        schema.edgeTypes = [
            EdgeType("cites", from: "notes", to: "books", fields: [Field("weight", .float)]),
            EdgeType("any"),
        ]
        try schema.validate(existing: ["books"])
    }

    static let refused: [(Schema, String)] = [
        (notes(name: ""), "is no name"), (notes(name: "9a"), "is no name"),
        (notes(name: "a b"), "is no name"), (notes(name: "é"), "is no name"),
        (notes(name: String(repeating: "a", count: 65)), "is no name"),
        (notes([Field("title", .int)]), "two of the field \"title\""),
        (notes([Field("or", .int)]), "word of filters"),
        (notes([Field("x", .int, isSearchable: true)]), "only text fields are searchable"),
        (notes([Field("x", .vector(VectorType(dimension: 0)))]), "1 to 4096"),
        (notes([Field("x", .vector(VectorType(dimension: 4097)))]), "1 to 4096"),
        (notes([Field("x", .oneOf([]))]), "names no text"),
        (notes([Field("x", .oneOf(["a", "a"]))]), "names a text twice"),
        (notes([Field("x", .array(.array(.int)))]), "one scalar type"),
        (notes([Field("x", .array(.json))]), "one scalar type"),
        (notes([Field("x", .array(.oneOf([])))]), "names no text"),
        (notes([], [Index("i", on: [])]), "has no fields"),
        (notes([], [Index("i", on: ["nope"])]), "does not have. Its fields: title, tags"),
        (notes([], [Index("i", on: ["at", "at"])]), "twice"),
        (notes([], [Index("i", on: ["title.x"])]), "has no members"),
        (notes([], [Index("i", on: ["data."])]), "empty part"),
        (
            notes([], [Index("i", on: ["data.a", "tags"])]),
            "2 array and json fields (data.a, tags)"
        ),
        (
            notes([], [Index("i", on: [IndexField("at", folded: true)])]),
            "only texts have a case"
        ),
        (notes([], [Index("i", on: ["at"], hasDistinctNulls: true)]), "nulls are distinct"),
        (notes([], [Index("i", on: ["meaning"])]), "no order to index"),
        (notes([], [Index("i", on: ["tags", "links"])]), "2 array and json fields (tags, links)"),
        (notes([], [Index("i", on: ["at"]), Index("i", on: ["who"])]), "two of the index"),
        (notes { $0.owner = "nope" }, "role owner names the field \"nope\""),
        (notes { $0.owner = "who" }, "role owner needs a text field"),
        (notes { $0.time = "title" }, "role time needs an instant field"),
        (notes { $0.pinned = "at" }, "role pinned needs a bool field"),
        (
            Schema(collections: notes().collections + notes().collections),
            "two of the collection \"notes\""
        ),
        (Schema(edgeTypes: [EdgeType("e"), EdgeType("e")]), "two of the edge type"),
        (Schema(edgeTypes: [EdgeType("e", to: "gone")]), "to: there is no collection \"gone\""),
        (
            Schema(edgeTypes: [EdgeType("e", fields: [Field("w", .text, isSearchable: true)])]),
            "words of edges"
        ),
        (
            Schema(edgeTypes: [
                EdgeType("e", fields: [Field("v", .vector(VectorType(dimension: 2)))])
            ]), "vectors of edges"
        ),
    ]

    @Test(arguments: refused) func aBadSchemaIsRefused(schema: Schema, part: String) {
        let failure = error { () throws(MnemeError) in try schema.validate(existing: ["books"]) }
        #expect(failure?.code == .badSchema)
        #expect(failure?.message.contains(part) ?? false, "\(failure?.message ?? "accepted")")
    }
}
