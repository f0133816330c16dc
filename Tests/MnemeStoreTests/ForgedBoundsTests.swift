// Headers, commits and states with right checksums and numbers that nobody reckons with: each is
// refused or passed over, and takes neither the process nor its memory nor for ever.

import MnemeBase
import MnemeModel
import MnemePages
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct ForgedBoundsTests {
    private static let far: [UInt64] = [.max, .max - 1, 1 << 63, 1 << 62]

    /// A store with a cold segment, in which everything is durable.
    private func world() throws -> (disk: MemoryDisk, cold: String) {
        let disk = MemoryDisk()
        let store = try Kinds.store(Kinds.options(disk))
        _ = try store.commit([.erase(Kinds.thing("a"))])
        #expect(try store.eraseNow())
        _ = try store.commit([Kinds.put("c")])
        try store.close()
        let name = try #require(try disk.list("store/log").first { $0.hasPrefix("cold-") })
        return (disk, "store/log/" + name)
    }

    /// Writes the header of a cold segment anew.
    private func forge(
        _ disk: MemoryDisk,
        _ path: String,
        lastSegment: UInt64? = nil,
        firstSequence: UInt64? = nil,
        lastSequence: UInt64? = nil,
        asOf: UInt64? = nil
    ) throws {
        let file = try disk.open(path, .readWrite)
        let byteCount = Int(try file.byteCount())
        let bytes = try file.read(at: 0, count: 4096)
        let header = try #require(SegmentHeader(bytes))
        let cold = try #require(ColdHeader(bytes, header, byteCount: byteCount))
        let run = ColdRun(
            number: cold.run.number,
            segments: cold.run.segments.lowerBound...(lastSegment ?? cold.run.segments.upperBound),
            sequences: (firstSequence ?? cold.run.sequences.lowerBound)...(lastSequence
                ?? cold.run.sequences.upperBound),
            asOf: asOf ?? cold.run.asOf
        )
        let forged = ColdHeader(run: run, end: cold.end, count: cold.count, hash: cold.hash)
        try file.write(forged.bytes(header.identity, byteCount: byteCount, salt: nil), at: 0)
    }

    /// Whatever comes of it, it comes: a refusal with a message, or a store.
    private func expectEnd(_ disk: MemoryDisk) throws {
        let options = Kinds.options(disk)
        for mode in [StoreMode.read, .open, .rebuild] {
            do throws(MnemeError) {
                try Store.open("store", mode, options: options).close()
            } catch {
                #expect(error.code == .damagedLog || error.code == .corrupt, "\(error)")
                #expect(!error.message.isEmpty)
            }
        }
        _ = try Salvage(of: "store", to: nil, options: options).run()
    }

    @Test(arguments: [true, false])
    func headersOfColdSegments(hasPages: Bool) throws {
        for number in Self.far {
            for field in 0..<3 {
                let (disk, cold) = try world()
                if !hasPages { try disk.remove("store/pages") }
                switch field {
                case 0: try forge(disk, cold, lastSequence: number, asOf: number)
                case 1: try forge(disk, cold, asOf: number)
                default:
                    try forge(
                        disk,
                        cold,
                        firstSequence: number,
                        lastSequence: number,
                        asOf: number
                    )
                }
                try expectEnd(disk)
            }
        }
        for number in [1 << 31, 1 << 35 - 1] as [UInt64] {
            let (disk, cold) = try world()
            if !hasPages { try disk.remove("store/pages") }
            try forge(disk, cold, lastSegment: number)
            try expectEnd(disk)
        }
    }

    @Test func aRunIsReckonedWithAsOne() {
        let last: UInt64 = 1 << 35 - 1
        #expect(Segment.gaps(in: [3...last, 1...1], from: 1, through: last) == [2...2])
        #expect(Segment.gaps(in: [2...9, 4...5], from: 1, through: 12) == [1...1, 10...12])
        #expect(Segment.gaps(in: [], from: 1, through: 3) == [1...3])
    }

    @Test func headersOfSegments() throws {
        for number in Self.far {
            let header = SegmentHeader(
                identity: LogIdentity(high: 1, low: 2),
                number: 2,
                firstSequence: number,
                byteCount: 8192
            )
            #expect(SegmentHeader(header.bytes) == nil)
        }
        // A file of a high number stands for no more than itself.
        let (disk, _) = try world()
        let name = "store/log/" + LogFile.name(1 << 35 - 1)
        try disk.open(name, .create).write([UInt8](repeating: 3, count: 8192), at: 0)
        try expectEnd(disk)
    }

    @Test func aCommitCallsNothingDurableThatComesAfterIt() throws {
        for durable in Self.far {
            let disk = MemoryDisk()
            let store = try Kinds.store(Kinds.options(disk))
            try store.close()
            let path = "store/log/" + LogFile.name(1)
            let file = try disk.open(path, .readWrite)
            let identity = LogIdentity(
                high: store.pages.identity.high,
                low: store.pages.identity.low
            )
            var last: Frame?
            let segment = try SegmentFile(disk, path: path, number: 1, identity: identity)
            _ = try segment.forEachFrame { frame throws(LogError) in
                guard frame.type == LogFrameType.commit else { return }
                last = try FrameReader(segment.segment).frame(at: frame.place.offset)
            }
            let commit = try #require(last)
            #expect(CommitColumns.fault(in: commit) == nil)
            let said = try CommitColumns(commit.content.columns)
            var content = commit.content
            content.columns =
                CommitColumns(count: said.count, hash: said.hash, durable: durable).bytes
            let head = FrameHead(
                content,
                sequence: commit.sequence,
                time: commit.time,
                epoch: commit.epoch,
                incarnation: commit.incarnation
            )
            var bytes = ByteWriter()
            _ = head.append(content, segment: 1, to: &bytes)
            try file.write(bytes.bytes, at: UInt64(commit.place.offset))
            let options = Kinds.options(disk)
            try expectRefusal(.damagedLog, "") {
                try Store.open("store", .rebuild, options: options).close()
            }
            // Who opens it behind its checkpoint finds it when all of it is read.
            let again = try Store.open("store", .read, options: options)
            #expect((try? again.verify().findings) != [])
            try again.close()
            #expect(try Salvage(of: "store", to: nil, options: options).run().isComplete)
        }
    }

    /// Compaction would seal segments for ever to come to it.
    @Test func aStateHasNoDeadBytesOfWhatIsNotThere() throws {
        let disk = MemoryDisk()
        let store = try Kinds.store(Kinds.options(disk))
        let (state, position) = try store.durableState()
        func image(_ dead: [UInt64: DeadBytes]) throws -> StateImage {
            var roots = state.roots
            roots.dead = dead
            let image = StateImage(
                sequence: state.sequence,
                position: position,
                incarnation: 1,
                epoch: 0,
                roots: roots,
                definitions: [],
                runs: []
            )
            return try StateImage(try image.bytes())
        }
        let usual = DeadBytes(byteCount: 100, since: 5)
        let roots = try image([0: usual, 1: usual]).roots
        #expect(roots.dead == [0: usual, 1: usual])
        let wrong: [[UInt64: DeadBytes]] = [
            [2: usual], [1 << 34: usual], [1 << 35 + 1: usual],
            [1: DeadBytes(byteCount: .max, since: 5)],
            [1: DeadBytes(byteCount: 1, since: .max)], [1: DeadBytes(byteCount: 1, since: .min)],
        ]
        for dead in wrong { #expect(throws: StoreError.self) { try image(dead) } }
        try store.close()
    }
}
