import Testing

@testable import MnemeModel

@Suite struct CollectionCheckTests {
    static let collection: Collection = {
        var roles = Roles()
        roles.owner = "owner"
        return Collection(
            "notes",
            fields: [
                Field("owner", .text, isRequired: true), Field("text", .text),
                Field("importance", .float), Field("count", .int), Field("at", .instant),
                Field("tags", .array(.text)), Field("data", .json),
                Field("state", .oneOf(["open", "done"])),
                Field("meaning", .vector(VectorType(dimension: 2))),
                Field("inner", .vector(VectorType(dimension: 2, metric: .dot))),
                Field("half", .vector(VectorType(dimension: 2, element: .float16, metric: .l2))),
            ],
            roles: roles
        )
    }()

    func check(_ fields: [String: Value]) throws(MnemeError) -> [String: Value] {
        try Self.collection.check(fields: fields.merging(["owner": "a/b"]) { given, _ in given })
    }

    @Test func fieldsAreCoercedAndNullsDropped() throws {
        let checked = try check([
            "importance": 1, "at": "1970-01-01T00:00:01Z", "meaning": [3, 4], "text": "a\u{0}b",
            "count": nil, "state": "done", "inner": [0, 0],
        ])
        #expect(
            checked == [
                "owner": "a/b", "importance": .float(1), "text": "a\u{0}b", "state": "done",
                "at": .instant(Instant(microseconds: 1_000_000)), "meaning": .vector([3, 4]),
                "inner": .vector([0, 0]),
            ]
        )
    }

    static func nested(_ depth: Int) -> Value {
        (1..<depth).reduce(Value.array([])) { inner, _ in .array([inner]) }
    }

    static let refused: [([String: Value], MnemeError.Code, [String])] = [
        (["importence": 1], .unknownField, ["no field \"importence\"", "owner, text, importance"]),
        (["importance": "high"], .wrongType, ["notes.importance", "a float", "text \"high\""]),
        (["count": 1.5], .wrongType, ["notes.count", "an int", "float 1.5"]),
        (["owner": nil], .missingField, ["notes.owner is required", "null"]),
        (
            ["owner": nil, "ownre": "ann"], .unknownField,
            ["no field \"ownre\"", "notes.owner is required"]
        ),
        (["state": "gone"], .wrongType, ["notes.state", "\"open\", \"done\""]),
        (["at": "yesterday"], .wrongType, ["notes.at", "2023-05-08T13:56:00Z"]),
        (["tags": ["a", 5]], .wrongType, ["notes.tags[1]", "a text", "int 5"]),
        (["tags": ["a", nil]], .wrongType, ["notes.tags[1]", "null"]),
        (["tags": "a"], .wrongType, ["notes.tags", "an array of text"]),
        (["data": nested(65)], .tooLarge, ["notes.data", "64 deep"]),
        (["data": .bytes([1])], .wrongType, ["notes.data", "1 bytes"]),
        (["meaning": [1]], .badVector, ["notes.meaning", "2 components and got 1"]),
        (["meaning": "x"], .wrongType, ["notes.meaning", "a vector of 2"]),
        (["meaning": .vector([1, .nan])], .badVector, ["notes.meaning[1] is nan"]),
        (["inner": .vector([-.infinity, 1])], .badVector, ["notes.inner[0] is -inf"]),
        (["inner": [1e300, 1]], .badVector, ["notes.inner[0] is inf"]),
        (["meaning": [0, -0.0]], .badVector, ["notes.meaning", "zero vector"]),
        (["meaning": [1e-30, 0]], .badVector, ["notes.meaning", "length"]),
        (["inner": [1e19, 0]], .badVector, ["notes.inner", "under dot", "at most 1e18"]),
        (["half": [70_000, 0]], .badVector, ["notes.half[0]", "float16"]),
        (["owner": ""], .badOwner, ["notes.owner", "empty"]),
        (["owner": "a//b"], .badOwner, ["empty segment"]),
        (["owner": "/a"], .badOwner, ["empty segment"]),
        (["owner": "a/"], .badOwner, ["empty segment"]),
        (["owner": .text(String(repeating: "a", count: 513))], .badOwner, ["513 bytes"]),
    ]

    @Test(arguments: refused) func whatDoesNotFitIsRefused(
        fields: [String: Value],
        code: MnemeError.Code,
        parts: [String]
    ) {
        let failure = error { () throws(MnemeError) in try check(fields) }
        #expect(failure?.code == code)
        for part in parts {
            #expect(failure?.message.contains(part) ?? false, "\(failure?.message ?? "accepted")")
        }
    }

    @Test func whatJustFitsIsTaken() throws {
        _ = try check(["data": Self.nested(64)])
        _ = try check(["owner": .text(String(repeating: "a", count: 512))])
        _ = try check(["half": [65_504, 0]])
    }

    @Test func aMissingRequiredFieldIsNamed() {
        let failure = error { () throws(MnemeError) in try Self.collection.check(fields: [:]) }
        #expect(failure?.code == .missingField)
        #expect(failure?.message.contains("not given") ?? false)
    }

    @Test func propertiesOfEdgesAreCheckedAlike() throws {
        let cites = EdgeType("cites", fields: [Field("weight", .float)])
        #expect(try cites.check(fields: ["weight": 2]) == ["weight": .float(2)])
        let failure = error { () throws(MnemeError) in try cites.check(fields: ["x": 2]) }
        #expect(failure?.message.contains("cites has no field \"x\"") ?? false)
    }
}
