// Every error that a caller can provoke has the same code and the same words at each door.

import Doors
import MnemeModel
import Testing

extension Conformance {
    private static func define(_ collections: Collection..., edges: EdgeType...) -> Request {
        .define(Schema(collections: collections, edgeTypes: edges))
    }

    private static func commit(_ changes: Change...) -> Request { .commit(changes, .none) }

    private static func find(_ filter: Filter) -> Request { .find(Find("things", where: filter)) }

    private static func nested(_ depth: Int) -> Value {
        (0..<depth).reduce(Value.int(1)) { inner, _ in .array([inner]) }
    }

    private static func nots(_ depth: Int) -> Filter {
        (0..<depth).reduce(Filter.eq("count", 1)) { inner, _ in .not(inner) }
    }

    private static let schemas: [(MnemeError.Code, Request)] = [
        (.badSchema, define(Collection("1", fields: []))),
        (.badSchema, define(Collection("", fields: []))),
        (.badSchema, define(Collection("x", fields: [Field("f", .text), Field("f", .int)]))),
        (.badSchema, define(Collection("x", fields: [Field("f", .oneOf([]))]))),
        (.badSchema, define(Collection("x", fields: [Field("not", .int)]))),
        (.badSchema, define(Collection("x", fields: [Field("f", .array(.json))]))),
        (.badSchema, define(Collection("x", fields: [Field("f", .int, isSearchable: true)]))),
        (
            .badSchema,
            define(Collection("x", fields: [Field("f", .vector(VectorType(dimension: 0)))]))
        ),
        (.badSchema, define(Collection("x", fields: [], indexes: [Index("i", on: ["f"])]))),
        (.badSchema, define(edges: EdgeType("e", from: "nowhere"))),
        (.schemaConflict, define(Collection("things", key: .int, fields: []))),
        (.schemaConflict, define(Collection("things", fields: [Field("count", .text)]))),
    ]

    private static let records: [(MnemeError.Code, Request)] = [
        (.unknownCollection, commit(.put(Put("thigns", "a", [:])))),
        (.unknownCollection, commit(.put(Put("", "a", [:])))),
        (.unknownCollection, .get([Reference("a/b", "c")])),
        (.unknownCollection, .get([thing("a"), Reference("", "c")])),
        (.unknownField, commit(put("x", ["nmae": 1]))),
        (.unknownField, commit(put("x", ["": nil, "caf\u{e9}": 1]))),
        (.wrongType, commit(put("x", ["count": 1.5]))),
        (.wrongType, commit(put("x", ["count": .float(.nan)]))),
        (.wrongType, commit(put("x", ["flag": "true"]))),
        (.wrongType, commit(put("x", ["at": "yesterday"]))),
        (.wrongType, commit(put("x", ["day": .date(Day(number: .max)), "id": "none"]))),
        (.wrongType, commit(put("x", ["free": .bytes([1])]))),
        (.wrongType, commit(put("x", ["mood": "so so"]))),
        (.wrongType, commit(put("x", ["tags": ["a", nil]]))),
        (.wrongType, commit(put(""))), (.wrongType, commit(.put(Put("things", 7, [:])))),
        (.wrongType, .get([Reference("numbers", "one")])),
        (.wrongType, commit(.delete(Reference("ids", 1)))),
        (.missingField, commit(.put(Put("places", "x", [:])))),
        (.missingField, commit(.put(Put("places", "x", ["slot": nil])))),
        (.badVector, commit(put("x", ["near": .vector([1, 2])]))),
        (.badVector, commit(put("x", ["near": .vector([0, 0, -0.0])]))),
        (.badVector, commit(put("x", ["near": .vector([.nan, 0, 0])]))),
        (.badVector, commit(put("x", ["half": .vector([70_000, 0])]))),
        (.badOwner, commit(put("x", ["owner": "a//b"]))),
        (.tooLarge, commit(put("x", ["free": nested(65)]))),
        (.tooLarge, commit(put("x", ["free": nested(110)]))),
        (.notFound, .path(Path(from: thing("a"), to: thing("nobody")))),
        (.duplicate, commit(put("a", mode: .insert))),
        (.danglingEdge, commit(join("a", "nobody"))),
        (.unknownEdgeType, commit(join("a", "b", "unknown"))),
        (.wrongType, commit(join("a", "b", "counts"))),
        (
            .unknownField,
            commit(.link(Link("joins", from: thing("a"), to: thing("b"), fields: ["x": 1])))
        ),
        (.badSchema, .relate([Link("no name", from: thing("a"), to: thing("b"))])),
    ]

    private static let questions: [(MnemeError.Code, Request)] = [
        (.unknownCollection, .find(Find("thigns"))), (.unknownField, find(.eq("nmae", 1))),
        (.unknownField, .find(Find("things", order: [Order("nmae")]))),
        (.unknownField, .find(Find("things", select: ["nmae"]))),
        (.unknownField, .find(Find("things", match: Match("name", "x")))),
        (.unknownField, .find(Find("things", near: Near("name", [1])))),
        (.badVector, .find(Find("things", near: Near("near", [1])))),
        (.badVector, .find(Find("things", near: Near("near", [.nan, 1, 1])))),
        (.badRequest, .find(Find("things", near: Near("near", [1, 1, 1], minimum: .nan)))),
        (.badRequest, .find(Find("things", limit: -1))),
        (.badRequest, .find(Find("things", offset: .min))),
        (.badRequest, .find(Find("things", order: [Order("near")]))),
        (.badFilter, find(.eq("count", "1"))),
        (.badFilter, find(.compare(field: "count", .prefix("1")))),
        (.badFilter, find(.compare(field: "count", .isIn([1, "2"])))),
        (.badFilter, find(.eq("day", "2023-02-29"))), (.badFilter, find(nots(65))),
        (.badFilter, find(.eq("free", .bytes([1])))),
        (.badFilter, find(.eq("and", 1))), (.badFilter, find(.eq("or", 1))),
        (.badFilter, find(.compare(field: "not", .exists(true)))),
        (.badFilter, .recall(Recall("x", where: .eq("not", ["kind": "semantic"])))),
        (.badFilter, .forget(Forget(where: .not(.eq("or", []))))),
        (.badOwner, .find(Find("things", owner: ""))),
        (.badOwner, .find(Find("numbers", owner: "ann"))),
        (.tooLarge, .find(Find("things", match: Match("body", long)))),
        (.unknownCollection, .walk(Walk(from: [Reference("thigns", "a")]))),
        (.unknownEdgeType, .walk(Walk(from: [thing("a")], types: ["unknown"]))),
        (.badRequest, .walk(Walk(from: [thing("a")], hops: -1))),
        (.badRequest, .walk(Walk(from: [thing("a")], limit: .min))),
        (.unknownEdgeType, .path(Path(from: thing("a"), to: thing("b"), types: ["unknown"]))),
        (.badRequest, .path(Path(from: thing("a"), to: thing("b"), hops: -1))),
        (.badRequest, .paths(Paths(from: thing("a"), to: thing("b"), hops: -1))),
        (.badRequest, .paths(Paths(from: thing("a"), to: thing("b"), limit: 1001))),
        (.unknownField, .paths(Paths(from: thing("a"), to: thing("b"), by: .cost("none")))),
        (.notFound, .paths(Paths(from: thing("a"), to: thing("nobody")))),
    ]

    private static let long = (0..<5000).map { "word\($0)" }.joined(separator: " ")

    private static let memories: [(MnemeError.Code, Request)] = [
        (.badOwner, .remember([Remember("x", owner: "")])),
        (.badRequest, .remember([Remember("x", owner: "ann", importance: 1.5)])),
        (.badRequest, .remember([Remember("x", owner: "ann", importance: .nan)])),
        (.badRequest, .remember([Remember("x", owner: "ann", decayRate: -1)])),
        (.badRequest, .remember([Remember("x", owner: "ann", decayRate: .infinity)])),
        (.unknownField, .remember([Remember("x", owner: "ann", vectors: ["mine": [1]])])),
        (.badVector, .remember([Remember("x", owner: "ann", vectors: ["meaning": [1]])])),
        (
            .danglingEdge,
            .remember([Remember("x", owner: "ann", links: [MemoryLink("near", to: "no")])])
        ),
        (.unknownCollection, .recall(Recall("x", collection: "thigns"))),
        (.unknownField, .recall(Recall("x", where: .eq("nmae", 1)))),
        (.badRequest, .recall(Recall("x", limit: -1))),
        (.badRequest, .recall(Recall("x", hops: .min))),
        (.badRequest, .recall(Recall("x", tokens: -1))),
        (.badRequest, .recall(Recall("x", minimumSimilarity: .nan))),
        (.badOwner, .recall(Recall("x", owner: "a//b"))),
        (.badRequest, .forget(Forget())), (.badRequest, .forget(Forget(where: .and([.and([])])))),
        (.unknownCollection, .forget(Forget(keys: ["a"], collection: "thigns"))),
        (.badOwner, .forget(Forget(owner: ""))),
        (.badOwner, .openSession(owner: "", idleMinutes: 1)),
        (.badRequest, .openSession(owner: "ann", idleMinutes: 0)),
        (.badRequest, .openSession(owner: "ann", idleMinutes: .min)),
        (.notFound, .appendToSession(id: "none", entries: [Remember("x", owner: "")])),
        (.notFound, .endSession(id: "", summary: nil)),
    ]

    private static let all = schemas + records + questions + memories

    /// What a door finds too deep in its own words, before anything is sent.
    private static let deep: [(MnemeError.Code, Request)] = [
        (.tooLarge, commit(put("x", ["free": nested(130)]))),
        (.tooLarge, commit(put("x", ["count": nested(1000)]))),
    ]

    /// What each of them says in a store without files, on this thread.
    private static func answers(of door: any Door) async throws -> [String] {
        try await door.define(Sample.schema)
        _ = try await door.commit([put("a"), put("b"), join("a", "b")])
        var plain = Plain(.exact)
        var answers: [String] = []
        for (_, request) in all { answers.append(plain.text(await door.outcome(request))) }
        return answers
    }

    @Test(arguments: DoorKind.allCases)
    func refusalsHaveTheSameCodesAndWords(kind: DoorKind) async throws {
        let wanted = try await DoorKind.inMemory.withDoor { try await Self.answers(of: $0) }
        try await kind.withDoor { door in
            let answers = try await Self.answers(of: door)
            for (index, (code, request)) in Self.all.enumerated() {
                #expect(
                    answers[index].contains("\"code\": \(code.rawValue),"),
                    "\(code): \(request) \(answers[index])"
                )
                #expect(answers[index] == wanted[index], "\(request)")
            }
            for (code, request) in Self.deep { #expect(await door.refusal(request) == code) }
            // None of them left anything.
            #expect(try await door.statistics().records["things"] == 2)
            #expect(
                try await door.describe().collections.count == Sample.schema.collections.count + 2
            )
            #expect(try await door.verify().findings == [])
        }
    }

    /// The message of what was closed is each door's own, as it says what to open again.
    @Test(arguments: DoorKind.allCases)
    func messagesSayWhatToDo(kind: DoorKind) async throws {
        try await kind.withDoor { door in
            try await door.close()
            guard case .failure(let error) = await door.outcome(.describe) else {
                Issue.record("not refused")
                return
            }
            #expect(error.code == .closed && error.action == .reopen)
            #expect(error.message.contains("closed"))
        }
    }
}
