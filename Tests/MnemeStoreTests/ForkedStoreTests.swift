// Stores that were restored and go on beside those that were backed up: what one erases stays on
// the other, but for what both have; and the line of a store is kept whatever becomes of its files.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct ForkedStoreTests {
    /// A store with *k* before a backup, *x* and *k* anew behind it, and a second backup; beside it
    /// a store of the first backup that has put both again, and erased them.
    private func world() throws -> GrowingStore {
        var world = try GrowingStore(SimulatedDisk())
        try world.commit([Kinds.put("k", ["count": 1]), Kinds.put("both", ["count": 1])])
        _ = try world.store.backup(to: "kept/one")
        _ = try world.restore(["kept/one"], to: "branch")
        try world.commit([Kinds.put("x", ["count": 100]), Kinds.put("k", ["count": 100])])
        _ = try world.store.backup(to: "kept/two")
        let branch = try Store.open("branch", .open, options: world.options)
        for count in [1, 2, 3] as [Value] {
            _ = try branch.commit([Kinds.put("x", ["count": count])])
            _ = try branch.commit([Kinds.put("k", ["count": count])])
        }
        _ = try branch.commit([.erase(Kinds.thing("x")), .erase(Kinds.thing("k"))])
        try branch.close()
        return world
    }

    private func restore(
        _ world: GrowingStore,
        _ backup: String,
        to directory: String,
        asking ledgers: [String] = [],
        seed: UInt64? = nil
    ) throws -> RestoreSummary {
        var options = world.options
        if let seed { options.randomness = SeededRandomness(seed: seed) }
        return try Store.restore(
            [backup],
            to: directory,
            ledger: .all(beside: ledgers),
            options: options
        )
    }

    private func count(_ world: GrowingStore, _ directory: String, _ key: String) throws -> Value? {
        let store = try Store.open(directory, .open, options: world.options)
        defer { try? store.close() }
        #expect(try store.verify().findings == [])
        return try store.snapshot().record(Kinds.thing(key))?.fields["count"]
    }

    private func line(_ world: GrowingStore, _ directory: String) throws -> [Fork] {
        let store = try Store.open(directory, .open, options: world.options)
        defer { try? store.close() }
        #expect(try store.verify().findings == [])
        return store.newest.state.roots.forks
    }

    @Test func whatABranchErasesStaysWhereItWasPutSince() throws {
        let world = try world()
        // Both gave the same ordinal.
        #expect(try restore(world, "kept/two", to: "new", asking: ["branch"]).erased == 0)
        #expect(try count(world, "new", "x") == .int(100))
        #expect(try count(world, "new", "k") == .int(100))
        #expect(try count(world, "new", "both") == .int(1))
        // What both have goes, and so does what the branch put.
        #expect(try restore(world, "kept/one", to: "old", asking: ["branch"]).erased == 1)
        #expect(try count(world, "old", "k") == nil)
        #expect(try count(world, "old", "both") == .int(1))
    }

    @Test func pruningLeavesWhatWasPutSince() throws {
        let world = try world()
        let branch = try Store.open("branch", .open, options: world.options)
        _ = try branch.backup(to: "kept/three")
        try branch.close()
        let pruned = try Store.pruneBackups(in: "kept", options: world.options)
        // The older version of k goes out of the second one, and nothing else.
        #expect(Set(pruned.rewritten.map(\.directory)).isSuperset(of: ["kept/one", "kept/two"]))
        #expect(try restore(world, "kept/two", to: "new").erased == 0)
        #expect(try count(world, "new", "x") == .int(100))
        #expect(try count(world, "new", "k") == .int(100))
        #expect(try frames(world.disk, "new", of: "k").count == 1)
        #expect(try restore(world, "kept/one", to: "old").erased == 0)
        #expect(try count(world, "old", "k") == nil)
        let again = try Store.pruneBackups(in: "kept", options: world.options)
        #expect(again.rewritten == [] && again.removed == [])
    }

    @Test func aLineIsKeptWhateverBecomesOfTheFiles() throws {
        let world = try world()
        let made = try line(world, "branch")
        #expect(made.count == 1)
        let end = try FoundBackup(world.disk, "kept/one").manifest.lastSequence
        #expect(made.map(\.stop) == [end] && made.allSatisfy { $0.kept == 1 && $0.first > 1 })
        #expect(world.store.newest.state.roots.forks == [])
    }

    @Test func aLineOutlivesRebuildsAndCompactions() throws {
        let world = try world()
        let made = try line(world, "branch")
        for mode in [StoreMode.rebuild, .open, .rebuild] {
            let store = try Store.open("branch", mode, options: world.options)
            #expect(store.newest.state.roots.forks == made)
            for number in 0..<60 {
                let noise = [UInt8](repeating: UInt8(number + 1), count: 700)
                let text = noise.map { "w\($0)" }.joined(separator: " ")
                _ = try store.commit([Kinds.put("same", ["body": .text(text)])])
            }
            try store.checkpointNow()
            #expect(try store.eraseNow())
            #expect(try store.verify().findings == [])
            #expect(!store.newest.state.roots.cold.isEmpty)
            try store.close()
        }
        #expect(try line(world, "branch") == made)
        // An erase behind all that knows it too.
        let store = try Store.open("branch", .open, options: world.options)
        _ = try store.commit([Kinds.put("both", ["count": 2])])
        _ = try store.commit([.erase(Kinds.thing("both"))])
        try store.close()
        #expect(try restore(world, "kept/two", to: "new", asking: ["branch"]).erased == 1)
        #expect(try count(world, "new", "both") == nil)
        #expect(try count(world, "new", "x") == .int(100))
    }

    /// A restore of a backup of a restored store, and one to a point before that one's fork.
    @Test func branchesOfBranches() throws {
        var world = try world()
        let branch = try Store.open("branch", .open, options: world.options)
        _ = try branch.commit([Kinds.put("y", ["count": 1])])
        _ = try branch.backup(to: "far/branch")
        let stop = branch.log.nextSequence - 1
        _ = try branch.commit([Kinds.put("z", ["count": 50]), Kinds.put("y", ["count": 50])])
        try world.commit([Kinds.put("y", ["count": 500]), Kinds.put("z", ["count": 500])])
        _ = try world.store.backup(to: "far/two")
        _ = try branch.backup(to: "far/later")
        let outer = branch.newest.state.roots.forks
        try branch.close()
        _ = try restore(world, "far/branch", to: "leaf", seed: 77)
        let both = try line(world, "leaf")
        #expect(both.count == 2 && both.first == outer.first && both.last?.stop == stop)
        let leaf = try Store.open("leaf", .open, options: world.options)
        for count in [7, 8] as [Value] {
            _ = try leaf.commit([
                Kinds.put("z", ["count": count]), Kinds.put("y", ["count": count]),
            ])
        }
        _ = try leaf.commit([.erase(Kinds.thing("y")), .erase(Kinds.thing("z"))])
        try leaf.close()
        for (backup, wanted) in [("far/later", 50), ("far/two", 500)] as [(String, Int64)] {
            let to = "new of " + backup.dropFirst(4)
            _ = try restore(world, backup, to: to, asking: ["leaf"])
            #expect(try count(world, to, "y") == .int(wanted), "\(backup)")
            #expect(try count(world, to, "z") == .int(wanted), "\(backup)")
        }
        _ = try restore(world, "far/branch", to: "old", asking: ["leaf"])
        #expect(try count(world, "old", "y") == nil)
        // Before the fork the branch was the store itself.
        let early = try FoundBackup(world.disk, "kept/one").manifest.commit
        _ = try Store.restore(
            ["far/later"],
            to: "early",
            at: .sequence(early),
            ledger: .none,
            options: world.options
        )
        let short = try line(world, "early")
        #expect(short.count == 1 && short.first?.stop == early && short.first?.kept == 1)
    }

    /// The frame of the fork stands in a backup that nobody asks.
    @Test func anIncrementAloneKnowsItsForks() throws {
        let world = try world()
        let branch = try Store.open("branch", .open, options: world.options)
        _ = try branch.commit([Kinds.put("both", ["count": 4])])
        for number in 0..<40 {
            let noise = SeededRandomness(seed: UInt64(number))
            let bytes = (0..<700).map { _ in UInt8(truncatingIfNeeded: noise.next()) }
            _ = try branch.commit([Kinds.put("n\(number)", ["data": .bytes(bytes)])])
        }
        _ = try branch.backup(to: "base/branch")
        _ = try branch.commit([Kinds.put("both", ["count": 5])])
        _ = try branch.commit([.erase(Kinds.thing("both"))])
        var options = BackupOptions()
        options.base = "base/branch"
        _ = try branch.backup(to: "other/branch", options)
        try branch.close()
        try world.disk.rename("base/branch", to: "gone")
        let carried = try FoundBackup(world.disk, "other/branch").manifest.carried
        #expect(!carried.contains { $0.firstSequence == 1 })
        var store = world
        try store.commit([Kinds.put("both", ["count": 200])])
        _ = try store.store.backup(to: "far/two")
        #expect(try restore(store, "far/two", to: "new", asking: ["other/branch"]).erased == 0)
        #expect(try count(store, "new", "both") == .int(200))
    }

    /// A fork is taken where it says that it stands, and nowhere else.
    @Test func forgedForksAreRefused() throws {
        let store = try Kinds.store(Kinds.options(MemoryDisk()))
        let (end, opening) = (store.log.nextSequence - 1, store.log.incarnation)
        let right = Fork(stop: end, kept: opening - 1, first: opening)
        let taken = try forge(FrameContent(type: StoreFrameType.fork, columns: right.columns))
        let opened = try Store.open("store", .open, options: Kinds.options(taken))
        #expect(opened.newest.state.roots.forks == [right])
        #expect(try opened.verify().findings == [])
        var wrong = [right, right, right, right, right]
        wrong[0].stop -= 1
        wrong[1].stop = .max
        wrong[2].kept = opening
        wrong[3].first += 1
        wrong[4].first = .max
        for columns in wrong.map(\.columns) + [[], Array(right.columns.dropLast())] {
            let disk = try forge(FrameContent(type: StoreFrameType.fork, columns: columns))
            try expectRefusal(.damagedLog) {
                try Store.open("store", .open, options: Kinds.options(disk)).close()
            }
        }
        let second = Fork(stop: end + 1, kept: opening - 1, first: opening)
        let two = try forge(
            FrameContent(type: StoreFrameType.fork, columns: right.columns),
            FrameContent(type: StoreFrameType.fork, columns: second.columns)
        )
        try expectRefusal(.damagedLog) {
            try Store.open("store", .open, options: Kinds.options(two)).close()
        }
    }

    /// The log of a store with a forged batch behind its own.
    private func forge(_ frames: FrameContent...) throws -> MemoryDisk {
        let disk = MemoryDisk()
        let store = try Kinds.store(Kinds.options(disk))
        #expect(try store.log.begin(batchBytes: frames.reduce(0) { $0 + $1.byteCount }))
        for frame in frames { _ = store.log.append(frame, time: 1) }
        _ = store.log.endBatch(time: 1)
        try store.log.commit()
        let copy = MemoryDisk()
        try copy.createDirectory("store")
        try copy.createDirectory("store/log")
        for name in ["store", "log/000000000001.log"] {
            let file = try disk.open("store/" + name, .read)
            let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
            try copy.open("store/" + name, .create).write(bytes, at: 0)
        }
        return copy
    }

    /// A backup that a newer program made may say of what was erased what this one cannot read.
    @Test func aLedgerOfANewerProgramIsNotBelieved() throws {
        var world = try GrowingStore(SimulatedDisk())
        try world.grow(2)
        _ = try world.store.backup(to: "kept/one")
        let store = world.store
        let frame = FrameContent(type: StoreFrameType.last + 1, columns: [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(try store.log.begin(batchBytes: frame.byteCount))
        _ = store.log.append(frame, time: 1)
        _ = store.log.endBatch(time: 1)
        try store.log.commit()
        _ = try? store.backup(to: "far/two")
        try #require(world.disk.holds("far/two/manifest"))
        try expectRefusal(.newerFormat, "type \(StoreFrameType.last + 1)") {
            _ = try restore(world, "kept/one", to: "new", asking: ["far/two"])
        }
    }
}
