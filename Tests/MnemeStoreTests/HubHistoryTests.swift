// Records with more edges, or rows of edges that have ended, than one batch has room for: what the
// store ends by itself ends in several batches, and whoever else ends it is told what to do.

import MnemeBase
import MnemeGraph
import MnemeLog
import MnemeModel
import MnemePages
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct HubHistoryTests {
    private static let edges = 500

    private let clock = SimulatedClock(start: 1_000_000)
    private let end = Instant(microseconds: 500_000_000)

    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        // Rows of some 200 edges, and fewer than 1,000 frames of erasures.
        options.logLimits.batch = 64 << 10
        return options
    }

    private static let schema: Schema = {
        var roles = Roles()
        roles.owner = "owner"
        return Schema(
            collections: [
                Collection(
                    "things",
                    fields: [Field("owner", .text), Field("at", .instant)],
                    roles: roles
                ),
                Collection(
                    "parts",
                    fields: [Field("thing", .text)],
                    indexes: [Index("byThing", on: ["thing"])],
                    references: [
                        ReferenceRule("thing", ["thing"], to: "things", onDelete: .cascade)
                    ]
                ),
            ],
            edgeTypes: [
                EdgeType("joins", fields: [Field("n", .int)], history: HistoryRule()),
                EdgeType("likes"),
            ]
        )
    }()

    private func thing(_ key: String) -> Reference { Reference("things", .text(key)) }

    private func put(_ key: String, until end: Instant? = nil) -> Change {
        let fields: [String: Value] = ["owner": .text(key == "hub" ? "ann" : "bob")]
        return .put(Put("things", .text(key), fields, expiresAt: end))
    }

    /// A store with `hub` and `a`, and edges between them, of each of which a row is kept.
    private func store(_ disk: any Disk, until end: Instant? = nil) throws -> Store {
        let store = try Store.open("store", .openOrCreate, options: options(disk))
        try store.define(Self.schema)
        _ = try store.commit([put("hub", until: end), put("a")])
        _ = try link(store)
        return store
    }

    @discardableResult
    private func link(_ store: Store) throws -> [UInt64] {
        var made: [UInt64] = []
        let (a, hub) = (thing("a"), thing("hub"))
        for start in stride(from: 0, to: Self.edges, by: 50) {
            let links = (start..<(start + 50)).map { index in
                let (from, to) = [(a, hub), (hub, a), (hub, hub)][index % 3]
                let fields: [String: Value] = ["n": .int(Int64(index))]
                return Change.link(Link("joins", from: from, to: to, fields: fields))
            }
            made += try store.commit(links).outcomes.compactMap(\.madeEdge)
            clock.advance(by: 10)
        }
        return made
    }

    private func unlink(_ store: Store, _ edges: [UInt64]) throws {
        for start in stride(from: 0, to: edges.count, by: 50) {
            _ = try store.commit(edges[start..<min(start + 50, edges.count)].map { .unlink($0) })
        }
    }

    /// The rows that are kept of edges, without the marker.
    private func rows(_ store: Store) throws -> [PastEdge] {
        try store.snapshot().reading { state throws(StoreError) in
            var rows: [PastEdge] = []
            for number in state.state.catalog.pastRows {
                for ordinal in try state.ordinals(under: StoreKeys.records(number)) {
                    if let past = try PastEdge(state.stored(ordinal)) { rows.append(past) }
                }
            }
            return rows
        }
    }

    private func expectKept(_ store: Store, _ count: Int, ended: Microseconds? = nil) throws {
        let rows = try rows(store)
        #expect(rows.count == count)
        if let ended { #expect(rows.allSatisfy { $0.times.ended == ended }) }
        let joins = try store.snapshot().catalog.edgeType("joins").number
        #expect(store.newest.state.roots.counts[joins] == 0)
        #expect(try store.verify().findings == [])
    }

    /// Expects the store to be the same when it is replayed, from a checkpoint and from nothing.
    private func reopen(_ disk: SimulatedDisk, _ expect: (Store) throws -> Void) throws {
        for mode in [StoreMode.open, .rebuild] {
            let copy = disk.crashKeepingAll()
            let again = try Store.open("store", mode, options: options(copy))
            try expect(again)
            try again.close()
        }
    }

    @Test func theSweepEndsThemInParts() throws {
        let disk = SimulatedDisk()
        let store = try store(disk, until: end)
        let then = Instant(microseconds: clock.now())
        _ = try store.commit([put("later", until: Instant(microseconds: 500_000_001))])
        clock.set(600_000_000)
        try store.upkeep([.sweep])
        #expect(try store.reader().expired(limit: 9) == [])
        #expect(try store.snapshot().ordinal(thing("hub")) == nil)
        try expectKept(store, Self.edges, ended: end.microseconds)
        // What ended before the record is known as what ends with it.
        let walk = Walk(from: [thing("a")], types: ["joins"]).known(at: then)
        #expect(try store.snapshot().walk(walk).stops.map(\.reference) == [thing("hub")])
        try reopen(disk) { try expectKept($0, Self.edges, ended: end.microseconds) }
    }

    @Test func aCrashInBetweenLeavesTheRest() throws {
        let disk = SimulatedDisk()
        let store = try store(disk, until: end)
        clock.set(600_000_000)
        let hub = try #require(try store.reader().expired(limit: 9).first)
        let part = PreparedChange.expire(hub)
        for _ in 0..<3 {
            let outcomes = try store.submit(
                WriterWork(
                    changes: [part],
                    catalogVersion: store.newest.state.catalog.version,
                    durability: .synced,
                    prepareAgain: { _ in [part] }
                )
            ).outcomes
            #expect(outcomes == [.deleted(true)])
        }
        let kept = try rows(store).count
        #expect(kept > 0 && kept < Self.edges)
        #expect(try store.reader().expired(limit: 9) == [hub])
        #expect(try store.verify().findings == [])
        try reopen(disk) { (again) throws in
            #expect(try rows(again).count == kept)
            #expect(try again.verify().findings == [])
            try again.upkeep([.sweep])
            try expectKept(again, Self.edges, ended: end.microseconds)
        }
    }

    @Test func soDoesASweepOfWhatOthersName() throws {
        let disk = SimulatedDisk()
        let store = try store(disk, until: end)
        _ = try store.commit(
            (0..<20).map { .put(Put("parts", .text("p\($0)"), ["thing": "hub"])) }
        )
        _ = try store.commit([
            .link(Link("joins", from: Reference("parts", "p7"), to: thing("a"), fields: [:]))
        ])
        clock.set(600_000_000)
        try store.upkeep([.sweep])
        #expect(try store.reader().expired(limit: 9) == [])
        #expect(try store.snapshot().find(Find("parts")).rows.isEmpty)
        try expectKept(store, Self.edges + 1)
    }

    @Test func soDoesRetention() throws {
        let store = try store(MemoryDisk())
        _ = try store.commit([
            .patch(Patch("things", "hub", [.set("at", .instant(Instant(microseconds: 0)))]))
        ])
        let rule = RetentionRule(days: 1, field: "at")
        var things = Collection("things", fields: [])
        things.retention = rule
        try store.define(Schema(collections: [things]))
        clock.set(3 * 86_400_000_000)
        try store.upkeep([.sweep])
        #expect(try store.snapshot().ordinal(thing("hub")) == nil)
        try expectKept(store, Self.edges)
    }

    @Test func whoDeletesItIsToldWhatToDo() throws {
        let disk = SimulatedDisk()
        let store = try store(disk)
        let edges = try store.snapshot().edges(of: thing("hub"), .both, types: nil).map(\.id)
        try expectRefusal(.tooLarge, "unlink", "hub", leaving: store) {
            _ = try store.commit([.delete(thing("hub"))])
        }
        try unlink(store, Array(edges.prefix(450)))
        #expect(try store.commit([.delete(thing("hub"))]).outcomes == [.deleted(true)])
        try expectKept(store, Self.edges)
        try reopen(disk) { try expectKept($0, Self.edges) }
    }

    @Test func whoPutsItsKeyBeforeTheSweepIsToldToWait() throws {
        let store = try store(MemoryDisk(), until: end)
        clock.set(600_000_000)
        try expectRefusal(.busy, "later", leaving: store) { _ = try store.commit([put("hub")]) }
        try store.upkeep([.sweep])
        _ = try store.commit([put("hub")])
        try expectKept(store, Self.edges, ended: end.microseconds)
    }

    /// A store that keeps rows of twice as many edges of `hub`, none of which is there any more.
    private func keeping(_ disk: any Disk) throws -> Store {
        let store = try store(disk)
        try link(store)
        try unlink(store, try store.snapshot().edges(of: thing("hub"), .both, types: nil).map(\.id))
        try expectKept(store, 2 * Self.edges)
        return store
    }

    @Test func anEraseByItselfTakesSeveralBatches() throws {
        let disk = SimulatedDisk()
        let store = try keeping(disk)
        try expectRefusal(.tooLarge, "a batch of its own", leaving: store) {
            _ = try store.commit([.erase(thing("hub")), put("b")])
        }
        // Where it does not come to it, nothing of it goes.
        try expectRefusal(.conditionFailed, leaving: store) {
            _ = try store.commit([.remove(Removal(thing("hub"), erases: true, version: 1))])
        }
        #expect(try rows(store).count == 2 * Self.edges)
        #expect(try store.commit([.erase(thing("hub"))]).outcomes == [.deleted(true)])
        try expectKept(store, 0)
        try reopen(disk) { try expectKept($0, 0) }
    }

    @Test func soDoesOneThatNobodyWaitsFor() throws {
        let store = try keeping(MemoryDisk())
        let gate = Gate()
        let outcome = Mutex<Result<Committed, MnemeError>?>(nil)
        try store.gather([.erase(thing("hub"))], .synced) { told in
            outcome.withLock { $0 = told }
            gate.open()
        }
        store.leadCommits()
        gate.wait()
        let committed = try #require(outcome.withLock { $0 }).get()
        #expect(committed.outcomes == [.deleted(true)])
        try expectKept(store, 0)
    }

    @Test func soDoesAPurge() throws {
        let disk = SimulatedDisk()
        let store = try keeping(disk)
        let purged = try store.purge(Purge("ann"))
        #expect(purged.historyRows == 2 * Self.edges && purged.commits > 1)
        try expectKept(store, 0)
        #expect(try store.snapshot().ordinal(thing("a")) != nil)
        try reopen(disk) { try expectKept($0, 0) }
    }
}
