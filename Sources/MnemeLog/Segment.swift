// A segment: a file of zeros that frames are written into, from a header on. Its size never changes
// while it is open, so it is mapped once and read through the mapping.
// Format: formats/log.md#segment.

internal import MnemeBase

/// The first 4,096 bytes of a segment, twice.
struct SegmentHeader {
    static let size = 4096
    static let copy = 2048
    static let magic: UInt64 = 0x3147_4c45_4d45_4e4d  // "MNEMELG1"
    static let version: UInt32 = 1

    let version: UInt32
    let identityHigh: UInt64
    let identityLow: UInt64
    let number: UInt64
    let firstSequence: UInt64
    let byteCount: UInt64

    init(identity: LogIdentity, number: UInt64, firstSequence: UInt64, byteCount: UInt64) {
        version = Self.version
        identityHigh = identity.high
        identityLow = identity.low
        self.number = number
        self.firstSequence = firstSequence
        self.byteCount = byteCount
    }

    /// Reads either copy; nil when both are damaged.
    init?(_ bytes: [UInt8]) {
        for start in [0, Self.copy] where bytes.count >= start + 64 {
            if let header = try? SegmentHeader(copy: Array(bytes[start..<(start + 64)])) {
                self = header
                return
            }
        }
        return nil
    }

    private init(copy: [UInt8]) throws(BytesError) {
        var reader = ByteReader(copy)
        let checksum: UInt64 = try reader.get()
        guard checksum == Checksum.xxh3(Array(copy.dropFirst(8))),
            try reader.get(UInt64.self) == Self.magic
        else { throw .malformed(offset: 0) }
        version = try reader.get()
        _ = try reader.get(UInt32.self)
        identityHigh = try reader.get()
        identityLow = try reader.get()
        number = try reader.get()
        firstSequence = try reader.get()
        byteCount = try reader.get()
    }

    var bytes: [UInt8] {
        var body = ByteWriter(capacity: 56)
        body.put(Self.magic)
        body.put(version)
        body.put(UInt32(0))
        body.put(identityHigh)
        body.put(identityLow)
        body.put(number)
        body.put(firstSequence)
        body.put(byteCount)
        var writer = ByteWriter(capacity: Self.size)
        for _ in 0..<2 {
            writer.put(Checksum.xxh3(body.bytes))
            writer.put(body.bytes)
            writer.pad(to: Self.copy)
        }
        return writer.bytes
    }
}

/// An open segment.
final class Segment: Sendable {
    let number: UInt64
    let byteCount: Int
    let file: any DiskFile
    let mapping: Mapping
    let verified: VerifiedPlaces
    /// Whether its zeros may be reserved and not written.
    let isReserved: Bool

    init(number: UInt64, file: any DiskFile, isReserved: Bool = true) throws(DiskError) {
        self.number = number
        self.file = file
        self.isReserved = isReserved
        byteCount = Int(try file.byteCount())
        mapping = try file.map(at: 0, count: byteCount)
        verified = VerifiedPlaces(byteCount: byteCount)
    }

    /// Where zeros that are not written may begin, when the log goes on from an offset.
    func writtenOffset(from offset: Int) -> Int { isReserved ? offset : byteCount }

    static func path(_ directory: String, _ number: UInt64) -> String {
        directory + "/" + name(number)
    }

    /// The numbers from `first` through `last` that are not among `numbers`, which ascend.
    static func gaps(
        in numbers: [UInt64],
        from first: UInt64,
        through last: UInt64
    )
        -> [ClosedRange<UInt64>]
    {
        var gaps: [ClosedRange<UInt64>] = []
        var next = first
        for number in numbers where number >= next && number <= last {
            if number > next { gaps.append(next...(number - 1)) }
            next = number + 1
        }
        if next <= last { gaps.append(next...last) }
        return gaps
    }

    /// Twelve digits or more, and `.log`; of a cold segment, `cold-` before them.
    static func name(_ number: UInt64) -> String {
        let isCold = SegmentNumber.isCold(number)
        let digits = String(isCold ? number - SegmentNumber.coldBase : number)
        let zeros = String(repeating: "0", count: max(0, 12 - digits.count))
        return (isCold ? coldPrefix : "") + zeros + digits + ".log"
    }

    /// The number of a segment's file, as it stands in places; nil for names that no segment has.
    static func number(_ name: String) -> UInt64? {
        let isCold = name.hasPrefix(coldPrefix)
        guard name.hasSuffix(".log"),
            let digits = UInt64(name.dropFirst(isCold ? coldPrefix.count : 0).dropLast(4)),
            digits > 0, digits < SegmentNumber.coldBase
        else { return nil }
        let number = isCold ? SegmentNumber.coldBase + digits : digits
        return Self.name(number) == name ? number : nil
    }

    private static let coldPrefix = "cold-"

    /// What its header says; nil when it is damaged, or has not been written yet.
    var header: SegmentHeader? {
        (try? mapping.copy(at: 0, count: SegmentHeader.size)).flatMap { SegmentHeader($0) }
    }
}
