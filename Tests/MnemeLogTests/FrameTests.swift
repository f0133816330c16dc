import MnemeBase
import Testing

@testable import MnemeLog

@Suite struct FrameTests {
    static func head(_ content: FrameContent, sequence: UInt64 = 9) -> FrameHead {
        FrameHead(content, sequence: sequence, time: -4, epoch: 6, incarnation: 1 << 40)
    }

    static func encode(
        _ content: FrameContent,
        segment: UInt64 = 2,
        sequence: UInt64 = 9
    ) -> [UInt8] {
        var writer = ByteWriter()
        _ = head(content, sequence: sequence).append(content, segment: segment, to: &writer)
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8], segment: UInt64 = 2) -> Frame? {
        guard let head = try? FrameHead(bytes), head.vectorCount >= 0,
            Int(head.length) <= bytes.count
        else { return nil }
        return Frame(
            head,
            verifying: Array(bytes.prefix(Int(head.length))),
            place: LogPlace(segment: segment, offset: 4096)
        )
    }

    @Test func everyFieldComesBack() throws {
        let randomness = SeededRandomness(seed: newSeed("frame"))
        for round in 0..<300 {
            let content = FrameContent.random(randomness, limit: round)
            let bytes = Self.encode(content)
            #expect(bytes.count == content.byteCount)
            #expect(bytes.count % 8 == 0)
            let frame = try #require(Self.decode(bytes))
            #expect(frame.content.isSame(content))
            #expect(frame.sequence == 9 && frame.time == -4)
            #expect(frame.epoch == 6 && frame.incarnation == 1 << 40)
            #expect(frame.vectorOffset == 4096 + content.vectorOffset)
            let vectors = bytes[content.vectorOffset...].prefix(content.vectors.count)
            #expect(Array(vectors) == content.vectors)
        }
    }

    @Test func everyByteButPaddingIsUnderTheChecksum() {
        let content = FrameContent(
            type: 16,
            columns: [1, 2, 3],
            body: [4, 5],
            vectors: [6, 7, 8, 9]
        )
        let bytes = Self.encode(content)
        let length = FrameHead.size + 9
        #expect(bytes[length...].allSatisfy { $0 == 0 })
        for offset in 0..<length {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[offset] ^= 1 << UInt8(bit)
                #expect(Self.decode(damaged) == nil, "byte \(offset), bit \(bit)")
            }
        }
    }

    @Test func aFrameOfAnotherSegmentOrSequenceDoesNotPass() {
        let bytes = Self.encode(FrameContent(type: 16, body: [1, 2, 3]))
        #expect(Self.decode(bytes) != nil)
        #expect(Self.decode(bytes, segment: 3) == nil)
        var moved = bytes
        moved[24] ^= 1  // The sequence's lowest byte.
        #expect(Self.decode(moved) == nil)
    }

    @Test func headsThatContradictThemselvesAreRefused() throws {
        var bytes = Self.encode(FrameContent(type: 16, body: [1, 2, 3]))
        for field in [0, 52, 56] {
            var damaged = bytes
            for index in 0..<4 { damaged[field + index] = field == 0 ? 0 : 0xff }
            #expect(try FrameHead(damaged).vectorCount < 0)
        }
        bytes.removeLast(bytes.count - 71)
        #expect(throws: BytesError.self) { try FrameHead(bytes) }
    }

    @Test func commitColumnsComeBack() throws {
        let columns = CommitColumns(count: 7, hash: 1 << 63 | 5, durable: .max)
        let again = try CommitColumns(columns.bytes)
        #expect(again.count == 7 && again.hash == 1 << 63 | 5 && again.durable == .max)
        #expect(FrameHead.size + columns.bytes.count == FrameHead.commitSize)
        #expect(throws: BytesError.self) { try CommitColumns(Array(columns.bytes.dropLast())) }
    }
}
