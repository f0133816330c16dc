import MnemeBase
import SimulatedWorld
import Testing

@testable import MnemeLog

@Suite struct LogSegmentsTests {
    @Test func theSpareIsTakenWhenItIsLargeEnough() throws {
        let disk = MemoryDisk()
        var world = LogWorld(disk: disk)
        world.limits.batch = 100_000
        let log = try world.create()
        #expect(!log.hasSpare)
        try log.prepareSpare()
        try log.prepareSpare()
        #expect(log.hasSpare && log.fileBytes == 8192 + 16384)
        #expect(try log.begin(batchBytes: 6000))
        #expect(!log.hasSpare && log.end.segment == 2 && log.fileBytes == 8192 + 16384)
        var given = try log.addGroup([[1]])
        // Too small for this one: another file takes its number.
        try log.prepareSpare()
        #expect(try log.begin(batchBytes: 90_000))
        #expect(!log.hasSpare && log.end.segment == 3)
        given += try log.addGroup([[2]])
        #expect(try disk.list(LogWorld.directory).count == 3)
        expectSame(try world.open().batches, given)
    }

    @Test func aSpareLeftBehindIsRemoved() throws {
        let disk = MemoryDisk()
        let world = LogWorld(disk: disk)
        let log = try world.create()
        let given = try log.addGroup([[1]])
        try log.prepareSpare()
        #expect(disk.holds(LogWorld.path(2)))
        let opened = try world.open()
        expectSame(opened.batches, given)
        #expect(!disk.holds(LogWorld.path(2)) && !opened.log.hasSpare)
        // Also one that was only begun.
        try disk.open(LogWorld.path(2), .create).write([0, 0, 0], at: 0)
        let again = try world.open().log
        try again.prepareSpare()
        #expect(again.hasSpare)
        #expect(try again.begin(batchBytes: 6000))
        let more = try again.addGroup([[2]])
        expectSame(try world.open().batches, given + more)
    }

    @Test func aFullDiskMeetsWhoeverPrepares() throws {
        let disk = SimulatedDisk()
        let world = LogWorld(disk: disk)
        let log = try world.create()
        var given = try log.addGroup([[1]])
        disk.plan.capacity = 16384
        #expect(throws: LogError.disk(.full(path: LogWorld.path(2)))) { try log.prepareSpare() }
        #expect(!log.hasSpare && !disk.holds(LogWorld.path(2)))
        // What fits is still taken; what needs a segment is refused and changes nothing.
        given += try log.addGroup([[2]])
        let end = log.end
        #expect(throws: LogError.disk(.full(path: LogWorld.path(2)))) {
            try log.begin(batchBytes: 6000)
        }
        #expect(log.end == end && !log.isPoisoned)
        given += try log.addGroup([[3]])
        disk.plan.capacity = nil
        try log.prepareSpare()
        #expect(try log.begin(batchBytes: 6000))
        given += try log.addGroup([[4]])
        expectSame(try world.open().batches, given)
    }
}
