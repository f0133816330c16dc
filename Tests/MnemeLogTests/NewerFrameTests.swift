// Frames that a newer program wrote: whole, and with a type, flags or a key that this one does not
// know. They are refused wherever they are met, and never cut off.

import MnemeBase
import Testing

@testable import MnemeLog

@Suite struct NewerFrameTests {
    /// Bytes of the head, what is put there, and how it is named.
    struct Change: Sendable {
        var offset: Int
        var byte: UInt8
        var what: String
    }

    static let changes = [
        Change(offset: 4, byte: 0, what: "type 0"), Change(offset: 4, byte: 3, what: "type 3"),
        Change(offset: 4, byte: 15, what: "type 15"), Change(offset: 5, byte: 1, what: "flags 1"),
        Change(offset: 5, byte: 0x80, what: "flags 128"),
        Change(offset: 48, byte: 7, what: "key 7"),
        Change(offset: 51, byte: 1, what: "key 16777216"),
    ]

    /// Expects that opening is refused for the frame at a place, and changes nothing.
    private func expectRefused(
        _ disk: MemoryDisk,
        _ place: LogPlace,
        _ what: String,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let before = try disk.bytes(LogWorld.path(1))
        #expect(
            throws: LogError.newerFrame(place: place, what: what),
            sourceLocation: location
        ) { try LogWorld(disk: disk).open() }
        #expect(try disk.bytes(LogWorld.path(1)) == before, sourceLocation: location)
    }

    private static func commit(_ batch: GivenBatch) -> LogPlace {
        LogPlace(segment: batch.end.segment, offset: batch.end.offset - FrameHead.commitSize)
    }

    @Test(arguments: changes)
    func refusedWhereTheNextFrameIsExpected(_ change: Change) throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        let given = try log.addGroup([[1]]) + log.addGroup([[2]]) + log.addGroup([[3]])
        for place in given.flatMap({ $0.places + [Self.commit($0)] }) {
            let copy = try disk.copy()
            try copy.rewriteHead(at: place, [change.offset: change.byte])
            try expectRefused(copy, place, change.what)
        }
        // Also as the first frame of a group that a power cut interrupted.
        let last = given[2]
        try disk.rewriteHead(at: last.places[0], [change.offset: change.byte])
        try disk.overwrite(
            LogWorld.path(1),
            at: Self.commit(last).offset,
            [UInt8](repeating: 0, count: FrameHead.commitSize)
        )
        try expectRefused(disk, last.places[0], change.what)
    }

    @Test(arguments: changes)
    func refusedBehindTheEndWhereItMayCallSomethingDurable(_ change: Change) throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        let kept = try log.addGroup([[1]])
        let lost = try log.addGroup([[2], [3]])
        try disk.overwrite(
            LogWorld.path(1),
            at: lost[0].start.offset,
            [UInt8](repeating: 0, count: 8)
        )
        expectSame(try LogWorld(disk: try disk.copy()).open().batches, kept)
        // A change of the group that is cut says nothing of what is durable.
        let other = try disk.copy()
        if change.offset != 4 {
            try other.rewriteHead(at: lost[1].places[0], [change.offset: change.byte])
            expectSame(try LogWorld(disk: other).open().batches, kept)
        }
        try disk.rewriteHead(at: Self.commit(lost[1]), [change.offset: change.byte])
        try expectRefused(disk, Self.commit(lost[1]), change.what)
    }

    @Test(arguments: changes)
    func refusedWhereItIsRead(_ change: Change) throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        let given = try log.addGroup([[1]]) + log.addGroup([[2]])
        let place = given[1].places[0]
        try disk.rewriteHead(at: place, [change.offset: change.byte])
        let error = LogError.newerFrame(place: place, what: change.what)
        #expect(throws: error) { try log.frame(at: place) }
        var reader = PlaceReader(log)
        #expect(throws: error) { _ = try reader.frame(at: place) }
        var batches = 0
        do throws(LogScanError<Never>) {
            try log.forEachBatch(through: given[1].sequence) { _ in batches += 1 }
            Issue.record("the scan went on")
        } catch {
            guard case .log(.newerFrame(place, change.what)) = error else {
                Issue.record("\(error)")
                return
            }
        }
        #expect(batches == 1)
        #expect(try log.frame(at: given[0].places[0]).sequence == 1)
    }
}
