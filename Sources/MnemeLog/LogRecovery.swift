// Opening a log: whole batches are handed out in order, then the tail is judged. A batch that is
// damaged at or below what a later frame calls durable is corruption, and the log refuses to open.
// A damaged batch beyond that is a group that a power cut interrupted: it is cut off, and
// everything after the cut is zeroed and synced before anything is appended. Format:
// formats/log.md#tail.

package import MnemeBase
internal import Synchronization

/// Where replay begins: a place and the sequence of the frame that stands there.
package struct LogPosition: Hashable, Sendable {
    package let place: LogPlace
    package let sequence: UInt64

    /// A position of its parts.
    package init(place: LogPlace, sequence: UInt64) {
        self.place = place
        self.sequence = sequence
    }
}

/// A whole batch read back.
package struct ReplayedBatch: Sendable {
    /// Its frames, without the commit frame.
    package let frames: [Frame]
    /// The commit frame's sequence.
    package let sequence: UInt64
    /// When it was committed.
    package let time: Microseconds
    /// Where the next batch begins.
    package let end: LogPosition
}

/// A log being opened.
///
/// Take batches until there are none, then finish.
package final class LogRecovery {
    private let disk: any Disk
    private let directory: String
    private let identity: LogIdentity
    private let limits: LogLimits
    private(set) var segments: [UInt64: Segment] = [:]
    private var numbers: [UInt64] = []
    private(set) var headers: [UInt64: SegmentHeader] = [:]
    private var current: Segment
    /// The end of the last whole batch.
    private var end: LogPosition
    /// Where reading stopped: the frame, in the batch behind the end, that is not whole.
    private var broken: LogPosition?
    private var incarnation: UInt64
    private var epoch: UInt32
    private var durable: UInt64
    /// Up to where the log is known to have been durable, whatever it says itself.
    private let known: LogPosition?
    /// Where a clean close may have cut a segment: behind close frames, and where replay began.
    private var closed: [LogPlace] = []
    /// Batches of the current segment that no later frame calls durable yet, by their commit's
    /// sequence and their end; what stands from `unsureOffset` on.
    private var unsure: [(sequence: UInt64, end: Int)] = []
    private var unsureOffset = 0
    private var isDone = false

    /// Starts at `start`, or with sequence 1.
    ///
    /// Everything before `start` is known to be durable, and its newest incarnation and epoch must
    /// be given. So is everything before `known`, which the log must reach.
    ///
    /// - Throws: `.missing`, `.foreign`, `.newer`, `.disk`; `.corrupt` when the segment ends before
    ///   `start`.
    package init(
        _ disk: any Disk,
        directory: String,
        identity: LogIdentity,
        limits: LogLimits,
        from start: LogPosition?,
        reaching known: LogPosition? = nil,
        incarnation: UInt64 = 0,
        epoch: UInt32 = 0
    ) throws(LogError) {
        self.known = known
        self.incarnation = incarnation
        self.epoch = epoch
        self.disk = disk
        self.directory = directory
        self.identity = identity
        self.limits = limits
        let opened = try Self.openSegments(disk, directory, identity)
        segments = opened.segments
        headers = opened.headers
        numbers = opened.headers.keys.sorted()
        let first = start?.place.segment ?? 1
        let last = max(numbers.last ?? first, first, known?.place.segment ?? first)
        // No segment is ever removed. Before the start the file counts: frames there are read by
        // their places alone.
        let present = segments.keys.filter { $0 < first || opened.headers[$0] != nil }.sorted()
        let gaps = Segment.gaps(in: present, from: 1, through: last)
        guard gaps.isEmpty, let segment = segments[first], let header = headers[first] else {
            throw .missing(gaps)
        }
        current = segment
        end =
            start
            ?? LogPosition(
                place: LogPlace(segment: first, offset: SegmentHeader.size),
                sequence: header.firstSequence
            )
        durable = end.sequence &- 1
        closed = [end.place]
        if let begin = headers[1]?.firstSequence, begin != 1 {
            throw .corrupt(
                place: LogPlace(segment: 1, offset: 0),
                sequence: 1,
                reason: "the first segment begins with sequence \(begin)"
            )
        }
        guard end.place.offset >= SegmentHeader.size, end.place.offset <= segment.byteCount,
            end.sequence > 0
        else {
            throw .corrupt(
                place: end.place,
                sequence: end.sequence,
                reason: "the file ends before this place"
            )
        }
        unsureOffset = start == nil ? 0 : end.place.offset
    }

    private static func openSegments(
        _ disk: any Disk,
        _ directory: String,
        _ identity: LogIdentity
    ) throws(LogError) -> (segments: [UInt64: Segment], headers: [UInt64: SegmentHeader]) {
        var segments: [UInt64: Segment] = [:]
        var headers: [UInt64: SegmentHeader] = [:]
        do throws(DiskError) {
            for number in try disk.list(directory).compactMap(Segment.number).sorted() {
                let path = Segment.path(directory, number)
                let file = try disk.open(path, .readWrite)
                guard try file.byteCount() > SegmentHeader.size else { continue }
                let segment = try Segment(number: number, file: file)
                segments[number] = segment
                let bytes = try segment.mapping.copy(at: 0, count: SegmentHeader.size)
                headers[number] = SegmentHeader(bytes)
            }
        } catch {
            throw .disk(error)
        }
        for (number, header) in headers {
            let path = Segment.path(directory, number)
            guard header.version == SegmentHeader.version else {
                throw .newer(path: path, version: header.version)
            }
            guard header.identityHigh == identity.high, header.identityLow == identity.low,
                header.number == number
            else { throw .foreign(path: path) }
        }
        return (segments, headers)
    }

    /// The frame at a place that was handed out.
    ///
    /// - Throws: as `Log.frame(at:)`.
    package func frame(at place: LogPlace) throws(LogError) -> Frame {
        guard let segment = segments[place.segment] else {
            throw .corrupt(place: place, sequence: 0, reason: "no such segment")
        }
        return try FrameReader(segment).frame(at: place.offset)
    }

    /// The next whole batch, nil at the end.
    ///
    /// - Throws: `.newer`, `.newerFrame`, `.disk`.
    package func next() throws(LogError) -> ReplayedBatch? {
        guard !isDone else { return nil }
        while true {
            if let batch = try readBatch() { return batch }
            // A close frame moved the end on, or the segment ends here.
            guard let following = headers[current.number + 1],
                let segment = segments[current.number + 1]
            else { break }
            guard following.firstSequence == end.sequence else { break }
            current = segment
            end = LogPosition(
                place: LogPlace(segment: segment.number, offset: SegmentHeader.size),
                sequence: end.sequence
            )
            // A segment is synced before the next one is begun.
            unsure = []
            unsureOffset = 0
        }
        isDone = true
        return nil
    }

    /// Reads frames up to a commit frame; nil where no whole batch stands.
    private func readBatch() throws(LogError) -> ReplayedBatch? {
        let reader = FrameReader(current)
        var frames: [Frame] = []
        var hashes = ByteWriter()
        var offset = end.place.offset
        var sequence = end.sequence
        while let (frame, checksum) = try wholeFrame(reader, offset, sequence) {
            broken = LogPosition(place: frame.place, sequence: sequence)
            offset = FrameHead.aligned(offset + frame.byteCount)
            sequence += 1
            switch frame.content.type {
            case LogFrameType.commit:
                guard let commit = try? CommitColumns(frame.content.columns),
                    commit.count == frames.count, commit.hash == Checksum.xxh3(hashes.bytes)
                else { return nil }
                note(frame, durable: commit.durable, offset: offset)
                return ReplayedBatch(
                    frames: frames,
                    sequence: frame.sequence,
                    time: frame.time,
                    end: end
                )
            case LogFrameType.close:
                guard frames.isEmpty, let close = try? CommitColumns(frame.content.columns) else {
                    return nil
                }
                note(frame, durable: close.durable, offset: offset)
                closed.append(end.place)
            default:
                frames.append(frame)
                hashes.put(checksum)
            }
        }
        broken = LogPosition(
            place: LogPlace(segment: current.number, offset: offset),
            sequence: sequence
        )
        return nil
    }

    private func note(_ frame: Frame, durable: UInt64, offset: Int) {
        incarnation = max(incarnation, frame.incarnation)
        epoch = max(epoch, frame.epoch)
        self.durable = max(self.durable, durable)
        end = LogPosition(
            place: LogPlace(segment: current.number, offset: offset),
            sequence: frame.sequence + 1
        )
        unsure.append((frame.sequence, offset))
        let sure = unsure.firstIndex { $0.sequence > self.durable } ?? unsure.count
        if sure > 0 { unsureOffset = unsure[sure - 1].end }
        unsure.removeFirst(sure)
    }

    /// The frame at an offset if it is whole and the one expected.
    private func wholeFrame(
        _ reader: FrameReader,
        _ offset: Int,
        _ sequence: UInt64
    )
        throws(LogError) -> (frame: Frame, checksum: UInt64)?
    {
        do throws(LogError) {
            let head = try reader.head(at: offset)
            guard
                head.sequence == sequence && head.incarnation >= incarnation
                    || limits.faults.acceptsStaleFrames
            else { return nil }
            return (try reader.frame(at: offset), head.checksum)
        } catch {
            switch error {
            case .corrupt: return nil
            default: throw error
            }
        }
    }

    /// Whether the last thing that was read is a close frame.
    package var endsWithClose: Bool { closed.count > 1 && closed.last == end.place }

    /// Judges and cleans the tail, and opens the log for appending.
    ///
    /// - Throws: `.corrupt` when the damaged batch was durable, or when the log ends before what is
    ///   known of it, `.newerFrame` when what stands behind it may say so, `.disk`.
    package func finish() throws(LogError) -> Log {
        precondition(isDone, "batches are left")
        let reached = (known?.sequence ?? 1) &- 1
        let claimed = max(durable, try durableClaimedBeyond(), reached)
        try checkLength()
        if end.sequence <= claimed {
            let stop = broken ?? end
            throw .corrupt(
                place: stop.place,
                sequence: stop.sequence,
                reason: "everything up to sequence \(claimed) was durable once"
            )
        }
        try cut()
        guard incarnation < .max else {
            throw .corrupt(
                place: end.place,
                sequence: end.sequence,
                reason: "no incarnation is left"
            )
        }
        let last = segments[end.place.segment] ?? current
        let kept = segments.filter { $0.key <= last.number }
        let tail = Log.Tail(
            segment: last,
            offset: end.place.offset,
            sequence: end.sequence,
            groupOffset: end.place.offset,
            committedSequence: end.sequence
        )
        return Log(
            disk: disk,
            directory: directory,
            identity: identity,
            limits: limits,
            epoch: epoch,
            incarnation: incarnation &+ 1,
            segments: kept,
            tail: tail
        )
    }

    /// The highest sequence that anything after the end calls durable: whole commit and close
    /// frames, also those in a segment whose header is lost, and the headers of later segments,
    /// which are written only when everything before their first frame is durable.
    private func durableClaimedBeyond() throws(LogError) -> UInt64 {
        var claimed: UInt64 = 0
        // Also where the header cannot be read: a whole frame says that the segment was in use.
        for number in segments.keys.sorted() where number >= end.place.segment {
            guard let segment = segments[number] else { continue }
            if number > end.place.segment, let header = headers[number], header.firstSequence > 0 {
                claimed = max(claimed, header.firstSequence - 1)
            }
            var offset = number == end.place.segment ? end.place.offset : SegmentHeader.size
            let reader = FrameReader(segment)
            if headers[number] == nil, try reader.length(at: offset) == 0 { continue }
            let limit = try SegmentScan(segment).lastNonzero(from: offset)
            while offset + FrameHead.size <= limit {
                claimed = max(claimed, try claim(reader, offset) ?? 0)
                offset += 8
            }
        }
        return claimed
    }

    /// What a frame of the log itself at an offset calls durable, nil where none stands.
    ///
    /// - Throws: `.newerFrame` where one stands that only a newer program understands.
    private func claim(_ reader: FrameReader, _ offset: Int) throws(LogError) -> UInt64? {
        guard let head = try? reader.head(at: offset), head.sequence >= end.sequence,
            head.type < LogFrameType.firstOfCaller
        else { return nil }
        do throws(LogError) {
            let frame = try reader.frame(at: offset)
            return (try? CommitColumns(frame.content.columns))?.durable
        } catch {
            if case .newerFrame = error { throw error }
            return nil
        }
    }

    /// A segment is shorter than its header says only after a clean close, which cuts it right
    /// behind its frame; a log that was cut anywhere else has lost what came after.
    private func checkLength() throws(LogError) {
        guard let header = headers[current.number], current.byteCount < header.byteCount else {
            return
        }
        let isCut = closed.contains { place in
            place.segment == current.number
                && (place.offset + FrameHead.size + 4095) & ~4095 >= current.byteCount
        }
        guard isCut, current.byteCount % 4096 == 0 else {
            throw .corrupt(
                place: LogPlace(segment: current.number, offset: current.byteCount),
                sequence: end.sequence,
                reason: "the file was cut off"
            )
        }
    }

    /// Writes once more what was read back and may not be on the disk: after a sync that failed the
    /// system shows bytes that it has dropped, and no later sync would bring them there.
    private func writeAgain(_ segment: Segment) throws(DiskError) {
        var offset = unsureOffset
        while offset < end.place.offset {
            let count = min(1 << 20, end.place.offset - offset)
            try segment.file.write(
                segment.mapping.copy(at: offset, count: count),
                at: UInt64(offset)
            )
            offset += count
        }
    }

    /// Makes what was read back durable, zeroes what follows the end and removes the segments
    /// behind it.
    private func cut() throws(LogError) {
        guard let last = segments[end.place.segment] else { return }
        let limit = try SegmentScan(last).lastNonzero(from: end.place.offset)
        do throws(DiskError) {
            if limit > end.place.offset {
                try Log.zero(last.file, from: end.place.offset, to: limit)
            }
            try writeAgain(last)
            try last.file.sync()
            var removed = false
            for number in segments.keys.sorted(by: >) where number > last.number {
                try disk.remove(Segment.path(directory, number))
                removed = true
            }
            if removed { try disk.syncDirectory(directory) }
        } catch {
            throw .disk(error)
        }
    }
}

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

extension Frame {
    /// Bytes in the log, without what aligns the next frame.
    var byteCount: Int {
        FrameHead.size + content.columns.count + content.body.count + content.vectors.count
    }
}

extension Log {
    /// Makes an empty log: a directory and its first segment, durable but for the directory's own
    /// name, which is the caller's to sync.
    ///
    /// - Throws: `.disk`.
    package static func create(
        _ disk: any Disk,
        directory: String,
        identity: LogIdentity,
        limits: LogLimits
    ) throws(LogError) -> Log {
        do throws(DiskError) {
            try disk.createDirectory(directory)
        } catch {
            throw .disk(error)
        }
        let segment = try makeSegment(disk, directory, 1, byteCount: limits.smallestSegment)
        let header = SegmentHeader(
            identity: identity,
            number: 1,
            firstSequence: 1,
            byteCount: UInt64(segment.byteCount)
        )
        do throws(DiskError) {
            try segment.file.write(header.bytes, at: 0)
            try segment.file.sync()
        } catch {
            throw .disk(error)
        }
        let tail = Tail(
            segment: segment,
            offset: SegmentHeader.size,
            sequence: 1,
            groupOffset: SegmentHeader.size,
            committedSequence: 1
        )
        return Log(
            disk: disk,
            directory: directory,
            identity: identity,
            limits: limits,
            epoch: 0,
            incarnation: 1,
            segments: [1: segment],
            tail: tail
        )
    }
}
