// Opening what was closed, cut off or left behind. Damage is in LogRecovery+DamageTests.

import MnemeBase
import SimulatedWorld
import Testing

@testable import MnemeLog

@Suite struct LogRecoveryTests {
    @Test func replayBeginsAtAnyBatch() throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        let randomness = SeededRandomness(seed: newSeed("positions"))
        var given: [GivenBatch] = []
        while log.end.segment < 4 {
            let contents = (0..<randomness.below(4)).map { _ in FrameContent.random(randomness) }
            given.append(try log.add(contents))
            if randomness.below(2) == 0 { try log.commit() }
        }
        try log.commit()
        for (index, batch) in given.enumerated() {
            // Where a batch ends, and where the next one begins: they differ between segments.
            let positions = [
                LogPosition(place: batch.start, sequence: batch.firstSequence),
                LogPosition(place: batch.end, sequence: batch.sequence + 1),
            ]
            for (shift, position) in positions.enumerated() {
                let opened = try LogWorld(disk: disk.copy()).open(
                    from: position,
                    incarnation: 1
                )
                expectSame(opened.batches, given.dropFirst(index + shift))
                #expect(opened.log.end == log.end)
                #expect(opened.log.nextSequence == log.nextSequence)
                #expect(opened.log.incarnation == 2)
            }
        }
    }

    @Test func anEmptyLogOpens() throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        for _ in 0..<3 {
            let opened = try LogWorld(disk: disk).open()
            #expect(opened.batches.isEmpty && opened.log.nextSequence == 1)
            #expect(opened.log.end == log.end)
        }
        let empty = MemoryDisk()
        try empty.createDirectory(LogWorld.directory)
        #expect(throws: LogError.missing([1...1])) { try LogWorld(disk: empty).recovery() }
    }

    /// An opening that replays nothing still takes a higher incarnation than those before: what it
    /// writes is read after what they wrote.
    @Test(arguments: [false, true])
    func incarnationsRiseThoughNothingIsReplayed(_ closes: Bool) throws {
        let disk = MemoryDisk()
        let world = LogWorld(disk: disk)
        var log = try world.create()
        var given: [GivenBatch] = []
        for opening in 1...6 {
            #expect(log.incarnation == UInt64(opening))
            given += try log.addGroup([[UInt8(opening)], [UInt8](repeating: 3, count: 1500)])
            if closes { try log.close() }
            let end = LogPosition(place: log.end, sequence: log.nextSequence)
            let opened = try world.open(from: end, incarnation: log.incarnation)
            #expect(opened.batches.isEmpty)
            log = opened.log
        }
        expectSame(try world.open().batches, given)
        for batch in given {
            let start = LogPosition(place: batch.start, sequence: batch.firstSequence)
            let copy = LogWorld(disk: try disk.copy())
            expectSame(
                try copy.open(from: start, incarnation: batch.incarnation).batches,
                given.drop { $0.firstSequence < batch.firstSequence }
            )
        }
    }

    /// The end of a log may be the beginning of a segment that nothing was written to.
    @Test func aFreshSegmentIsAPlaceToStartFrom() throws {
        let disk = MemoryDisk()
        let world = LogWorld(disk: disk)
        let first = try world.create()
        var given = try first.addGroup([[1]])
        let second = try world.open().log
        given += try second.addGroup([[2]])
        #expect(try second.begin(batchBytes: 6000))
        let end = LogPosition(place: second.end, sequence: second.nextSequence)
        #expect(end.place == LogPlace(segment: 2, offset: SegmentHeader.size))
        second.discard()
        let opened = try world.open(from: end, incarnation: 2)
        #expect(opened.batches.isEmpty && opened.log.end == end.place)
        #expect(opened.log.incarnation == 3)
        given += try opened.log.addGroup([[3]])
        expectSame(try world.open().batches, given)
    }

    @Test func framesAreReadWhileReplaying() throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        let given = try log.addGroup([[1], [2]])
        let recovery = try LogWorld(disk: disk).recovery()
        _ = try recovery.next()
        #expect(try recovery.frame(at: given[0].places[0]).content.body == [1])
        #expect(throws: LogError.self) {
            try recovery.frame(at: LogPlace(segment: 4, offset: 4096))
        }
    }

    // MARK: Files

    @Test func missingSegmentsAreNamed() throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        var given: [GivenBatch] = []
        while log.end.segment < 5 {
            given += try log.addGroup([[UInt8](repeating: 1, count: 1500)])
        }
        let ends = [
            nil,
            given.first { $0.start.segment == 3 }
                .map { LogPosition(place: $0.start, sequence: $0.firstSequence) },
        ]
        for missing: UInt64 in 1...4 {
            let copy = try disk.copy()
            try copy.remove(LogWorld.path(missing))
            for start in ends {
                #expect(throws: LogError.missing([missing...missing])) {
                    try LogWorld(disk: copy).recovery(from: start)
                }
            }
        }
    }

    @Test func severalMissingSegmentsAreNamed() throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        while log.end.segment < 7 {
            _ = try log.addGroup([[UInt8](repeating: 1, count: 1500)])
        }
        for missing: UInt64 in [1, 2, 5] { try disk.remove(LogWorld.path(missing)) }
        let end = LogPosition(place: log.end, sequence: log.nextSequence)
        for start in [nil, end] {
            #expect(throws: LogError.missing([1...2, 5...5])) {
                try LogWorld(disk: disk).recovery(from: start)
            }
        }
    }

    /// A header before the start is not needed, and a rebuild would be.
    @Test func aLostHeaderBeforeTheStartIsPassedOver() throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        while log.end.segment < 3 {
            _ = try log.addGroup([[UInt8](repeating: 1, count: 1500)])
        }
        #expect(try log.lostSegments() == [])
        let end = LogPosition(place: log.end, sequence: log.nextSequence)
        let zeros = [UInt8](repeating: 0, count: SegmentHeader.size)
        try disk.overwrite(LogWorld.path(2), at: 0, zeros)
        let opened = try LogWorld(disk: disk).open(from: end).log
        #expect(try opened.lostSegments() == [LostSegment(number: 2, hasFile: true)])
        try disk.remove(LogWorld.path(1))
        #expect(
            try opened.lostSegments() == [
                LostSegment(number: 1, hasFile: false), LostSegment(number: 2, hasFile: true),
            ]
        )
        #expect(throws: LogError.missing([1...2])) { try LogWorld(disk: disk).recovery() }
    }

    @Test func aLogBeginsWithItsFirstFrame() throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        _ = try log.addGroup([[1]])
        let end = LogPosition(place: log.end, sequence: log.nextSequence)
        let header = SegmentHeader(
            identity: LogWorld.identity,
            number: 1,
            firstSequence: 40,
            byteCount: 8192
        )
        try disk.overwrite(LogWorld.path(1), at: 0, header.bytes)
        for start in [nil, end] {
            let refused = LogError.corrupt(
                place: LogPlace(segment: 1, offset: 0),
                sequence: 1,
                reason: "the first segment begins with sequence 40"
            )
            #expect(throws: refused) { try LogWorld(disk: disk).recovery(from: start) }
        }
    }

    @Test func otherStoresAndNewerFormatsAreRefused() throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        while log.end.segment < 3 { _ = try log.addGroup([[UInt8](repeating: 1, count: 1500)]) }
        let path = LogWorld.path(2)
        let foreign = SegmentHeader(
            identity: LogIdentity(high: 3, low: 6),
            number: 2,
            firstSequence: 1,
            byteCount: 16384
        )
        let renamed = SegmentHeader(
            identity: LogWorld.identity,
            number: 7,
            firstSequence: 1,
            byteCount: 16384
        )
        for header in [foreign, renamed] {
            let copy = try disk.copy()
            try copy.overwrite(path, at: 0, header.bytes)
            #expect(throws: LogError.foreign(path: path)) { try LogWorld(disk: copy).recovery() }
        }
        let copy = try disk.copy()
        var bytes = try disk.bytes(path)
        bytes[16] = 3
        var writer = ByteWriter()
        writer.put(Checksum.xxh3(Array(bytes[8..<64])))
        try copy.overwrite(path, at: 0, writer.bytes + bytes[8..<64])
        #expect(throws: LogError.newer(path: path, version: 3)) {
            try LogWorld(disk: copy).recovery()
        }
    }

    @Test func framesOfANewerFormatAreRefusedNotCut() throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        _ = try log.addGroup([[1]])
        let content = FrameContent(type: 16, body: [2])
        var head = FrameHead(
            content,
            sequence: log.nextSequence,
            time: 0,
            epoch: 0,
            incarnation: 1
        )
        head.formatVersion = 2
        var writer = ByteWriter()
        _ = head.append(content, segment: 1, to: &writer)
        try disk.overwrite(LogWorld.path(1), at: log.end.offset, writer.bytes)
        let before = try disk.bytes(LogWorld.path(1))
        let newer = LogError.newer(path: LogWorld.path(1), version: 2)
        #expect(throws: newer) { try LogWorld(disk: disk).open() }
        #expect(throws: newer) { try log.frame(at: log.end) }
        // Nor when its checksum is not ours.
        try disk.flip(LogWorld.path(1), at: log.end.offset + 72, mask: 1)
        #expect(throws: newer) { try LogWorld(disk: disk).open() }
        try disk.flip(LogWorld.path(1), at: log.end.offset + 72, mask: 1)
        #expect(try disk.bytes(LogWorld.path(1)) == before)
    }

    @Test func otherNamesAreLeftAlone() throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        let given = try log.addGroup([[1]])
        for name in ["1.log", "+00000000002.log", "notes.txt", "000000000000.log"] {
            try disk.open(LogWorld.directory + "/" + name, .create)
                .write([UInt8](repeating: 1, count: 5000), at: 0)
        }
        expectSame(try LogWorld(disk: disk).open().batches, given)
        #expect(try disk.list(LogWorld.directory).count == 5)
    }
}
