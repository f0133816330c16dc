// What a pruning stays away from: backups that others may need, names that only look like its own,
// and directories where somebody is at work.

import Glibc
import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeLog
@testable import MnemePages
@testable import MnemeStore

@Suite struct PruneObstacleTests {
    /// Chain a, b, c and the full backup d.
    private func world(_ disk: SimulatedDisk) throws -> GrowingStore {
        var world = try GrowingStore(disk)
        var base: String?
        for name in ["a", "b", "c"] {
            try world.grow(4)
            var options = BackupOptions()
            options.base = base
            _ = try world.store.backup(to: "kept/" + name, options)
            base = "kept/" + name
        }
        return world
    }

    private func prune(
        _ world: GrowingStore,
        keep: Int? = 1,
        isDryRun: Bool = false,
        on disk: (any Disk)? = nil
    ) throws -> PrunedBackups {
        var wishes = PruneOptions()
        wishes.keep = keep
        wishes.isDryRun = isDryRun
        var options = world.options
        if let disk { options.disk = disk }
        return try Store.pruneBackups(in: "kept", wishes, options: options)
    }

    private func expectNothingGone(_ world: GrowingStore, _ pruned: PrunedBackups, _ name: String) {
        #expect(pruned.removed == [] && pruned.rewritten == [])
        #expect(pruned.unread.contains { $0.contains(name) }, "\(pruned.unread)")
        #expect((try? world.disk.list("kept").sorted())?.prefix(3) == ["a", "b", "c"])
    }

    @Test func aDamagedManifestKeepsWhatItMayNeed() throws {
        let disk = SimulatedDisk()
        let world = try world(disk)
        try disk.corrupt("kept/b/manifest", at: 40, mask: 1)
        expectNothingGone(world, try prune(world), "kept/b")
        expectNothingGone(world, try prune(world, keep: 2), "kept/c")
        try disk.corrupt("kept/b/manifest", at: 40, mask: 1)
        try world.expectRestored(
            ["kept/a", "kept/b", "kept/c"],
            as: world.history.last?.picture
        )
    }

    @Test func whatMayNotBeReadIsNotAbsent() throws {
        let disk = SimulatedDisk()
        let world = try world(disk)
        let pruned = try prune(world, on: OneDenied(below: disk, denied: "kept/b/manifest"))
        expectNothingGone(world, pruned, "kept/b")
        let names = try Store.backups(
            in: "kept",
            options: GrowingStore.options(
                OneDenied(below: disk, denied: "kept/b/manifest"),
                world.clock
            )
        )
        #expect(names.count == 3)
    }

    @Test func aDamagedSegmentKeepsEverything() throws {
        let disk = SimulatedDisk()
        var world = try world(disk)
        try world.grow(2)
        var options = BackupOptions()
        options.copies = true
        _ = try world.store.backup(to: "kept/d", options)
        let file = try #require(try disk.list("kept/d/log").sorted().first)
        try disk.corrupt("kept/d/log/" + file, at: 5000, mask: 4)
        expectNothingGone(world, try prune(world), "kept/d")
        try disk.corrupt("kept/d/log/" + file, at: 5000, mask: 4)
        #expect(try prune(world).removed.count == 3)
        #expect(try disk.list("kept") == ["d"])
    }

    @Test func aBackupWhoseBaseIsElsewhereKeepsEverything() throws {
        let disk = SimulatedDisk()
        let world = try world(disk)
        try disk.rename("kept/b", to: "elsewhere")
        let pruned = try prune(world)
        #expect(pruned.removed == [] && pruned.unread.contains { $0.contains("kept/c") })
        #expect(try disk.list("kept") == ["a", "c"])
    }

    @Test func whatIsOnlyNamedLikeIt() throws {
        let disk = SimulatedDisk()
        let world = try world(disk)
        for name in [".a.pruning", "x.pruned", ".mine.pruning"] {
            try disk.createDirectory("kept/" + name)
            for file in ["manifest", "notes"] {
                let file = try disk.open("kept/" + name + "/" + file, .create)
                try file.write([1, 2, 3], at: 0)
            }
        }
        let before = disk.contents().filter { $0.path.contains(".prun") }.map(\.path)
        for isDryRun in [true, false] {
            let pruned = try prune(world, isDryRun: isDryRun)
            #expect(pruned.leftovers == [] && pruned.removed == [])
            #expect(pruned.unread.count >= 3)
        }
        #expect(disk.contents().filter { $0.path.contains(".prun") }.map(\.path) == before)
        for name in ["kept/e.pruned", "kept/.e.pruning", "kept/.pruned/"] {
            try expectRefusal(.badRequest, "backup prune") {
                _ = try world.store.backup(to: name)
            }
        }
    }

    @Test func nobodyPrunesBesideABackupOrAnotherPruning() throws {
        let disk = SimulatedDisk()
        let world = try world(disk)
        let busy = Counter()
        var options = BackupOptions()
        options.base = "kept/c"
        _ = try world.store.commit([Kinds.put("new", ["count": .int(1)])])
        _ = try world.store.backup(to: "other/e", options) { _, _, _ in
            do throws(MnemeError) {
                _ = try Store.pruneBackups(
                    in: "kept",
                    options: GrowingStore.options(disk, world.clock)
                )
            } catch {
                if error.code == .busy { busy.add() }
            }
        }
        #expect(busy.value > 0)
        let alone = try disk.lockDirectory("kept", isShared: false)
        try expectRefusal(.busy, "kept") { _ = try prune(world) }
        try expectRefusal(.busy, "kept") { _ = try world.store.backup(to: "kept/f") }
        try expectRefusal(.busy, "kept") {
            _ = try Store.restore(["kept/a"], to: "new", options: world.options)
        }
        alone.release()
        #expect(try prune(world).unread == [])
    }

    @Test func aBackupThatWasKilledIsNamedAndGoes() throws {
        let disk = SimulatedDisk()
        let world = try world(disk)
        var named = 0
        for step in stride(from: 1, to: 40, by: 3) {
            let cut = disk.crashKeepingAll()
            let store = try Store.open(
                "store",
                .open,
                options: GrowingStore.options(cut, world.clock)
            )
            cut.cut(atStep: cut.steps + step)
            _ = try? store.backup(to: "kept/e")
            let left = cut.crashKeepingAll()
            let options = GrowingStore.options(left, world.clock)
            let listed = try Store.backups(in: "kept", options: options).first { $0.name == "e" }
            guard let listed, (try? listed.contents.get()) == nil else { continue }
            named += 1
            var wishes = PruneOptions()
            wishes.isDryRun = true
            let leftover = PrunedBackups.Leftover(directory: "kept/e", kind: .unfinished)
            let said = try Store.pruneBackups(in: "kept", wishes, options: options)
            #expect(said.leftovers == [leftover], "step \(step)")
            #expect(try left.list("kept").contains("e"))
            let done = try Store.pruneBackups(in: "kept", options: options)
            #expect(done.leftovers == [leftover], "step \(step)")
            #expect(try left.list("kept") == ["a", "b", "c"], "step \(step)")
        }
        #expect(named > 3)
    }

    /// The process ended as the marker was written: some of it is there, or nothing.
    @Test(arguments: [0, 40])
    func aBackupWithoutAWholeMarkerIsTakenUp(byteCount: Int) throws {
        let disk = SimulatedDisk()
        let world = try world(disk)
        func leave(_ name: String) throws {
            try disk.createDirectory("kept/\(name)/log")
            let marker = try disk.open(WorkMarker.path(in: "kept/\(name)"), .create)
            try marker.write([UInt8](repeating: 7, count: byteCount), at: 0)
            try marker.close()
        }
        for name in ["d", "e"] { try leave(name) }
        let listed = try Store.backups(in: "kept", options: world.options)
        #expect(listed.map(\.name) == ["a", "b", "c", "d", "e"])
        #expect((try? listed.last?.contents.get()) == nil)
        _ = try world.store.backup(to: "kept/d")
        #expect(try Store.verifyBackups(["kept/d"], options: world.options).count == 1)
        let pruned = try prune(world)
        #expect(pruned.leftovers.map(\.directory) == ["kept/e"] && pruned.unread == [])
        #expect(!disk.holds("kept/e") && disk.holds("kept/d/manifest"))
        // What is somebody's own stays.
        try leave("f")
        try disk.open("kept/f/mine", .create).close()
        #expect(try prune(world).leftovers == [])
        #expect(disk.holds("kept/f/unfinished"))
        try expectRefusal(.exists, "kept/f") { _ = try world.store.backup(to: "kept/f") }
    }

    /// As a backup of a version without markers left it.
    @Test func anUnfinishedBackupWithoutAMarkerIsNamedAndStays() throws {
        let disk = SimulatedDisk()
        let world = try world(disk)
        try disk.createDirectory("kept/old/log")
        try disk.createDirectory("kept/lost+found")
        try disk.open("kept/old/log/" + Segment.name(1), .create).close()
        let listed = try Store.backups(in: "kept", options: world.options)
        #expect(listed.map(\.name) == ["a", "b", "c", "old"])
        #expect((try? listed.last?.contents.get()) == nil)
        let pruned = try prune(world)
        #expect(pruned.unread.count == 1 && pruned.unread[0].contains("kept/old"))
        #expect(pruned.leftovers == [])
        #expect(disk.holds("kept/old/log/" + Segment.name(1)) && disk.holds("kept/lost+found"))
    }

    @Test func aFileThatIsNoPartOfABackupKeepsEverything() throws {
        let disk = SimulatedDisk()
        var world = try world(disk)
        try world.grow(1)
        _ = try world.store.backup(to: "kept/d")
        try disk.open("kept/a/notes", .create).close()
        let pruned = try prune(world)
        #expect(pruned.removed == [] && pruned.unread.contains { $0.contains("notes") })
        try disk.remove("kept/a/notes")
        #expect(try prune(world).removed.count == 3)
    }

    @Test func linksAreNotFollowed() throws {
        var template = Array("/tmp/mneme-prune-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let base = buffer.baseAddress, unsafe mkdtemp(base) != nil else { return nil }
            return unsafe String(cString: base)
        }
        let directory = try #require(made)
        defer { clean(directory) }
        let disk = RealDisk()
        let kept = directory + "/kept"
        for path in ["/kept", "/mine"] { try disk.createDirectory(directory + path) }
        try disk.open(directory + "/mine/notes", .create).close()
        for name in ["x.pruned", ".x.pruning", "y"] {
            #expect(unsafe symlink(directory + "/mine", kept + "/" + name) == 0)
        }
        // A marker behind a link is none.
        try WorkMarker(.leaving, StoreIdentity(high: 1, low: 2))
            .write(disk, in: directory + "/mine")
        let pruned = try Store.pruneBackups(in: kept, options: StoreOptions())
        #expect(pruned.leftovers == [] && pruned.removed == [])
        #expect(try disk.list(directory + "/mine").sorted() == ["notes", "unfinished"])
        #expect(try disk.list(kept).count == 3)
        #expect(!disk.isDirectory(kept + "/y") && disk.isDirectory(directory + "/mine"))
    }

    private func clean(_ directory: String) {
        let disk = RealDisk()
        for below in ["/kept", "/mine"] {
            for name in (try? disk.list(directory + below)) ?? [] {
                try? disk.remove(directory + below + "/" + name)
            }
            try? disk.removeDirectory(directory + below)
        }
        try? disk.removeDirectory(directory)
    }

    @Test func markersOfOtherBytesAreNone() throws {
        let marker = WorkMarker(
            .successor,
            StoreIdentity(high: 1, low: 2),
            UniqueID(high: 3, low: 4)
        )
        #expect(marker.bytes.count == WorkMarker.byteCount && WorkMarker(marker.bytes) == marker)
        for index in marker.bytes.indices {
            var bytes = marker.bytes
            bytes[index] ^= 1
            #expect(WorkMarker(bytes) == nil, "\(index)")
            #expect(WorkMarker(Array(marker.bytes[..<index])) == nil)
        }
    }

    @Test(arguments: [
        ("kept/a", "kept"), ("kept/a//", "kept"), ("a", "."), ("/a", "/"), ("/", "/"),
        ("kept/.", "kept/./.."), ("..", "../.."), ("/x//a", "/x"),
    ])
    func parents(path: String, parent: String) {
        #expect(BackupLocks.parent(of: path) == parent)
    }
}

/// A disk on which one file may not be read.
private struct OneDenied: PassingDisk {
    let below: any Disk
    let denied: String

    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        if path == denied { throw .denied(path: path) }
        return try below.open(path, mode)
    }
}

/// Counts from any thread.
private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
