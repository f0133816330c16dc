// Opening a log: whole batches are handed out in order, then the tail is judged (LogTail.swift). A
// batch that is damaged at or below what a later frame calls durable is corruption, and the log
// refuses to open. A damaged batch beyond that is a group that a power cut interrupted: it is cut
// off, and everything after the cut is zeroed and synced before anything is appended; where the log
// is only read it stays, and is not shown. Format: formats/log.md#tail.

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
    private let access: LogAccess
    /// A checkpoint's state says which cold segments count.
    private let isToldOfCold: Bool
    private let vault: Vault?
    let files: LogFiles
    private var current: Segment
    /// The end of the last whole batch.
    private var end: LogPosition
    /// Where reading stopped: the frame, in the batch behind the end, that is not whole.
    private var broken: LogPosition?
    private var incarnation: UInt64
    private var epoch: UInt32
    /// The highest of frames in cold segments, whose commits and closes are gone.
    ///
    /// A summary's may be higher than those of frames that follow it in the log.
    private var coldIncarnation: UInt64 = 0
    private var coldEpoch: UInt32 = 0
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
    /// The cold segments that are read before `current`.
    private var cold: [ColdScan] = []

    /// Starts at `start`, or with sequence 1.
    ///
    /// Everything before `start` is known to be durable, and its newest incarnation and epoch must
    /// be given. So is everything before `known`, which the log must reach. `mentions` are the cold
    /// segments that the state there names; without it, `expected` are those of a state that is not
    /// gone on from, nil where there is none.
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
        epoch: UInt32 = 0,
        mentions: [ColdMention]? = nil,
        expecting expected: [ColdMention]? = nil,
        vault: Vault? = nil,
        access: LogAccess = .write
    ) throws(LogError) {
        self.access = access
        isToldOfCold = mentions != nil
        self.vault = vault
        self.known = known
        self.incarnation = incarnation
        self.epoch = epoch
        self.disk = disk
        self.directory = directory
        self.identity = identity
        self.limits = limits
        files = try LogFiles(
            disk,
            directory,
            identity,
            access,
            vault,
            mentions: mentions,
            expecting: expected
        )
        // Without a start, what cold segments stand for at the beginning is read first.
        var first = start?.place.segment ?? 1
        var sequence: UInt64 = 1
        if start == nil { (first, sequence) = Self.enter((first, sequence), files, &cold) }
        try files.requireAll(from: first, through: known?.place.segment ?? first)
        guard let segment = files.segments[first], let header = files.headers[first] else {
            throw .missing([first...first])
        }
        current = segment
        end =
            start
            ?? LogPosition(
                place: LogPlace(segment: first, offset: SegmentHeader.size),
                sequence: header.firstSequence
            )
        // A cold segment is begun when everything is durable that it counts with.
        durable = max(end.sequence &- 1, files.shelf.standing.map(\.asOf).max() ?? 0)
        closed = [end.place]
        if let begin = files.headers[1]?.firstSequence, begin != 1 {
            throw .corrupt(
                place: LogPlace(segment: 1, offset: 0),
                sequence: 1,
                reason: "the first segment begins with sequence \(begin)"
            )
        }
        guard start != nil || header.firstSequence == sequence else {
            throw .corrupt(
                place: LogPlace(segment: first, offset: 0),
                sequence: sequence,
                reason: "the segment begins with sequence \(header.firstSequence)"
            )
        }
        if end.place.offset > segment.byteCount, header.byteCount > segment.byteCount {
            // As whoever reads it from its beginning names it.
            throw LogTail.cutOff(segment, header, before: Self.endOfBatches(segment, header))
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

    /// The sequence that is missing behind the whole batches of a segment.
    private static func endOfBatches(_ segment: Segment, _ header: SegmentHeader) -> UInt64 {
        let reader = FrameReader(segment)
        var (offset, sequence) = (SegmentHeader.size, header.firstSequence)
        var end = sequence
        while let frame = try? reader.frame(at: offset), frame.sequence == sequence {
            offset = FrameHead.aligned(offset + frame.byteCount)
            sequence += 1
            if frame.content.type < LogFrameType.firstOfCaller { end = sequence }
        }
        return end
    }

    /// Queues the cold segments that a number begins, and says which segment follows them, and with
    /// which sequence.
    ///
    /// None is queued that begins with another sequence than is expected: what is missing before it
    /// is found missing at the end.
    private static func enter(
        _ position: (number: UInt64, sequence: UInt64),
        _ files: LogFiles,
        _ cold: inout [ColdScan]
    ) -> (number: UInt64, sequence: UInt64) {
        var (number, sequence) = position
        while let run = files.shelf.standing.first(where: { $0.segments.lowerBound == number }),
            run.sequences.lowerBound == sequence, let segment = files.segments[run.number]
        {
            cold.append(ColdScan(run, segment))
            number = run.segments.upperBound + 1
            sequence = run.sequences.upperBound + 1
        }
        return (number, sequence)
    }

    /// The cold segments that count.
    package var coldRuns: [ColdRun] { files.shelf.runs }
    /// Cold segments without a header that were begun before others, where no state says whether
    /// they count.
    package var passedOver: [UInt64] { files.passedOver }

    var segments: [UInt64: Segment] { files.segments }
    var headers: [UInt64: SegmentHeader] { files.headers }

    /// Bytes of the log's files from where reading stands, for whoever shows how far it is.
    package var bytesAhead: Int {
        let place = end.place
        return segments.values.reduce(0) { sum, segment in
            if segment.number < place.segment { return sum }
            let begin = segment.number == place.segment ? place.offset : 0
            return sum + max(0, segment.byteCount - begin)
        }
    }

    /// The frame at a place that was handed out.
    ///
    /// - Throws: as `Log.frame(at:)`.
    package func frame(at place: LogPlace) throws(LogError) -> Frame {
        guard let segment = segments[place.segment] else {
            throw .corrupt(place: place, sequence: 0, reason: "no such segment")
        }
        return try FrameReader(segment).frame(at: place)
    }

    /// The next whole batch, nil at the end.
    ///
    /// - Throws: `.corrupt` where a whole frame says what cannot be, or a cold segment is damaged;
    ///   `.newer`, `.newerFrame`, `.disk`.
    package func next() throws(LogError) -> ReplayedBatch? {
        guard !isDone else { return nil }
        while true {
            while !cold.isEmpty {
                if let batch = try cold[0].next() {
                    for frame in batch.frames {
                        coldIncarnation = max(coldIncarnation, frame.incarnation)
                        coldEpoch = max(coldEpoch, frame.epoch)
                    }
                    return batch
                }
                cold.removeFirst()
            }
            if let batch = try readBatch() { return batch }
            // A close frame moved the end on, or the segment ends here.
            let (number, sequence) = Self.enter(
                (current.number + 1, end.sequence),
                files,
                &cold
            )
            guard let following = headers[number], let segment = segments[number],
                following.firstSequence == sequence
            else { break }
            current = segment
            end = LogPosition(
                place: LogPlace(segment: segment.number, offset: SegmentHeader.size),
                sequence: sequence
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
            if let reason = CommitColumns.fault(in: frame) {
                throw .corrupt(place: frame.place, sequence: sequence, reason: reason)
            }
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

    /// Judges the tail, cleans it where the log may be written, and opens the log.
    ///
    /// - Throws: `.corrupt` when the damaged batch was durable, or when the log ends before what is
    ///   known of it, `.newerFrame` when what stands behind it may say so, `.disk`.
    package func finish() throws(LogError) -> Log {
        precondition(isDone, "batches are left")
        let last = segments[end.place.segment] ?? current
        let tail = LogTail(
            disk: disk,
            directory: directory,
            files: files,
            end: end,
            last: last,
            closed: closed,
            unsureOffset: unsureOffset,
            faults: limits.faults
        )
        let reached = (known?.sequence ?? 1) &- 1
        let claimed = max(durable, try tail.durableClaimedBeyond(), reached)
        try tail.checkLength()
        if end.sequence <= claimed {
            let stop = broken ?? end
            throw .corrupt(
                place: stop.place,
                sequence: stop.sequence,
                reason: "everything up to sequence \(claimed) was durable once"
            )
        }
        if access == .write {
            if !isToldOfCold { try files.syncCold(disk, directory) }
            try tail.cut()
        }
        let incarnation = max(incarnation, coldIncarnation)
        guard incarnation < .max else {
            throw .corrupt(
                place: end.place,
                sequence: end.sequence,
                reason: "no incarnation is left"
            )
        }
        let appending = Log.Tail(
            segment: last,
            offset: end.place.offset,
            sequence: end.sequence,
            groupOffset: end.place.offset,
            writtenOffset: last.writtenOffset(from: end.place.offset),
            committedSequence: end.sequence,
            sealer: vault.flatMap { vault in last.cipher.map { FrameSealer($0, vault) } }
        )
        return Log(
            disk: disk,
            directory: directory,
            identity: identity,
            limits: limits,
            vault: vault,
            epoch: max(epoch, coldEpoch),
            incarnation: incarnation &+ 1,
            segments: segments.filter { $0.key <= last.number || SegmentNumber.isCold($0.key) },
            cold: files.shelf.runs,
            leftovers: files.shelf.leftovers,
            // With the cut all was synced; a segment before the last one was when that was begun.
            telling: access == .write
                ? .max : max(claimed, (files.headers[last.number]?.firstSequence ?? 1) &- 1),
            tail: appending
        )
    }
}
