// A copy of a closed store that was made of hard links is a store of its own: what one writes, the
// other does not have.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct LinkedStoreTests {
    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 16 << 10
        return options
    }

    /// A store, and its files under second names.
    private func world() throws -> MemoryDisk {
        let disk = MemoryDisk()
        let store = try Kinds.store(options(disk))
        for number in 0..<60 {
            _ = try store.commit([Kinds.put("n\(number)", ["body": "some words of it"])])
        }
        try store.checkpointNow()
        try store.close()
        try disk.createDirectory("snap/log")
        for path in try disk.storeFiles().keys where path.hasPrefix("store/") {
            try disk.link(path, to: "snap" + path.dropFirst("store".count))
        }
        return disk
    }

    private func put(_ store: Store, _ key: String) throws {
        _ = try store.commit([Kinds.put(key, [:])])
    }

    @Test(arguments: [true, false])
    func eachGoesOnByItself(atOnce: Bool) throws {
        let disk = try world()
        var pictures: [String: Picture] = [:]
        var stores: [(name: String, store: Store)] = []
        for name in ["store", "snap"] {
            let store = try Store.open(name, .open, options: options(disk))
            if atOnce {
                stores.append((name, store))
                continue
            }
            for number in 0..<40 { try put(store, "\(name)\(number)") }
            try store.checkpointNow()
            pictures[name] = try Picture(store)
            try store.close()
        }
        for number in 0..<40 { for (name, store) in stores { try put(store, "\(name)\(number)") } }
        for (name, store) in stores {
            try store.checkpointNow()
            pictures[name] = try Picture(store)
            try store.close()
        }
        for name in ["store", "snap"] {
            for mode in [StoreMode.open, .rebuild] {
                let store = try Store.open(name, mode, options: options(disk))
                #expect(try Picture(store) == pictures[name])
                #expect(try store.verify().findings == [])
                let other = name == "store" ? "snap" : "store"
                #expect(try store.snapshot().record(Kinds.thing(other + "0")) == nil)
                try store.close()
            }
            #expect(try disk.list(name + "/log").allSatisfy { $0 != "tail.new" })
        }
        // What is sealed is still one file for both.
        #expect(try disk.linkCount("snap/log/" + LogFile.name(1)) == 2)
    }

    /// Who only reads changes nothing.
    @Test func aReaderLeavesTheNames() throws {
        let disk = try world()
        let store = try Store.open("snap", .read, options: options(disk))
        try store.close()
        #expect(try disk.linkCount("snap/pages") == 2)
    }

    /// The segment after it was lost with the power, and the backup has the one that it goes on in.
    @Test func whatABackupLinkedStaysAsItIs() throws {
        let disk = MemoryDisk()
        var store = try Kinds.store(options(disk))
        try put(store, "one")
        try store.close()
        let path = "store/log/" + LogFile.name(1)
        try disk.createDirectory("kept")
        try disk.link(path, to: "kept/segment")
        let bytes = try disk.open("kept/segment", .read).bytes
        store = try Store.open("store", .open, options: options(disk))
        try put(store, "two")
        try store.close()
        #expect(try disk.open("kept/segment", .read).bytes == bytes)
        #expect(try disk.open(path, .read).bytes != bytes)
    }

    /// An opening that cannot copy the tail says so, and changes nothing.
    @Test func aFullDiskIsTold() throws {
        let disk = try world()
        let before = try disk.storeFiles()
        let full = FullDisk(below: disk)
        try expectRefusal(.diskFull, "") {
            _ = try Store.open("snap", .open, options: options(full))
        }
        #expect(try disk.storeFiles() == before)
    }
}

/// A disk on which nothing new is made in a log.
private struct FullDisk: PassingDisk {
    let below: any Disk

    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        if case .create = mode, path.contains("/log/") { throw .full(path: path) }
        return try below.open(path, mode)
    }
}

extension DiskFile {
    fileprivate var bytes: [UInt8] {
        get throws { try read(at: 0, count: Int(try byteCount())) }
    }
}
