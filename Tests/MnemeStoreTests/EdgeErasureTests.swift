// One edge that is erased: it ends as by an unlink wherever the log is read, nothing is kept of it,
// no file has a byte of it in the end, and no restore of an earlier backup brings it back.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct EdgeErasureTests {
    /// What is looked for: no compression makes anything of it.
    private static let marker = "Yw3#tR8p!cL5@nD6"
    private static let meaning: [Float] = [0.7182, -0.3141, 0.5772, 0.1618, -0.4142, 0.2236]

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
        let fields = [
            Field("note", .text, isSearchable: true),
            Field("meaning", .vector(VectorType(dimension: 6))),
        ]
        try store.define(
            Schema(
                collections: [Collection("people", fields: [Field("note", .text)])],
                edgeTypes: [
                    EdgeType(
                        "knows",
                        fields: fields,
                        indexes: [Index("note", on: ["note"])],
                        history: HistoryRule()
                    ), EdgeType("likes", fields: fields),
                ]
            )
        )
        clock.advance(by: 10)
        try commit(store, put("a"), put("b"), put("c"))
        return store
    }

    private func person(_ key: String) -> Reference { Reference("people", .text(key)) }

    private func put(_ key: String, note: String = "") -> Change {
        .put(Put("people", .text(key), ["note": .text(note)]))
    }

    private func link(_ type: String, _ from: String, _ to: String, note: String = "") -> Change {
        let fields: [String: Value] = ["note": .text(note), "meaning": .vector(Self.meaning)]
        return .link(Link(type, from: person(from), to: person(to), fields: fields))
    }

    @discardableResult
    private func commit(_ store: Store, _ changes: Change...) throws -> Committed {
        defer { clock.advance(by: 10) }
        return try store.commit(changes)
    }

    private func edge(_ store: Store, _ change: Change) throws -> UInt64 {
        try #require(try commit(store, change).outcomes[0].madeEdge)
    }

    /// The rows that are kept of edges that have ended, without the marker.
    private func rows(_ store: Store) throws -> Int {
        let roots = store.newest.state.roots
        return store.newest.state.catalog.pastRows.reduce(-1) { $0 + Int(roots.counts[$1] ?? 0) }
    }

    /// Where the people lead whom `a` knew or liked.
    private func known(_ store: Store, at instant: Instant? = nil) throws -> [String] {
        var walk = Walk(from: [person("a")], types: ["knows"])
        if let instant { walk = walk.known(at: instant) }
        return try store.snapshot().walk(walk).stops.map { "\($0.reference.key)" }.sorted()
    }

    private var now: Instant {
        defer { clock.advance(by: 10) }
        return Instant(microseconds: clock.now())
    }

    @Test func nothingIsKeptOfAnErasedEdge() throws {
        let disk = SimulatedDisk()
        var store = try store(disk)
        let erased = try edge(store, link("knows", "a", "b"))
        let ended = try edge(store, link("knows", "a", "c"))
        let then = now
        #expect(try commit(store, .eraseEdge(erased)).outcomes == [.unlinked(true)])
        #expect(try commit(store, .unlink(ended)).outcomes == [.unlinked(true)])
        #expect(try commit(store, .eraseEdge(erased)).outcomes == [.unlinked(false)])
        for mode in [StoreMode.open, .rebuild, .open] {
            #expect(try known(store, at: then) == ["c"])
            #expect(try known(store) == [])
            #expect(try rows(store) == 1)
            #expect(try store.verify().findings == [])
            try store.close()
            store = try Store.open("store", mode, options: options(disk))
        }
        #expect(try store.eraseNow())
        try store.close()
        store = try Store.open("store", .rebuild, options: options(disk))
        #expect(try known(store, at: then) == ["c"])
        #expect(try store.verify().findings == [])
    }

    @Test(arguments: 0..<3)
    func anEdgeThatHasEndedCanBeErased(how: Int) throws {
        let store = try store()
        let end = Instant(microseconds: clock.now() + 1000)
        try commit(store, .put(Put("people", "d", [:], expiresAt: end)))
        let edge = try edge(store, link("knows", "a", "d"))
        let then = now
        switch how {
        case 0: try commit(store, .unlink(edge))
        case 1: try commit(store, .delete(person("d")))
        // Its record has expired, and nobody has noticed.
        default: clock.advance(by: 5000)
        }
        #expect(try commit(store, .eraseEdge(edge)).outcomes == [.unlinked(false)])
        #expect(try rows(store) == 0)
        #expect(try known(store, at: then) == [])
        #expect(try store.verify().findings == [])
        // Nothing is left to be written, and no edge has such numbers.
        let before = store.snapshot().sequence
        for number in [edge, 0, 1, 1 << 40, UInt64.max] {
            #expect(try commit(store, .eraseEdge(number)).outcomes == [.unlinked(false)])
        }
        #expect(store.snapshot().sequence <= before + 5)
        #expect(try known(store) == [])
    }

    @Test func oneBatchMayEndAndErase() throws {
        let store = try store()
        let batches: [(UInt64) -> [Change]] = [
            { [.unlink($0), .eraseEdge($0)] },
            { [.eraseEdge($0), .unlink($0)] },
            { [.delete(self.person("d")), .eraseEdge($0)] },
            { [.eraseEdge($0), .delete(self.person("d")), self.put("d")] },
            { [.eraseEdge($0), .erase(self.person("d"))] },
        ]
        for batch in batches {
            try commit(store, put("d"))
            let edge = try edge(store, link("knows", "a", "d"))
            _ = try store.commit(batch(edge))
            clock.advance(by: 10)
            #expect(try rows(store) == 0)
            #expect(try known(store) == [])
            #expect(try store.verify().findings == [])
        }
    }

    @Test func aTransactionErasesWhatItHasMadeAndWhatWasThere() throws {
        let store = try store()
        let old = try edge(store, link("knows", "a", "b"))
        let then = now
        let transaction = try store.begin()
        let made = try transaction.change([link("knows", "a", "c")])[0].madeEdge
        let ends: [Change] = [.eraseEdge(old), .eraseEdge(try #require(made))]
        #expect(try transaction.change(ends) == [.unlinked(true), .unlinked(true)])
        #expect(try transaction.change([.eraseEdge(old)]) == [.unlinked(false)])
        _ = try transaction.commit(.synced)
        #expect(try known(store) == [] && known(store, at: then) == [])
        #expect(try rows(store) == 0)
        #expect(try store.verify().findings == [])
    }

    @Test func whoWatchesIsToldThatItWasErased() throws {
        let store = try store()
        let first = try edge(store, link("likes", "a", "b"))
        let second = try edge(store, link("knows", "a", "b"))
        let start = store.snapshot().sequence
        try commit(store, .unlink(first), .eraseEdge(second))
        let events = try store.watch(Watch(after: start)).events
        let gone = events.compactMap { event -> Watched.Unlinked? in
            guard case .unlink(let edge) = event.what else { return nil }
            return edge
        }
        #expect(gone.map(\.id) == [first, second])
        #expect(gone.map(\.isErased) == [false, true] && gone[1].to == person("b"))
    }

    // MARK: Files

    /// The files that hold these bytes.
    private func files(
        _ disk: SimulatedDisk,
        _ directory: String,
        with bytes: [UInt8]
    ) throws -> [String] {
        var found: [String] = []
        for place in [directory, directory + "/log"] {
            for name in try disk.list(place) {
                guard let file = try? disk.open(place + "/" + name, .read) else { continue }
                let all = try file.read(at: 0, count: Int(try file.byteCount()))
                if all.indices.contains(where: { all[$0...].starts(with: bytes) }) {
                    found.append(name)
                }
            }
        }
        return found.sorted()
    }

    private var traces: [[UInt8]] {
        [
            Array(Self.marker.utf8.prefix(7)),
            Self.meaning.prefix(3).flatMap { number in
                (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> UInt32(8 * $0)) }
            },
        ]
    }

    @Test(arguments: ["knows", "likes"])
    func noFileHasAByteOfIt(type: String) throws {
        let disk = SimulatedDisk()
        let store = try store(disk)
        var edges: [UInt64] = []
        for round in 0..<6 {
            for number in 0..<30 { try commit(store, put("k\(round * 40 + number)", note: "x")) }
            edges.append(
                try edge(store, link(type, "a", "b", note: Self.marker + " \(round)"))
            )
            if round % 2 == 1 { try store.checkpointNow() }
        }
        for trace in traces { #expect(try !files(disk, "store", with: trace).isEmpty) }
        // What is kept is not gone by itself.
        try commit(store, .unlink(edges[0]))
        #expect(try store.eraseNow())
        for trace in traces { #expect(try !files(disk, "store", with: trace).isEmpty) }
        for edge in edges { try commit(store, .eraseEdge(edge)) }
        #expect(try store.eraseNow())
        for trace in traces { #expect(try files(disk, "store", with: trace) == []) }
        for edge in edges { #expect(try store.erasureProof(ofEdge: edge).isErased) }
        #expect(try store.verify().findings == [])
    }

    @Test func whatIsLeftOfAnEdgeIsTold() throws {
        let store = try store()
        let edge = try edge(store, link("knows", "a", "b"))
        func proof() throws -> ErasureProof { try store.erasureProof(ofEdge: edge) }
        func carriers() throws -> Int {
            try proof().findings.count { $0.contains("carries it") }
        }
        #expect(try proof().isAlive)
        #expect(try carriers() == 1)
        try commit(store, .unlink(edge))
        // Its row says that it was there, and its link has not gone yet.
        #expect(try proof().isAlive)
        #expect(try carriers() == 2)
        #expect(try store.eraseNow())
        #expect(try proof().isAlive)
        #expect(try carriers() == 1)
        try commit(store, .eraseEdge(edge))
        #expect(try !proof().isAlive)
        #expect(try carriers() == 1)
        #expect(try store.eraseNow())
        #expect(try proof().isErased)
        #expect(try store.erasureProof(ofEdge: .max).isErased)
    }

    // MARK: Backups

    @Test func noRestoreBringsItBack() throws {
        let disk = SimulatedDisk()
        let store = try store(disk)
        let note = Self.marker
        let erased = try edge(store, link("knows", "a", "b", note: note))
        let other = try edge(store, link("likes", "a", "b", note: note))
        let ended = try edge(store, link("knows", "a", "c"))
        let then = now
        _ = try store.backup(to: "kept/one")
        try commit(store, .eraseEdge(erased), .unlink(ended), .eraseEdge(other))
        // Nobody knows of it yet.
        let early = try Store.restore(["kept/one"], to: "early", options: options(disk))
        #expect(early.erased == 0)
        _ = try store.backup(to: "kept/two")
        let summary = try Store.restore(["kept/one"], to: "new", options: options(disk))
        #expect(summary.erased == 2 && summary.unread == [])
        let new = try Store.open("new", .open, options: options(disk))
        // What was only unlinked is there again.
        #expect(try known(new) == ["c"] && known(new, at: then) == ["c"])
        #expect(try rows(new) == 0)
        #expect(try new.verify().findings == [])
        try new.close()
        for trace in traces.prefix(1) { #expect(try files(disk, "new", with: trace) == []) }
        // So does the backup that has it, once it is pruned.
        let pruned = try Store.pruneBackups(in: "kept", options: options(disk))
        #expect(pruned.rewritten.map(\.directory).contains("kept/one"))
        let again = try Store.restore(
            ["kept/one"],
            to: "again",
            ledger: .none,
            options: options(disk)
        )
        #expect(again.erased == 0)
        let last = try Store.open("again", .open, options: options(disk))
        #expect(try known(last) == ["c"])
    }

    /// In a store that went another way the same ordinal is another edge's.
    @Test func anotherEdgeWithTheNumberStays() throws {
        let disk = SimulatedDisk()
        let store = try store(disk)
        _ = try store.backup(to: "kept/one")
        _ = try Store.restore(["kept/one"], to: "other", options: options(disk))
        let ours = try edge(store, link("knows", "a", "b"))
        try commit(store, .eraseEdge(ours))
        _ = try store.backup(to: "kept/two")
        let other = try Store.open("other", .open, options: options(disk))
        let theirs = try edge(other, link("knows", "a", "b"))
        #expect(theirs == ours)
        _ = try other.backup(to: "kept/three")
        let summary = try Store.restore(["kept/three"], to: "third", options: options(disk))
        #expect(summary.erased == 0)
        let third = try Store.open("third", .open, options: options(disk))
        #expect(try known(third) == ["b"])
        #expect(try third.verify().findings == [])
    }
}
