// Disks that are full or closed to us: the commit is refused, what was there stays, and the store
// goes on once there is room.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct FailingDiskTests {
    private func noise(_ random: SeededRandomness) -> Value {
        .bytes((0..<4000).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }

    @Test func aFullDiskRefusesAndRecovers() throws {
        let disk = SimulatedDisk()
        let random = SeededRandomness(seed: 9)
        let store = try Kinds.store(Kinds.options(disk))
        try store.define(
            Schema(collections: [Collection("plain", fields: [Field("bytes", .bytes)])])
        )
        let used = disk.contents().reduce(0) { $0 + ($1.bytes?.count ?? 0) }
        disk.plan.capacity = UInt64(used)
        var puts = 0
        var refusal: MnemeError?
        while refusal == nil, puts < 100 {
            do throws(MnemeError) {
                _ = try store.commit([
                    .put(Put("plain", .text("p\(puts)"), ["bytes": noise(random)]))
                ])
                puts += 1
            } catch {
                refusal = error
            }
        }
        // The first segment is taken up, and the second does not fit.
        #expect(refusal?.code == .diskFull && puts > 5)
        #expect(try store.statistics().records["plain"] == puts)
        #expect(throws: MnemeError.self) { try store.checkpointNow() }
        #expect(try store.verify().findings == [])
        disk.plan.capacity = nil
        _ = try store.commit([.put(Put("plain", "later", ["bytes": noise(random)]))])
        try store.checkpointNow()
        #expect(try store.statistics().records["plain"] == puts + 1)
        #expect(try store.verify().findings == [])
        let again = try Store.open("store", .open, options: Kinds.options(disk.crashDroppingAll()))
        #expect(try again.statistics().records["plain"] == puts + 1)
    }

    @Test func aDiskWithoutRoomHoldsNoStore() throws {
        let disk = SimulatedDisk()
        disk.plan.capacity = 10_000
        try expectRefusal(.diskFull, "room") {
            _ = try Store.open("store", options: Kinds.options(disk))
        }
        disk.plan.capacity = nil
        let store = try Kinds.store(Kinds.options(disk))
        #expect(try store.verify().findings == [])
    }

    @Test func whatIsDeniedIsSaidSo() throws {
        let below = MemoryDisk()
        try Kinds.store(Kinds.options(below)).close()
        for path in ["store/store", "store/lock", "store/pages", "store/log/000000000001.log"] {
            try expectRefusal(.denied, path) {
                _ = try Store.open(
                    "store",
                    .open,
                    options: Kinds.options(DenyingDisk(below, [path]))
                )
            }
        }
        let all = DenyingDisk(MemoryDisk(), ["new", "new/lock"])
        try expectRefusal(.denied, "new") { _ = try Store.open("new", options: Kinds.options(all)) }
        let store = try Store.open("store", .open, options: Kinds.options(below))
        #expect(try Picture(store).records.count == 2)
    }
}

/// A disk that denies some paths.
private struct DenyingDisk: Disk {
    let below: MemoryDisk
    let paths: Set<String>

    init(_ below: MemoryDisk, _ paths: Set<String>) {
        self.below = below
        self.paths = paths
    }

    private func check(_ path: String) throws(DiskError) {
        if paths.contains(path) { throw .denied(path: path) }
    }

    func createDirectory(_ path: String) throws(DiskError) {
        try check(path)
        try below.createDirectory(path)
    }

    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        try check(path)
        return try below.open(path, mode)
    }

    func list(_ directory: String) throws(DiskError) -> [String] { try below.list(directory) }

    func rename(_ from: String, to: String) throws(DiskError) { try below.rename(from, to: to) }

    func remove(_ path: String) throws(DiskError) { try below.remove(path) }

    func link(_ from: String, to: String) throws(DiskError) { try below.link(from, to: to) }

    func linkCount(_ path: String) throws(DiskError) -> Int { try below.linkCount(path) }

    func syncDirectory(_ path: String) throws(DiskError) { try below.syncDirectory(path) }

    func lock(_ path: String) throws(DiskError) -> any DiskLock {
        try check(path)
        return try below.lock(path)
    }
}
