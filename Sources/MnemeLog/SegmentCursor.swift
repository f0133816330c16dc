// Reading one sealed segment through, cold or not, for whoever writes it again. What is not met
// would be lost for good, so the end is not taken from zeros: it is where the next segment begins,
// or what a cold one's header counts. Format: formats/log.md#segment.

internal import MnemeBase

/// Reads the frames of one sealed segment in their order.
package struct SegmentCursor {
    private let segment: Segment
    private let reader: FrameReader
    private var offset = SegmentHeader.size
    /// The sequence of the next frame; of a cold segment the lowest that it may have.
    private var expected: UInt64
    /// The last one's.
    private let last: UInt64
    /// What a cold segment counts.
    private let cold: ColdHeader?
    private var count: UInt64 = 0
    private var hashes = ByteWriter()
    /// Frames of the last pack that have their turn, the next one last.
    private var waiting: [Frame] = []

    /// Before the first frame of a segment.
    ///
    /// - Throws: `.corrupt` where it is not there, or its header or the next one's cannot be read.
    /// - Precondition: the log has gone on in a later one.
    package init(_ log: Log, _ number: UInt64) throws(LogError) {
        let place = LogPlace(segment: number, offset: 0)
        segment = try log.segment(of: place)
        reader = FrameReader(segment)
        if SegmentNumber.isCold(number) {
            guard let header = segment.coldHeader else {
                throw .corrupt(place: place, sequence: 0, reason: "the header cannot be read")
            }
            cold = header
            (expected, last) = (header.run.sequences.lowerBound, header.run.sequences.upperBound)
        } else {
            cold = nil
            expected = try log.firstSequence(of: number)
            last = try log.firstSequence(of: number + 1) &- 1
        }
    }

    /// The next frame, nil at the end.
    ///
    /// - Throws: `.corrupt` where one does not read back, or is not the one that must follow,
    ///   `.newer`, `.newerFrame`, `.disk`.
    package mutating func next() throws(LogError) -> Frame? {
        if let frame = waiting.popLast() { return frame }
        if let cold {
            if offset >= Int(cold.end) {
                guard offset == Int(cold.end), count == cold.count,
                    cold.hash == Checksum.xxh3(hashes.bytes)
                else { throw damage("other frames stand there than the header counts") }
                return nil
            }
        } else if expected > last {
            return nil
        }
        let group = try reader.group(at: offset)
        for frame in group.frames {
            guard frame.sequence <= last,
                cold == nil ? frame.sequence == expected : frame.sequence >= expected
            else { throw damage("sequence \(frame.sequence) stands there") }
            expected = frame.sequence + 1
        }
        if cold != nil { hashes.put(group.checksum) }
        offset = FrameHead.aligned(offset + group.byteCount)
        count += 1
        waiting = group.frames.reversed()
        return waiting.popLast()
    }

    private func damage(_ reason: String) -> LogError {
        .corrupt(
            place: LogPlace(segment: segment.number, offset: offset),
            sequence: expected,
            reason: reason
        )
    }
}
