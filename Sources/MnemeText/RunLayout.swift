// Where the sections of a run lie: computed from the counts in its header, so that there are no
// offsets to be wrong. Page: formats/text-run.md#header.

/// The numbers of a run's header and the offsets that follow from them.
struct RunLayout: Equatable, Sendable {
    static let magic: UInt64 = 0x7478_5465_6d65_6e4d  // "MnemeTxt"
    /// The version that is written; one without positions is read.
    static let version: UInt16 = 2
    static let versionWithoutPositions: UInt16 = 1
    /// The flag of a run with positions.
    static let positionsFlag: UInt32 = 1
    /// Bytes of the header of a run without positions; one with positions has eight more.
    static let headerByteCount = 64
    /// The checksum covers everything behind itself.
    static let checksumStart = 16
    /// Terms in a block of the dictionary.
    static let dictionaryBlockCount = 16
    /// Zeros behind the postings, so that eight bytes can be read at each of them.
    static let slackByteCount = 8
    static let maximumDocumentCount = Int(Int32.max)

    let documentCount: Int
    let ownerCount: Int
    let fieldCount: Int
    let termCount: Int
    let dictionaryByteCount: Int
    let postingsByteCount: Int
    /// The length of the positions; nil where the run has none.
    let positionsByteCount: Int?

    var dictionaryBlocks: Int {
        (termCount + Self.dictionaryBlockCount - 1) / Self.dictionaryBlockCount
    }

    // Fields: 16 bytes each.
    var fields: Int { Self.headerByteCount + (positionsByteCount == nil ? 0 : 8) }
    // Owners: numbers, first locals (one more), documents and lengths per field.
    var owners: Int { fields + 16 * fieldCount }
    var ownerFirsts: Int { Self.aligned(owners + 4 * ownerCount) }
    var ownerDocuments: Int { Self.aligned(ownerFirsts + 4 * (ownerCount + 1)) }
    var ownerLengths: Int { Self.aligned(ownerDocuments + 4 * ownerCount * fieldCount) }
    // Documents: columns.
    var ordinals: Int { ownerLengths + 8 * ownerCount * fieldCount }
    var births: Int { ordinals + 8 * documentCount }
    var lengths: Int { births + 8 * documentCount }
    // Terms.
    var blockStarts: Int { Self.aligned(lengths + 2 * fieldCount * documentCount) }
    var blockPostings: Int { Self.aligned(blockStarts + 4 * dictionaryBlocks) }
    var blockPositions: Int { blockPostings + 8 * dictionaryBlocks }
    var dictionary: Int {
        blockPositions + (positionsByteCount == nil ? 0 : 8 * dictionaryBlocks)
    }
    var postings: Int { Self.aligned(dictionary + dictionaryByteCount) }
    var positions: Int { Self.aligned(postings + postingsByteCount) }
    var byteCount: Int {
        Self.aligned(positions + (positionsByteCount ?? 0)) + Self.slackByteCount
    }

    static func aligned(_ offset: Int) -> Int { (offset + 7) & ~7 }
}

/// Appends little-endian numbers to the bytes of a run. (The room below has one as well, but a
/// generic that crosses rooms is slow, and runs are written number by number.)
struct RunBytes {
    var bytes: [UInt8] = []

    @inline(__always)
    mutating func put(_ value: UInt64, byteCount: Int) {
        var rest = value
        for _ in 0..<byteCount {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    @inline(__always)
    mutating func put(_ value: UInt16) { put(UInt64(value), byteCount: 2) }

    @inline(__always)
    mutating func put(_ value: UInt32) { put(UInt64(value), byteCount: 4) }

    @inline(__always)
    mutating func put(_ value: UInt64) { put(value, byteCount: 8) }

    @inline(__always)
    mutating func putVariable(_ value: Int) {
        var rest = UInt64(truncatingIfNeeded: value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func align() {
        while bytes.count & 7 != 0 { bytes.append(0) }
    }

    /// Writes a number over bytes that are there already.
    mutating func patch(_ value: UInt64, byteCount: Int, at offset: Int) {
        for index in 0..<byteCount {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
        }
    }
}
