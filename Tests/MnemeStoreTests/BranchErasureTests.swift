// An erase holds for the versions of its branch: what was put on another one, under the same
// ordinal and even the same key, stays. And a ledger that is damaged is not believed.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct BranchErasureTests {
    private let identity = LogIdentity(high: 1, low: 2)

    private func world() throws -> GrowingStore {
        var world = try GrowingStore(SimulatedDisk())
        try world.commit([Kinds.put("k1", ["count": 1])])
        return world
    }

    private func count(_ world: GrowingStore, _ directory: String, _ key: String) throws -> Value? {
        let store = try Store.open(directory, .open, options: world.options)
        defer { try? store.close() }
        #expect(try store.verify().findings == [])
        return try store.snapshot().record(Kinds.thing(key))?.fields["count"]
    }

    /// Keys are one that are canonically equivalent, however a version of the record spelled them.
    @Test func aVersionWithAnotherSpellingIsErasedToo() throws {
        var world = try world()
        try world.commit([Kinds.put("caf\u{e9}", ["count": 1])])
        _ = try world.store.backup(to: "kept/a")
        try world.commit([Kinds.put("cafe\u{301}", ["count": 2])])
        try world.commit([.erase(Kinds.thing("cafe\u{301}"))])
        _ = try world.store.backup(to: "kept/b")
        #expect(try world.restore(["kept/a"], to: "new").erased == 1)
        #expect(try count(world, "new", "caf\u{e9}") == nil)
    }

    /// Two branches of a store: *x* is erased on the first and put anew on the second.
    private func branched() throws -> GrowingStore {
        var world = try world()
        _ = try world.store.backup(to: "kept/a")
        try world.commit([Kinds.put("x", ["count": 1])])
        try world.commit([.erase(Kinds.thing("x"))])
        var options = BackupOptions()
        options.base = "kept/a"
        _ = try world.store.backup(to: "kept/b", options)
        try world.store.close()
        _ = try world.restore(["kept/a"], to: "s")
        let store = try Store.open("s", .open, options: world.options)
        _ = try store.commit([Kinds.put("x", ["count": 2])])
        _ = try store.backup(to: "kept/c")
        try store.close()
        return world
    }

    @Test func whatAnotherBranchErasedStaysInThisOne() throws {
        let world = try branched()
        let summary = try world.restore(["kept/c"], to: "new")
        #expect(summary.erased == 0)
        #expect(try count(world, "new", "x") == .int(2))
        #expect(try count(world, "new", "k1") == .int(1))
        // And it is still away on its own branch.
        let end = try FoundBackup(world.disk, "kept/b").manifest.lastSequence
        for point in [RestorePoint.end, .sequence(end - 2)] {
            let to = "old \(point)"
            _ = try world.restore(["kept/a", "kept/b"], to: to, at: point)
            #expect(try count(world, to, "x") == nil)
        }
    }

    @Test func pruningLeavesWhatAnotherBranchErased() throws {
        let world = try branched()
        let pruned = try Store.pruneBackups(in: "kept", options: world.options)
        #expect(!pruned.rewritten.map(\.directory).contains("kept/c"))
        _ = try world.restore(["kept/c"], to: "new")
        #expect(try count(world, "new", "x") == .int(2))
    }

    /// An erase of the second branch is one of that alone; what both have, it names in both.
    @Test func whatBothBranchesHaveIsErasedInBoth() throws {
        let world = try branched()
        let store = try Store.open("s", .open, options: world.options)
        _ = try store.commit([.erase(Kinds.thing("k1"))])
        _ = try store.backup(to: "kept/d")
        try store.close()
        #expect(try world.restore(["kept/a", "kept/b"], to: "new").erased == 1)
        #expect(try count(world, "new", "k1") == nil)
    }

    private func erasure(
        _ origin: VersionOrigin?,
        of key: Key = .text("x"),
        type: UInt8 = StoreFrameType.erase
    ) -> Erasure? {
        let plain = PlainColumns(ordinal: 7, previous: nil, kind: 1)
        var narrow = plain
        narrow.from = ErasureCheck.narrow(key, in: 1)
        let mark = ErasureMark(key, 1, origin, identity, line: [])
        return Erasure(
            type == StoreFrameType.erase ? mark.columns(plain) : narrow.bytes,
            type: type,
            sequence: 100,
            incarnation: 5
        )
    }

    @Test func theVersionsThatAreNamed() throws {
        let first = VersionOrigin(sequence: 40, incarnation: 3, isFirst: true)
        var later = first
        later.isFirst = false
        func names(
            _ erasure: Erasure?,
            _ sequence: UInt64,
            _ incarnation: UInt64,
            _ first: Bool
        )
            -> Bool?
        {
            erasure?.names(
                .text("x"),
                VersionOrigin(sequence: sequence, incarnation: incarnation, isFirst: first),
                in: identity
            )
        }
        let one = erasure(first)
        #expect(names(one, 40, 3, true) == true)
        for (sequence, incarnation) in [(40, 2), (39, 3), (40, 4), (41, 3)] as [(UInt64, UInt64)] {
            #expect(names(one, sequence, incarnation, true) == false)
        }
        let newest = erasure(later)
        for (sequence, incarnation) in [(40, 3), (20, 3), (10, 1)] as [(UInt64, UInt64)] {
            #expect(names(newest, sequence, incarnation, true) == true)
        }
        for (sequence, incarnation) in [(41, 3), (40, 4), (41, 2)] as [(UInt64, UInt64)] {
            #expect(names(newest, sequence, incarnation, false) == false)
        }
        for type in [StoreFrameType.erase, StoreFrameType.narrowErase] {
            let open = erasure(nil, type: type)
            #expect(names(open, 99, 5, true) == true && names(open, 12, 1, false) == true)
            #expect(names(open, 100, 5, true) == false && names(open, 12, 6, true) == false)
        }
        #expect(one?.names(.text("y"), first, in: identity) == false)
        #expect(one?.names(.text("x"), first, in: LogIdentity(high: 1, low: 3)) == false)
        #expect(erasure(nil, type: StoreFrameType.delete) == nil)
    }

    /// Keys that the narrow check takes for one are told apart.
    @Test func keysWhoseNarrowChecksAreOneAreTwo() throws {
        var seen: [UInt64: Key] = [:]
        var pair: (Key, Key)?
        for number in 0..<70_000 where pair == nil {
            let key = Key.text("key \(number)")
            let check = ErasureCheck.narrow(key, in: 1)
            if let other = seen[check] { pair = (other, key) }
            seen[check] = key
        }
        let (left, right) = try #require(pair)
        #expect(
            ErasureCheck.of(left, in: 1, of: identity)
                != ErasureCheck.of(right, in: 1, of: identity)
        )
    }

    // MARK: Damaged ledgers

    private func ledger() throws -> GrowingStore {
        var world = try world()
        try world.grow(20)
        var options = BackupOptions()
        // What is damaged in the store is not damaged in the backup.
        options.copies = true
        _ = try world.store.backup(to: "kept/a", options)
        try world.grow(20)
        try world.commit([.erase(Kinds.thing("k1"))])
        try world.store.checkpointNow()
        try world.store.close()
        return world
    }

    private func expectDamage(_ world: GrowingStore, _ words: String) throws {
        try expectRefusal(.damagedLog, words) {
            _ = try Store.restore(
                ["kept/a"],
                to: "new",
                ledger: .all(beside: ["store"]),
                options: world.options
            )
        }
        #expect(!world.disk.holds("new"))
    }

    private func segments(_ world: GrowingStore) throws -> [String] {
        try world.disk.list("store/log").filter { Segment.number($0) != nil }.sorted()
            .map { "store/log/" + $0 }
    }

    @Test func aLedgerThatIsWholeIsTakenIn() throws {
        let world = try ledger()
        let summary = try Store.restore(
            ["kept/a"],
            to: "new",
            ledger: .all(beside: ["store"]),
            options: world.options
        )
        #expect(summary.erased == 1)
    }

    @Test func aSegmentWithoutAHeaderIsNoSpare() throws {
        let count = try segments(try ledger()).count
        #expect(count > 3)
        // A spare may stand behind the last one in use.
        for index in 0..<(count - 2) {
            let world = try ledger()
            let path = try segments(world)[index]
            let zeros = [UInt8](repeating: 0, count: 4096)
            try world.disk.open(path, .readWrite).write(zeros, at: 0)
            try expectDamage(world, "header")
        }
    }

    @Test func aMissingSegmentIsMissed() throws {
        let count = try segments(try ledger()).count
        for index in 0..<(count - 2) {
            let world = try ledger()
            try world.disk.remove(try segments(world)[index])
            try expectDamage(world, "missing")
        }
        let world = try ledger()
        for path in try segments(world) { try world.disk.remove(path) }
        try expectDamage(world, "had come to")
    }

    @Test func aDamagedFrameIsMissed() throws {
        let world = try ledger()
        let path = try segments(world)[1]
        try world.disk.open(path, .readWrite).write([7, 7, 7, 7], at: 4300)
        try expectDamage(world, "sequence")
    }
}
