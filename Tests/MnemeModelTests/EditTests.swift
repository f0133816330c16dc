// What each edit makes of a record's fields, and what it refuses.

import MnemeModel
import Testing

@Suite struct EditTests {
    /// The fields once an edit was made.
    func made(_ edit: Edit, _ fields: [String: Value]) throws(MnemeError) -> [String: Value] {
        var fields = fields
        try edit.apply(to: &fields, of: "notes")
        return fields
    }

    func refused(_ edit: Edit, _ fields: [String: Value]) -> MnemeError.Code? {
        do throws(MnemeError) {
            _ = try made(edit, fields)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func setsAndUnsetsParts() throws {
        let data: [String: Value] = ["data": ["a": ["b": 1], "list": [1, 2]], "title": "x"]
        #expect(try made(.set("title", "y"), data)["title"] == "y")
        #expect(try made(.set("title", .null), data)["title"] == nil)
        #expect(
            try made(.set("data.a.b", 2), data)["data"] == ["a": ["b": 2], "list": [1, 2]]
        )
        #expect(try made(.set("data.c.d", true), [:])["data"] == ["c": ["d": true]])
        #expect(try made(.set("data.list.1", 9), data)["data"] == ["a": ["b": 1], "list": [1, 9]])
        #expect(try made(.set("data.a", .null), data)["data"] == ["a": nil, "list": [1, 2]])
        #expect(try made(.unset("data.a.b"), data)["data"] == ["a": [:], "list": [1, 2]])
        #expect(try made(.unset("data.list.0"), data)["data"] == ["a": ["b": 1], "list": [2]])
        #expect(try made(.unset("data.nothing.here"), data) == data)
        #expect(try made(.unset("other.here"), data) == data)
        #expect(refused(.set("data.list.2", 1), data) == .wrongType)
        #expect(refused(.set("title.part", 1), data) == .wrongType)
    }

    @Test func fillsWhatIsMissing() throws {
        #expect(try made(.fill("title", "x"), [:])["title"] == "x")
        #expect(try made(.fill("title", "x"), ["title": "y"])["title"] == "y")
        #expect(try made(.fill("data.a", 1), ["data": ["a": nil]])["data"] == ["a": 1])
    }

    @Test func incrementsNumbers() throws {
        #expect(try made(.increment("n", 2), [:])["n"] == 2)
        #expect(try made(.increment("n", -2), ["n": 5])["n"] == 3)
        #expect(try made(.increment("n", 0.5), ["n": 5])["n"] == 5.5)
        #expect(try made(.increment("data.n", 1), ["data": ["n": 1]])["data"] == ["n": 2])
        #expect(refused(.increment("n", 1), ["n": .int(.max)]) == .tooLarge)
        #expect(refused(.increment("n", 1), ["n": "one"]) == .wrongType)
        #expect(refused(.increment("n", "one"), ["n": 1]) == .wrongType)
    }

    @Test func keepsArraysBounded() throws {
        #expect(try made(.append("a", [1]), [:])["a"] == [1])
        #expect(try made(.append("a", [3, 4], limit: 3), ["a": [1, 2]])["a"] == [2, 3, 4])
        #expect(try made(.prepend("a", [3, 4], limit: 3), ["a": [1, 2]])["a"] == [3, 4, 1])
        #expect(try made(.append("a", [1], limit: 0), [:])["a"] == [])
        #expect(refused(.append("a", [1]), ["a": "text"]) == .wrongType)
    }

    @Test func keepsSets() throws {
        #expect(try made(.addToSet("a", ["x", "y", "x"]), ["a": ["y"]])["a"] == ["y", "x"])
        #expect(try made(.remove("a", ["x"]), ["a": ["x", "y", "x"]])["a"] == ["y"])
        #expect(try made(.remove("a", ["x"]), [:])["a"] == nil)
    }

    @Test func mergesObjects() throws {
        // The examples of RFC 7386, appendix A, as far as both sides are objects.
        let cases: [([String: Value], [String: Value], [String: Value])] = [
            (["a": "b"], ["a": "c"], ["a": "c"]),
            (["a": "b"], ["b": "c"], ["a": "b", "b": "c"]),
            (["a": "b"], ["a": nil], [:]),
            (["a": "b", "b": "c"], ["a": nil], ["b": "c"]),
            (["a": ["b"]], ["a": "c"], ["a": "c"]),
            (["a": "c"], ["a": ["b"]], ["a": ["b"]]),
            (["a": ["b": "c"]], ["a": ["b": "d", "c": nil]], ["a": ["b": "d"]]),
            (["a": [["b": "c"]]], ["a": [1]], ["a": [1]]),
            (["e": nil], ["a": 1], ["e": nil, "a": 1]),
            ([:], ["a": ["bb": ["ccc": nil]]], ["a": ["bb": [:]]]),
        ]
        for (old, members, wanted) in cases {
            let fields = try made(.merge("data", members), ["data": .map(old)])
            #expect(fields["data"] == .map(wanted))
        }
        #expect(try made(.merge("data", ["a": 1]), [:])["data"] == ["a": 1])
        #expect(refused(.merge("data", ["a": 1]), ["data": [1]]) == .wrongType)
    }
}
