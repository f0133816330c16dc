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
}
