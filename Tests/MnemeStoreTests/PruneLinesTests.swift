// A number of backups to keep is counted on each line of a store: a restored one is a line of its
// own as soon as anything is committed in it, and what a pruning makes anew is none.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct PruneLinesTests {
    private func world() throws -> GrowingStore {
        var world = try GrowingStore(SimulatedDisk())
        try world.grow(10)
        _ = try world.store.backup(to: "kept/prod-1")
        return world
    }

    private func prune(_ world: GrowingStore, keep: Int? = nil) throws -> [String] {
        var wishes = PruneOptions()
        wishes.keep = keep
        let pruned = try Store.pruneBackups(in: "kept", wishes, options: world.options)
        #expect(pruned.unread == [])
        return pruned.removed.map(\.directory).sorted()
    }

    /// Restores a backup, commits, and backs that up.
    private func branch(
        _ world: GrowingStore,
        _ name: String,
        from backup: String,
        _ changes: [Change]
    ) throws {
        _ = try world.restore([backup], to: name)
        let store = try Store.open(name, .open, options: world.options)
        world.clock.advance(by: 1_000_000)
        if !changes.isEmpty { _ = try store.commit(changes) }
        _ = try store.backup(to: "kept/\(name)-1")
        try store.close()
    }

    @Test(arguments: [
        Change.put(Put("things", .text("t"), ["name": "t"])), .delete(Kinds.thing("a1")),
    ])
    func theNewestOfEachLineStays(change: Change) throws {
        var world = try world()
        try branch(world, "copy", from: "kept/prod-1", [change])
        try world.grow()
        _ = try world.store.backup(to: "kept/prod-2")
        world.clock.advance(by: 1_000_000)
        #expect(try prune(world, keep: 2) == [])
        #expect(try prune(world, keep: 1) == ["kept/prod-1"])
        #expect(try prune(world, keep: 1) == [])
        // A line that went on behind the end of another is the same.
        try branch(world, "next", from: "kept/prod-2", [Kinds.put("n")])
        #expect(try prune(world, keep: 1) == ["kept/prod-2"])
        #expect(world.disk.holds("kept/copy-1/manifest"))
        try world.store.close()
    }

    /// Nothing but the frames tells a copy of the files from the store itself.
    @Test(arguments: [1, 7, 40])
    func aCopyOfTheFilesIsALine(commits: Int) throws {
        var world = try world()
        try world.store.close()
        try copyStore(world.disk, from: "store", to: "copy")
        let copy = try Store.open("copy", .open, options: world.options)
        try world.reopen()
        world.clock.advance(by: 1_000_000)
        _ = try copy.commit([Kinds.put("elsewhere")])
        _ = try copy.backup(to: "kept/copy-1")
        for number in 0..<commits {
            world.clock.advance(by: 1_000_000)
            try world.commit([Kinds.put("again\(number)")])
        }
        try world.store.checkpointNow()
        if commits > 7 { try world.store.compactAll() }
        _ = try world.store.backup(to: "kept/prod-2")
        #expect(try prune(world, keep: 2) == [])
        #expect(try prune(world, keep: 1) == ["kept/prod-1"])
        #expect(try prune(world, keep: 1) == [])
        try copy.close()
        try world.store.close()
    }

    /// One that was restored and not used is where it came from.
    @Test func aLineWithoutACommitIsNone() throws {
        var world = try world()
        try branch(world, "copy", from: "kept/prod-1", [])
        try world.grow()
        _ = try world.store.backup(to: "kept/prod-2")
        #expect(try prune(world, keep: 1) == ["kept/copy-1", "kept/prod-1"])
        try world.store.close()
    }

    @Test func whatWasMadeAnewIsOnTheLineThatItStandsFor() throws {
        var world = try world()
        world.clock.advance(by: 1_000_000)
        try world.commit([.erase(Kinds.thing("a3"))])
        _ = try world.store.backup(to: "kept/prod-2")
        // Each in its own place.
        #expect(try prune(world) == [])
        try world.grow()
        _ = try world.store.backup(to: "kept/prod-3")
        let pruned = try prune(world, keep: 1)
        #expect(pruned == ["kept/prod-1", "kept/prod-2"])
        try world.store.close()
    }
}

/// Copies a closed store file by file.
func copyStore(_ disk: any Disk, from: String, to: String) throws {
    try disk.createDirectory(to + "/log")
    for directory in ["", "/log"] {
        for name in try disk.list(from + directory) where name != "lock" && name != "log" {
            let file = try disk.open(from + directory + "/" + name, .read)
            let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
            try file.close()
            let copy = try disk.open(to + directory + "/" + name, .create)
            try copy.write(bytes, at: 0)
            try copy.close()
        }
    }
}
