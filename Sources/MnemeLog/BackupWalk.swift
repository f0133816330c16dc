// Walking along the frames of segments that no open log has: those of a backup. Nothing is believed
// that is not checked: sequences, checksums, batches. Format: formats/log.md.

package import MnemeBase

/// What a walk along frames has met so far.
package struct BackupWalk: Sendable {
    /// The sequence of the next frame.
    package private(set) var next: UInt64
    /// The highest of all frames.
    package private(set) var incarnation: UInt64 = 0
    package private(set) var epoch: UInt32 = 0
    /// The highest of the last frame in a plain segment, and those before: none falls below it.
    private var floor: UInt64 = 0
    /// Sequence and time of the last commit, 0 when there was none behind the last cold segment.
    package private(set) var commit: UInt64 = 0
    package private(set) var time: Microseconds = 0
    /// The checksum of the last commit or close frame, 0 when there was none behind the last cold
    /// segment.
    package private(set) var checksum: UInt64 = 0
    /// The time of the last frame in a cold segment that has one, 0 when there was none.
    package private(set) var coldTime: Microseconds = 0
    /// Right behind it.
    package private(set) var end: LogPlace

    /// The end of a batch, or of a close frame, that a walk came by.
    package struct Mark: Sendable {
        /// The frame's sequence.
        package let sequence: UInt64
        /// When the batch was committed; nil of a close frame.
        package let time: Microseconds?
        /// The frame's checksum.
        package let checksum: UInt64
        /// The frame's; no frame before it has a higher one.
        package let incarnation: UInt64
        /// Right behind the frame.
        package let end: LogPlace
    }

    /// A walk that is to begin with a segment's first frame.
    package init(from segment: SegmentFile) {
        next = segment.firstSequence
        end = LogPlace(segment: segment.number, offset: SegmentHeader.size)
    }

    /// Goes on with a later sequence: what stands between is somewhere else.
    package mutating func skip(to sequence: UInt64) { next = max(next, sequence) }

    /// Reads a cold segment: all of its frames, and no others, up to the last sequence that it
    /// stands for.
    ///
    /// - Returns: the highest incarnation of the frames up to `limit`, the last frame of all not
    ///   counted; 0 where there are none.
    /// - Throws: `.corrupt` where the frames are not those that the header counts, `.newer`,
    ///   `.newerFrame`, `.disk`.
    /// - Complexity: O(bytes).
    package mutating func walk(
        cold file: SegmentFile,
        upTo limit: UInt64 = .max
    ) throws(LogError) -> UInt64 {
        guard let part = file.cold, file.firstSequence == next else {
            throw .corrupt(
                place: LogPlace(segment: file.number, offset: 0),
                sequence: next,
                reason: "the segment begins with sequence \(file.firstSequence)"
            )
        }
        let reader = FrameReader(file.segment)
        var (offset, count, sequence) = (SegmentHeader.size, UInt64(0), next)
        var (before, last): (UInt64, UInt64) = (0, 0)
        var hashes = ByteWriter()
        while offset < part.end {
            let head = try reader.head(at: offset)
            _ = try reader.whole(at: offset)
            guard head.sequence >= sequence, part.run.sequences.contains(head.sequence),
                head.type >= LogFrameType.firstOfCaller || head.type == LogFrameType.pack
            else {
                throw .corrupt(
                    place: LogPlace(segment: file.number, offset: offset),
                    sequence: sequence,
                    reason: "sequence \(head.sequence) of type \(head.type) stands here"
                )
            }
            hashes.put(head.checksum)
            before = max(before, last)
            last = head.sequence <= limit ? head.incarnation : 0
            incarnation = max(incarnation, head.incarnation)
            epoch = max(epoch, head.epoch)
            if head.time != 0 { coldTime = head.time }
            offset = FrameHead.aligned(offset + Int(head.length))
            (count, sequence) = (count + 1, head.sequence + 1)
        }
        guard offset == part.end, count == part.count, part.hash == Checksum.xxh3(hashes.bytes)
        else {
            throw .corrupt(
                place: LogPlace(segment: file.number, offset: offset),
                sequence: sequence,
                reason: "frames are missing"
            )
        }
        next = part.run.sequences.upperBound + 1
        // Commits and closes are not taken along, so that nothing is known of the last one.
        (commit, time, checksum) = (0, 0, 0)
        return before
    }

    /// Reads the frames of the next segment: up to an offset where a batch must end, or until none
    /// follows.
    ///
    /// `visit` is called behind every batch and close frame; what it throws ends the walk.
    ///
    /// - Throws: `.corrupt` where a frame or a batch is not whole or not the one expected, `.newer`
    ///   and `.newerFrame`, `.disk`.
    /// - Complexity: O(bytes).
    package mutating func walk(
        _ file: SegmentFile,
        upTo limit: Int? = nil,
        visit: (Mark) throws(LogError) -> Void
    ) throws(LogError) {
        let reader = FrameReader(file.segment)
        var offset = SegmentHeader.size
        guard file.firstSequence == next else {
            throw .corrupt(
                place: LogPlace(segment: file.number, offset: offset),
                sequence: next,
                reason: "the segment begins with sequence \(file.firstSequence)"
            )
        }
        end = LogPlace(segment: file.number, offset: offset)
        var hashes = ByteWriter()
        while try Self.goesOn(reader, offset, limit) {
            let place = LogPlace(segment: file.number, offset: offset)
            let head = try reader.head(at: offset)
            // Held against its checksum as a whole.
            let frame = try reader.whole(at: offset)
            guard head.sequence == next, head.incarnation >= floor else {
                throw .corrupt(
                    place: place,
                    sequence: next,
                    reason: "sequence \(head.sequence) of opening \(head.incarnation) stands here"
                )
            }
            offset = FrameHead.aligned(offset + Int(head.length))
            next += 1
            switch head.type {
            case LogFrameType.commit, LogFrameType.close:
                let count = hashes.bytes.count / 8
                guard let said = try? CommitColumns(frame.columnBytes), said.count == count,
                    head.type == LogFrameType.commit
                        ? said.hash == Checksum.xxh3(hashes.bytes) : count == 0,
                    said.durable < head.sequence
                else {
                    throw .corrupt(place: place, sequence: head.sequence, reason: "another batch")
                }
                hashes.bytes.removeAll(keepingCapacity: true)
                note(head, LogPlace(segment: file.number, offset: offset))
                let isCommit = head.type == LogFrameType.commit
                try visit(
                    Mark(
                        sequence: head.sequence,
                        time: isCommit ? head.time : nil,
                        checksum: head.checksum,
                        incarnation: head.incarnation,
                        end: end
                    )
                )
            default: hashes.put(head.checksum)
            }
        }
        guard hashes.bytes.isEmpty, limit == nil || offset == limit else {
            throw .corrupt(
                place: LogPlace(segment: file.number, offset: min(offset, file.byteCount)),
                sequence: next,
                reason: "the batch does not end here"
            )
        }
    }

    private static func goesOn(
        _ reader: FrameReader,
        _ offset: Int,
        _ limit: Int?
    ) throws(LogError) -> Bool {
        if let limit { return offset < limit }
        return try reader.length(at: offset) > 0
    }

    private mutating func note(_ head: FrameHead, _ place: LogPlace) {
        // As when a log is opened: frames of changes follow from the one that ends their batch.
        incarnation = max(incarnation, head.incarnation)
        floor = max(floor, head.incarnation)
        epoch = max(epoch, head.epoch)
        if head.type == LogFrameType.commit { (commit, time) = (head.sequence, head.time) }
        checksum = head.checksum
        end = place
    }
}
