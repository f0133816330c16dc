import Testing

@testable import MnemeBase
@testable import SimulatedWorld

@Suite struct FaultTests {
    @Test func aFailedSyncLosesWhatItShouldHaveKept() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 1024))
        disk.plan.syncs[2] = .failed(keepingSome: false)
        try file.write(filled(2, 512), at: 0)
        #expect(throws: DiskError.failed(call: "fdatasync", path: "a", code: 5)) { try file.sync() }
        #expect(try disk.bytes("a") == filled(2, 512) + filled(1, 512))
        try file.write(filled(3, 512), at: 512)
        try file.sync()
        #expect(try disk.bytes("a") == filled(2, 512) + filled(3, 512))
        for world in crashes(of: disk, 20) {
            #expect(try world.bytes("a") == filled(1, 512) + filled(3, 512))
        }
    }

    @Test func aSyncThatFailsHalfwayKeepsSome() throws {
        var seen: Set<[UInt8]> = []
        for seed in UInt64(0)..<100 {
            let disk = SimulatedDisk(seed: seed)
            let file = try disk.makeDurable("a", filled(1, 1024))
            disk.plan.syncs[2] = .failed(keepingSome: true)
            try file.write(filled(2, 1024), at: 0)
            #expect(throws: DiskError.self) { try file.sync() }
            let bytes = try #require(try disk.crashDroppingAll().bytes("a"))
            seen.insert([bytes[0], bytes[512]])
        }
        #expect(seen == [[1, 1], [1, 2], [2, 1], [2, 2]])
    }

    @Test func aSkippedSyncLosesData() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 512))
        disk.plan.everySync = .skipped
        try file.write(filled(2, 512), at: 0)
        try file.sync()
        #expect(try disk.crashDroppingAll().bytes("a") == filled(1, 512))
        #expect(try crashes(of: disk, 50).contains { try $0.bytes("a") == filled(1, 512) })
        disk.plan.everySync = nil
        disk.plan.syncs[3] = .skipped
        try file.sync()
        #expect(try disk.crashDroppingAll().bytes("a") == filled(1, 512))
        try file.sync()
        #expect(try disk.crashDroppingAll().bytes("a") == filled(2, 512))
    }

    @Test func aSkippedDirectorySyncLosesNames() throws {
        let disk = SimulatedDisk()
        disk.plan.directorySyncs[1] = .skipped
        disk.plan.directorySyncs[2] = .failed(keepingSome: false)
        _ = try disk.makeDurable("a", [1])
        #expect(try disk.crashDroppingAll().list("").isEmpty)
        #expect(throws: DiskError.self) { try disk.syncDirectory("") }
        #expect(try disk.crashDroppingAll().list("").isEmpty)
        try disk.syncDirectory("")
        #expect(try disk.crashDroppingAll().list("") == ["a"])
        disk.plan.everyDirectorySync = .skipped
        _ = try disk.makeDurable("b", [1])
        #expect(try disk.crashDroppingAll().list("") == ["a"])
    }

    @Test func writesFailWholeOrInPart() throws {
        let disk = SimulatedDisk()
        let file = try disk.open("a", .create)
        disk.plan.writes = [1: .full(kept: 0), 2: .failed(kept: 3), 3: .lost]
        #expect(throws: DiskError.full(path: "a")) { try file.write(filled(1, 10), at: 0) }
        #expect(try file.byteCount() == 0)
        #expect(throws: DiskError.failed(call: "pwrite", path: "a", code: 5)) {
            try file.write(filled(1, 10), at: 0)
        }
        #expect(try disk.bytes("a") == filled(1, 3))
        try file.write(filled(2, 2), at: 0)
        try file.sync()
        try disk.syncDirectory("")
        #expect(try disk.bytes("a") == [2, 2, 1])
        #expect(try disk.crash(using: SeededRandomness(seed: 0)).bytes("a") == [1, 1, 1])
        #expect(disk.counts.writes == 3)
    }

    @Test func aFullDiskWorksAgainWhenThereIsRoom() throws {
        let disk = SimulatedDisk()
        disk.plan.capacity = 1000
        let first = try disk.open("a", .create)
        let second = try disk.open("b", .create)
        try first.write(filled(1, 600), at: 0)
        #expect(throws: DiskError.full(path: "b")) { try second.write(filled(2, 500), at: 0) }
        #expect(try second.byteCount() == 400)
        #expect(throws: DiskError.full(path: "b")) { try second.truncate(to: 500) }
        try first.write(filled(3, 600), at: 0)
        try disk.remove("a")
        try second.write(filled(2, 900), at: 0)
        #expect(try disk.bytes("b") == filled(2, 900))
    }

    @Test func readsMeetDamage() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 1024) + filled(2, 1024) + filled(3, 3000))
        disk.plan.reads = [
            .flipped(path: "./a", offset: 5, mask: 0x81), .zeroed(path: "a", sector: 1),
            .misdirected(path: "a", sector: 2, to: 4), .failed(path: "a", range: 4900..<4901),
            .flipped(path: "b", offset: 0, mask: 1),
        ]
        let bytes = try file.read(at: 4, count: 2044)
        #expect(
            bytes == [1, 0x80] + filled(1, 506) + filled(0, 512) + filled(3, 512) + filled(2, 512)
        )
        #expect(try file.map(at: 0, count: 1024).copy(at: 5, count: 1) == [0x80])
        #expect(throws: DiskError.failed(call: "pread", path: "a", code: 5)) {
            try file.read(at: 4800, count: 200)
        }
        #expect(throws: DiskError.self) { try file.map(at: 4096, count: 900) }
        disk.plan.reads = []
        disk.plan.failedReads = [disk.counts.reads + 2]
        #expect(try file.read(at: 5, count: 1) == [1])
        #expect(throws: DiskError.self) { try file.read(at: 5, count: 1) }
        #expect(try file.read(at: 5, count: 1) == [1])
    }

    @Test func corruptionStays() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 5000))
        let mapping = try file.map(at: 4096, count: 10)
        try disk.corrupt("a", at: 4100, mask: 2)
        #expect(try file.read(at: 4099, count: 3) == [1, 3, 1])
        #expect(try mapping.copy(at: 4, count: 1) == [3])
        #expect(try disk.crashDroppingAll().open("a", .read).read(at: 4100, count: 1) == [3])
        #expect(throws: DiskError.self) { try disk.corrupt("a", at: 5000, mask: 1) }
        #expect(throws: DiskError.self) { try disk.corrupt("b", at: 0, mask: 1) }
    }

    @Test func sectorsOfAnotherPlaceOrTimeAreRead() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 1024))
        _ = try disk.makeDurable("b", filled(9, 1024))
        disk.rememberContents()
        try file.write(filled(2, 1024), at: 0)
        let later = try disk.makeDurable("c", filled(5, 512))
        disk.plan.reads = [
            .stale(path: "a", sector: 1), .misdirected(path: "a", sector: 0, to: 1, of: "b"),
            .stale(path: "c", sector: 0),
        ]
        #expect(try file.read(at: 0, count: 1024) == filled(9, 512) + filled(1, 512))
        #expect(try later.read(at: 0, count: 512) == filled(0, 512))
        #expect(try disk.crashKeepingAll().bytes("a") == filled(2, 1024))
    }

    @Test func mappingsMeetDamageWhenTheyAreToldTo() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 4096))
        let mapping = try file.map(at: 0, count: 4096)
        disk.plan.reads = [.flipped(path: "a", offset: 3, mask: 4)]
        #expect(try mapping.copy(at: 2, count: 3) == [1, 1, 1])
        disk.damageMappings(of: "a")
        #expect(try mapping.copy(at: 2, count: 3) == [1, 5, 1])
        disk.plan.reads = []
        #expect(try file.read(at: 2, count: 3) == [1, 1, 1])
    }

    @Test func readsComeShort() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 1024))
        disk.plan.shortReads = [disk.counts.reads + 2]
        #expect(try file.read(at: 0, count: 1) == [1])
        #expect(throws: DiskError.short(path: "a", offset: 7)) { try file.read(at: 7, count: 1) }
        #expect(try file.read(at: 0, count: 1) == [1])
    }

    @Test(arguments: [false, true])
    func aFullDiskRefusesWhatNeedsRoom(everyWrite: Bool) throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 1024))
        disk.plan.full = FullDisk(from: disk.steps + 2, everyWrite: everyWrite)
        try file.write([2], at: 1024)
        #expect(throws: DiskError.full(path: "b")) { try disk.open("b", .create) }
        #expect(throws: DiskError.full(path: "d")) { try disk.createDirectory("d") }
        #expect(throws: DiskError.full(path: "a")) { try file.write([2, 2], at: 1024) }
        #expect(throws: DiskError.full(path: "a")) { try file.truncate(to: 2000) }
        #expect(try file.byteCount() == 1025)
        if everyWrite {
            #expect(throws: DiskError.full(path: "a")) { try file.write([3], at: 0) }
        } else {
            try file.write([3], at: 0)
        }
        #expect(try file.read(at: 0, count: 1) == [everyWrite ? 1 : 3])
        try file.sync()
        try disk.rename("a", to: "c")
        disk.plan.full = nil
        try file.write([2, 2], at: 1024)
        #expect(try file.byteCount() == 1026)
    }
}
