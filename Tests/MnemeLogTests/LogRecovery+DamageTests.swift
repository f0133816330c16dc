// Tails that a power cut tore, bytes that rotted, frames that were left behind.

import MnemeBase
import Testing

@testable import MnemeLog

@Suite struct LogRecoveryDamageTests {
    /// Three durable groups and a last one of two batches, in one segment.
    private static func small(_ disk: MemoryDisk) throws -> (log: Log, groups: [[GivenBatch]]) {
        let log = try LogWorld(disk: disk).create()
        var groups: [[GivenBatch]] = []
        for count in [1, 2, 1, 2] {
            var group: [GivenBatch] = []
            for number in 0..<count {
                let columns = [UInt8](repeating: 7, count: 3 + number)
                group.append(
                    try log.add([
                        FrameContent(type: 16, columns: columns, body: [1], vectors: [9, 9]),
                        FrameContent(type: 17, body: [UInt8](repeating: 2, count: groups.count)),
                    ])
                )
            }
            try log.commit()
            groups.append(group)
        }
        #expect(log.end.segment == 1)
        return (log, groups)
    }

    private static let path = LogWorld.path(1)

    /// Opens, expects these batches and zeros behind them, appends, and opens again.
    private func expectCut(
        _ disk: MemoryDisk,
        _ given: [GivenBatch],
        _ comment: Comment
    ) throws {
        let world = LogWorld(disk: disk)
        let opened = try world.open()
        expectSame(opened.batches, given, comment)
        let end = given.last?.end.offset ?? SegmentHeader.size
        #expect(opened.log.end.offset == end, comment)
        #expect(try disk.bytes(Self.path).dropFirst(end).allSatisfy { $0 == 0 }, comment)
        let more = try opened.log.addGroup([[8]])
        expectSame(try world.open().batches, given + more, comment)
    }

    /// A power cut leaves zeros; a file that was cut by another hand is told.
    @Test func theLastGroupIsCutWhereverItTears() throws {
        let disk = MemoryDisk()
        let (log, groups) = try Self.small(disk)
        let given = groups.flatMap { $0 }
        for length in groups[3][0].start.offset...log.end.offset {
            let shorter = try disk.copy()
            try shorter.open(Self.path, .readWrite).truncate(to: UInt64(length))
            let recovery = try LogWorld(disk: shorter).recovery()
            expectSame(
                try recovery.allBatches(),
                given.filter { $0.end.offset <= length },
                "file of \(length) bytes"
            )
            do throws(LogError) {
                _ = try recovery.finish()
                Issue.record("a file of \(length) bytes was opened")
            } catch {
                guard case .corrupt(let place, _, _) = error else {
                    Issue.record("\(error)")
                    continue
                }
                // Of a place the low three bits are not kept.
                #expect(place == LogPlace(segment: 1, offset: length))
            }
            let bytes = try disk.bytes(Self.path)
            let untouched = given.filter {
                $0.end.offset <= length
                    || bytes[length..<$0.end.offset].allSatisfy { $0 == 0 }
            }
            let zeroed = try disk.copy()
            try zeroed.overwrite(
                Self.path,
                at: length,
                [UInt8](repeating: 0, count: log.end.offset - length)
            )
            try expectCut(zeroed, untouched, "zeros from \(length)")
        }
    }

    @Test func aHeadThatTearsIsNoNewerFormat() throws {
        let disk = MemoryDisk()
        let (_, groups) = try Self.small(disk)
        let given = groups.flatMap { $0 }
        for batch in groups[3] {
            for place in batch.places {
                for torn in [1..<16, 6..<8, 6..<24] {
                    let cut = try disk.copy()
                    try cut.overwrite(
                        Self.path,
                        at: place.offset + torn.lowerBound,
                        [UInt8](repeating: 0, count: torn.count)
                    )
                    let whole = given.filter { $0.end.offset <= batch.start.offset }
                    try expectCut(cut, whole, "head at \(place.offset) without \(torn)")
                }
            }
        }
    }

    @Test func everyFlippedByteIsCorruptionOrCut() throws {
        let disk = MemoryDisk()
        let (log, groups) = try Self.small(disk)
        let given = groups.flatMap { $0 }
        let randomness = SeededRandomness(seed: newSeed("flips"))
        let heads = Array(0..<64) + Array(SegmentHeader.copy..<(SegmentHeader.copy + 64))
        for offset in heads + Array(SegmentHeader.size..<(log.end.offset + 16)) {
            let copy = try disk.copy()
            // Not the one that would make format 1 format 0, which there is not.
            try copy.flip(Self.path, at: offset, mask: UInt8(2 + randomness.below(254)))
            let index = given.firstIndex { ($0.start.offset..<$0.end.offset).contains(offset) }
            guard let index, !isPadding(offset, given[index]) else {
                try expectCut(copy, given, "byte \(offset)")
                continue
            }
            if isVersion(offset, given[index]) {
                guard case .newer = try openingError(copy) else {
                    Issue.record("byte \(offset) was no version")
                    continue
                }
            } else if index < given.count - groups[3].count {
                let recovery = try LogWorld(disk: copy).recovery()
                expectSame(try recovery.allBatches(), given.prefix(index), "byte \(offset)")
                let before = try copy.bytes(Self.path)
                do throws(LogError) {
                    _ = try recovery.finish()
                    Issue.record("byte \(offset) was cut")
                } catch {
                    guard case .corrupt(let place, let sequence, _) = error else {
                        Issue.record("byte \(offset): \(error)")
                        continue
                    }
                    // The frame that the byte stands in, not the batch that it takes along.
                    let frame = frame(offset, given[index])
                    #expect(place == frame.place)
                    #expect(sequence == frame.sequence)
                }
                #expect(try copy.bytes(Self.path) == before)
            } else {
                try expectCut(copy, Array(given.prefix(index)), "byte \(offset)")
            }
        }
    }

    /// The frame of a batch, the commit frame included, that an offset lies in.
    private func frame(_ offset: Int, _ batch: GivenBatch) -> (place: LogPlace, sequence: UInt64) {
        let commit = LogPlace(segment: 1, offset: batch.end.offset - FrameHead.commitSize)
        let places = batch.places + [commit]
        let index = places.lastIndex { $0.offset <= offset } ?? 0
        return (places[index], batch.firstSequence + UInt64(index))
    }

    /// Whether a frame's format version stands at the offset: one that is not known may be newer.
    private func isVersion(_ offset: Int, _ batch: GivenBatch) -> Bool {
        let commit = batch.end.offset - FrameHead.commitSize
        let starts = batch.places.map(\.offset) + [commit]
        return starts.contains { offset == $0 + 6 || offset == $0 + 7 }
    }

    /// What opening is refused for; nothing is changed then.
    private func openingError(_ disk: MemoryDisk) throws -> LogError? {
        let before = try disk.bytes(Self.path)
        defer { #expect((try? disk.bytes(Self.path)) == before) }
        do {
            _ = try LogWorld(disk: disk).open()
            return nil
        } catch {
            return error as? LogError
        }
    }

    private func isPadding(_ offset: Int, _ batch: GivenBatch) -> Bool {
        zip(batch.places, batch.contents).contains { place, content in
            (place.offset + content.vectorOffset + content.vectors.count..<place.offset
                + content.byteCount).contains(offset)
        }
    }

    /// What a later segment's header says is durable cannot be cut either, though no commit there
    /// came through.
    @Test func theHeaderOfTheNextSegmentCallsThisOneDurable() throws {
        let disk = MemoryDisk()
        let world = LogWorld(disk: disk)
        let log = try world.create()
        let given = try log.addGroup([[1]]) + log.addGroup([[2]])
        #expect(try log.begin(batchBytes: 6000))
        let clean = try disk.copy()
        try disk.flip(Self.path, at: given[1].start.offset + 30, mask: 1)
        let corrupt = LogError.corrupt(
            place: given[1].start,
            sequence: given[1].firstSequence,
            reason: "everything up to sequence \(given[1].sequence) was durable once"
        )
        #expect(throws: corrupt) { try world.open() }
        #expect(disk.holds(LogWorld.path(2)))
        expectSame(try LogWorld(disk: clean).open().batches, given)
    }

    @Test func aLostHeaderDoesNotHideDurableBatches() throws {
        let disk = MemoryDisk()
        let log = try LogWorld(disk: disk).create()
        var given: [GivenBatch] = []
        while log.end.segment < 2 {
            given += try log.addGroup([[UInt8](repeating: 1, count: 1500)])
        }
        let clean = try disk.copy()
        given += try log.addGroup([[2]])
        let second = try #require(given.first { $0.start.segment == 2 })
        let zeros = [UInt8](repeating: 0, count: SegmentHeader.size)
        try disk.overwrite(LogWorld.path(2), at: 0, zeros)
        let before = try disk.bytes(LogWorld.path(2))
        do throws(LogError) {
            let recovery = try LogRecovery(
                disk,
                directory: LogWorld.directory,
                identity: LogWorld.identity,
                limits: LogWorld.smallLimits,
                from: nil
            )
            while try recovery.next() != nil {}
            _ = try recovery.finish()
            Issue.record("a durable batch was cut")
        } catch {
            guard case .corrupt(_, let sequence, _) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(sequence == second.firstSequence)
        }
        #expect(try disk.bytes(LogWorld.path(2)) == before)
        // With one group only in the segment nothing calls it durable: it never was, for all that
        // can be known.
        try clean.overwrite(LogWorld.path(2), at: 0, zeros)
        let opened = try LogWorld(disk: clean).open()
        expectSame(opened.batches, given.filter { $0.end.segment == 1 })
        #expect(!clean.holds(LogWorld.path(2)))
    }

    /// A longer tail is lost at its first frame, a shorter one is written in its place: what of the
    /// longer one stands right behind must not be taken for its continuation.
    @Test func framesOfALostTailNeverComeBack() throws {
        let disk = MemoryDisk()
        let world = LogWorld(disk: disk)
        let log = try world.create()
        let kept = try log.addGroup([[1]])
        let lost = try log.addGroup([[2], [3], [4]])
        let path = Self.path
        let stale = try disk.bytes(path)[lost[1].start.offset..<log.end.offset]
        try disk.overwrite(path, at: lost[0].start.offset, [UInt8](repeating: 0, count: 8))

        let opened = try world.open()
        expectSame(opened.batches, kept)
        let more = try opened.log.addGroup([[5]])
        #expect(more[0].end == lost[0].end && more[0].sequence == lost[0].sequence)
        #expect(try disk.bytes(path).dropFirst(more[0].end.offset).allSatisfy { $0 == 0 })
        expectSame(try LogWorld(disk: disk.copy()).open().batches, kept + more)

        // Should the zeros be lost too: the incarnation tells.
        try disk.overwrite(path, at: more[0].end.offset, Array(stale))
        let again = try world.open()
        expectSame(again.batches, kept + more)
        #expect(try disk.bytes(path).dropFirst(more[0].end.offset).allSatisfy { $0 == 0 })
    }

    @Test func aSegmentShorterThanItsStartIsCorrupt() throws {
        let disk = MemoryDisk()
        let (log, groups) = try Self.small(disk)
        let end = LogPosition(place: log.end, sequence: log.nextSequence)
        let last = try #require(groups.last)
        let made = try disk.bytes(Self.path).count
        let cut = log.end.offset - 8
        try disk.open(Self.path, .readWrite).truncate(to: UInt64(cut))
        // What is missing first is the last batch, wherever reading begins.
        let error = LogError.corrupt(
            place: LogPlace(segment: 1, offset: cut),
            sequence: last[last.count - 2].sequence + 1,
            reason: "the file was cut off: it has \(cut) bytes of \(made)"
        )
        #expect(throws: error) { try LogWorld(disk: disk).recovery(from: end) }
        #expect(throws: error) { _ = try LogWorld(disk: disk).open() }
        try disk.open(Self.path, .readWrite).truncate(to: 100)
        #expect(throws: LogError.missing([1...1])) {
            try LogWorld(disk: disk).recovery(from: end)
        }
    }
}
