// What asks about edges that were there once, spelled and read again.

import MnemeModel
import Testing

@Suite struct PastSpellingTests {
    private let instant = #"{"$instant": "2024-01-01T00:00:00Z"}"#

    @Test func walksAndPathsSayTheirInstant() throws {
        let asked = Instant(microseconds: 1_704_067_200_000_000)
        let walk = try Value(json: #"{"from": ["notes/a"], "knownAt": \#(instant)}"#)
        #expect(try Walk(spelling: walk).knownAt == asked)
        #expect(try Walk(spelling: walk).spelling == walk)
        let ends = try Value(json: #"{"from": "notes/a", "to": "notes/b", "knownAt": \#(instant)}"#)
        #expect(try Path(spelling: ends).knownAt == asked)
        #expect(try Path(spelling: ends).spelling == ends)
        #expect(try Paths(spelling: ends).knownAt == asked)
        #expect(try Paths(spelling: ends).spelling == ends)
        #expect(Walk(from: [Reference("notes", .text("a"))]).known(at: asked).knownAt == asked)
    }

    @Test func edgeTypesSayTheirHistory() throws {
        let type = try Value(json: #"{"name": "cites", "history": {"days": 30}}"#)
        #expect(try EdgeType(spelling: type).history == HistoryRule(days: 30))
        #expect(try EdgeType(spelling: type).spelling == type)
        #expect(EdgeType("cites").history == nil)
    }

    @Test func walksAndPathsSayWhatTheyChoose() throws {
        let chosen =
            #""through": [{"collection": "notes", "where": {"state": "open"}}], "#
            + #""fanOut": {"count": 3, "strongest": "weight"}, "asOf": \#(instant)"#
        let walk = try Value(
            json: #"{"from": ["notes/a"], "only": [{"collection": "users"}], \#(chosen)}"#
        )
        let read = try Walk(spelling: walk)
        #expect(read.through?.first?.filter == .compare(field: "state", .eq("open")))
        #expect(read.only == [NodeChoice("users")])
        #expect(read.fanOut == FanOut(3, strongest: "weight"))
        #expect(read.asOf == Instant(microseconds: 1_704_067_200_000_000))
        #expect(read.spelling == walk)
        let ends = try Value(json: #"{"from": "notes/a", "to": "notes/b", \#(chosen)}"#)
        #expect(try Path(spelling: ends).through == read.through)
        #expect(try Path(spelling: ends).spelling == ends)
        #expect(try Paths(spelling: ends).fanOut == read.fanOut)
        #expect(try Paths(spelling: ends).spelling == ends)
        // An empty list is none, and is refused where it is looked up.
        let nothing = try Value(json: #"{"from": ["notes/a"], "through": []}"#)
        #expect(try Walk(spelling: nothing).spelling == nothing)
        for wrong in [#""fanOut": {}"#, #""through": [{"where": {}}]"#, #""fanOut": {"most": 3}"#] {
            let value = try Value(json: #"{"from": ["notes/a"], \#(wrong)}"#)
            #expect(throws: MnemeError.self) { _ = try Walk(spelling: value) }
        }
    }

    @Test func edgeTypesSayWhenTheyAreTrue() throws {
        let type = try Value(
            json: #"{"name": "cites", "fields": [{"name": "since", "type": "instant"}], "#
                + #""validFrom": "since"}"#
        )
        #expect(try EdgeType(spelling: type).validFrom == "since")
        #expect(try EdgeType(spelling: type).spelling == type)
    }
}
