// After an erase, or a purge, nothing of a record and of its edges is kept, of whatever life under
// its key: no row, no entry in the adjacency, nothing that a walk of an earlier instant comes to,
// and in the end no byte of it in any file.

import MnemeBase
import MnemeGraph
import MnemeLog
import MnemeModel
import MnemePages
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct PastErasureTests {
    /// What is looked for: no compression makes anything of it.
    private static let marker = "Yw3#tR8p!cL5@nD6"

    let clock = SimulatedClock(start: 1_700_000_000_000_000)

    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        options.logLimits.smallestSegment = 32 << 10
        options.logLimits.largestSegment = 64 << 10
        options.compactionShare = 0.9
        return options
    }

    private func store(_ disk: any Disk = SimulatedDisk()) throws -> Store {
        let store = try Store.open("store", .openOrCreate, options: options(disk))
        var roles = Roles()
        roles.owner = "owner"
        try store.define(
            Schema(
                collections: [
                    Collection(
                        "people",
                        fields: [Field("owner", .text), Field("note", .text)],
                        roles: roles,
                        history: HistoryRule()
                    )
                ],
                edgeTypes: [
                    EdgeType("knows", fields: [Field("note", .text)], history: HistoryRule()),
                    EdgeType("likes", history: HistoryRule()),
                ]
            )
        )
        clock.advance(by: 10)
        return store
    }

    private func person(_ key: String) -> Reference { Reference("people", .text(key)) }

    private func put(_ key: String, _ owner: String = "us", note: String = "") -> Change {
        .put(Put("people", .text(key), ["owner": .text(owner), "note": .text(note)]))
    }

    private func link(
        _ from: String,
        _ to: String,
        _ type: String = "knows",
        note: String? = nil
    ) -> Change {
        let fields: [String: Value] = note.map { ["note": .text($0)] } ?? [:]
        return .link(Link(type, from: person(from), to: person(to), fields: fields))
    }

    @discardableResult
    private func commit(_ store: Store, _ changes: Change...) throws -> Committed {
        defer { clock.advance(by: 10) }
        return try store.commit(changes)
    }

    /// How many rows and entries are kept of edges that have ended.
    private func kept(_ store: Store) throws -> (rows: Int, entries: Int) {
        let snapshot = store.snapshot()
        return try snapshot.reading { state throws(StoreError) in
            var rows = 0
            for number in state.state.catalog.pastRows {
                // One of them is the marker.
                rows += Int(state.state.roots.counts[number] ?? 0) - 1
            }
            let living = state.state.catalog.edgeTypes.reduce(0) {
                $0 + Int(state.state.roots.counts[$1.number] ?? 0)
            }
            let entries = try onPages { () throws(PageError) in
                try state.state.adjacency.tree.count(in: state.view)
            }
            return (rows, Int(entries) - 2 * living)
        }
    }

    /// Nothing is kept, however it is looked for, now and when the log is read again.
    private func expectNothing(
        _ store: Store,
        but rows: Int = 0,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let kept = try kept(store)
        #expect(kept.rows == rows, sourceLocation: location)
        #expect(kept.entries == 2 * rows, sourceLocation: location)
        #expect(try store.verify().findings == [], sourceLocation: location)
    }

    @Test func whatAnEarlierLifeLeftGoesToo() throws {
        let store = try store()
        try commit(store, put("a"), put("b"), put("c"))
        try commit(store, link("a", "b"), link("b", "c"), link("c", "b", "likes"))
        try commit(store, link("a", "c"))
        let then = Instant(microseconds: clock.now())
        clock.advance(by: 10)
        try commit(store, .delete(person("b")))
        try commit(store, put("b"))
        try commit(store, link("b", "a"))
        try commit(store, .delete(person("b")))
        try commit(store, put("b"))
        #expect(try kept(store) == (4, 8))
        let walk = Walk(from: [person("a")], hops: 2).known(at: then)
        #expect(try store.snapshot().walk(walk).count == 2)
        try commit(store, .erase(person("b")))
        #expect(try store.snapshot().walk(walk).stops.map(\.reference) == [person("c")])
        try expectNothing(store)
    }

    @Test(arguments: [false, true])
    func whatIsNotThereAnyMoreCanBeErased(expects: Bool) throws {
        let store = try store()
        try commit(store, put("a"), put("b", note: "one"))
        try commit(store, put("b", note: "two"))
        try commit(store, link("a", "b"), link("b", "b"))
        let then = Instant(microseconds: clock.now())
        clock.advance(by: 10)
        try commit(store, .delete(person("b")))
        #expect(try kept(store) == (2, 4))
        let erase: Change =
            expects
            ? .remove(Removal(person("b"), erases: true, version: 0)) : .erase(person("b"))
        #expect(try commit(store, erase).outcomes == [.deleted(false)])
        try expectNothing(store)
        #expect(try store.snapshot().history(VersionQuestion(person("b"))).versions == [])
        #expect(try store.snapshot().walk(Walk(from: [person("a")]).known(at: then)).count == 0)
        // Nothing is left to be written.
        let before = store.snapshot().sequence
        try commit(store, .erase(person("b")))
        #expect(store.snapshot().sequence <= before + 1)
    }

    @Test func oneBatchMayEndAndErase() throws {
        let store = try store()
        let batches: [(Reference) -> [Change]] = [
            { [.delete($0), .erase($0)] },
            { [.delete($0), self.put("b"), .erase($0)] },
            { [.delete($0), self.put("b"), self.link("a", "b"), .erase($0), self.put("b")] },
            { [.erase($0), self.put("b"), .delete($0)] },
        ]
        try commit(store, put("a"))
        for batch in batches {
            try commit(store, put("b"))
            let made = try commit(store, link("a", "b"), link("b", "a", "likes"))
            let edge = try #require(made.outcomes.compactMap(\.madeEdge).first)
            clock.advance(by: 10)
            _ = try store.commit([.unlink(edge)] + batch(person("b")))
            clock.advance(by: 10)
            try expectNothing(store)
        }
    }

    @Test func whatHasExpiredIsErasedBeforeItIsSwept() throws {
        let store = try store()
        let end = Instant(microseconds: clock.now() + 1000)
        try commit(store, put("a"))
        try commit(
            store,
            .put(Put("people", "b", ["owner": .text("us")], expiresAt: end))
        )
        try commit(store, link("a", "b"))
        clock.advance(by: 5000)
        try commit(store, .erase(person("b")))
        try expectNothing(store)
        #expect(try store.snapshot().history(VersionQuestion(person("b"))).versions == [])
    }

    @Test func namesThatAreEqualAreOne() throws {
        let store = try store()
        try commit(store, put("a"), put("caf\u{e9}"))
        try commit(store, link("a", "caf\u{e9}"))
        try commit(store, .delete(person("caf\u{e9}")))
        #expect(try kept(store).rows == 1)
        try commit(store, .erase(person("cafe\u{301}")))
        try expectNothing(store)
    }

    @Test func othersKeepTheirs() throws {
        let store = try store()
        try commit(store, put("a"), put("b"), put("c"), put("d"))
        let made = try commit(store, link("a", "b"), link("c", "d"), link("a", "c"))
        let then = Instant(microseconds: clock.now())
        clock.advance(by: 10)
        let edges = made.outcomes.compactMap(\.madeEdge)
        _ = try store.commit(edges.map { .unlink($0) })
        try commit(store, .erase(person("b")))
        try expectNothing(store, but: 2)
        let walk = Walk(from: [person("a")], hops: 3).known(at: then)
        #expect(
            try store.snapshot().walk(walk).stops.map(\.reference) == [
                person("c"), person("d"),
            ]
        )
    }

    @Test func aPurgeTakesTheEdgesOfOthersToo() throws {
        let store = try store()
        try commit(store, put("a", "ann"), put("b", "bob"), put("c", "ann"))
        try commit(store, link("a", "b"), link("b", "a"), link("a", "c"))
        try commit(store, .delete(person("b")))
        try commit(store, .delete(person("c")))
        #expect(try kept(store).rows == 3)
        var purge = Purge("bob", isDry: true)
        // Two rows of edges, and those of the record's history.
        let told = try store.purge(purge)
        purge.isDry = false
        let gone = try store.purge(purge)
        #expect(gone.historyRows == told.historyRows && told.historyRows >= 3)
        try expectNothing(store, but: 1)
        // Nothing is found a second time.
        #expect(try store.purge(purge).historyRows == 0)
    }

    @Test func anErasedEdgeDoesNotComeBack() throws {
        let disk = SimulatedDisk()
        let store = try store(disk)
        try commit(store, put("a"), put("b"))
        try commit(store, link("a", "b"))
        let then = Instant(microseconds: clock.now())
        clock.advance(by: 10)
        try commit(store, .delete(person("b")))
        try commit(store, .erase(person("b")))
        try store.close()
        for mode in [StoreMode.open, .rebuild] {
            let again = try Store.open("store", mode, options: options(disk))
            try expectNothing(again)
            let walk = Walk(from: [person("a")]).known(at: then)
            #expect(try again.snapshot().walk(walk).count == 0)
            try again.close()
        }
    }

    /// The files that hold these bytes.
    private func files(_ disk: SimulatedDisk, with bytes: [UInt8]) throws -> [String] {
        var found: [String] = []
        for directory in ["store", "store/log"] {
            for name in try disk.list(directory) {
                guard let file = try? disk.open(directory + "/" + name, .read) else { continue }
                let all = try file.read(at: 0, count: Int(try file.byteCount()))
                if all.indices.contains(where: { all[$0...].starts(with: bytes) }) {
                    found.append(name)
                }
            }
        }
        return found.sorted()
    }

    @Test func noFileHasAByteOfIt() throws {
        let disk = SimulatedDisk()
        let store = try store(disk)
        try commit(store, put("a"), put(Self.marker))
        for round in 0..<6 {
            for number in 0..<40 { try commit(store, put("k\(round * 40 + number)")) }
            try commit(store, link("a", Self.marker, note: Self.marker + "\(round)"))
            if round % 2 == 1 {
                try commit(store, .delete(person(Self.marker)))
                try store.checkpointNow()
                try commit(store, put(Self.marker))
            }
        }
        try commit(store, .delete(person(Self.marker)))
        #expect(try kept(store).rows == 6)
        let bytes = Array(Self.marker.utf8.prefix(7))
        #expect(try files(disk, with: bytes).count > 1)
        // What is kept is not gone by itself.
        #expect(try store.eraseNow())
        #expect(try !files(disk, with: bytes).isEmpty)
        try commit(store, .erase(person(Self.marker)))
        #expect(try store.eraseNow())
        #expect(try files(disk, with: bytes) == [])
        try expectNothing(store)
    }
}
