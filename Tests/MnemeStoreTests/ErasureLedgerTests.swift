// What was erased does not come back with a backup that was made before, and what was only deleted
// does.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemePages
@testable import MnemeStore

/// Frames of the log of a store, as its files have them.
func frames(_ disk: any Disk, _ directory: String, of key: String) throws -> [UInt8] {
    let identity = try StoreOpening(directory: directory, options: Kinds.options(disk))
        .identityOnDisk().identity
    let log = directory + "/log"
    var types: [UInt8] = []
    for number in try disk.list(log).compactMap(Segment.number).sorted() {
        let file = try SegmentFile(
            disk,
            path: log + "/" + Segment.name(number),
            number: number,
            identity: LogIdentity(high: identity.high, low: identity.low)
        )
        _ = try file.forEachFrame { frame throws(LogError) in
            guard frame.type == StoreFrameType.put,
                let columns = try? PutColumns(frame.columnBytes), columns.key == .text(key)
            else { return }
            types.append(frame.type)
        }
    }
    return types
}

@Suite struct ErasureLedgerTests {
    private func world(_ disk: any Disk = SimulatedDisk()) throws -> GrowingStore {
        var world = try GrowingStore(disk)
        try world.grow(20)
        return world
    }

    private func increment(_ world: GrowingStore, _ name: String, on base: String) throws {
        var options = BackupOptions()
        options.base = base
        _ = try world.store.backup(to: name, options)
    }

    private func has(_ world: GrowingStore, _ directory: String, _ key: String) throws -> Bool {
        let store = try Store.open(directory, .open, options: world.options)
        let record = try store.snapshot().record(Kinds.thing(key))
        #expect(try store.verify().findings == [])
        try store.close()
        let isCarried = try !frames(world.disk, directory, of: key).isEmpty
        #expect(isCarried == (record != nil), "\(directory) \(key)")
        return record != nil
    }

    @Test func anEraseIsADeleteWhereverTheLogIsRead() throws {
        var world = try world()
        let before = try Picture(world.store)
        try world.commit([.erase(Kinds.thing("a1")), .erase(Kinds.thing("absent"))])
        #expect(try world.store.snapshot().record(Kinds.thing("a1")) == nil)
        let picture = try Picture(world.store)
        #expect(picture != before)
        #expect(try world.store.verify().findings == [])
        try world.reopen()
        #expect(try Picture(world.store) == picture)
        try world.store.close()
        world.store = try Store.open("store", .rebuild, options: world.options)
        #expect(try Picture(world.store) == picture)
        // Its key is free.
        try world.commit([Kinds.put("a1", ["count": 1])])
        #expect(try world.store.snapshot().record(Kinds.thing("a1")) != nil)
        #expect(try world.store.verify().findings == [])
    }

    @Test func whatWasErasedDoesNotComeBackAndWhatWasDeletedDoes() throws {
        var world = try world()
        _ = try world.store.backup(to: "kept/one")
        let point = world.history.last?.picture.sequence ?? 0
        try world.commit([.erase(Kinds.thing("a3")), .delete(Kinds.thing("a4"))])
        try world.grow(3)
        try increment(world, "kept/two", on: "kept/one")
        // In the chain, behind the stop.
        let summary = try Store.restore(
            ["kept/one", "kept/two"],
            to: "new",
            at: .sequence(point),
            options: world.options
        )
        #expect(summary.erased == 1 && summary.unread == [])
        #expect(try !has(world, "new", "a3"))
        #expect(try has(world, "new", "a4"))
        #expect(try has(world, "new", "a5"))
        // In a backup that stands beside.
        #expect(try Store.restore(["kept/one"], to: "beside", options: world.options).erased == 1)
        #expect(try !has(world, "beside", "a3"))
        // It has the erasure itself now: whoever restores from it, knows.
        let again = try Store.open("beside", .open, options: world.options)
        _ = try again.backup(to: "elsewhere/three")
        try again.close()
        #expect(try !has(world, "beside", "a3"))
    }

    @Test func otherStoresAndBackupsAreAskedWhereTheyAreNamed() throws {
        var world = try world()
        _ = try world.store.backup(to: "kept/one")
        try world.commit([.erase(Kinds.thing("a3"))])
        try world.store.checkpointNow()
        func restore(_ ledger: ErasureLedger, _ name: String) throws -> RestoreSummary {
            try Store.restore(["kept/one"], to: name, ledger: ledger, options: world.options)
        }
        #expect(try restore(.all(), "unknown").erased == 0)
        #expect(try has(world, "unknown", "a3"))
        // The store itself, which is open.
        #expect(try restore(.all(beside: ["store"]), "asked").erased == 1)
        #expect(try !has(world, "asked", "a3"))
        _ = try world.store.backup(to: "far/two")
        #expect(try restore(.all(beside: ["far/two", "store"]), "also").erased == 1)
        #expect(try restore(.none, "without").erased == 0)
        #expect(try has(world, "without", "a3"))
        var other = world.options
        other.randomness = SeededRandomness(seed: 7)
        _ = try Store.open("other", options: other)
        for (directory, words) in [("other", "another store"), ("nothing", "neither a store")] {
            try expectRefusal(.badRequest, words) {
                _ = try restore(.all(beside: [directory]), "never")
            }
        }
        #expect(!world.disk.holds("never"))
    }

    /// In a store that went another way the same ordinal is another record's.
    @Test func anotherRecordWithTheOrdinalStays() throws {
        var world = try world()
        _ = try world.store.backup(to: "kept/one")
        _ = try world.restore(["kept/one"], to: "other")
        try world.commit([Kinds.put("ours", ["count": 1])])
        _ = try world.store.backup(to: "kept/two")
        var other = world
        var options = world.options
        options.randomness = SeededRandomness(seed: 8)
        other.store = try Store.open("other", .open, options: options)
        try other.commit([Kinds.put("theirs", ["count": 1])])
        try other.commit([.erase(Kinds.thing("theirs"))])
        _ = try other.store.backup(to: "kept/three")
        #expect(try Store.restore(["kept/two"], to: "new", options: world.options).erased == 0)
        #expect(try has(world, "new", "ours"))
    }

    @Test func aDamagedBackupBesideIsNamedAndDoesNotStopARestore() throws {
        var world = try world()
        _ = try world.store.backup(to: "kept/one")
        try world.commit([.erase(Kinds.thing("a3"))])
        var options = BackupOptions()
        options.copies = true
        _ = try world.store.backup(to: "kept/two", options)
        // What is the same in the backup that is restored need not be read again; the last one is
        // not.
        let tail = try FoundBackup(world.disk, "kept/two").manifest.end.segment
        let path = "kept/two/log/" + Segment.name(tail)
        try world.disk.open(path, .readWrite).write([7, 7, 7, 7], at: 4200)
        let manifest = try world.disk.open("kept/two/manifest", .readWrite)
        let summary = try Store.restore(["kept/one"], to: "new", options: world.options)
        #expect(summary.unread.count == 1 && summary.unread[0].contains(path))
        try manifest.write([7], at: 20)
        let again = try Store.restore(["kept/one"], to: "again", options: world.options)
        #expect(again.unread.count == 1 && again.unread[0].contains("kept/two/manifest"))
        // One that is named must be readable.
        try expectRefusal(.badBackup, "kept/two/manifest") {
            _ = try Store.restore(
                ["kept/one"],
                to: "named",
                ledger: .all(beside: ["kept/two"]),
                options: world.options
            )
        }
    }
}
