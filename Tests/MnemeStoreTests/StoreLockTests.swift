// Who has a store open keeps others out, also where the file that says so was removed; and what
// locks directories of backups is in nobody's way.

import Glibc
import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct StoreLockTests {
    /// Runs a test on a disk in memory, a simulated one, and the real one.
    private func onDisks(_ test: (_ disk: any Disk, _ root: String) throws -> Void) throws {
        try test(MemoryDisk(), "root")
        let simulated = SimulatedDisk(seed: 1)
        try simulated.createDirectory("root")
        try test(simulated, "root")
        var template = Array("/tmp/mneme-lock-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let base = buffer.baseAddress, unsafe mkdtemp(base) != nil else { return nil }
            return unsafe String(cString: base)
        }
        let root = try #require(made)
        defer { clean(root) }
        try test(RealDisk(), root)
    }

    /// Runs a test on the real disk.
    private func onRealDisk(_ test: (_ disk: any Disk, _ root: String) throws -> Void) throws {
        try onDisks { disk, root in if disk is RealDisk { try test(disk, root) } }
    }

    private func files(_ disk: any Disk, _ path: String) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for directory in [path, path + "/log"] {
            for name in try disk.list(directory) where !disk.isDirectory(directory + "/" + name) {
                let file = try disk.open(directory + "/" + name, .read)
                files[name] = try file.read(at: 0, count: Int(try file.byteCount()))
                try file.close()
            }
        }
        return files
    }

    /// Another store that takes the place of an open one is left alone, and so is the open one,
    /// wherever it is now.
    @Test func whatStandsInThePlaceOfAnOpenStoreIsLeftAlone() throws {
        try onRealDisk { disk, root in
            var options = Kinds.options(disk)
            options.logLimits.smallestSegment = 16 << 10
            options.logLimits.largestSegment = 16 << 10
            let (path, moved) = (root + "/store", root + "/moved")
            let store = try Store.open(path, options: options)
            try store.define(Kinds.schema)
            _ = try store.backup(to: root + "/backup")
            try disk.rename(path, to: moved)
            _ = try Store.restore([root + "/backup"], to: path, options: options)
            let before = try files(disk, path)
            var acknowledged: [String] = []
            var refusal: MnemeError?
            for number in 0..<2000 where refusal == nil {
                let text = String(repeating: "w\(number) ", count: 20)
                do throws(MnemeError) {
                    _ = try store.commit([Kinds.put("k\(number)", ["body": .text(text)])])
                    acknowledged.append("k\(number)")
                } catch {
                    refusal = error
                }
            }
            #expect(refusal?.message.contains("another directory stands at") == true)
            #expect(!acknowledged.isEmpty)
            try? store.checkpointNow()
            try? store.close()
            #expect(try files(disk, path) == before)
            let again = try Store.open(moved, .open, options: options)
            #expect(try again.verify().findings == [])
            for key in acknowledged {
                #expect(try again.snapshot().record(Kinds.thing(key)) != nil, "\(key)")
            }
            try again.close()
        }
    }

    /// Removes a directory in which nothing is a link.
    private func clean(_ directory: String) {
        let disk = RealDisk()
        for name in (try? disk.list(directory)) ?? [] {
            let path = directory + "/" + name
            if disk.isDirectory(path) { clean(path) } else { try? disk.remove(path) }
        }
        try? disk.removeDirectory(directory)
    }

    @Test func aRemovedLockFileLetsNobodyIn() throws {
        try onDisks { disk, root in
            let path = root + "/store"
            let options = Kinds.options(disk)
            let store = try Store.open(path, options: options)
            try store.define(Kinds.schema)
            for removes in [false, true] {
                // A disk in memory has no file that stands for it.
                if removes { try? disk.remove(path + "/lock") }
                for mode in [StoreMode.open, .openOrCreate, .rebuild, .read] {
                    try expectRefusal(.busy, "open already") {
                        _ = try Store.open(path, mode, options: options)
                    }
                }
                try expectRefusal(.busy, "open already") {
                    try Store.changeKey(of: path, to: Sealed.key, options: options)
                }
                try expectRefusal(.busy, "open already") {
                    _ = try Salvage(of: path, to: nil, options: options).run()
                }
            }
            _ = try store.commit([Kinds.put("a")])
            try store.close()
            let again = try Store.open(path, .open, options: options)
            #expect(try again.statistics().records["things"] == 1)
            try again.close()
        }
    }

    /// A directory of links to the files of a store, without its lock file.
    @Test func aDirectoryOfLinksLetsNobodyInBeside() throws {
        try onRealDisk { disk, root in
            let (path, links) = (root + "/store", root + "/links")
            let options = Kinds.options(disk)
            try disk.createDirectory(links)
            for name in ["store", "pages", "log"] {
                #expect(unsafe symlink("../store/" + name, links + "/" + name) == 0)
            }
            // One that was made by this opening, and one that was there.
            for mode in [StoreMode.create, .open] {
                let store = try Store.open(path, mode, options: options)
                if mode == .create { try store.define(Kinds.schema) }
                for other in [StoreMode.open, .openOrCreate, .rebuild, .read] {
                    try expectRefusal(.busy, "open already") {
                        _ = try Store.open(links, other, options: options)
                    }
                }
                try expectRefusal(.busy, "open already") {
                    _ = try Salvage(of: links, to: nil, options: options).run()
                }
                _ = try store.commit([Kinds.put("\(mode)")])
                try store.close()
            }
            let store = try Store.open(links, .open, options: options)
            #expect(try store.statistics().records["things"] == 2)
            for other in [StoreMode.open, .read] {
                try expectRefusal(.busy, "open already") {
                    _ = try Store.open(path, other, options: options)
                }
            }
            try store.close()
            // Who reads shares it with others who do.
            let one = try Store.open(path, .read, options: options)
            let other = try Store.open(links, .read, options: options)
            try expectRefusal(.busy, "open already") {
                _ = try Store.open(links, .open, options: options)
            }
            try one.close()
            try other.close()
            _ = unsafe (unlink(links + "/store"), unlink(links + "/pages"), unlink(links + "/log"))
        }
    }

    @Test func readersShareAndKeepWritersOut() throws {
        try onDisks { disk, root in
            let path = root + "/store"
            let options = Kinds.options(disk)
            try Store.open(path, options: options).close()
            // A disk whose files cannot be locked by two at once has no such readers.
            guard let one = try? Store.open(path, .read, options: options),
                let other = try? Store.open(path, .read, options: options)
            else { return #expect(disk is SimulatedDisk) }
            for removes in [false, true] {
                // A disk in memory has no file that stands for it.
                if removes { try? disk.remove(path + "/lock") }
                try expectRefusal(.busy, "open already") {
                    _ = try Store.open(path, .open, options: options)
                }
            }
            try one.close()
            let third = try Store.open(path, .read, options: options)
            try other.close()
            try third.close()
            try Store.open(path, .open, options: options).close()
        }
    }

    @Test func backupsBesideAnOpenStoreAreMadeAndPruned() throws {
        try onDisks { disk, root in
            let path = root + "/store"
            let options = Kinds.options(disk)
            let store = try Store.open(path, options: options)
            try store.define(Kinds.schema)
            _ = try store.commit([Kinds.put("a")])
            _ = try store.backup(to: root + "/one")
            _ = try store.backup(to: root + "/kept/two")
            _ = try Store.verifyBackups([root + "/one"], options: options)
            var wishes = PruneOptions()
            wishes.isDryRun = true
            // The disk in memory lists no directories, so that nothing is found there.
            if !(disk is MemoryDisk) {
                let said = try Store.pruneBackups(in: root, wishes, options: options)
                #expect(said.kept == [root + "/one"])
                let done = try Store.pruneBackups(in: root + "/kept", options: options)
                #expect(done.kept == [root + "/kept/two"])
            }
            _ = try Store.restore([root + "/one"], to: root + "/new", options: options)
            // Both are open at once.
            let restored = try Store.open(root + "/new", .open, options: options)
            _ = try restored.commit([Kinds.put("b")])
            try restored.close()
            try store.close()
        }
    }

    /// As on file systems of a network.
    @Test func aDiskWithoutLocksOfDirectoriesHasThoseOfFiles() throws {
        for error in [
            DiskError.failed(call: "flock", path: "store", code: EBADF), .denied(path: "store"),
        ] {
            let options = Kinds.options(NoDirectoryLocks(below: MemoryDisk(), error: error))
            let store = try Store.open("store", options: options)
            try expectRefusal(.busy, "open already") {
                _ = try Store.open("store", .open, options: options)
            }
            try store.close()
            try Store.open("store", .open, options: options).close()
        }
    }
}

private struct NoDirectoryLocks: PassingDisk {
    let below: any Disk
    let error: DiskError

    func lockDirectory(
        _ path: String,
        isShared: Bool
    ) throws(DiskError) -> any DiskLock {
        throw error
    }
}
