// What bodies of a cold segment are packed against: bytes of bodies that stand there too, behind
// its last frame, twice, as one place of a disk may not read back. It goes with the segment, so
// that it holds nothing of what the segment does not hold. Format: formats/log.md#dictionary.

internal import MnemeBase
internal import Synchronization

/// The dictionary of a cold segment.
package final class SegmentDictionary: Sendable {
    /// Its bytes; none where bodies are packed by themselves.
    package let bytes: [UInt8]

    /// At most so many bytes, so that frame and trailer end with a page of 4,096.
    package static let limit = 61_344
    /// Where the second copy begins at the latest, behind the first.
    static let room = 61_440
    /// The sequence of its frame, which no other one has.
    static let sequence: UInt64 = 0
    /// Its frame stands at a multiple of this.
    static let alignment = 4096

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Where it is to be looked for in a cold segment whose frames end at `end`, which is nil where
    /// the header cannot be read.
    static func start(end: UInt64?, byteCount: Int) -> Int {
        if let end { return aligned(Int(end)) }
        return max(alignment, aligned(byteCount - 2 * room - alignment))
    }

    static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) & ~(alignment - 1) }

    /// Where a copy stands in its segment, and what it holds.
    struct Copy {
        let bytes: Range<Int>
        let dictionary: SegmentDictionary
    }

    /// Finds the dictionary of a cold segment: the first copy that is whole.
    ///
    /// `read` gives so many bytes from an offset, nil where they cannot be read.
    ///
    /// - Returns: nil where there is none, or none of its copies is whole or opens.
    /// - Complexity: O(bytes from `start` to the file's end).
    static func find(
        in number: UInt64,
        from start: Int,
        byteCount: Int,
        isEncrypted: Bool,
        cipher: Cipher?,
        read: (Int, Int) -> [UInt8]?
    ) -> Copy? {
        if isEncrypted, cipher == nil { return nil }
        for offset in stride(from: start, to: byteCount - FrameHead.size + 1, by: alignment) {
            guard let bytes = read(offset, FrameHead.size),
                let head = Self.head(
                    bytes,
                    at: offset,
                    byteCount: byteCount,
                    isEncrypted: isEncrypted
                ),
                let whole = read(offset, Int(head.length)),
                let frame = Frame(
                    head,
                    verifying: whole,
                    place: LogPlace(segment: number, offset: offset),
                    opening: cipher
                )
            else { continue }
            return Copy(
                bytes: offset..<(offset + Int(head.length)),
                dictionary: SegmentDictionary(frame.content.body)
            )
        }
        return nil
    }

    /// What the head says that stands at an offset, where it may be that of a copy.
    private static func head(
        _ bytes: [UInt8],
        at offset: Int,
        byteCount: Int,
        isEncrypted: Bool
    ) -> FrameHead? {
        guard let head = try? FrameHead(bytes),
            head.type == LogFrameType.dictionary, head.sequence == sequence,
            head.formatVersion == FrameHead.version, head.flags == 0, head.plainCount == 0,
            head.columnCount == 0, head.vectorCount == 0, Int(head.bodyCount) <= limit,
            offset + Int(head.length) <= byteCount,
            (head.keyID == FrameHead.segmentKey) == isEncrypted
        else { return nil }
        return head
    }

    /// Where both copies stand in a cold segment of so many bytes whose frames end at `end`; nil
    /// where it has no dictionary.
    static func places(end: UInt64, byteCount: Int) -> (first: Int, second: Int)? {
        let first = aligned(Int(end))
        // They are of one length, and nothing follows.
        let room = byteCount - first
        guard room >= 2 * alignment else { return nil }
        return (first, first + aligned(room / 2))
    }

    /// Whether a whole copy stands at an offset, by its checksum: what it is enciphered with need
    /// not be known.
    ///
    /// `read` gives so many bytes from an offset, nil where they cannot be read.
    ///
    /// - Complexity: O(bytes).
    static func isWhole(
        in number: UInt64,
        at offset: Int,
        byteCount: Int,
        isEncrypted: Bool,
        read: (Int, Int) -> [UInt8]?
    ) -> Bool {
        guard let bytes = read(offset, FrameHead.size),
            let head = Self.head(
                bytes,
                at: offset,
                byteCount: byteCount,
                isEncrypted: isEncrypted
            ),
            let whole = read(offset, Int(head.length))
        else { return false }
        return Frame(head, verifying: whole, place: LogPlace(segment: number, offset: offset))
            != nil
    }
}

extension Segment {
    /// What bodies here are packed against; nil where there is none, or it cannot be read.
    ///
    /// - Complexity: O(1) once it was found.
    var dictionary: SegmentDictionary? {
        guard SegmentNumber.isCold(number) else { return nil }
        return foundDictionary.withLock { found in
            if let found { return found }
            let start = SegmentDictionary.start(end: coldHeader?.end, byteCount: byteCount)
            found = dictionaryCopy(from: start)?.dictionary
            return found
        }
    }

    private func dictionaryCopy(from start: Int) -> SegmentDictionary.Copy? {
        SegmentDictionary.find(
            in: number,
            from: start,
            byteCount: byteCount,
            isEncrypted: isEncrypted,
            cipher: cipher,
            read: { offset, count in try? mapping.copy(at: offset, count: count) }
        )
    }

    /// Where whole copies of the dictionary stand, in order.
    var dictionaryCopies: [Range<Int>] {
        guard SegmentNumber.isCold(number) else { return [] }
        var copies: [Range<Int>] = []
        var start = SegmentDictionary.start(end: coldHeader?.end, byteCount: byteCount)
        while let copy = dictionaryCopy(from: start) {
            copies.append(copy.bytes)
            start = SegmentDictionary.aligned(copy.bytes.upperBound)
        }
        return copies
    }
}

extension Log {
    /// Whether the bodies of a segment were packed when it was written: it is a cold one with a
    /// dictionary, be that empty.
    package func isPacked(_ number: UInt64) -> Bool { known(number)?.dictionary != nil }
}

extension FrameContent {
    /// Whether the body is packed against the dictionary of its segment.
    package var isPacked: Bool { flags & FrameHead.packed != 0 }

    /// Says that the body is packed against the dictionary of the segment that it is written to.
    package mutating func setPacked(_ isPacked: Bool) {
        if isPacked { flags |= FrameHead.packed } else { flags &= ~FrameHead.packed }
        dictionary = nil
    }
}

extension Frame {
    /// The frame, whose body is packed against this.
    func unpacking(with dictionary: SegmentDictionary) -> Frame {
        var content = content
        content.dictionary = dictionary
        return Frame(
            place: place,
            sequence: sequence,
            time: time,
            epoch: epoch,
            incarnation: incarnation,
            content: content,
            vectorOffset: vectorOffset
        )
    }
}
