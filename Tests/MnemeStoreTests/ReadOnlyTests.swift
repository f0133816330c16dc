// Stores that are opened to be read: nothing is written anywhere, the tail of the log is replayed
// in memory, and every change is refused.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemeStore

/// A disk that lets nothing be written, and says so of its directories or does not.
struct UnwritableDisk: Disk {
    let below: any Disk
    var saysSo = true

    func createDirectory(_ path: String) throws(DiskError) { throw .denied(path: path) }

    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        guard case .read = mode else { throw .denied(path: path) }
        return UnwritableFile(below: try below.open(path, .read))
    }

    func list(_ directory: String) throws(DiskError) -> [String] { try below.list(directory) }

    func rename(_ from: String, to: String) throws(DiskError) { throw .denied(path: from) }

    func remove(_ path: String) throws(DiskError) { throw .denied(path: path) }

    func syncDirectory(_ path: String) throws(DiskError) { throw .denied(path: path) }

    func link(_ path: String, to new: String) throws(DiskError) { throw .denied(path: new) }

    func linkCount(_ path: String) throws(DiskError) -> Int { try below.linkCount(path) }

    func lock(_ path: String) throws(DiskError) -> any DiskLock { throw .denied(path: path) }

    func lockShared(_ path: String) throws(DiskError) -> any DiskLock {
        try below.lockShared(path)
    }

    func isReadOnly(_ directory: String) -> Bool { saysSo }
}

private final class UnwritableFile: PassingFile {
    let below: any DiskFile

    init(below: any DiskFile) { self.below = below }

    func write(_ span: RawSpan, at offset: UInt64) throws(DiskError) { throw .denied(path: path) }

    func truncate(to byteCount: UInt64) throws(DiskError) { throw .denied(path: path) }

    func sync() throws(DiskError) { throw .denied(path: path) }
}

@Suite struct ReadOnlyTests {
    /// The files of a store with a checkpoint and commits behind it, never closed.
    private func files() throws -> (disk: MemoryDisk, picture: Picture) {
        let disk = MemoryDisk()
        let store = try Kinds.store(Kinds.options(disk))
        try store.checkpointNow()
        for number in 0..<30 {
            _ = try store.commit([Kinds.put("k\(number)", ["body": "some words"])])
        }
        let copy = MemoryDisk()
        try copy.createDirectory("store/log")
        for (path, bytes) in try disk.storeFiles() {
            try copy.open(path, .create).write(bytes, at: 0)
        }
        return (copy, try Picture(store))
    }

    @Test func nothingIsWritten() throws {
        for loses in [[], ["store/pages"]] {
            let (disk, picture) = try files()
            for path in loses { try disk.remove(path) }
            let before = try disk.storeFiles()
            for (mode, below) in [
                (StoreMode.read, UnwritableDisk(below: disk, saysSo: false)),
                (.open, UnwritableDisk(below: disk)), (.openOrCreate, UnwritableDisk(below: disk)),
            ] {
                var options = Kinds.options(below)
                options.worksInBackground = true
                let store = try Store.open("store", mode, options: options)
                #expect(store.isReadOnly)
                #expect(try Picture(store) == picture)
                #expect(try store.verify().findings == [])
                #expect(store.notes.count == loses.count, "\(store.notes)")
                try expectRefusal(.readOnly, "read", leaving: store) {
                    _ = try store.commit([Kinds.put("new")])
                }
                try expectRefusal(.readOnly, "read", leaving: store) {
                    try store.define(Schema(edgeTypes: [EdgeType("other")]))
                }
                try expectRefusal(.readOnly, "read", leaving: store) { try store.checkpointNow() }
                #expect(throws: MnemeError.self) {
                    try store.gather([Kinds.put("new")], .synced) { _ in }
                }
                try store.upkeep()
                try store.close()
                #expect(throws: MnemeError.self) { try Picture(store) }
            }
            #expect(try disk.storeFiles() == before)
        }
    }

    @Test func aTornTailStaysAndIsNotShown() throws {
        let (disk, picture) = try files()
        let name = "store/log/" + LogFile.name(1)
        let end = try Store.open("store", .read, options: Kinds.options(disk)).log.end
        let noise = [UInt8](repeating: 9, count: 200)
        try disk.open(name, .readWrite).write(noise, at: UInt64(end.offset))
        let before = try disk.storeFiles()
        let store = try Store.open("store", .read, options: Kinds.options(disk))
        #expect(try Picture(store) == picture)
        try store.close()
        #expect(try disk.storeFiles() == before)
    }

    @Test func readersShareAndWritersDoNot() throws {
        let (disk, _) = try files()
        let one = try Store.open("store", .read, options: Kinds.options(disk))
        let other = try Store.open("store", .read, options: Kinds.options(disk))
        try expectRefusal(.busy) { _ = try Store.open("store", options: Kinds.options(disk)) }
        try one.close()
        try expectRefusal(.busy) { _ = try Store.open("store", options: Kinds.options(disk)) }
        try other.close()
        let writer = try Store.open("store", options: Kinds.options(disk))
        #expect(!writer.isReadOnly)
        try expectRefusal(.busy) {
            _ = try Store.open("store", .read, options: Kinds.options(disk))
        }
        try writer.close()
    }

    @Test func damagedPagesAreDerivedInMemory() throws {
        let (disk, picture) = try files()
        let pages = try disk.open("store/pages", .readWrite)
        try pages.write([UInt8](repeating: 7, count: 30_000), at: 0)
        let before = try disk.storeFiles()
        let store = try Store.open("store", .read, options: Kinds.options(disk))
        #expect(try Picture(store) == picture)
        #expect(store.notes.first?.contains("page file is damaged") == true)
        try store.close()
        #expect(try disk.storeFiles() == before)
    }

    @Test func whatIsNoStoreIsNotRead() throws {
        let disk = MemoryDisk()
        try disk.createDirectory("empty")
        try expectRefusal(.notAStore) {
            _ = try Store.open("empty", .read, options: Kinds.options(disk))
        }
        #expect(try disk.list("empty") == [])
        // A lock that may not be had says that somebody may write.
        let (whole, _) = try files()
        try expectRefusal(.denied) {
            _ = try Store.open(
                "store",
                .open,
                options: Kinds.options(UnwritableDisk(below: whole, saysSo: false))
            )
        }
        for mode in [StoreMode.create, .rebuild] {
            #expect(throws: MnemeError.self) {
                _ = try Store.open(
                    mode == .create ? "other" : "store",
                    mode,
                    options: Kinds.options(UnwritableDisk(below: whole))
                )
            }
        }
    }
}
