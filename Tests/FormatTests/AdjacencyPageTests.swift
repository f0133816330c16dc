// formats/adjacency.md against the code, both directions.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemePages
@testable import MnemeStore

@Suite struct AdjacencyPageTests {
    private let page: FormatPage

    init() throws { page = try FormatPage("adjacency.md") }

    /// An entry as a page has it: its key and its columns.
    private func entry(
        of node: UInt64,
        _ low: UInt64,
        in state: StateReader
    ) throws(StoreError) -> [UInt8] {
        let tree = ColumnTree(
            root: state.state.roots.adjacency,
            shape: ColumnShape(columns: [8, 8, 8])
        )
        let high = 1 << 63 | node
        let found = try onPages { () throws(PageError) in
            try tree.find(high, low, in: state.view)
        }
        guard let found else { return [] }
        let numbers = [high, low, found.load64(0), found.load64(1), found.load64(2)]
        return numbers.flatMap { number in
            (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
    }

    @Test func anEdgeThatHasEnded() throws {
        let clock = SimulatedClock(start: 1_700_000_000_000_000)
        var options = StoreOptions()
        options.disk = MemoryDisk()
        options.clock = clock
        options.worksInBackground = false
        let store = try Store.open("past", .create, options: options)
        try store.define(
            Schema(
                collections: [Collection("notes", fields: [])],
                edgeTypes: [EdgeType("cites", history: HistoryRule())]
            )
        )
        let (a, b) = (Reference("notes", "a"), Reference("notes", "b"))
        _ = try store.commit([.put(Put("notes", "a", [:])), .put(Put("notes", "b", [:]))])
        clock.advance(by: 1_000_000)
        let linked = clock.now()
        let made = try store.commit([.link(Link("cites", from: a, to: b))])
        let edge = try #require(made.outcomes.first?.madeEdge)
        clock.advance(by: 2_000_000)
        let ended = clock.now()
        _ = try store.commit([.unlink(edge)])
        let snapshot = store.snapshot()
        let from = try #require(try snapshot.ordinal(a))
        let to = try #require(try snapshot.ordinal(b))
        let type = UInt64(try snapshot.catalog.edgeType("cites").number)
        let low = type << 48 | edge
        let bytes = try snapshot.reading { state throws(StoreError) in
            try entry(of: from, low, in: state) + entry(of: to, 1 << 63 | low, in: state)
        }
        try page.expect(bytes, "past")

        // What the page shows says when the edge was there, and so does a walk.
        let shown = try page.example("past")
        try #require(shown.count == 80)
        func number(_ place: Int) -> UInt64 {
            shown[place * 8..<place * 8 + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        #expect(number(0) == 1 << 63 | from && number(2) == to && number(7) == from)
        #expect(number(1) == low && number(6) == 1 << 63 | low)
        for start in [3, 8] {
            #expect(Int64(number(start)) == linked && Int64(number(start + 1)) == ended)
        }
        for (instant, count) in [(linked - 1, 0), (linked, 1), (ended - 1, 1), (ended, 0)] {
            let walk = Walk(from: [a]).known(at: Instant(microseconds: instant))
            #expect(try snapshot.walk(walk).count == count, "\(instant)")
        }
    }
}
