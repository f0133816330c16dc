// Reading frames by place. Every frame is verified as it is read.

package import MnemeBase
internal import Synchronization

extension Log {
    /// The frame at a place.
    ///
    /// - Throws: `.corrupt` when no whole frame stands there, `.newer` and `.newerFrame` when one
    ///   does that a newer program wrote, `.forged`, `.disk` when it cannot be read.
    /// - Complexity: O(bytes of the frame).
    package func frame(at place: LogPlace) throws(LogError) -> Frame {
        let segment = try segment(of: place)
        return try noting(place) { () throws(LogError) in
            try FrameReader(segment).frame(at: place)
        }
    }

    /// The segment that a place lies in.
    func segment(of place: LogPlace) throws(LogError) -> Segment {
        if let segment = known(place.segment) { return segment }
        throw .corrupt(place: place, sequence: 0, reason: "no such segment")
    }

    /// The mapping that a place lies in, for reading vectors in place.
    package func mapping(of segment: UInt64) -> Mapping? {
        known(segment)?.mapping
    }

    /// The frame at a place, also of the group that is not written yet.
    ///
    /// For the appending thread.
    ///
    /// - Throws: as `frame(at:)`.
    package func pendingOrWrittenFrame(at place: LogPlace) throws(LogError) -> Frame {
        if let pending = pendingFrame(at: place) { return pending }
        return try frame(at: place)
    }

    private func pendingFrame(at place: LogPlace) -> Frame? {
        guard place.segment == tail.segment.number, place.offset >= tail.groupOffset,
            place.offset < tail.offset
        else { return nil }
        let start = place.offset - tail.groupOffset
        let bytes = tail.group.bytes
        guard start + FrameHead.size <= bytes.count,
            let head = try? FrameHead(Array(bytes[start..<(start + FrameHead.size)])),
            head.vectorCount >= 0, Int(head.length) <= bytes.count - start
        else { return nil }
        let frame = Array(bytes[start..<(start + Int(head.length))])
        return Frame(head, verifying: frame, place: place, opening: tail.sealer?.cipher)
    }
}

/// Reads frames of one segment.
struct FrameReader {
    let segment: Segment

    init(_ segment: Segment) { self.segment = segment }

    /// The frame at an offset, verified.
    func frame(at offset: Int) throws(LogError) -> Frame { Frame(try mapped(at: offset)) }

    /// The frame at an offset, verified where it stands, and deciphered where it is enciphered.
    func mapped(at offset: Int) throws(LogError) -> MappedFrame {
        let frame = try whole(at: offset)
        guard frame.head.keyID != 0 else { return try withDictionary(frame) }
        guard let cipher = segment.cipher else {
            throw .corrupt(
                place: LogPlace(segment: segment.number, offset: 0),
                sequence: frame.sequence,
                reason: "the header, which says the segment's salt, cannot be read"
            )
        }
        guard let opened = MappedFrame(opening: frame, with: cipher) else {
            throw .forged(place: frame.place, sequence: frame.sequence)
        }
        return try withDictionary(opened)
    }

    /// A frame with what its body is packed against, where it is.
    private func withDictionary(_ frame: MappedFrame) throws(LogError) -> MappedFrame {
        guard frame.head.flags & FrameHead.packed != 0 else { return frame }
        guard let dictionary = segment.dictionary else {
            throw .corrupt(
                place: frame.place,
                sequence: frame.sequence,
                reason: "the dictionary of its segment does not read back"
            )
        }
        return frame.unpacking(with: dictionary)
    }

    /// The frame at an offset, verified as it stands: of one that is enciphered nobody can tell
    /// what it says.
    func whole(at offset: Int) throws(LogError) -> MappedFrame {
        let (head, start) = unsafe try verified(at: offset)
        return unsafe MappedFrame(
            head,
            start: start,
            mapping: segment.mapping,
            place: LogPlace(segment: segment.number, offset: offset)
        )
    }

    /// The head of the frame at an offset, which was verified, and where it stands.
    func verified(
        at offset: Int
    ) throws(LogError) -> (head: FrameHead, start: UnsafeRawPointer) {
        let head = try self.head(at: offset)
        let place = LogPlace(segment: segment.number, offset: offset)
        // Before the checksum: a newer format may have another. What may be newer is never cut.
        // There is no format 0: the head is torn.
        guard head.formatVersion > 0 else {
            throw .corrupt(
                place: place,
                sequence: head.sequence,
                reason: "no whole frame stands there"
            )
        }
        guard head.formatVersion == FrameHead.version else {
            throw .newer(path: segment.file.path, version: UInt32(head.formatVersion))
        }
        let start = unsafe try readable(at: offset, Int(head.length))
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(head.length))
        guard unsafe head.matches(bytes, segment: segment.number) else {
            throw .corrupt(place: place, sequence: head.sequence, reason: "checksum")
        }
        let isEncrypted = segment.isEncrypted
        let isCold = SegmentNumber.isCold(segment.number)
        if let what = head.unknown(isEncrypted: isEncrypted, isCold: isCold) {
            throw .newerFrame(place: place, what: what)
        }
        guard !head.isForged(isEncrypted: isEncrypted) else {
            throw .forged(place: place, sequence: head.sequence)
        }
        return unsafe (head, start)
    }

    /// The head at an offset, plausible but not verified.
    func head(at offset: Int) throws(LogError) -> FrameHead {
        let place = LogPlace(segment: segment.number, offset: offset)
        guard offset >= SegmentHeader.size, offset + FrameHead.size <= segment.byteCount else {
            throw .corrupt(place: place, sequence: 0, reason: "outside the segment")
        }
        let start = unsafe try readable(at: offset, FrameHead.size)
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: FrameHead.size)
        let head = FrameHead(unsafe bytes.bytes)
        guard head.vectorCount >= 0, offset + Int(head.length) <= segment.byteCount else {
            throw .corrupt(place: place, sequence: 0, reason: "no frame stands here")
        }
        return head
    }

    /// Bytes of the segment that can be read without a fault.
    private func readable(at offset: Int, _ count: Int) throws(LogError) -> UnsafeRawPointer {
        do throws(DiskError) {
            try segment.mapping.touch(at: offset, count: count)
            return unsafe try segment.mapping.pointer(at: offset, count: count)
        } catch {
            throw .disk(error)
        }
    }
}

extension Frame {
    /// A frame whose bytes must match their checksum, and open where they are enciphered and there
    /// is a cipher.
    init?(
        _ head: FrameHead,
        verifying bytes: [UInt8],
        place: LogPlace,
        opening cipher: Cipher? = nil
    ) {
        let frame = unsafe bytes.withUnsafeBytes { bytes -> Frame? in
            guard unsafe head.matches(bytes, segment: place.segment) else { return nil }
            guard let cipher, head.keyID == FrameHead.segmentKey else {
                return unsafe Frame(head, bytes, place: place)
            }
            return unsafe withUnsafeTemporaryAllocation(byteCount: bytes.count, alignment: 8) {
                guard let base = $0.baseAddress,
                    unsafe cipher.open(bytes, sequence: head.sequence, into: base)
                else { return nil }
                return unsafe Frame(head, UnsafeRawBufferPointer($0), place: place)
            }
        }
        guard let frame else { return nil }
        self = frame
    }

    /// A copy of a frame in the mapped log.
    init(_ frame: MappedFrame) {
        self = unsafe frame.withBytes { bytes in
            unsafe Frame(frame.head, bytes, place: frame.place, frame.dictionary)
        }
    }

    /// A frame from bytes that are known to be whole.
    init(
        _ head: FrameHead,
        _ bytes: UnsafeRawBufferPointer,
        place: LogPlace,
        _ dictionary: SegmentDictionary? = nil
    ) {
        self.place = place
        sequence = head.sequence
        time = head.time
        epoch = head.epoch
        incarnation = head.incarnation
        let columnsEnd = FrameHead.size + Int(head.columnCount)
        let bodyEnd = columnsEnd + Int(head.bodyCount)
        vectorOffset = place.offset + bodyEnd
        var content = FrameContent(
            type: head.type,
            flags: head.flags,
            schemaVersion: head.schemaVersion,
            owner: head.owner,
            keyID: head.keyID,
            columns: unsafe Array(bytes[head.columns]),
            body: unsafe Array(bytes[columnsEnd..<bodyEnd]),
            plainCount: head.plainCount,
            vectors: unsafe Array(bytes[bodyEnd..<(bodyEnd + head.vectorCount)])
        )
        content.dictionary = dictionary
        self.content = content
    }
}

extension Log {
    /// Goes through every whole batch from the first segment on, up to a commit.
    ///
    /// `cold`: they are read in the place of the segments that they stand for, in pieces, each as
    /// if it were a batch.
    ///
    /// `behind` is told the first frame after that commit, up to where writing stands, that does
    /// not read back; without it they are not read.
    ///
    /// - Throws: `.corrupt` where a frame before that commit does not read back; what `body`
    ///   throws.
    package func forEachBatch<Failure: Error>(
        through sequence: UInt64,
        cold: [ColdRun] = [],
        behind: ((LogError) -> Void)? = nil,
        _ body: (ReplayedBatch) throws(Failure) -> Void
    ) throws(LogScanError<Failure>) {
        // Before the segments are looked up: what is written stands in them.
        let end = writtenPlace
        let all = segments.withLock { all in
            all.values.filter { !SegmentNumber.isCold($0.number) }
                .sorted { $0.number < $1.number }
        }
        let pieces = cold.compactMap { run in
            segments.withLock { $0[run.number] }.map { ColdScan(run, $0) }
        }
        var scan: BatchScan?
        while true {
            let next: ReplayedBatch?
            do throws(LogError) {
                if scan == nil { scan = try BatchScan(segments: all, cold: pieces) }
                next = try scan?.next(through: sequence)
            } catch {
                throw .log(error)
            }
            guard let next else { break }
            do throws(Failure) {
                try body(next)
            } catch {
                throw .body(error)
            }
        }
        guard let behind else { return }
        do throws(LogError) {
            try scan?.readOn(to: end)
        } catch {
            switch error {
            case .corrupt, .forged: behind(error)
            default: throw .log(error)
            }
        }
    }
}

/// Why a scan ended.
package enum LogScanError<Failure: Error>: Error {
    case log(LogError)
    case body(Failure)
}

/// Reads batches of segments that are known to be whole up to a commit.
private struct BatchScan {
    private let segments: [Segment]
    private var cold: [ColdScan]
    private var index = 0
    private var offset = SegmentHeader.size
    /// Where the segment before ended.
    private var offsetBefore = 0
    private var reached: UInt64 = 0

    /// Starts with the first frame of the first segment.
    init(segments: [Segment], cold: [ColdScan]) throws(LogError) {
        let runs = cold.map(\.run.segments)
        self.segments = segments.filter { segment in
            !runs.contains { $0.contains(segment.number) }
        }
        self.cold = cold.sorted { $0.run.segments.lowerBound < $1.run.segments.lowerBound }
        let present = self.segments.map { $0.number...$0.number } + runs
        let last = present.map(\.upperBound).max() ?? 1
        let gaps = Segment.gaps(in: present, from: 1, through: last)
        if !gaps.isEmpty { throw .missing(gaps) }
    }

    /// The next piece of the cold segment that comes next, where one does.
    private mutating func nextCold() throws(LogError) -> ReplayedBatch? {
        while let run = cold.first?.run,
            index >= segments.count || run.segments.upperBound < segments[index].number
        {
            guard run.sequences.lowerBound == reached &+ 1 else {
                let before = index > 0 ? segments[index - 1].number : run.number
                throw .corrupt(
                    place: LogPlace(segment: before, offset: index > 0 ? offsetBefore : 0),
                    sequence: reached &+ 1,
                    reason: "the segment ends before sequence \(run.sequences.lowerBound)"
                )
            }
            if let batch = try cold[0].next() { return batch }
            reached = run.sequences.upperBound
            cold.removeFirst()
        }
        return nil
    }

    mutating func next(through last: UInt64) throws(LogError) -> ReplayedBatch? {
        var frames: [Frame] = []
        if let batch = try nextCold() { return batch }
        while reached < last, index < segments.count {
            guard let frame = try step() else {
                if let batch = try nextCold() { return batch }
                continue
            }
            switch frame.content.type {
            case LogFrameType.commit:
                let end = LogPosition(
                    place: LogPlace(segment: segments[index].number, offset: offset),
                    sequence: frame.sequence + 1
                )
                return ReplayedBatch(
                    frames: frames,
                    sequence: frame.sequence,
                    time: frame.time,
                    end: end
                )
            case LogFrameType.close: break
            default: frames.append(frame)
            }
        }
        guard reached >= last else {
            throw .corrupt(
                place: LogPlace(segment: segments.last?.number ?? 0, offset: 0),
                sequence: reached + 1,
                reason: "the log ends before sequence \(last)"
            )
        }
        return nil
    }

    /// Reads on to a place that a frame ends at, without handing anything out.
    mutating func readOn(to end: LogPlace) throws(LogError) {
        while index < segments.count,
            LogPlace(segment: segments[index].number, offset: offset) < end
        {
            let number = segments[index].number
            guard try step() == nil else { continue }
            guard number < end.segment else {
                throw .corrupt(
                    place: LogPlace(segment: number, offset: offsetBefore),
                    sequence: reached &+ 1,
                    reason: "no frame stands here"
                )
            }
            while try nextCold() != nil {}
        }
    }

    /// The frame at the offset; nil where the segment ends there, and the next one is begun.
    private mutating func step() throws(LogError) -> Frame? {
        let reader = FrameReader(segments[index])
        // A length of zero is what no frame was ever written over.
        guard try reader.length(at: offset) > 0 else {
            index += 1
            offsetBefore = offset
            offset = SegmentHeader.size
            return nil
        }
        let frame = try expectedFrame(reader)
        guard frame.sequence == reached &+ 1 else {
            throw .corrupt(
                place: frame.place,
                sequence: reached &+ 1,
                reason: "sequence \(frame.sequence) stands here"
            )
        }
        if let reason = CommitColumns.fault(in: frame) {
            throw .corrupt(place: frame.place, sequence: frame.sequence, reason: reason)
        }
        offset = FrameHead.aligned(offset + frame.byteCount)
        reached = frame.sequence
        return frame
    }

    /// The frame at the offset; a damaged one is named by the sequence that is expected, and not by
    /// what its own bytes say.
    private func expectedFrame(_ reader: FrameReader) throws(LogError) -> Frame {
        do throws(LogError) {
            return try reader.frame(at: offset)
        } catch {
            guard case .corrupt(let place, _, let reason) = error else { throw error }
            throw .corrupt(place: place, sequence: reached &+ 1, reason: reason)
        }
    }
}

extension FrameReader {
    /// The length that stands at an offset, 0 at the segment's end.
    func length(at offset: Int) throws(LogError) -> UInt32 {
        guard offset + FrameHead.size <= segment.byteCount else { return 0 }
        do throws(DiskError) {
            var reader = ByteReader(try segment.mapping.copy(at: offset, count: 4))
            return (try? reader.get(UInt32.self)) ?? 0
        } catch {
            throw .disk(error)
        }
    }
}
