// Reading segments that no open log has, from the first frame on: those of a backup. Nothing is
// believed that is not checked: header, sequences, checksums, batches. Format: formats/log.md.

package import MnemeBase

/// A segment's file, opened to be read.
package struct SegmentFile {
    let segment: Segment
    /// Its number.
    package let number: UInt64
    /// The sequence of its first frame.
    package let firstSequence: UInt64
    /// How long it was when it was made, at most 128 MiB.
    package let madeByteCount: Int
    /// How long it is.
    package var byteCount: Int { segment.byteCount }

    /// The most bytes that places can address.
    private static let largest = 128 << 20

    /// Opens a segment's file and reads its header.
    ///
    /// - Throws: `.corrupt` without a header, `.foreign` where it is of another store or number,
    ///   `.newer`, `.disk`.
    package init(
        _ disk: any Disk,
        path: String,
        number: UInt64,
        identity: LogIdentity
    ) throws(LogError) {
        let bytes: [UInt8]
        do throws(DiskError) {
            let file = try disk.open(path, .read)
            let count = try file.byteCount()
            guard count >= SegmentHeader.size, count <= Self.largest else {
                throw .short(path: path, offset: count)
            }
            segment = try Segment(number: number, file: file)
            bytes = try segment.mapping.copy(at: 0, count: SegmentHeader.size)
            // The mapping stays.
            try file.close()
        } catch {
            throw .disk(error)
        }
        let place = LogPlace(segment: number, offset: 0)
        guard let header = SegmentHeader(bytes) else {
            throw .corrupt(place: place, sequence: 0, reason: "no header")
        }
        guard header.isKnown else {
            throw .newer(path: path, version: header.version)
        }
        guard header.identityHigh == identity.high, header.identityLow == identity.low,
            header.number == number
        else { throw .foreign(path: path) }
        guard let made = Int(exactly: header.byteCount), made <= Self.largest,
            header.firstSequence > 0
        else { throw .corrupt(place: place, sequence: 0, reason: "a header that cannot be") }
        // Nobody looks into its frames.
        if header.salt != nil { segment.encrypt(with: nil) }
        self.number = number
        firstSequence = header.firstSequence
        madeByteCount = made
    }
}

/// What a walk along frames has met so far.
package struct BackupWalk: Sendable {
    /// The sequence of the next frame.
    package private(set) var next: UInt64
    /// The highest of all frames.
    package private(set) var incarnation: UInt64 = 0
    package private(set) var epoch: UInt32 = 0
    /// Sequence and time of the last commit, 0 when there was none.
    package private(set) var commit: UInt64 = 0
    package private(set) var time: Microseconds = 0
    /// The checksum of the last commit or close frame, 0 when there was none.
    package private(set) var checksum: UInt64 = 0
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
        /// Right behind the frame.
        package let end: LogPlace
    }

    /// A walk that is to begin with a segment's first frame.
    package init(from segment: SegmentFile) {
        next = segment.firstSequence
        end = LogPlace(segment: segment.number, offset: SegmentHeader.size)
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
            guard head.sequence == next, head.incarnation >= incarnation else {
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
                        ? said.hash == Checksum.xxh3(hashes.bytes) : count == 0
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
        epoch = max(epoch, head.epoch)
        if head.type == LogFrameType.commit { (commit, time) = (head.sequence, head.time) }
        checksum = head.checksum
        end = place
    }
}
