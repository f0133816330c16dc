import MnemeBase
import Testing

@testable import MnemeLog

@Suite struct LogReadTests {
    /// A log of several segments, clean closes between.
    private static func filled(_ disk: MemoryDisk) throws -> (log: Log, given: [GivenBatch]) {
        let world = LogWorld(disk: disk)
        var log = try world.create()
        let randomness = SeededRandomness(seed: newSeed("scan"))
        var given: [GivenBatch] = []
        for round in 0..<60 {
            let contents = (0..<randomness.below(6)).map { _ in FrameContent.random(randomness) }
            given.append(try log.add(contents))
            try log.commit()
            if round % 20 == 19 {
                try log.close()
                log = try world.open().log
            }
        }
        #expect(log.end.segment > 2)
        return (log, given)
    }

    private static func scan(_ log: Log, through sequence: UInt64) throws -> [ReplayedBatch] {
        var batches: [ReplayedBatch] = []
        try log.forEachBatch(through: sequence) { batches.append($0) }
        return batches
    }

    @Test func everyBatchComesInOrderUpToACommit() throws {
        let (log, given) = try Self.filled(MemoryDisk())
        expectSame(try Self.scan(log, through: log.nextSequence - 1), given)
        for index in [0, 1, 30, 58, 59] {
            expectSame(
                try Self.scan(log, through: given[index].sequence),
                given.prefix(index + 1)
            )
        }
        #expect(try Self.scan(log, through: 0).isEmpty)
        #expect(throws: LogScanError<Never>.self) {
            try log.forEachBatch(through: log.nextSequence) { _ in }
        }
    }

    @Test func framesAreReadWhereTheyStand() throws {
        let disk = MemoryDisk()
        let (log, given) = try Self.filled(disk)
        var reader = PlaceReader(log)
        for place in given.flatMap(\.places).shuffled() {
            let frame = try log.frame(at: place)
            let mapped = try reader.frame(at: place)
            let content = frame.content
            #expect(mapped.place == place && mapped.type == content.type)
            #expect(mapped.plainCount == Int(content.plainCount))
            let columns: [UInt8] = mapped.withColumns { bytes in bytes.indices.map { bytes[$0] } }
            let body: [UInt8] = mapped.withBody { bytes in bytes.indices.map { bytes[$0] } }
            #expect(columns == content.columns && body == content.body)
            let count = content.vectors.count
            #expect(mapped.vectorBytes(0..<count) == content.vectors)
            #expect(
                mapped.vectorBytes((count / 2)..<count) == Array(content.vectors[(count / 2)...])
            )
            #expect(mapped.vectorBytes(0..<(count + 1)) == nil)
        }
        #expect(throws: LogError.self) {
            _ = try reader.frame(at: LogPlace(segment: 1 << 30, offset: 4096))
        }
    }

    @Test func whatTheBodyThrowsEndsTheScan() throws {
        struct Stop: Error {}
        let (log, given) = try Self.filled(MemoryDisk())
        var count = 0
        do throws(LogScanError<Stop>) {
            try log.forEachBatch(through: given[9].sequence) { _ throws(Stop) in
                count += 1
                if count == 4 { throw Stop() }
            }
            Issue.record("the scan went on")
        } catch {
            guard case .body = error else {
                Issue.record("\(error)")
                return
            }
        }
        #expect(count == 4)
    }

    @Test func zeroedSectorsAreNoEndOfASegment() throws {
        let disk = MemoryDisk()
        let (log, given) = try Self.filled(disk)
        let last = given[59].sequence
        for index in [0, 10, 25, 40, 59] {
            let place = given[index].start
            let path = Segment.path(LogWorld.directory, place.segment)
            let before = try disk.open(path, .read).read(at: UInt64(place.offset), count: 16)
            try disk.overwrite(path, at: place.offset, [UInt8](repeating: 0, count: 16))
            var batches = 0
            do throws(LogScanError<Never>) {
                try log.forEachBatch(through: last) { _ in batches += 1 }
                Issue.record("batch \(index) was passed over")
            } catch {
                guard case .log(.corrupt(_, let sequence, _)) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(sequence == given[index].firstSequence)
            }
            #expect(batches == index)
            try disk.overwrite(path, at: place.offset, before)
        }
        expectSame(try Self.scan(log, through: last), given)
    }

    @Test func aDamagedFrameIsNamed() throws {
        let disk = MemoryDisk()
        let (log, given) = try Self.filled(disk)
        let batch = try #require(given.dropFirst(20).first { $0.places.count > 2 })
        let place = batch.places[1]
        try disk.flip(
            Segment.path(LogWorld.directory, place.segment),
            at: place.offset + 40,
            mask: 4
        )
        let expected = LogError.corrupt(
            place: place,
            sequence: batch.firstSequence + 1,
            reason: "checksum"
        )
        #expect(throws: expected) { try log.frame(at: place) }
        do throws(LogScanError<Never>) {
            try log.forEachBatch(through: given[59].sequence) { _ in }
            Issue.record("the damage was passed over")
        } catch {
            guard case .log(expected) = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
