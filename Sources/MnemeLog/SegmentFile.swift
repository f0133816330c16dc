// The files of segments that no open log has: those of a backup, or of a store that somebody else
// may have open. Nothing is believed that is not checked. Format: formats/log.md.

package import MnemeBase

/// A segment's file, opened to be read.
package struct SegmentFile {
    let segment: Segment
    /// Its number, as it stands in places.
    package let number: UInt64
    /// The sequence of its first frame; of a cold one, of the first frame that it stands for.
    package let firstSequence: UInt64
    /// How long it was when it was made, at most 128 MiB.
    package let madeByteCount: Int
    /// What a cold segment stands for; nil of another one.
    package var run: ColdRun? { cold?.run }
    /// Of a cold segment, XXH3 over its frames' checksums; 0 of another one.
    package var hash: UInt64 { cold?.hash ?? 0 }
    let cold: ColdHeader?
    /// How long it is.
    package var byteCount: Int { segment.byteCount }

    /// The most bytes that places can address.
    private static let largest = 128 << 20

    /// Opens a segment's file and reads its header.
    ///
    /// `vault`: what an encrypted one is enciphered with, for who looks into frames.
    ///
    /// - Throws: `.corrupt` without a header, `.foreign` where it is of another store or number,
    ///   `.newer`, `.disk`.
    package init(
        _ disk: any Disk,
        path: String,
        number: UInt64,
        identity: LogIdentity,
        vault: Vault? = nil
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
        cold =
            SegmentNumber.isCold(number)
            ? ColdHeader(bytes, header, byteCount: segment.byteCount) : nil
        if SegmentNumber.isCold(number), cold == nil {
            throw .corrupt(place: place, sequence: 0, reason: "no header of a cold segment")
        }
        if let salt = header.salt { segment.encrypt(with: vault?.segment(number, salt: salt)) }
        self.number = number
        firstSequence = header.firstSequence
        madeByteCount = made
    }

    /// Hands out every whole frame, in order, up to the first that is none.
    ///
    /// - Returns: whether nothing stands behind the last one.
    /// - Throws: `.newer`, `.newerFrame`, `.disk`, and what `visit` does.
    /// - Complexity: O(bytes).
    package func forEachFrame(
        _ visit: (MappedFrame) throws(LogError) -> Void
    ) throws(LogError) -> Bool {
        let reader = FrameReader(segment)
        var (offset, count) = (SegmentHeader.size, UInt64(0))
        let end = cold.map { Int($0.end) } ?? segment.byteCount
        while offset < end {
            let frame: MappedFrame
            do throws(LogError) {
                if try reader.length(at: offset) == 0 { break }
                frame = try reader.mapped(at: offset)
            } catch {
                guard case .corrupt = error else { throw error }
                return false
            }
            if frame.type == LogFrameType.pack {
                let frames: [Frame]
                do throws(LogError) {
                    frames = try frame.unpacked()
                } catch {
                    guard case .corrupt = error else { throw error }
                    return false
                }
                for frame in frames { try visit(MappedFrame(unpacked: frame)) }
            } else {
                try visit(frame)
            }
            offset = FrameHead.aligned(offset + Int(frame.head.length))
            count += 1
        }
        return cold.map { $0.count == count } ?? true
    }
}

extension SegmentNumber {
    /// The number of a segment's file, as it stands in places; nil for names that no segment has.
    package static func number(ofFile name: String) -> UInt64? { Segment.number(name) }
    /// The first number that no plain segment has.
    package static let limit = coldBase
}
