// Which bytes of a segment may be looked at in place: rows of vectors are scored where they lie in
// the mapped log, and a checksum for each look would cost more than the score. So the frame around
// a row is held against its checksum the first time that anybody wants the row, and a bit says so
// from then on. What a disk does to a page that was read before is not seen.

internal import Glibc
internal import MnemeBase
package import Synchronization

/// A bit for every 8 bytes of a segment.
///
/// SAFETY: the words are mapped once, zeroed, and only reached as atomics.
@safe package final class VerifiedPlaces: Sendable {
    @usableFromInline nonisolated(unsafe) let words: UnsafeMutablePointer<Atomic<UInt64>>
    @usableFromInline let byteCount: Int

    init(byteCount: Int) {
        self.byteCount = byteCount
        // Memory of the system's own is zero, and costs nothing where nobody looks; what comes from
        // the heap may have to be cleared, a MiB for each of a large log's segments.
        let memory = unsafe mmap(
            nil,
            Self.mappedBytes(byteCount),
            PROT_READ | PROT_WRITE,
            MAP_PRIVATE | Int32(MAP_ANONYMOUS),
            -1,
            0
        )
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            preconditionFailure("out of memory")
        }
        unsafe words = memory.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    deinit { unsafe munmap(words, Self.mappedBytes(byteCount)) }

    private static func mappedBytes(_ byteCount: Int) -> Int { (byteCount / 512 + 1) * 8 }

    /// The bits as they are looked at, good as long as this is.
    package var bits: VerifiedBits { unsafe VerifiedBits(words: words, byteCount: byteCount) }

    func insert(_ offset: Int) {
        guard offset >= 0, offset < byteCount else { return }
        let bit = UInt64(1) << UInt64(offset >> 3 & 63)
        _ = unsafe words[offset >> 9].bitwiseOr(bit, ordering: .acquiringAndReleasing)
    }
}

/// The bits of a segment, as whoever looks at many of them has them at hand.
///
/// SAFETY: good as long as the `VerifiedPlaces` that they are of.
@safe package struct VerifiedBits {
    @usableFromInline let words: UnsafeMutablePointer<Atomic<UInt64>>
    @usableFromInline let byteCount: Int

    init(words: UnsafeMutablePointer<Atomic<UInt64>>, byteCount: Int) {
        unsafe self.words = words
        self.byteCount = byteCount
    }

    /// Whether what begins at an offset was verified.
    @inlinable
    package func contains(_ offset: Int) -> Bool {
        guard offset >= 0, offset < byteCount else { return false }
        let word = unsafe words[offset >> 9].load(ordering: .acquiring)
        return word & (1 << UInt64(offset >> 3 & 63)) != 0
    }

    /// Has the bit of an offset fetched, which is about to be asked for.
    package func fetch(_ offset: Int) {
        guard offset >= 0, offset < byteCount else { return }
        Prefetch.lines(unsafe UInt(bitPattern: words + offset >> 9), 8)
    }
}

extension Log {
    /// The places of a segment whose frames were verified.
    package func verifiedPlaces(of segment: UInt64) -> VerifiedPlaces? {
        known(segment)?.verified
    }

    /// Holds the frame at a place against its checksum and notes that a part of its vectors may be
    /// looked at in place.
    ///
    /// - Returns: false when the frame has another sequence or the part is none of its vectors.
    /// - Throws: as `frame(at:)`.
    /// - Complexity: O(bytes of the frame).
    package func verify(
        _ place: LogPlace,
        sequence: UInt64,
        row: Range<Int>
    ) throws(LogError) -> Bool {
        guard let segment = known(place.segment) else { return false }
        let frame = try FrameReader(segment).frame(at: place.offset)
        let vectors = frame.vectorOffset..<(frame.vectorOffset + frame.content.vectors.count)
        guard frame.sequence == sequence, row.lowerBound >= vectors.lowerBound,
            row.upperBound <= vectors.upperBound
        else { return false }
        segment.verified.insert(row.lowerBound)
        return true
    }

    /// Copies a part of the vectors of the frame at a place, verified and deciphered.
    ///
    /// - Returns: false when the frame has another sequence or the part is none of its vectors.
    /// - Throws: as `frame(at:)`.
    /// - Complexity: O(bytes of the frame).
    package func copyRow(
        _ row: Range<Int>,
        of place: LogPlace,
        sequence: UInt64,
        into target: UnsafeMutableRawBufferPointer
    ) throws(LogError) -> Bool {
        guard let segment = known(place.segment) else { return false }
        let frame = try FrameReader(segment).mapped(at: place.offset)
        let first = row.lowerBound - place.offset
        let vectors = frame.vectorRange
        guard frame.sequence == sequence, row.count == target.count,
            first >= vectors.lowerBound, first + row.count <= vectors.upperBound
        else { return false }
        unsafe frame.withBytes { bytes in
            unsafe target.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[first..<(first + row.count)])
            )
        }
        return true
    }
}
