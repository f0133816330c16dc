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
    /// Whether packs stand in it.
    package var hasPacks = false
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
            asOf: asOf,
            hasPacks: header.hasPacks
        )
    }

    /// The whole header, both copies.
    func bytes(_ identity: LogIdentity, byteCount: Int, salt: [UInt8]?) -> [UInt8] {
        var bytes = SegmentHeader(
            identity: identity,
            number: run.number,
            firstSequence: run.sequences.lowerBound,
            byteCount: UInt64(byteCount),
            hasPacks: run.hasPacks,
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

extension Log {
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
