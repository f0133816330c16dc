// What the log refuses, and how places in it are named.

package import MnemeBase

/// What the log refuses.
package enum LogError: Error, Equatable, Sendable {
    /// Bytes that were durable do not read back: where, which sequence, what told.
    case corrupt(place: LogPlace, sequence: UInt64, reason: String)
    /// Segments are missing that the log had, or have lost their headers: their numbers, ascending.
    case missing([ClosedRange<UInt64>])
    /// A file of the log is of another store, or no segment.
    case foreign(path: String)
    /// A file is of a newer format.
    case newer(path: String, version: UInt32)
    /// A whole frame has a type, flags or a key that this program does not know: where, and what.
    case newerFrame(place: LogPlace, what: String)
    /// A frame of an encrypted log has its checksum and was not written with the log's key.
    case forged(place: LogPlace, sequence: UInt64)
    /// A record or a batch is over its limit.
    case tooLarge(byteCount: Int, limit: Int)
    /// A write or sync failed before; what it carried is unknown, and nothing more is accepted.
    case poisoned
    /// The disk refused; nothing was changed.
    case disk(DiskError)
}

/// How the files of a log are called.
package enum LogFile {
    /// The name of a segment's file, without its directory.
    package static func name(_ segment: UInt64) -> String { Segment.name(segment) }

    /// What a segment is called: `segment 3`, or `cold segment 3`.
    package static func label(_ segment: UInt64) -> String {
        SegmentNumber.isCold(segment)
            ? "cold segment \(segment - SegmentNumber.coldBase)" : "segment \(segment)"
    }
}

/// Sizes within a segment.
package enum SegmentSize {
    /// Bytes of the header; the first frame stands behind it.
    package static let header = SegmentHeader.size
    /// Bytes of the frame that ends a batch.
    package static let commit = FrameHead.commitSize
    /// The most bytes of a segment: places reach no further.
    package static let limit = 128 << 20
}

/// Where a frame stands: the segment above, the offset in units of 8 bytes in the low 24 bits.
package struct LogPlace: Hashable, Comparable, Sendable {
    /// The bits, as they stand on disk.
    package let bits: UInt64

    /// From bits as they stand on disk.
    @inlinable package init(bits: UInt64) { self.bits = bits }

    /// An offset, a multiple of 8 below 128 MiB, in a segment.
    @inlinable
    package init(segment: UInt64, offset: Int) {
        bits = segment << 24 | UInt64(offset >> 3)
    }

    /// The segment's number.
    ///
    /// Where bit 63 says that a frame stands in a pack, it is a cold one's: formats/log.md#place.
    @inlinable package var segment: UInt64 {
        bits >> 63 == 0 ? bits >> 24 : 1 << 35 | bits >> 34 & 0x1fff_ffff
    }
    /// The offset in bytes, of a pack where the frame stands in one.
    @inlinable package var offset: Int { Int(bits & 0xff_ffff) << 3 }

    @inlinable
    package static func < (left: LogPlace, right: LogPlace) -> Bool { left.bits < right.bits }
}
