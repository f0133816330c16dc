// formats/log.md against the code, both directions.

import MnemeBase
import Testing

@testable import MnemeLog

@Suite struct LogPageTests {
    private let page: FormatPage
    private let identity = LogIdentity(
        high: 0x0123_4567_89ab_cdef,
        low: 0xfedc_ba98_7654_3210
    )

    init() throws { page = try FormatPage("log.md") }

    @Test func aSegmentHeaderIsWrittenAndRead() throws {
        let header = SegmentHeader(
            identity: identity,
            number: 3,
            firstSequence: 100,
            byteCount: 4 << 20
        )
        let bytes = header.bytes
        try page.expect(Array(bytes[0..<64]), "header")
        #expect(bytes.count == 4096 && bytes[2048..<2112] == bytes[0..<64])
        #expect(bytes[64..<2048].allSatisfy { $0 == 0 })
        #expect(bytes[2112...].allSatisfy { $0 == 0 })

        let shown = try page.example("header")
        let zeros = [UInt8](repeating: 0, count: 2048)
        for whole in [shown + zeros, zeros + shown] {
            let read = try #require(SegmentHeader(whole))
            #expect(read.identityHigh == identity.high && read.identityLow == identity.low)
            #expect(read.number == 3 && read.firstSequence == 100 && read.byteCount == 4 << 20)
        }
        for index in shown.indices {
            var damaged = shown
            damaged[index] ^= 1
            #expect(SegmentHeader(damaged + zeros) == nil)
        }
    }

    @Test func segmentsAreFoundByName() {
        #expect(Segment.path("log", 1) == "log/000000000001.log")
        #expect(Segment.number("000000000001.log") == 1)
        #expect(Segment.path("log", 1 << 35 + 2) == "log/cold-000000000002.log")
        #expect(Segment.number("cold-000000000002.log") == 1 << 35 + 2)
        #expect(Segment.number("034359738368.log") == nil)
        #expect(Segment.number("000000000001.old") == nil)
    }

    @Test func placesHaveTheirBits() {
        #expect(LogPlace(segment: 3, offset: 4096).bits == 3 << 24 | 512)
        #expect(LogPlace(bits: 3 << 24 | 512).offset == 4096)
        #expect(LogPlace(segment: 1, offset: 128 << 20 - 8).segment == 1)
        #expect(LogPlace(segment: 1, offset: 128 << 20 - 8).numberInPack == nil)
        let own = LogPlace(segment: 1 << 35 + 2, offset: 4096)
        #expect(LogPlace(1, inPackAt: own).bits == 0x8000_0008_0100_0200)
        let last = LogPlace(segment: LogPlace.lastWithPacks, offset: 128 << 20 - 8)
        let packed = LogPlace(1023, inPackAt: last)
        #expect(packed.segment == last.segment && packed.offset == last.offset)
        #expect(packed.numberInPack == 1023)
    }

    @Test func aCommitFrameIsWrittenAndRead() throws {
        let columns = CommitColumns(
            count: 2,
            hash: Checksum.xxh3([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]),
            durable: 99
        )
        let content = FrameContent(type: LogFrameType.commit, columns: columns.bytes)
        let frame = try holdFrame(content, "commit", sequence: 102, time: 1_700_000_000_000_000)
        let read = try CommitColumns(frame.content.columns)
        #expect(read.count == 2 && read.hash == columns.hash && read.durable == 99)
    }

    @Test func aCloseFrameIsWrittenAndRead() throws {
        let columns = CommitColumns(count: 0, hash: 0, durable: 102)
        let content = FrameContent(type: LogFrameType.close, columns: columns.bytes)
        let frame = try holdFrame(content, "close", sequence: 103, time: 0)
        #expect(frame.content.type == 2)
        #expect(try CommitColumns(frame.content.columns).durable == 102)
    }

    @Test func aPackIsWrittenAndRead() throws {
        let number: UInt64 = 1 << 35 + 2
        let place = LogPlace(segment: number, offset: 4096)
        var builder = PackBuilder()
        for (sequence, ordinal, to) in [(103, 8, 6), (107, 12, 5)] as [(UInt64, UInt64, UInt64)] {
            var columns = ByteWriter()
            for word in [ordinal, 0, 7, to, 5] { columns.put(word) }
            let content = FrameContent(
                type: 20,
                schemaVersion: 1,
                owner: 1,
                columns: columns.bytes,
                body: [0xa1, 0x01, 0xf9, 0x38, 0x00]
            )
            let frame = Frame(
                place: place,
                sequence: sequence,
                time: 1_700_000_000_000_000,
                epoch: 0,
                incarnation: 2,
                content: content,
                vectorOffset: 0
            )
            builder.add(frame, content)
        }
        let first = try #require(builder.members.first).frame
        let pack = try #require(builder.pack)
        var writer = ByteWriter()
        let head = FrameHead(
            pack,
            sequence: first.sequence,
            time: first.time,
            epoch: 0,
            incarnation: 2
        )
        _ = head.append(pack, segment: number, to: &writer)
        try page.expect(writer.bytes, "pack")
        let shown = try page.example("pack")
        let read = try #require(Frame(try FrameHead(shown), verifying: shown, place: place))
        let links = try Pack(try FrameHead(shown), columns: read.content.columns, place: place)
            .frames(in: read.content.body.span)
        #expect(links.map(\.sequence) == [103, 107])
        #expect(links[1].place.bits == 0x8000_0008_0100_0200)
        #expect(links[1].content.columns[24] == 5 && links[1].content.body.count == 5)
    }

    /// Writes the frame into segment 3 and holds it against the page, then reads the page's.
    private func holdFrame(
        _ content: FrameContent,
        _ name: String,
        sequence: UInt64,
        time: Int64
    ) throws -> Frame {
        var writer = ByteWriter()
        let head = FrameHead(
            content,
            sequence: sequence,
            time: time,
            epoch: 0,
            incarnation: 2
        )
        _ = head.append(content, segment: 3, to: &writer)
        try page.expect(writer.bytes, name)
        let shown = try page.example(name)
        let place = LogPlace(segment: 3, offset: 4096)
        let read = try FrameHead(shown)
        #expect(read.sequence == sequence && read.time == time && read.incarnation == 2)
        #expect(
            Frame(read, verifying: shown, place: LogPlace(segment: 4, offset: 4096)) == nil,
            "a frame of another segment does not pass"
        )
        return try #require(Frame(read, verifying: shown, place: place))
    }
}
