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
            [Field("a", .vector(VectorType(dimension: 1, recall: 0.5))), Field("_b9", .float)],
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
        (notes([Field("x", .vector(VectorType(dimension: 2, recall: 0.49)))]), "0.5 to 1"),
        (notes([Field("x", .vector(VectorType(dimension: 2, recall: 1.01)))]), "0.5 to 1"),
        (notes([Field("x", .vector(VectorType(dimension: 2, recall: .nan)))]), "0.5 to 1"),
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
            Schema(edgeTypes: [EdgeType("e", fields: [Field("w", .int, isSearchable: true)])]),
            "only text fields are searchable"
        ),
        (
            Schema(edgeTypes: [
                EdgeType("e", fields: [Field("v", .vector(VectorType(dimension: 0)))])
            ]), "components, not 0"
        ),
    ]

    static func expression(_ text: String) -> Expression {
        do {
            return try Expression(text)
        } catch {
            fatalError("\(error)")
        }
    }

    static func checked(_ name: String, _ condition: String) -> Schema {
        var schema = notes()
        schema.collections[0].checks = [
            Check("fine", expression("at is not null")), Check(name, expression(condition)),
        ]
        return schema
    }

    static let badRules: [(Schema, MnemeError.Code, String)] = [
        (notes([Field("x", .text, maximumLength: 0)]), .badSchema, "maximumLength is 0"),
        (notes([Field("x", .int, maximumLength: 5)]), .badSchema, "this is an int field"),
        (notes([Field("x", .json, maximumLength: 5)]), .badSchema, "this is a json field"),
        (notes([Field("x", .int, standard: "a")]), .badSchema, "default text \"a\""),
        (notes([Field("x", .int, standard: .null)]), .badSchema, "null is no default"),
        (notes([Field("x", .oneOf(["a"]), standard: "b")]), .badSchema, "does not fit"),
        (notes([Field("x", .text, maximumLength: 2, standard: "abc")]), .badSchema, "not fit"),
        (notes([Field("x", .int, standard: 1, fill: .next)]), .badSchema, "default and fill"),
        (
            notes([Field("x", .int, standard: 1, generated: expression("2"))]), .badSchema,
            "default and generated"
        ),
        (notes([Field("x", .text, fill: .now)]), .badSchema, "the fill now makes"),
        (notes([Field("x", .text, fill: .changed)]), .badSchema, "the fill changed makes"),
        (notes([Field("x", .int, fill: .uuid)]), .badSchema, "the fill uuid makes"),
        (notes([Field("x", .uuid, fill: .hex)]), .badSchema, "the fill hex makes"),
        (notes([Field("x", .float, fill: .next)]), .badSchema, "the fill next makes"),
        (notes([Field("x", .text, maximumLength: 31, fill: .hex)]), .badSchema, "32 characters"),
        (notes([Field("x", .text, maximumLength: 35, fill: .uuid)]), .badSchema, "36 characters"),
        (
            notes([Field("x", .vector(VectorType(dimension: 2)), standard: [1, 2])]), .badSchema,
            "a vector is given"
        ),
        (
            notes([Field("x", .vector(VectorType(dimension: 2)), maximumLength: 2)]), .badSchema,
            "a vector is given"
        ),
        (notes([Field("x", .int, generated: expression("nope + 1"))]), .badExpression, "nope"),
        (notes([Field("x", .int, generated: expression("title"))]), .badExpression, "a text"),
        (notes([Field("x", .int, generated: expression("x + 1"))]), .badExpression, "names \"x\""),
        (
            notes([
                Field("x", .int, generated: expression("y + 1")),
                Field("y", .int, generated: expression("length(title)")),
            ]), .badExpression, "names \"y\""
        ),
        (
            notes([Field("x", .text, generated: expression("lower(title)"))]) {
                $0.owner = "x"
            }, .badSchema, "the owner is given"
        ),
        (checked("fine", "at is null"), .badSchema, "two of the check"),
        (checked("", "at is null"), .badSchema, "is no name"),
        (checked("c", "title"), .badExpression, "a bool is wanted"),
        (checked("c", "gone = 1"), .badExpression, "check \"c\", column 1"),
        (
            Schema(edgeTypes: [EdgeType("e", fields: [Field("n", .int, fill: .next)])]), .badSchema,
            "edges are not numbered"
        ),
        (
            Schema(edgeTypes: [EdgeType("e", checks: [Check("c", expression("w > 1"))])]),
            .badExpression, "edge type \"e\", check \"c\""
        ),
    ]

    @Test(arguments: badRules) func aBadRuleIsRefused(
        schema: Schema,
        code: MnemeError.Code,
        part: String
    ) {
        let failure = error { () throws(MnemeError) in try schema.validate(existing: ["books"]) }
        #expect(failure?.code == code)
        #expect(failure?.message.contains(part) ?? false, "\(failure?.message ?? "accepted")")
    }

    @Test func goodRulesPass() throws {
        var schema = Self.notes([
            Field("a", .array(.text), maximumLength: 3, standard: ["x"]),
            Field("b", .float, standard: 1), Field("c", .date, fill: .now),
            Field("d", .instant, fill: .changed), Field("e", .text, maximumLength: 36, fill: .uuid),
            Field("f", .uuid, fill: .uuid), Field("g", .text, fill: .hex),
            Field("h", .int, fill: .next),
            Field("i", .text, isSearchable: true, generated: Self.expression("lower(title)")),
            Field("j", .int, generated: Self.expression("length(i) + h")),
            Field("k", .instant, standard: "2024-02-29T00:00:00Z"),
            Field("l", .json, generated: Self.expression("data.theme")),
        ])
        schema.collections[0].checks = [Check("c", Self.expression("meaning is null or j > 0"))]
        try schema.validate()
    }

    @Test(arguments: refused) func aBadSchemaIsRefused(schema: Schema, part: String) {
        let failure = error { () throws(MnemeError) in try schema.validate(existing: ["books"]) }
        #expect(failure?.code == .badSchema)
        #expect(failure?.message.contains(part) ?? false, "\(failure?.message ?? "accepted")")
    }
}
