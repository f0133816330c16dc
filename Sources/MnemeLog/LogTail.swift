// The end of a log that is being opened: whether what follows it may be cut, and the cutting. What
// anything calls durable behind the end is corruption; what nobody does is a group that a power cut
// interrupted. Format: formats/log.md#tail.

internal import MnemeBase

/// What follows the last whole batch of a log.
struct LogTail {
    let disk: any Disk
    let directory: String
    let files: LogFiles
    /// The end of the last whole batch.
    let end: LogPosition
    /// The segment that the end stands in.
    let last: Segment
    /// Where a clean close may have cut the segment: behind close frames, and where reading began.
    let closed: [LogPlace]
    /// From here on batches of the last segment are called durable by no frame.
    let unsureOffset: Int
    let faults: LogFaults

    /// The numbers of the segments that are not cold.
    private var plain: [UInt64] { files.segments.keys.filter { !SegmentNumber.isCold($0) } }

    /// The highest sequence that anything after the end calls durable: whole commit and close
    /// frames, also those in a segment whose header is lost, and the headers of later segments,
    /// which are written only when everything before their first frame is durable.
    ///
    /// - Throws: `.newerFrame` where a frame stands that only a newer program understands,
    ///   `.forged`, `.disk`.
    func durableClaimedBeyond() throws(LogError) -> UInt64 {
        var claimed: UInt64 = 0
        // Also where the header cannot be read: a whole frame says that the segment was in use.
        for number in plain.sorted() where number >= end.place.segment {
            guard let segment = files.segments[number] else { continue }
            let header = files.headers[number]
            if number > end.place.segment, let header, header.firstSequence > 0 {
                claimed = max(claimed, header.firstSequence - 1)
            }
            var offset = number == end.place.segment ? end.place.offset : SegmentHeader.size
            let reader = FrameReader(segment)
            if header == nil, try reader.length(at: offset) == 0 { continue }
            let limit = try SegmentScan(segment).lastNonzero(from: offset)
            while offset + FrameHead.size <= limit {
                claimed = max(claimed, try claim(reader, offset) ?? 0)
                offset += 8
            }
        }
        return claimed
    }

    /// What a frame of the log itself at an offset calls durable, nil where none stands.
    private func claim(_ reader: FrameReader, _ offset: Int) throws(LogError) -> UInt64? {
        guard let head = try? reader.head(at: offset), head.sequence >= end.sequence,
            head.type < LogFrameType.firstOfCaller
        else { return nil }
        do throws(LogError) {
            let frame = try reader.frame(at: offset)
            return (try? CommitColumns(frame.content.columns))?.durable
        } catch {
            switch error {
            case .newerFrame, .forged: throw error
            default: return nil
            }
        }
    }

    /// A segment is shorter than its header says only after a clean close, which cuts it right
    /// behind its frame; a log that was cut anywhere else has lost what came after.
    ///
    /// - Throws: `.corrupt`.
    func checkLength() throws(LogError) {
        guard let header = files.headers[last.number], last.byteCount < header.byteCount else {
            return
        }
        let isCut = closed.contains { place in
            place.segment == last.number
                && (place.offset + FrameHead.size + 4095) & ~4095 >= last.byteCount
        }
        guard isCut, last.byteCount % 4096 == 0 else {
            throw Self.cutOff(last, header, before: end.sequence)
        }
    }

    /// A segment's file that is too short; `sequence`: what is missing first.
    static func cutOff(
        _ segment: Segment,
        _ header: SegmentHeader,
        before sequence: UInt64
    ) -> LogError {
        .corrupt(
            place: LogPlace(segment: segment.number, offset: segment.byteCount),
            sequence: sequence,
            reason:
                "the file was cut off: it has \(segment.byteCount) bytes of \(header.byteCount)"
        )
    }

    /// Makes what was read back durable, zeroes what follows the end and removes the segments
    /// behind it.
    ///
    /// - Throws: `.disk`.
    func cut() throws(LogError) {
        let limit = try SegmentScan(last).lastNonzero(from: end.place.offset)
        do throws(DiskError) {
            if limit > end.place.offset {
                try Log.zero(last.file, from: end.place.offset, to: limit)
            }
            if !faults.leavesTailUnsynced {
                try writeAgain()
                try last.file.sync()
            }
            var removed = false
            let behind = (plain + files.unfinished).filter { $0 > last.number }
            for number in behind.sorted(by: >) {
                try disk.remove(Segment.path(directory, number))
                removed = true
            }
            if removed { try disk.syncDirectory(directory) }
        } catch {
            throw .disk(error)
        }
    }

    /// Writes once more what was read back and may not be on the disk: after a sync that failed the
    /// system shows bytes that it has dropped, and no later sync would bring them there.
    private func writeAgain() throws(DiskError) {
        var offset = unsureOffset
        // Both copies of the header, where the power was cut inside one of them.
        if offset < SegmentHeader.size, let header = files.headers[last.number] {
            try last.file.write(header.bytes, at: 0)
            offset = SegmentHeader.size
        }
        while offset < end.place.offset {
            let count = min(1 << 20, end.place.offset - offset)
            try last.file.write(last.mapping.copy(at: offset, count: count), at: UInt64(offset))
            offset += count
        }
    }
}
