// Segments come ready: full of zeros, synced and named before a commit needs one, so that `ENOSPC`
// meets whoever prepares, not whoever commits. Where the disk can, the zeros are only reserved. To
// write into reserved room costs a sync more than to overwrite what was written, so small groups
// are followed by zeros: the groups after them overwrite those.

internal import MnemeBase
internal import Synchronization

extension Log {
    /// The size of the segment after the newest.
    func nextSegmentSize() -> Int {
        min(max(tail.segment.byteCount * 2, limits.smallestSegment), limits.largestSegment)
    }

    /// Makes the next segment ready if none is.
    ///
    /// For any thread.
    ///
    /// - Throws: `.disk`; the log goes on with what it has.
    package func prepareSpare() throws(LogError) {
        try making.withLock { _ throws(LogError) in
            let newest = segments.withLock { all in
                all.values.filter { !SegmentNumber.isCold($0.number) }
                    .max { $0.number < $1.number }
            }
            guard let newest, spare.withLock({ $0 == nil }) else { return }
            let size = min(
                max(newest.byteCount * 2, limits.smallestSegment),
                limits.largestSegment
            )
            let number = newest.number + 1
            let made: Segment
            if let recycled = try recycled(number, byteCount: size) {
                made = recycled
            } else {
                made = try makeSegment(number, byteCount: size)
            }
            spare.withLock { $0 = made }
        }
    }

    /// The bytes of the segments, of the newest as far as it is written, and their sum; the spare
    /// is not counted.
    ///
    /// - Complexity: O(segments).
    package var sizes: (sum: Int, segments: [(number: UInt64, byteCount: Int)]) {
        let end = writtenPlace
        var all = segments.withLock { all in
            all.map { (number: $0.key, byteCount: $0.value.byteCount) }
        }
        if let newest = all.firstIndex(where: { $0.number == end.segment }) {
            all[newest].byteCount = end.offset
        }
        return (all.reduce(0) { $0 + $1.byteCount }, all)
    }

    /// Whether the next segment is ready.
    package var hasSpare: Bool { spare.withLock { $0 != nil } }

    /// The spare if it is large enough, a fresh segment otherwise; already one of the log's.
    func takeSegment(atLeast size: Int) throws(LogError) -> Segment {
        try making.withLock { _ throws(LogError) in
            let ready = spare.withLock { $0.take() }
            let segment: Segment
            if let ready, ready.byteCount >= size {
                segment = ready
            } else {
                segment = try makeSegment(tail.segment.number + 1, byteCount: size)
            }
            segments.withLock { $0[segment.number] = segment }
            return segment
        }
    }

    /// The retired segment whose zeros are kept, under its new number.
    private func recycled(_ number: UInt64, byteCount: Int) throws(LogError) -> Segment? {
        guard let kept = zeroed.withLock({ $0.take() }) else { return nil }
        do throws(DiskError) {
            guard kept.byteCount == byteCount else {
                try disk.remove(kept.path)
                return nil
            }
            let path = Segment.path(directory, number)
            // A file of this number is what an earlier attempt left.
            try? disk.remove(path)
            try disk.rename(kept.path, to: path)
            try disk.syncDirectory(directory)
            let file = try disk.open(path, .readWrite)
            return try Segment(number: number, file: file, isReserved: false)
        } catch {
            throw .disk(error)
        }
    }

    private func makeSegment(_ number: UInt64, byteCount: Int) throws(LogError) -> Segment {
        try Self.makeSegment(disk, directory, number, byteCount: byteCount)
    }

    /// A file of zeros, durable in bytes and name.
    static func makeSegment(
        _ disk: any Disk,
        _ directory: String,
        _ number: UInt64,
        byteCount: Int
    ) throws(LogError) -> Segment {
        let path = Segment.path(directory, number)
        // A file of this number is what an earlier attempt left; it was never one of the log's.
        try? disk.remove(path)
        do throws(DiskError) {
            let file = try disk.open(path, .create)
            let isReserved = try file.reserve(UInt64(byteCount))
            if !isReserved { try zero(file, from: 0, to: byteCount) }
            try file.sync()
            try disk.syncDirectory(directory)
            return try Segment(number: number, file: file, isReserved: isReserved)
        } catch {
            try? disk.remove(path)
            throw .disk(error)
        }
    }

    /// Writes zeros in pieces of 64 KiB, each of which has left for the disk before the next.
    static func zero(
        _ file: any DiskFile,
        from start: Int,
        to end: Int,
        pause: (Int) -> Void = { _ in }
    ) throws(DiskError) {
        let piece = [UInt8](repeating: 0, count: min(64 << 10, max(end - start, 0)))
        var offset = start
        while offset < end {
            let count = min(piece.count, end - offset)
            try file.write(
                count == piece.count ? piece : Array(piece.prefix(count)),
                at: UInt64(offset)
            )
            try file.writeBack()
            pause(count)
            offset += count
        }
    }
}

extension Log.Tail {
    /// A group of more bytes is followed by no zeros: they would cost more than they spare.
    private static let smallGroup = 64 << 10
    /// So many zeros follow a small group that is written into reserved room.
    private static let zerosAhead = 256 << 10

    /// Puts zeros behind the group where those after it should not meet reserved room.
    mutating func addZeros() {
        guard offset > writtenOffset else { return }
        writtenOffset = offset
        guard group.bytes.count <= Self.smallGroup else { return }
        let end = min((offset + Self.zerosAhead) & ~4095, segment.byteCount)
        guard end > offset else { return }
        group.bytes.append(contentsOf: repeatElement(0, count: end - offset))
        writtenOffset = end
    }
}
