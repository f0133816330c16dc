// mneme unlink, as a person runs it: an edge that is removed, and one that is erased.

import Foundation
import Mneme
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct EdgeVerbTests {
    @Test func anErasedEdgeLeavesNothing() throws {
        let place = try BuiltProgram()
        let memory = try Memory.open(place.path("notes.mneme"))
        try memory.define(
            Schema(
                collections: [Collection("notes", fields: [])],
                edgeTypes: [EdgeType("cites", history: HistoryRule())]
            )
        )
        let link = Link("cites", from: Reference("notes", "a"), to: Reference("notes", "b"))
        let made = try memory.commit([
            .put(Put("notes", "a", [:])), .put(Put("notes", "b", [:])), .link(link), .link(link),
        ])
        let edges = made.outcomes.compactMap { outcome -> UInt64? in
            if case .linked(let edge) = outcome { edge } else { nil }
        }
        try memory.close()
        func run(_ words: String) throws -> BuiltProgram.Ended {
            try place.shell("mneme \(words) --store notes.mneme")
        }
        var ended = try run("unlink \(edges[0])")
        #expect(ended.output.contains("Unlinked."), "\(ended)")
        // What its type keeps of it says so, and is erased by its number too.
        ended = try run("verify --erased-edge \(edges[0])")
        #expect(ended.status == 1 && ended.error.contains("mneme unlink --erase"), "\(ended)")
        ended = try run("unlink \(edges[0]) --erase")
        #expect(ended.output.contains("What its type had kept of it is erased"), "\(ended)")
        ended = try run("unlink \(edges[1]) --erase")
        #expect(ended.output.contains("Make a backup"), "\(ended)")
        ended = try run("verify --erased-edge \(edges[1])")
        #expect(ended.status == 1 && ended.error.contains("mneme compact"), "\(ended)")
        #expect(try run("compact").status == 0)
        for edge in edges {
            ended = try run("verify --erased-edge \(edge)")
            #expect(ended.status == 0 && ended.output.contains("edge \(edge)"), "\(ended)")
        }
    }
}
