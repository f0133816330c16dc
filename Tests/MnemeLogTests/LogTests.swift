import MnemeBase
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeLog

@Suite struct LogTests {
    @Test func batchesComeBackAcrossSegments() throws {
        let world = LogWorld(disk: MemoryDisk())
        let log = try world.create()
        let randomness = SeededRandomness(seed: newSeed("segments"))
        var given: [GivenBatch] = []
        while log.end.segment < 6 {
            let contents = (0..<randomness.below(5)).map { _ in FrameContent.random(randomness) }
            given.append(try log.add(contents, time: Microseconds(given.count)))
            if randomness.below(3) == 0 { try log.commit() }
        }
        try log.commit()
        #expect(log.isDurable)
        for batch in given {
            #expect(batch.start.segment == LogPlace(bits: batch.end.bits - 1).segment)
            for (place, content) in zip(batch.places, batch.contents) {
                #expect(try log.frame(at: place).content.isSame(content))
            }
        }
        let opened = try world.open()
        expectSame(opened.batches, given)
        #expect(opened.log.nextSequence == log.nextSequence && opened.log.end == log.end)
    }

    @Test func segmentsDoubleUpToTheLargest() throws {
        let world = LogWorld(disk: MemoryDisk())
        let log = try world.create()
        while log.end.segment < 5 {
            _ = try log.addGroup([[UInt8](repeating: 1, count: 2000)])
        }
        let sizes = log.segments.withLock { all in
            all.values.sorted { $0.number < $1.number }.map(\.byteCount)
        }
        #expect(sizes == [8192, 16384, 32768, 32768, 32768])
        #expect(log.fileBytes == sizes.reduce(0, +))
    }

    @Test func aBatchOfTheLimitGetsASegmentThatHoldsIt() throws {
        var world = LogWorld(disk: MemoryDisk())
        world.limits.batch = 100_000
        let log = try world.create()
        let large = FrameContent(
            type: 16,
            body: [UInt8](repeating: 5, count: 100_000 - FrameHead.size)
        )
        #expect(large.byteCount == 100_000)
        let given = [
            try log.add([FrameContent(type: 16)]), try log.add([large]),
            try log.add([FrameContent(type: 17)]),
        ]
        try log.commit()
        #expect(given[1].start == LogPlace(segment: 2, offset: SegmentHeader.size))
        expectSame(try world.open().batches, given)
        #expect(throws: LogError.tooLarge(byteCount: 100_001, limit: 100_000)) {
            try log.begin(batchBytes: 100_001)
        }
        #expect(log.frameLimit == 4096)
        _ = try log.addGroup([[1]])
    }

    @Test func discardedGroupsLeaveNoTrace() throws {
        let world = LogWorld(disk: MemoryDisk())
        let log = try world.create()
        var given = try log.addGroup([[1], [2]])
        let (end, next) = (log.end, log.nextSequence)
        _ = try log.add([FrameContent(type: 16, body: [3])])
        #expect(try log.begin(batchBytes: 200))
        _ = log.append(FrameContent(type: 16, body: [4]), time: 1)
        log.discard()
        #expect(log.end == end && log.nextSequence == next)
        given += try log.addGroup([[5]])
        expectSame(try world.open().batches, given)
    }

    @Test func segmentsThatWereLeftUnwrittenAreNoGap() throws {
        var world = LogWorld(disk: MemoryDisk())
        world.limits.batch = 60_000
        let log = try world.create()
        var given = try log.addGroup([[1]])
        #expect(try log.begin(batchBytes: 6000))
        #expect(log.end == LogPlace(segment: 2, offset: SegmentHeader.size))
        log.discard()
        #expect(try log.begin(batchBytes: 60_000))
        #expect(log.end == LogPlace(segment: 3, offset: SegmentHeader.size))
        given += try log.addGroup([[2]])
        expectSame(try world.open().batches, given)
    }

    @Test func weakerCommitsBecomeDurableWithTheNextSync() throws {
        let disk = SimulatedDisk()
        let world = LogWorld(disk: disk)
        let log = try world.create()
        var given = try log.addGroup([[1]])
        given += try log.addGroup([[2]], sync: false)
        given += try log.addGroup([[3]], sync: false)
        #expect(!log.isDurable)
        expectSame(try LogWorld(disk: disk.crashDroppingAll()).open().batches, given.prefix(1))
        expectSame(try LogWorld(disk: disk.crashKeepingAll()).open().batches, given)
        given += try log.addGroup([[4]])
        #expect(log.isDurable)
        expectSame(try LogWorld(disk: disk.crashDroppingAll()).open().batches, given)
    }

    @Test func weakerCommitsAreSyncedBeforeTheNextSegment() throws {
        let disk = SimulatedDisk()
        let world = LogWorld(disk: disk)
        let log = try world.create()
        var given: [GivenBatch] = []
        while log.end.segment == 1 {
            given += try log.addGroup([[UInt8](repeating: 9, count: 900)], sync: false)
        }
        let opened = try LogWorld(disk: disk.crashDroppingAll()).open()
        expectSame(opened.batches, given.dropLast())
    }

    @Test func framesOfTheGroupAreReadBeforeTheyAreWritten() throws {
        let world = LogWorld(disk: MemoryDisk())
        let log = try world.create()
        let written = try log.addGroup([[1, 2, 3]])[0]
        let randomness = SeededRandomness(seed: newSeed("pending"))
        let batch = try log.add((0..<4).map { _ in FrameContent.random(randomness) })
        for (place, content) in zip(batch.places, batch.contents) {
            #expect(try log.pendingOrWrittenFrame(at: place).content.isSame(content))
            #expect(throws: LogError.self) { try log.frame(at: place) }
            // Between frames stands none, whatever the bytes say.
            for offset in stride(from: 8, to: content.byteCount, by: 8) {
                let wrong = LogPlace(segment: place.segment, offset: place.offset + offset)
                #expect(throws: LogError.self) { try log.pendingOrWrittenFrame(at: wrong) }
            }
        }
        let before = try log.pendingOrWrittenFrame(at: written.places[0])
        #expect(before.content.isSame(written.contents[0]))
        #expect(throws: LogError.self) { try log.pendingOrWrittenFrame(at: log.end) }
        try log.commit()
        #expect(try log.frame(at: batch.places[3]).content.isSame(batch.contents[3]))
    }

    @Test func bytesSinceAPlaceGrowWithWhatIsWritten() throws {
        let world = LogWorld(disk: MemoryDisk())
        let log = try world.create()
        let start = log.end
        #expect(log.bytes(since: start) == 0)
        let batch = try log.add([FrameContent(type: 16, body: [1])])
        #expect(log.bytes(since: start) == 0)
        _ = try log.write()
        #expect(log.bytes(since: start) == batch.end.offset - start.offset)
        while log.end.segment < 3 {
            _ = try log.addGroup([[UInt8](repeating: 1, count: 1000)])
        }
        #expect(log.bytes(since: start) == 8192 + 16384 + log.end.offset - start.offset)
        #expect(log.bytes(since: log.end) == 0)
    }

    @Test func vectorsAreReadInPlace() throws {
        let world = LogWorld(disk: MemoryDisk())
        let log = try world.create()
        let vectors = (0..<64).map { UInt8($0) }
        let batch = try log.add([FrameContent(type: 16, body: [1], vectors: vectors)])
        try log.commit()
        let frame = try log.frame(at: batch.places[0])
        let mapping = try #require(log.mapping(of: frame.place.segment))
        #expect(try mapping.copy(at: frame.vectorOffset, count: 64) == vectors)
        #expect(log.mapping(of: 9) == nil)
        #expect(throws: LogError.self) { try log.frame(at: LogPlace(segment: 9, offset: 4096)) }
        #expect(throws: LogError.self) { try log.frame(at: LogPlace(segment: 1, offset: 8)) }
        #expect(throws: LogError.self) {
            try log.frame(at: LogPlace(segment: 1, offset: 8192 - 64))
        }
    }

    // MARK: Refusals

    @Test(arguments: [false, true])
    func nothingIsAcceptedAfterAFailedSync(_ keepsSome: Bool) throws {
        let disk = SimulatedDisk(seed: 1)
        let world = LogWorld(disk: disk)
        let log = try world.create()
        let given = try log.addGroup([[1]])
        let lost = try log.add([FrameContent(type: 16, body: [2])])
        disk.plan.syncs[disk.counts.syncs + 1] = .failed(keepingSome: keepsSome)
        #expect(throws: LogError.poisoned) { try log.commit() }
        try expectPoisoned(log)
        let opened = try LogWorld(disk: disk.crashDroppingAll()).open()
        expectSame(opened.batches, keepsSome && opened.batches.count > 1 ? given + [lost] : given)
    }

    @Test(arguments: [WriteFault.full(kept: 40), .failed(kept: 0), .failed(kept: 120)])
    func nothingIsAcceptedAfterAFailedWrite(_ fault: WriteFault) throws {
        let disk = SimulatedDisk()
        let world = LogWorld(disk: disk)
        let log = try world.create()
        let given = try log.addGroup([[1]])
        _ = try log.add([FrameContent(type: 16, body: [UInt8](repeating: 2, count: 300))])
        disk.plan.writes[disk.counts.writes + 1] = fault
        #expect(throws: LogError.poisoned) { _ = try log.write() }
        try expectPoisoned(log)
        let again = LogWorld(disk: disk.crashKeepingAll())
        let opened = try again.open()
        expectSame(opened.batches, given)
        let more = try opened.log.addGroup([[3]])
        expectSame(try again.open().batches, given + more)
    }

    @Test func aSegmentWhoseHeaderFailsPoisons() throws {
        let disk = SimulatedDisk()
        let world = LogWorld(disk: disk)
        let log = try world.create()
        let given = try log.addGroup([[1]])
        try log.prepareSpare()
        disk.plan.syncs[disk.counts.syncs + 1] = .failed(keepingSome: false)
        #expect(throws: LogError.poisoned) { try log.begin(batchBytes: 6000) }
        try expectPoisoned(log)
        expectSame(try LogWorld(disk: disk.crashKeepingAll()).open().batches, given)
    }

    private func expectPoisoned(_ log: Log) throws {
        #expect(log.isPoisoned)
        log.discard()
        let (end, next) = (log.end, log.nextSequence)
        #expect(throws: LogError.poisoned) { try log.begin(batchBytes: 10) }
        #expect(throws: LogError.poisoned) { _ = try log.write() }
        #expect(throws: LogError.poisoned) { try log.commit() }
        #expect(throws: LogError.poisoned) { try log.close() }
        #expect(log.end == end && log.nextSequence == next)
    }

    // MARK: Closing

    @Test func closingTrimsTheTailAndDropsTheSpare() throws {
        let disk = MemoryDisk()
        let world = LogWorld(disk: disk)
        var log = try world.create()
        var given: [GivenBatch] = []
        for round in 0..<5 {
            given += try log.addGroup([[UInt8](repeating: 1, count: 2000 + round)])
            try log.prepareSpare()
            #expect(log.hasSpare)
            try log.close()
            #expect(!log.hasSpare)
            let last = Segment.path(LogWorld.directory, log.end.segment)
            let used = Int(try disk.open(last, .read).byteCount())
            #expect(used % 4096 == 0 && used < log.end.offset + 8192)
            #expect(try disk.list(LogWorld.directory).count == Int(log.end.segment))
            let opened = try world.open()
            expectSame(opened.batches, given)
            #expect(opened.log.end == log.end && opened.log.nextSequence == log.nextSequence)
            log = opened.log
        }
    }

    @Test func closingWritesWhatIsPending() throws {
        let world = LogWorld(disk: MemoryDisk())
        let log = try world.create()
        // A group that fills the segment, so that the close frame has to go elsewhere.
        var given: [GivenBatch] = []
        while log.end.offset + 1200 < 8192 {
            let body = [UInt8](repeating: 1, count: 900)
            given.append(try log.add([FrameContent(type: 16, body: body)]))
        }
        let rest = 8192 - log.end.offset - 2 * FrameHead.commitSize + 24
        given.append(try log.add([FrameContent(type: 16, body: .init(repeating: 1, count: rest))]))
        #expect(log.end.offset > 8192 - FrameHead.commitSize && log.end.segment == 1)
        try log.close()
        #expect(log.end.segment == 2)
        expectSame(try world.open().batches, given)
    }

    @Test func aPowerCutWhileClosingLosesNothingDurable() throws {
        let randomness = SeededRandomness(seed: newSeed("closing"))
        for step in 1..<20 {
            for _ in 0..<8 {
                let disk = SimulatedDisk(seed: randomness.next())
                let log = try LogWorld(disk: disk).create()
                let given =
                    try log.addGroup([[1]])
                    + log.addGroup([[UInt8](repeating: 2, count: 700)], sync: false)
                    + log.addGroup([[UInt8](repeating: 3, count: 700)], sync: false)
                try log.prepareSpare()
                disk.cut(atStep: disk.steps + step)
                let isClosed = (try? log.close()) != nil
                let opened = try LogWorld(disk: disk.crash(using: randomness)).open()
                expectSame(opened.batches, given.prefix(opened.batches.count))
                #expect(opened.batches.count >= (isClosed ? 3 : 1))
            }
        }
    }
}
