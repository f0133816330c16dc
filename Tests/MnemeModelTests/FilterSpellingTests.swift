import Testing

@testable import MnemeModel

@Suite struct FilterSpellingTests {
    @Test(arguments: [
        ("{}", Filter.and([])),
        (#"{"a":5}"#, .eq("a", 5)), (#"{"a":null}"#, .eq("a", .null)),
        (#"{"a":["x"]}"#, .eq("a", ["x"])), (#"{"a":{"eq":{"b":1}}}"#, .eq("a", ["b": 1])),
        (
            #"{"a":{"gte":1,"lt":2}}"#,
            .and([
                .compare(field: "a", .gte(1)), .compare(field: "a", .lt(2)),
            ])
        ),
        (#"{"b":1,"a":{"in":[1,2]}}"#, .and([.compare(field: "a", .isIn([1, 2])), .eq("b", 1)])),
        (#"{"or":[{"a":1},{"b":2}]}"#, .or([.eq("a", 1), .eq("b", 2)])),
        (#"{"not":{"a":1}}"#, .not(.eq("a", 1))), (#"{"or":[]}"#, .or([])),
        (
            #"{"x":{"exists":false},"not":{"and":[]}}"#,
            .and([
                .not(.and([])), .compare(field: "x", .exists(false)),
            ])
        ),
        (#"{"a":{"within":[1,2]}}"#, .compare(field: "a", .within(1, 2))),
        (#"{"a":{"nin":[]}}"#, .compare(field: "a", .notIn([]))),
    ]) func isRead(text: String, filter: Filter) throws {
        #expect(try Filter(json: text) == filter)
    }

    @Test func theOnePageOfExamplesHolds() throws {
        let filter = try Filter(
            json: """
                {"importance": {"gte": 0.5}, "tags": {"any": ["a"]},
                 "or": [{"kind": "semantic"}, {"pinned": true}], "not": {"speaker": "bot"}}
                """
        )
        let good: [String: Value] = ["importance": 0.5, "tags": ["b", "a"], "pinned": true]
        #expect(filter.holds { good[$0] ?? .null })
        #expect(!filter.holds { $0 == "speaker" ? "bot" : good[$0] ?? .null })
        #expect(!filter.holds { $0 == "importance" ? 0.4 : good[$0] ?? .null })
    }

    @Test(arguments: [
        ("5", "A filter is an object"),
        (#"{"a":{"gtee":1}}"#, "operator \"gtee\" (on \"a\"). Known: eq, ne"),
        (#"{"a":{"b":{"eq":1}}}"#, "write {\"eq\": {…}}"), (#"{"a":{}}"#, "is empty"),
        (#"{"or":{"a":1}}"#, "\"or\" takes an array"), (#"{"and":[1]}"#, "A filter is an object"),
        (#"{"not":[]}"#, "A filter is an object"),
        (#"{"a":{"in":1}}"#, "\"in\" on \"a\" takes an array"),
        (#"{"a":{"prefix":1}}"#, "takes a text"), (#"{"a":{"exists":1}}"#, "true or false"),
        (#"{"a":{"within":[1]}}"#, "[low, high]"),
    ]) func wrongWordsAreNamed(text: String, part: String) {
        let failure = error { () throws(MnemeError) in try Filter(json: text) }
        #expect(failure?.code == .badFilter)
        #expect(failure?.message.contains(part) ?? false, "\(failure?.message ?? "accepted")")
    }
}
