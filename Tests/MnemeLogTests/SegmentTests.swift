import MnemeBase
import Testing

@testable import MnemeLog

@Suite struct SegmentTests {
    static let header = SegmentHeader(
        identity: LogIdentity(high: 1, low: 2),
        number: 3,
        firstSequence: 4,
        byteCount: 8192
    )

    static func isSame(_ left: SegmentHeader?) -> Bool {
        guard let left else { return false }
        return left.version == header.version && left.identityHigh == 1 && left.identityLow == 2
            && left.number == 3 && left.firstSequence == 4 && left.byteCount == 8192
    }

    @Test func headerComesBack() {
        #expect(Self.header.bytes.count == SegmentHeader.size)
        #expect(Self.isSame(SegmentHeader(Self.header.bytes)))
    }

    @Test func eitherCopyIsEnough() {
        for offset in 0..<64 {
            var bytes = Self.header.bytes
            bytes[offset] ^= 0x10
            #expect(Self.isSame(SegmentHeader(bytes)))
            bytes[offset] ^= 0x10
            bytes[SegmentHeader.copy + offset] ^= 0x10
            #expect(Self.isSame(SegmentHeader(bytes)))
            bytes[offset] ^= 0x10
            #expect(SegmentHeader(bytes) == nil)
        }
        #expect(SegmentHeader([]) == nil)
        #expect(SegmentHeader([UInt8](repeating: 0, count: SegmentHeader.size)) == nil)
    }

    @Test func namesAreSpelledInOneWay() {
        for number: UInt64 in [1, 12, 1 << 35 - 1, 1 << 35 + 1, 1 << 36 - 1] {
            #expect(Segment.number(Segment.name(number)) == number)
            #expect(Segment.path("a/b", number) == "a/b/" + Segment.name(number))
        }
        for name in [
            "1.log", "+00000000001.log", "000000000000.log", "0000000000001.log",
            "000000000001", "000000000001.log2", ".log", "18446744073709551615.log",
            Segment.name(1 << 63), "034359738368.log", "cold-000000000000.log",
            "cold-1.log", "Cold-000000000001.log", "000000000001.LOG", "-00000000001.log",
        ] {
            #expect(Segment.number(name) == nil, "\(name)")
        }
    }

    @Test func placesKeepSegmentAndOffset() {
        for segment: UInt64 in [0, 1, 77, 1 << 39 - 1] {
            for offset in [0, 8, 4096, 64 << 20, 128 << 20 - 8] {
                let place = LogPlace(segment: segment, offset: offset)
                #expect(place.segment == segment && place.offset == offset)
                #expect(LogPlace(bits: place.bits) == place)
            }
        }
        #expect(LogPlace(segment: 1, offset: 128 << 20 - 8) < LogPlace(segment: 2, offset: 0))
    }
}
