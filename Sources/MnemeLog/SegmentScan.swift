// Where the zeros of a segment begin: what was written ends there, whole or not.

internal import MnemeBase

/// Finds out where the zeros begin.
struct SegmentScan {
    private let segment: Segment

    init(_ segment: Segment) { self.segment = segment }

    /// The offset after the last word that is not zero, at least `start`: a multiple of 8, or the
    /// end of a segment that was cut short.
    ///
    /// - Complexity: O(bytes) of what the disk does not know to be zero.
    func lastNonzero(from start: Int) throws(LogError) -> Int {
        guard start < segment.byteCount else { return start }
        let mapping = segment.mapping
        do throws(DiskError) {
            let all = UInt64(start)..<UInt64(segment.byteCount)
            for range in try segment.file.dataRanges(in: all).reversed() {
                // Words of 8 bytes: the first of them may begin before the data does.
                let first = max(start, Int(range.lowerBound) & ~7)
                let end = Int(range.upperBound)
                try mapping.touch(at: first, count: end - first)
                let last = lastNonzero(in: first..<end)
                if last > first { return last }
            }
        } catch {
            throw .disk(error)
        }
        return start
    }

    /// As above, in a range that was touched; its beginning where all is zero.
    private func lastNonzero(in range: Range<Int>) -> Int {
        let base = unsafe segment.mapping.base
        var offset = range.upperBound & ~7
        for place in max(offset, range.lowerBound)..<range.upperBound
        where unsafe base.load(fromByteOffset: place, as: UInt8.self) != 0 {
            return range.upperBound
        }
        while offset > range.lowerBound {
            let word = unsafe base.loadUnaligned(fromByteOffset: offset - 8, as: UInt64.self)
            if word != 0 { return offset }
            offset -= 8
        }
        return range.lowerBound
    }
}
