// Where the zeros of a segment begin: what was written ends there, whole or not.

internal import MnemeBase

/// Finds out where the zeros begin.
struct SegmentScan {
    private let segment: Segment

    init(_ segment: Segment) { self.segment = segment }

    /// The offset after the last word that is not zero, at least `start`: a multiple of 8, or the
    /// end of a segment that was cut short.
    func lastNonzero(from start: Int) throws(LogError) -> Int {
        let mapping = segment.mapping
        guard start < segment.byteCount else { return start }
        do throws(DiskError) {
            try mapping.touch(at: start, count: segment.byteCount - start)
        } catch {
            throw .disk(error)
        }
        var offset = segment.byteCount & ~7
        for place in max(offset, start)..<segment.byteCount
        where unsafe mapping.base.load(fromByteOffset: place, as: UInt8.self) != 0 {
            return segment.byteCount
        }
        while offset > start {
            let word = unsafe mapping.base.loadUnaligned(
                fromByteOffset: offset - 8,
                as: UInt64.self
            )
            if word != 0 { return offset }
            offset -= 8
        }
        return start
    }
}
