// Stores whose debt of space presses: commits go on whatever becomes of compaction, and the debt is
// paid as soon as it can be.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct PressingDebtTests {
    private func options(_ disk: any Disk = MemoryDisk()) -> StoreOptions {
        var options = Kinds.options(disk)
        options.worksInBackground = true
        options.logLimits.smallestSegment = 64 << 10
        options.logLimits.largestSegment = 64 << 10
        options.replayBudget = 200
        return options
    }

    private func put(_ store: Store, _ round: Int) throws {
        let text = String(repeating: "w\(round) ", count: 300)
        _ = try store.commit(
            (0..<20).map { Kinds.put("k\($0)", ["body": .text(text)]) },
            .none
        )
    }

    /// Writes the same again until there is a strain, while compaction stands still, as it still
    /// does for `body`.
    private func strain(
        _ store: Store,
        _ body: (inout CompactionState) throws -> Void = { _ in }
    ) throws {
        try store.compacting.withLock { state in
            for round in 0..<2000 where store.space.strain < 1 { try put(store, round) }
            #expect(store.space.strain > 0)
            store.noteDebt()
            // Held up, and through nevertheless.
            for round in 0..<3 { try put(store, round) }
            try body(&state)
        }
    }

    /// Waits until the debt is paid; false where it is not within a minute.
    private func isPaid(_ store: Store) -> Bool {
        let gate = Gate()
        // Whoever looks at an old state for a moment keeps what compaction has replaced.
        let isPaid = { store.space.level == 0 && store.space.keptBytes == 0 }
        for _ in 0..<6000 where !isPaid() { _ = gate.wait(atMost: 10_000) }
        return isPaid()
    }

    @Test func aDebtThatPressesIsPaid() throws {
        let store = try Kinds.store(options())
        var before = 0
        try strain(store) { _ in before = store.log.sizes.sum }
        #expect(isPaid(store))
        #expect(store.log.sizes.sum < before)
        try put(store, 0)
        #expect(store.spaceBrake.waiting == 0)
        #expect(try store.verify().findings == [])
        try store.close()
    }

    /// The thread beside pays it alone where the upkeep's does not come to it.
    @Test func theUpkeepLeavesItToTheThreadBeside() throws {
        let store = try Kinds.store(options())
        try strain(store) { _ in #expect(store.leavesCompaction) }
        #expect(isPaid(store))
        #expect(!store.leavesCompaction)
        try store.close()
    }

    @Test func whatCannotBePaidHoldsNobodyUp() throws {
        let disk = SimulatedDisk()
        let store = try Kinds.store(options(disk))
        try strain(store) { state in
            // As after a failure.
            store.space.notePaid(false)
            state.due = .max
        }
        #expect(store.space.level > 0 && store.space.strain == 0)
        for round in 0..<20 { try put(store, round) }
        #expect(store.spaceBrake.waiting == 0)
        store.compacting.withLock { $0.due = 0 }
        #expect(isPaid(store))
        try store.close()
    }

    @Test func whatASnapshotHoldsHoldsNobodyUp() throws {
        var options = options()
        options.snapshotAge = nil
        let store = try Kinds.store(options)
        for round in 0..<20 { try put(store, round) }
        let snapshot = store.snapshot()
        let gate = Gate()
        // Rounds in which compaction can do nothing but write again what the snapshot holds.
        for round in 0..<300 {
            try put(store, round)
            if round % 10 == 0 { _ = gate.wait(atMost: 1000) }
        }
        for _ in 0..<6000 where store.space.level > 0 { _ = gate.wait(atMost: 10_000) }
        #expect(store.space.level == 0 && store.space.keptBytes > 0)
        #expect(store.log.sizes.sum > store.spaceDebt.idleBytes + store.spaceDebt.liveBytes)
        #expect(try snapshot.record(Kinds.thing("k1")) != nil)
        withExtendedLifetime(snapshot) {}
        try store.close()
    }

    @Test func closingLetsGoOfWhatIsHeldUp() throws {
        let store = try Kinds.store(options())
        let count = 8
        let outcomes = Mutex(0)
        let done = Gate()
        try strain(store) { state in
            state.due = .max
            for number in 0..<count {
                try store.gather([Kinds.put("g\(number)")], .none) { outcome in
                    if case .failure(let error) = outcome { Issue.record("\(error)") }
                    if outcomes.withLock({
                        $0 += 1
                        return $0 == count
                    }) {
                        done.open()
                    }
                }
            }
            store.pushCommits()
        }
        try store.close()
        done.wait()
        #expect(outcomes.withLock { $0 } == count)
    }

    @Test func aPoisonedLogRefusesAtOnceOrSoon() throws {
        let disk = SimulatedDisk()
        let store = try Kinds.store(options(disk))
        try strain(store)
        disk.plan.everySync = .failed(keepingSome: false)
        #expect(throws: MnemeError.self) {
            for round in 0..<50 {
                try put(store, round)
                _ = try store.commit([Kinds.put("s\(round)")], .synced)
            }
        }
        try? store.close()
    }

    @Test func aFullDiskHoldsNobodyUpForGood() throws {
        let disk = SimulatedDisk()
        let store = try Kinds.store(options(disk))
        try strain(store)
        disk.plan.capacity = UInt64(disk.contents().reduce(0) { $0 + ($1.bytes?.count ?? 0) })
        // Each is taken or refused, and none hangs.
        for round in 0..<60 { try? put(store, round) }
        disk.plan.capacity = nil
        try put(store, 1)
        try store.close()
    }

    @Test func withoutThreadsNobodyIsHeldUp() throws {
        var options = options()
        options.worksInBackground = false
        let store = try Kinds.store(options)
        for round in 0..<300 { try put(store, round) }
        store.noteDebt()
        #expect(store.space.strain > 0 && !store.leavesCompaction)
        try put(store, 0)
        #expect(store.spaceBrake.waiting == 0)
        // Who calls the upkeep pays it.
        for _ in 0..<2000 where store.space.level > 0 {
            try store.checkpointNow()
            try store.compactAll()
        }
        #expect(store.space.level == 0)
        try store.close()
    }
}
