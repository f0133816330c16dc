// Commits that are decided while a sync is under way: nobody sees them, or hears of them, before
// the groups before them are settled, and a sync that fails takes them along.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct HeldSyncTests {
    @Test(arguments: [false, true]) func aHeldSyncHoldsWhatFollows(fails: Bool) throws {
        let below = MemoryDisk()
        try Kinds.store(Kinds.options(below)).close()
        let hold = Hold()
        let store = try Store.open(
            "store",
            .open,
            options: Kinds.options(HoldingDisk(below: below, hold: hold))
        )
        let before = try Picture(store).records
        hold.isOn.store(true, ordering: .relaxed)
        let outcomes = Mutex<[Result<Committed, MnemeError>]>([])
        let done = Gate()
        let note = { @Sendable (outcome: Result<Committed, MnemeError>) in
            let isAll = outcomes.withLock { all in
                all.append(outcome)
                return all.count == 3
            }
            if isAll { done.open() }
        }
        try store.gather([put("c", "one")], .synced, completion: note)
        store.pushCommits()
        hold.began.wait()
        let next = store.log.nextSequence
        // One that would be accepted, and one that is refused for what the first one did.
        try store.gather([put("d", "two")], .synced, completion: note)
        try store.gather([put("e", "one")], .synced, completion: note)
        store.leadCommits()
        #expect(store.log.nextSequence == next + 2, "decided")
        #expect(outcomes.withLock { $0.isEmpty })
        #expect(try Picture(store).records == before)
        hold.fails.store(fails, ordering: .relaxed)
        hold.isOn.store(false, ordering: .relaxed)
        hold.goesOn.open()
        done.wait()
        let codes = outcomes.withLock { $0.map { outcome in (try? outcome.get()) != nil } }
        #expect(codes == (fails ? [false, false, false] : [true, true, false]))
        let refusals = outcomes.withLock { all in
            all.compactMap { outcome -> MnemeError.Code? in
                if case .failure(let error) = outcome { error.code } else { nil }
            }
        }
        let unknown = MnemeError.Code.outcomeUnknown
        #expect(refusals == (fails ? [unknown, unknown, .duplicate] : [.duplicate]))
        #expect(try Picture(store).records.count == before.count + (fails ? 0 : 2))
        if fails {
            try expectRefusal(.outcomeUnknown, "open the store again", leaving: store) {
                _ = try store.commit([put("f", "three")])
            }
        } else {
            #expect(try store.verify().findings.isEmpty)
        }
    }

    @Test func aStateThatWasReplacedIsLetGo() throws {
        var options = Kinds.options()
        options.writerMergeLimit = 4
        let store = try Kinds.store(options)
        for step in 0..<64 {
            _ = try store.commit([
                .put(Put("things", .text("k\(step)"), ["name": .text("\(step)"), "body": "words"]))
            ])
        }
        weak let run = store.newest.state.runs.last
        #expect(run != nil && RunMerging.due(store.newest.state.runs) != nil)
        try store.upkeep()
        #expect(run == nil)
        try store.close()
    }

    private func put(_ key: String, _ name: String) -> Change {
        .put(Put("things", .text(key), ["name": .text(name)]))
    }
}

/// When a sync of the log waits, and how it ends.
private final class Hold: Sendable {
    let isOn = Atomic(false)
    let fails = Atomic(false)
    let began = Gate()
    let goesOn = Gate()
}

/// A disk whose data syncs can be held.
private struct HoldingDisk: PassingDisk {
    let below: any Disk
    let hold: Hold

    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        HoldingFile(below: try below.open(path, mode), hold: hold)
    }
}

private final class HoldingFile: PassingFile {
    let below: any DiskFile
    let hold: Hold

    init(below: any DiskFile, hold: Hold) {
        self.below = below
        self.hold = hold
    }

    func sync() throws(DiskError) {
        if hold.isOn.load(ordering: .relaxed) {
            hold.began.open()
            hold.goesOn.wait()
            if hold.fails.load(ordering: .relaxed) {
                throw .failed(call: "sync", path: path, code: 5)
            }
        }
        try below.sync()
    }
}
