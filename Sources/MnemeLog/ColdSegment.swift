// Cold segments: what is still needed of a run of segments, written again. One is made beside the
// log, in slices, and becomes part of it when its header is durable; it never changes afterwards.
// Format: formats/log.md#cold-segments.

package import MnemeBase
internal import Synchronization

/// Numbers of segments, and which of them are cold.
package enum SegmentNumber {
    /// What a cold segment's number has more.
    static let coldBase: UInt64 = 1 << 35
    /// Sequences are below this: no log comes that far, and what is counted on from one that a file
    /// says does not overflow.
    package static let sequenceLimit: UInt64 = 1 << 62

    /// Whether a number, as it stands in places, is a cold segment's.
    package static func isCold(_ number: UInt64) -> Bool { number > coldBase }
}

/// Which segments a cold one stands for.
package struct ColdRun: Hashable, Sendable {
    /// The cold segment's number, as it stands in places.
    package let number: UInt64
    /// The segments that it stands for.
    package let segments: ClosedRange<UInt64>
    /// The sequences of their frames.
    package let sequences: ClosedRange<UInt64>
    /// The commit as of which frames were judged.
    package let asOf: UInt64
}

/// The header of a cold segment.
struct ColdHeader {
    static let partOffset = 64

    let run: ColdRun
    /// Where the last frame ends.
    let end: UInt64
    let count: UInt64
    /// XXH3 over the frames' checksums.
    let hash: UInt64

    init(run: ColdRun, end: UInt64, count: UInt64, hash: UInt64) {
        self.run = run
        self.end = end
        self.count = count
        self.hash = hash
    }

    /// Reads what stands behind either copy of a segment's header; nil when both are damaged or say
    /// what cannot be.
    init?(_ bytes: [UInt8], _ header: SegmentHeader, byteCount: Int) {
        for copy in [0, SegmentHeader.copy] where bytes.count >= copy + 128 {
            let part = Array(bytes[(copy + Self.partOffset)..<(copy + 128)])
            if let read = try? ColdHeader(part: part, header, byteCount: byteCount) {
                self = read
                return
            }
        }
        return nil
    }

    private init(part: [UInt8], _ header: SegmentHeader, byteCount: Int) throws(BytesError) {
        var reader = ByteReader(part)
        let checksum: UInt64 = try reader.get()
        guard checksum == Checksum.xxh3(Array(part.dropFirst(8)), seed: header.number) else {
            throw .malformed(offset: 0)
        }
        let (first, last): (UInt64, UInt64) = (try reader.get(), try reader.get())
        let lastSequence: UInt64 = try reader.get()
        let asOf: UInt64 = try reader.get()
        end = try reader.get()
        count = try reader.get()
        hash = try reader.get()
        guard first > 0, first <= last, last < SegmentNumber.coldBase,
            header.firstSequence > 0, header.firstSequence <= lastSequence, lastSequence <= asOf,
            asOf < SegmentNumber.sequenceLimit,
            end >= UInt64(SegmentHeader.size), end <= UInt64(byteCount), end % 8 == 0
        else { throw .malformed(offset: 8) }
        run = ColdRun(
            number: header.number,
            segments: first...last,
            sequences: header.firstSequence...lastSequence,
            asOf: asOf
        )
    }

    /// The whole header, both copies.
    func bytes(_ identity: LogIdentity, byteCount: Int, salt: [UInt8]?) -> [UInt8] {
        var bytes = SegmentHeader(
            identity: identity,
            number: run.number,
            firstSequence: run.sequences.lowerBound,
            byteCount: UInt64(byteCount),
            salt: salt
        ).bytes
        var body = ByteWriter(capacity: 56)
        body.put(run.segments.lowerBound)
        body.put(run.segments.upperBound)
        body.put(run.sequences.upperBound)
        body.put(run.asOf)
        body.put(end)
        body.put(count)
        body.put(hash)
        var part = ByteWriter(capacity: 64)
        part.put(Checksum.xxh3(body.bytes, seed: run.number))
        part.put(body.bytes)
        for copy in [0, SegmentHeader.copy] {
            bytes.replaceSubrange((copy + Self.partOffset)..<(copy + 128), with: part.bytes)
        }
        return bytes
    }
}

extension Segment {
    /// What the header of a cold segment says; nil when it is damaged, or has not been written.
    var coldHeader: ColdHeader? {
        guard let bytes = try? mapping.copy(at: 0, count: SegmentHeader.size),
            let header = SegmentHeader(bytes)
        else { return nil }
        return ColdHeader(bytes, header, byteCount: byteCount)
    }
}

/// Writes one cold segment.
///
/// One thread at a time; the log goes on meanwhile.
package final class ColdWriter {
    private let log: Log
    package let run: ColdRun
    private let path: String
    private let file: any DiskFile
    private var pending = ByteWriter()
    private var written = SegmentHeader.size
    private var hashes = ByteWriter()
    private var count: UInt64 = 0
    private let secret: (salt: [UInt8], sealer: FrameSealer)?

    fileprivate init(_ log: Log, _ run: ColdRun) throws(LogError) {
        self.log = log
        self.run = run
        path = Segment.path(log.directory, run.number)
        secret = log.newSealer(run.number)
        do throws(DiskError) {
            file = try log.disk.open(path, .create)
        } catch {
            throw .disk(error)
        }
    }

    /// The bytes that the file has so far.
    package var byteCount: Int { written + pending.bytes.count }
    /// The bytes that were added since `flush`.
    package var pendingCount: Int { pending.bytes.count }

    /// Adds a frame as it stands in the log, and says where it will stand.
    ///
    /// - Precondition: frames come in the order of their sequences.
    ///
    /// `content`: what it carries there, where its body is packed otherwise.
    package func add(_ frame: Frame, _ content: FrameContent? = nil) -> LogPlace {
        let content = content ?? frame.content
        let head = FrameHead(
            content,
            sequence: frame.sequence,
            time: frame.time,
            epoch: frame.epoch,
            incarnation: frame.incarnation
        )
        let place = LogPlace(segment: run.number, offset: byteCount)
        put(head, content)
        return place
    }

    private func put(_ head: FrameHead, _ content: FrameContent) {
        let number = run.number
        hashes.put(head.append(content, segment: number, sealing: secret?.sealer, to: &pending))
        count += 1
    }

    /// Adds the last frame, which stands for what is gone.
    package func end(_ content: FrameContent, time: Microseconds) {
        var content = content
        content.keyID = log.keyID
        let head = FrameHead(
            content,
            sequence: run.sequences.upperBound,
            time: time,
            epoch: log.epoch,
            incarnation: log.incarnation
        )
        put(head, content)
    }

    /// Bytes that are written in one piece.
    private static let part = 64 << 10

    /// Writes what was added.
    ///
    /// `pause` is called between pieces, with their bytes, for whoever would rest there.
    /// - Throws: `.disk`.
    package func flush(pause: (Int) -> Void = { _ in }) throws(LogError) {
        do throws(DiskError) {
            let bytes = pending.bytes
            for start in stride(from: 0, to: bytes.count, by: Self.part) {
                let end = min(start + Self.part, bytes.count)
                try file.write(
                    unsafe bytes.span.bytes.extracting(start..<end),
                    at: UInt64(written + start)
                )
                try file.writeBack()
                pause(end - start)
            }
        } catch {
            throw .disk(error)
        }
        written += pending.bytes.count
        pending.bytes.removeAll(keepingCapacity: true)
    }

    /// Adds the dictionary behind the last frame, twice.
    private func put(_ dictionary: [UInt8]) {
        let content = FrameContent(
            type: LogFrameType.dictionary,
            keyID: log.keyID,
            body: dictionary
        )
        let head = FrameHead(
            content,
            sequence: SegmentDictionary.sequence,
            time: 0,
            epoch: log.epoch,
            incarnation: log.incarnation
        )
        for _ in 0..<2 {
            let gap = SegmentDictionary.aligned(byteCount) - byteCount
            pending.put([UInt8](repeating: 0, count: gap))
            _ = head.append(content, segment: run.number, sealing: secret?.sealer, to: &pending)
        }
    }

    /// Makes it durable and part of the log: from now on its places can be read.
    ///
    /// `dictionary`: what bodies are packed against; nil where none is.
    ///
    /// - Throws: `.disk`; the file is removed then.
    /// - Precondition: the dictionary is not longer than its limit.
    package func seal(dictionary: [UInt8]? = nil) throws(LogError) {
        do throws(LogError) {
            let end = byteCount
            if let dictionary { put(dictionary) }
            try flush()
            let header = ColdHeader(
                run: run,
                end: UInt64(end),
                count: count,
                hash: Checksum.xxh3(hashes.bytes)
            )
            do throws(DiskError) {
                // A mapping has whole pages.
                let length = (written + 4095) & ~4095
                try file.truncate(to: UInt64(length))
                try file.sync()
                let bytes = header.bytes(log.identity, byteCount: length, salt: secret?.salt)
                try file.write(bytes, at: 0)
                try file.sync()
                try log.disk.syncDirectory(log.directory)
                let segment = try Segment(number: run.number, file: file)
                if let secret { segment.encrypt(with: secret.sealer.cipher) }
                log.segments.withLock { $0[run.number] = segment }
                log.cold.withLock { $0[run.number] = run }
            } catch {
                throw .disk(error)
            }
        } catch {
            abandon()
            throw error
        }
    }

    /// Gives it up.
    package func abandon() { try? log.disk.remove(path) }
}

extension Log {
    /// Begins the cold segment that is to stand for a run of segments.
    ///
    /// `asOf`: the last change of the state that judges; `end`: the last durable frame, which may
    /// be one of the log itself.
    ///
    /// - Throws: `.disk`; `.corrupt` when a header at either end of the run cannot be read.
    /// - Precondition: every one of them is sealed: the log has gone on in a later one.
    package func coldWriter(
        for run: ClosedRange<UInt64>,
        asOf: UInt64,
        end: UInt64
    ) throws(LogError) -> ColdWriter {
        // Of those that are gone nothing durable names any.
        let known = cold.withLock { Array($0.keys) } + leftovers.withLock { $0 }
        let number = max(known.max() ?? 0, SegmentNumber.coldBase) + 1
        let first = try firstSequence(of: run.lowerBound)
        let next = try firstSequence(of: run.upperBound + 1)
        guard first < next, next - 1 <= end else {
            throw .corrupt(
                place: LogPlace(segment: run.upperBound + 1, offset: 0),
                sequence: next,
                reason: "segments do not follow each other"
            )
        }
        try? disk.remove(Segment.path(directory, number))
        return try ColdWriter(
            self,
            ColdRun(
                number: number,
                segments: run,
                sequences: first...(next - 1),
                asOf: max(asOf, next - 1)
            )
        )
    }

    /// The first sequence of a segment, or of the cold one that begins with it.
    ///
    /// - Throws: `.corrupt` when the header cannot be read.
    package func firstSequence(of number: UInt64) throws(LogError) -> UInt64 {
        if let segment = segments.withLock({ $0[number] }), let header = segment.header {
            return header.firstSequence
        }
        let begins = cold.withLock { $0.values.first { $0.segments.lowerBound == number } }
        if let begins { return begins.sequences.lowerBound }
        throw .corrupt(
            place: LogPlace(segment: number, offset: 0),
            sequence: 0,
            reason: "the header cannot be read"
        )
    }

    /// When the first frame of a segment, or of the cold one that begins with it, was committed;
    /// nil where none can be read.
    package func firstTime(of number: UInt64) -> Microseconds? {
        let begins = cold.withLock { $0.values.first { $0.segments.lowerBound == number } }
        guard let segment = segments.withLock({ $0[begins?.number ?? number] }),
            let head = try? FrameReader(segment).head(at: SegmentHeader.size), head.time > 0
        else { return nil }
        return head.time
    }

    /// The last sequence of a sealed segment, or of a cold one whose last segment this is.
    ///
    /// - Throws: `.corrupt` when the header of the one that follows cannot be read.
    package func lastSequence(of number: UInt64) throws(LogError) -> UInt64 {
        try firstSequence(of: number + 1) &- 1
    }

    /// Whether a sealed segment that is not cold has no frame, as the batch was too large for it.
    package func isEmpty(_ number: UInt64) -> Bool {
        guard let first = try? firstSequence(of: number),
            let next = try? firstSequence(of: number + 1)
        else { return false }
        return first == next
    }

    /// The bytes of a segment's file; of one that is not there, 0.
    package func byteCount(of number: UInt64) -> Int {
        segments.withLock { $0[number]?.byteCount ?? 0 }
    }

    /// The numbers of all segments that the log has gone on from, ascending, cold ones last.
    package var sealedSegments: [UInt64] {
        let end = writtenPlace.segment
        return segments.withLock { $0.keys.sorted() }
            .filter { $0 < end || SegmentNumber.isCold($0) }
    }

    /// The run that a cold segment stands for.
    package func coldRun(_ number: UInt64) -> ColdRun? { cold.withLock { $0[number] } }

    /// Whether files are there that counted for nothing when the log was opened.
    package var hasLeftovers: Bool { leftovers.withLock { !$0.isEmpty } }

    /// Removes one of the files that counted for nothing when the log was opened.
    ///
    /// A root block from before may need them until another checkpoint has taken its place.
    ///
    /// - Returns: false where there are none.
    /// - Throws: `.disk`; what was not removed is when it is called again.
    package func removeLeftover() throws(LogError) -> Bool {
        guard let number = leftovers.withLock({ $0.first }) else { return false }
        let path = Segment.path(directory, number)
        do throws(DiskError) {
            if disk.holds(path) { try Self.remove(disk, path) }
            try disk.syncDirectory(directory)
        } catch {
            throw .disk(error)
        }
        leftovers.withLock { $0.removeAll { $0 == number } }
        return true
    }
}
