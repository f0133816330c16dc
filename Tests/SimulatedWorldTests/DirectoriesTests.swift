import Testing

@testable import MnemeBase
@testable import SimulatedWorld

@Suite struct DirectoriesTests {
    @Test func aSyncedFileWithoutADurableNameMayBeLost() throws {
        let disk = SimulatedDisk()
        let file = try disk.open("a", .create)
        try file.write([1, 2, 3], at: 0)
        try file.sync()
        var found = 0
        for world in crashes(of: disk) {
            guard let bytes = try world.bytes("a") else { continue }
            #expect(bytes == [1, 2, 3])
            found += 1
        }
        #expect(found > 50 && found < 250)
        #expect(try disk.crashDroppingAll().list("").isEmpty)
    }

    @Test func removalIsKeptOrLost() throws {
        let disk = SimulatedDisk()
        let file = try disk.makeDurable("a", [1])
        try disk.remove("a")
        #expect(try file.read(at: 0, count: 1) == [1])
        let found = try crashes(of: disk).filter { try $0.bytes("a") == [1] }.count
        #expect(found > 50 && found < 250)
        try disk.syncDirectory("")
        #expect(try crashes(of: disk, 20).allSatisfy { try $0.list("").isEmpty })
    }

    @Test func namesAreKeptOnTheirOwn() throws {
        let disk = SimulatedDisk()
        for name in ["a", "b", "c"] { _ = try disk.open(name, .create) }
        var seen: Set<[String]> = []
        for world in crashes(of: disk) { seen.insert(try world.list("")) }
        #expect(seen.count == 8)
    }

    @Test func aRenameLosesNeitherTarget() throws {
        let disk = SimulatedDisk()
        _ = try disk.makeDurable("current", [1])
        _ = try disk.makeDurable("next", [2])
        try disk.rename("next", to: "current")
        var seen: Set<[[UInt8]?]> = []
        for world in crashes(of: disk) {
            seen.insert([try world.bytes("current"), try world.bytes("next")])
        }
        #expect(seen == [[[1], [2]], [[2], nil], [[2], [2]]])
        try disk.syncDirectory("")
        #expect(try disk.crashDroppingAll().bytes("current") == [2])
        #expect(try disk.crashDroppingAll().list("") == ["current"])
    }

    @Test func aRenamedFileIsNeverBetweenItsNames() throws {
        let disk = SimulatedDisk()
        try disk.createDirectory("x")
        try disk.createDirectory("y")
        try disk.syncDirectory("")
        _ = try disk.makeDurable("x/a", [1], in: "x")
        try disk.rename("x/a", to: "x/b")
        try disk.rename("x/b", to: "y/c")
        _ = try disk.open("x/a", .create)
        for world in crashes(of: disk) {
            let all = [try world.bytes("x/a"), try world.bytes("x/b"), try world.bytes("y/c")]
            #expect(all.contains([1]))
        }
        // The loss of the old name brings the gain of the new one with it.
        try disk.syncDirectory("x")
        #expect(try disk.crashDroppingAll().bytes("y/c") == [1])
        #expect(try disk.crashDroppingAll().bytes("x/a") == [])
        #expect(try disk.crashDroppingAll().bytes("x/b") == nil)
    }

    @Test func aDirectoryHasOneNameAfterARename() throws {
        let disk = SimulatedDisk()
        try disk.createDirectory("x/y")
        try disk.syncDirectory("")
        try disk.syncDirectory("x")
        _ = try disk.makeDurable("x/y/a", [1], in: "x/y")
        try disk.rename("x/y", to: "z")
        #expect(try disk.bytes("z/a") == [1])
        var seen: Set<[[UInt8]?]> = []
        for world in crashes(of: disk) {
            seen.insert([try world.bytes("x/y/a"), try world.bytes("z/a")])
        }
        #expect(seen == [[[1], nil], [nil, [1]]])
    }

    @Test func aDirectoryTakesItsFilesWithIt() throws {
        let disk = SimulatedDisk()
        try disk.createDirectory("/store/log")
        _ = try disk.makeDurable("/store/log/1", [1], in: "/store/log")
        try disk.syncDirectory("/store")
        #expect(try disk.crashDroppingAll().list("/").isEmpty)
        var found = 0
        for world in crashes(of: disk) {
            if try world.bytes("/store/log/1") == [1] { found += 1 }
        }
        #expect(found > 50 && found < 250)
        try disk.syncDirectory("/")
        #expect(try crashes(of: disk, 20).allSatisfy { try $0.bytes("/store/log/1") == [1] })
    }

    @Test func refusesWhatARealDiskRefuses() throws {
        let disk = SimulatedDisk()
        try disk.createDirectory("d/e")
        let file = try disk.open("d/a", .create)
        #expect(throws: DiskError.exists(path: "d/a")) { try disk.open("d/a", .create) }
        #expect(throws: DiskError.notFound(path: "no")) { try disk.open("no", .read) }
        #expect(throws: DiskError.notFound(path: "no/a")) { try disk.open("no/a", .create) }
        #expect(throws: DiskError.notFound(path: "d/a")) { try disk.list("d/a") }
        #expect(throws: DiskError.notFound(path: "b")) { try disk.rename("b", to: "c") }
        #expect(throws: DiskError.notFound(path: "b")) { try disk.remove("b") }
        #expect(throws: DiskError.self) { try disk.remove("d") }
        #expect(throws: DiskError.self) { try disk.rename("d", to: "d/e/f") }
        #expect(throws: DiskError.self) { try disk.rename("d/a", to: "d/e") }
        #expect(throws: DiskError.self) { try disk.open("d/a", .read).write([1], at: 0) }
        #expect(throws: DiskError.self) { try file.write([1], at: .max) }
        #expect(throws: DiskError.self) { try file.truncate(to: .max) }
        #expect(throws: DiskError.short(path: "d/a", offset: 0)) { try file.read(at: 0, count: 1) }
        #expect(throws: DiskError.short(path: "d/a", offset: 0)) { try file.map(at: 0, count: 1) }
        try file.close()
        #expect(throws: DiskError.self) { try file.read(at: 0, count: 0) }
        #expect(try disk.list("d") == ["a", "e"])
        #expect(disk.holds("d/a") && disk.holds("d/e") && !disk.holds("d/f"))
    }
}
