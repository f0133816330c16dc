import Testing

@testable import MnemeBase
@testable import SimulatedWorld

@Suite struct SimulatedDiskTests {
    @Test func whatIsSyncedSurvivesEveryCrash() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 3000))
        try file.write(filled(2, 700), at: 2800)
        try file.sync()
        for world in crashes(of: disk) + [disk.crashDroppingAll()] {
            #expect(try world.bytes("a") == filled(1, 2800) + filled(2, 700))
        }
    }

    @Test func unsyncedSectorsAreKeptDroppedAndTorn() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 2048))
        try file.write(filled(2, 2048), at: 0)
        var kept = 0
        var dropped = 0
        var torn = 0
        var mixed = 0
        for world in crashes(of: disk) {
            let bytes = try #require(try world.bytes("a"))
            #expect(bytes.count == 2048)
            var kinds: Set<Int> = []
            for sector in 0..<4 {
                let part = bytes[(sector * 512)..<((sector + 1) * 512)]
                let new = part.prefix { $0 == 2 }.count
                #expect(part.dropFirst(new).allSatisfy { $0 == 1 })
                if new == 512 { kept += 1 } else if new == 0 { dropped += 1 } else { torn += 1 }
                kinds.insert(new == 512 ? 2 : new == 0 ? 0 : 1)
            }
            if kinds.contains(0), kinds.contains(2) { mixed += 1 }
        }
        #expect(kept > 100 && dropped > 100 && torn > 20 && mixed > 50)
        #expect(try disk.crashDroppingAll().bytes("a") == filled(1, 2048))
        #expect(try disk.crashKeepingAll().bytes("a") == filled(2, 2048))
    }

    @Test func aLaterSectorMaySurviveWithoutAnEarlierOne() throws {
        let disk = SimulatedDisk()
        let first = try disk.makeDurable("a", filled(0, 512))
        let second = try disk.makeDurable("b", filled(0, 512))
        try first.write(filled(1, 512), at: 0)
        try second.write(filled(1, 512), at: 0)
        var seen: Set<[UInt8]> = []
        for world in crashes(of: disk) {
            seen.insert([try world.bytes("a")?.last ?? 9, try world.bytes("b")?.last ?? 9])
        }
        #expect(seen == [[0, 0], [0, 1], [1, 0], [1, 1]])
    }

    @Test func anyVersionOfASectorMaySurvive() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(0, 512))
        for version in 1...4 { try file.write(filled(UInt8(version), 512), at: 0) }
        var whole: Set<UInt8> = []
        for world in crashes(of: disk, 600) {
            let bytes = try #require(try world.bytes("a"))
            if Set(bytes).count == 1 { whole.insert(bytes[0]) }
        }
        #expect(whole == [0, 1, 2, 3, 4])
    }

    /// Two appends into one sector: the second is never there when the first is not.
    @Test func aSectorIsWholeOrCutOff() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(0, 512))
        try file.write(filled(1, 100), at: 0)
        try file.write(filled(2, 100), at: 100)
        let full = filled(1, 100) + filled(2, 100) + filled(0, 312)
        var lengths: Set<Int> = []
        for world in crashes(of: disk, 600) {
            let bytes = try #require(try world.bytes("a"))
            let length = bytes.prefix { $0 != 0 }.count
            #expect(bytes == Array(full.prefix(length)) + filled(0, 512 - length))
            lengths.insert(length)
        }
        #expect(lengths.isSuperset(of: [0, 100, 200]) && lengths.count > 5)
    }

    @Test func lengthAndBytesSurviveApart() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 512))
        try file.write(filled(2, 1024), at: 512)
        var lengths: Set<Int> = []
        var hasZeros = false
        for world in crashes(of: disk) {
            let bytes = try #require(try world.bytes("a"))
            #expect(bytes.prefix(512).allSatisfy { $0 == 1 })
            #expect(bytes.dropFirst(512).allSatisfy { $0 == 2 || $0 == 0 })
            lengths.insert(bytes.count)
            if bytes.count == 1536, bytes[1535] == 0, bytes[512] == 2 { hasZeros = true }
        }
        #expect(lengths == [512, 1024, 1536])
        #expect(hasZeros)
    }

    @Test func aCutOfTheFileIsKeptOrNot() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 2000))
        try file.truncate(to: 300)
        var seen: Set<Int> = []
        for world in crashes(of: disk) {
            let bytes = try #require(try world.bytes("a"))
            #expect(bytes.allSatisfy { $0 == 1 })
            seen.insert(bytes.count)
        }
        #expect(seen == [300, 2000])
        try file.sync()
        try file.truncate(to: 2000)
        try file.sync()
        for world in crashes(of: disk, 20) {
            #expect(try world.bytes("a") == filled(1, 300) + filled(0, 1700))
        }
    }

    @Test func aKilledProcessLeavesTheUnsyncedUnsynced() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 512))
        try file.write(filled(2, 512), at: 0)
        _ = try disk.open("b", .create)
        let next = disk.crashKeepingAll()
        #expect(try next.list("") == ["a", "b"])
        #expect(try next.bytes("a") == filled(2, 512))
        #expect(try next.crashDroppingAll().list("") == ["a"])
        #expect(try next.crashDroppingAll().bytes("a") == filled(1, 512))
        let restarted = disk.powerCycle()
        #expect(try restarted.crashDroppingAll().list("") == ["a", "b"])
        #expect(try restarted.crashDroppingAll().bytes("a") == filled(2, 512))
    }

    @Test func theOldWorldStaysAsItWas() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 9000))
        let next = disk.crashDroppingAll()
        try next.open("a", .readWrite).write(filled(2, 9000), at: 0)
        try file.write(filled(3, 100), at: 0)
        #expect(try disk.bytes("a") == filled(3, 100) + filled(1, 8900))
        #expect(try next.bytes("a") == filled(2, 9000))
    }

    @Test func locksEndWithTheWorld() throws {
        let disk = SimulatedDisk()
        let lock = try disk.lock("lock")
        #expect(throws: DiskError.busy(path: "lock")) { try disk.lock("lock") }
        #expect(throws: DiskError.busy(path: "./lock")) { try disk.lock("./lock") }
        for next in [
            disk.crash(using: SeededRandomness(seed: 1)), disk.crashKeepingAll(),
            disk.crashDroppingAll(), disk.powerCycle(),
        ] {
            _ = try next.lock("lock")
        }
        lock.release()
        _ = try disk.lock("lock")
    }

    @Test func mappingsSeeLaterWritesAndOutliveTheCut() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", filled(1, 20_000))
        let mapping = try file.map(at: 4096, count: 8192)
        try file.write([7, 8, 9], at: 4095)
        #expect(try mapping.copy(at: 0, count: 3) == [8, 9, 1])
        try disk.open("a", .readWrite).write(filled(5, 10_000), at: 12_000)
        #expect(try mapping.copy(at: 7903, count: 3) == [1, 5, 5])
        #expect(try file.map(at: 4096, count: 2).copy(at: 0, count: 2) == [8, 9])
        disk.cutPower()
        #expect(throws: DiskError.self) { try file.read(at: 0, count: 1) }
        #expect(try mapping.copy(at: 0, count: 3) == [8, 9, 1])
        #expect(throws: DiskError.self) { try mapping.copy(at: 8190, count: 3) }
    }

    @Test func sameSeedSameWorld() throws {
        func run(_ seed: UInt64) throws -> [UInt64] {
            let disk = SimulatedDisk(seed: seed)
            let dice = SeededRandomness(seed: seed)
            try disk.createDirectory("d")
            for number in 0..<30 {
                let file = try disk.open("d/\(number)", .create)
                try file.write(filled(UInt8(number), dice.below(9000) + 1), at: 0)
                if dice.below(2) == 0 { try file.sync() }
                if dice.below(3) == 0 { try disk.syncDirectory("d") }
                if number > 3, dice.below(3) == 0 {
                    try? disk.rename("d/\(number - 1)", to: "d/\(dice.below(number))")
                }
            }
            try disk.syncDirectory("")
            return (0..<20).map { disk.crash(using: SeededRandomness(seed: $0)).fingerprint }
        }
        for seed in UInt64(0)..<5 {
            let first = try run(seed)
            #expect(try run(seed) == first)
            #expect(Set(first).count > 15)
        }
    }

    @Test func bytesOfTheWorldAreSharedBySeveralThreads() async throws {
        let disk = SimulatedDisk()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    guard let file = try? disk.open("\(task)", .create) else { return }
                    for number in 0..<100 {
                        try? file.write(filled(UInt8(task), 100), at: UInt64(number * 100))
                    }
                    try? file.sync()
                }
            }
        }
        try disk.syncDirectory(".")
        for task in 0..<4 {
            #expect(try disk.crashDroppingAll().bytes("\(task)") == filled(UInt8(task), 10_000))
        }
        #expect(disk.steps == 4 * 102 + 1)
    }
}
