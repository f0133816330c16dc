// Records with more edges than a batch has room for, deleted and swept, and a sweep that cannot
// succeed: it holds up nothing else and is left alone for a while.

import MnemeBase
import MnemeLog
import MnemeModel
import MnemePages
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct SweepTests {
    private let clock = SimulatedClock(start: 1_000_000)

    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        options.logLimits.batch = 8 << 10
        return options
    }

    /// Puts `hub`, which expires at 2 s, and 200 edges between it, `a` and itself: their unlinks
    /// would take three batches.
    private func addHub(to store: Store) throws {
        _ = try store.commit([
            .put(
                Put(
                    "things",
                    "hub",
                    ["name": "hub"],
                    expiresAt: Instant(microseconds: 2_000_000)
                )
            )
        ])
        let (a, hub) = (Kinds.thing("a"), Kinds.thing("hub"))
        for _ in 0..<4 {
            let links = (0..<50).map { index in
                let (from, to) = [(a, hub), (hub, a), (hub, hub)][index % 3]
                return Change.link(Link("joins", from: from, to: to))
            }
            _ = try store.commit(links)
        }
    }

    private func expectNoHub(_ store: Store, edges: Int = 1) throws {
        #expect(try store.snapshot().record(Kinds.thing("hub")) == nil)
        #expect(try store.statistics().edges["joins"] == edges)
        let statistics = try store.verify()
        #expect(statistics.findings == [])
        #expect(statistics.edges == edges)
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

    @Test func aDeleteTakesAnyNumberOfEdges() throws {
        let disk = SimulatedDisk()
        let store = try Kinds.store(options(disk))
        try addHub(to: store)
        try store.checkpointNow()
        let edge = try #require(
            try store.snapshot().edges(of: Kinds.thing("hub"), .out, types: nil).first
        )
        let before = store.snapshot()
        let outcomes = try store.commit([
            .delete(Kinds.thing("hub")), .unlink(edge.id), .delete(Kinds.thing("hub")),
        ]).outcomes
        #expect(outcomes == [.deleted(true), .unlinked(false), .deleted(false)])
        #expect(try store.commit([.unlink(edge.id)]).outcomes == [.unlinked(false)])
        #expect(try before.edges(of: Kinds.thing("a"), .in, types: nil).count == 64 + 4)
        try expectNoHub(store)
        try reopen(disk) { try expectNoHub($0) }
    }

    @Test func anEdgeOfTheSameBatchGoesWithItsRecord() throws {
        let disk = SimulatedDisk()
        let store = try Kinds.store(options(disk))
        let link = Change.link(Link("joins", from: Kinds.thing("a"), to: Kinds.thing("hub")))
        _ = try store.commit([
            Kinds.put("hub"), link, .delete(Kinds.thing("hub")), Kinds.put("hub"), link,
        ])
        #expect(try store.statistics().edges["joins"] == 2)
        #expect(try store.verify().findings == [])
        try reopen(disk) { (again) throws in
            #expect(try again.statistics().edges["joins"] == 2)
            #expect(try again.verify().findings == [])
        }
    }

    @Test func theSweepTakesAnyNumberOfEdges() throws {
        let disk = SimulatedDisk()
        let store = try Kinds.store(options(disk))
        try addHub(to: store)
        clock.set(2_000_000)
        try store.upkeep()
        #expect(try store.reader().expired(limit: 9) == [])
        try expectNoHub(store)
        try reopen(disk) { try expectNoHub($0) }
    }

    @Test func aPutOverAnExpiredHubTakesAnyNumberOfEdges() throws {
        let store = try Kinds.store(options(MemoryDisk()))
        try addHub(to: store)
        clock.set(2_000_000)
        _ = try store.commit([Kinds.put("hub")])
        #expect(try store.snapshot().edges(of: Kinds.thing("hub"), .both, types: nil) == [])
        #expect(try store.verify().findings == [])
    }

    @Test func theSweepTakesManyRecordsInBatchesThatFit() throws {
        var options = options(MemoryDisk())
        options.logLimits.batch = 3 * PlannedDelete.frameSize + 50
        let wide = self.options(options.disk)
        let store = try Kinds.store(wide)
        for index in 0..<20 {
            _ = try store.commit([
                .put(
                    Put(
                        "things",
                        .text("t\(index)"),
                        ["name": .text("t\(index)")],
                        expiresAt: Instant(microseconds: 2_000_000)
                    )
                )
            ])
        }
        try store.close()
        clock.set(2_000_000)
        let again = try Store.open("store", .open, options: options)
        let before = again.snapshot().sequence
        try again.upkeep()
        #expect(try again.reader().expired(limit: 9) == [])
        // The close, then 20 deletes in batches of 3, each with its commit frame.
        #expect(again.snapshot().sequence == before + 1 + 20 + 7)
        #expect(try again.verify().findings == [])
    }

    /// Where the newest checkpoint of this opening noted its state down, 0 before the first one.
    private func stateExtent(of store: Store) -> UInt64 {
        store.upkeepState.withLock { $0.stateExtent?.place.place ?? 0 }
    }

    @Test func aSweepThatFailsHoldsUpNothing() throws {
        let disk = MemoryDisk()
        var first = options(disk)
        first.writerMergeLimit = 0
        let store = try Kinds.store(first)
        try addHub(to: store)
        for index in 0..<8 { _ = try store.commit([Kinds.put("t\(index)", ["body": "words"])]) }
        try store.close()
        clock.set(2_000_000)

        var second = options(disk)
        // No delete fits, and a checkpoint is always due.
        second.logLimits.batch = PlannedDelete.frameSize - 1
        second.replayBudget = -1
        let again = try Store.open("store", .open, options: second)
        let runs = try again.statistics().textRuns
        let extent = stateExtent(of: again)
        #expect(runs >= 4)
        try expectRefusal(.tooLarge, "split it") { try again.upkeep() }
        #expect(try again.statistics().textRuns < runs)
        #expect(stateExtent(of: again) != extent)
        #expect(try again.statistics().upkeepFailure?.contains("split it") == true)
        // Left alone for a second, then for two; what it failed with is still to be seen.
        try again.upkeep()
        #expect(try again.statistics().upkeepFailure?.contains("split it") == true)
        clock.advance(by: 1_000_000)
        try expectRefusal(.tooLarge, "split it") { try again.upkeep() }
        clock.advance(by: 1_999_999)
        try again.upkeep()
        clock.advance(by: 1)
        try expectRefusal(.tooLarge, "split it") { try again.upkeep() }
        try again.close()

        let last = try Store.open("store", .open, options: first)
        try last.upkeep()
        #expect(try last.statistics().upkeepFailure == nil)
        try expectNoHub(last)
    }

    @Test func runsThatCannotBeReplacedAreLeft() throws {
        var options = options(MemoryDisk())
        options.writerMergeLimit = 0
        let store = try Kinds.store(options)
        for index in 0..<8 { _ = try store.commit([Kinds.put("t\(index)", ["body": "words"])]) }
        let runs = try store.statistics().textRuns
        store.writer.refuse(MnemeError(.outcomeUnknown, "a write to the log failed"))
        try store.upkeep()
        #expect(try store.statistics().textRuns == runs)
    }
}
