// The checksums of segments, as whoever writes one makes them: of headers, frames, batches.
// Format: formats/log.md.

internal import MnemeBase
internal import MnemeLog

/// Makes checksums of segments match what they stand for.
enum LogSeal {
    /// Where the first frame stands.
    static let header = 4096
    /// Bytes of a frame's head.
    private static let head = 72
    private static let commit: UInt8 = 1
    private static let close: UInt8 = 2

    /// The frames of a segment as long as their lengths lead to another one, without what aligns
    /// the next.
    static func frames(in bytes: [UInt8]) -> [Range<Int>] {
        var frames: [Range<Int>] = []
        var offset = header
        while offset + head <= bytes.count {
            let length = Int(bytes.word(offset))
            guard length >= head, offset + length <= bytes.count else { break }
            frames.append(offset..<(offset + length))
            offset = (offset + length + 7) & ~7
        }
        return frames
    }

    /// Seals a segment; `isHonest`: commits name their batches, and the header of a cold one its
    /// frames.
    static func seal(_ bytes: inout [UInt8], number: UInt64, isHonest: Bool) {
        var batch: [UInt8] = []
        var count: UInt64 = 0
        var all: [UInt8] = []
        let frames = frames(in: bytes)
        for frame in frames {
            let type = bytes[frame.lowerBound + 4]
            let isCommit = type == commit
            if isCommit, isHonest, frame.count >= head + 24 {
                bytes.put(count, at: frame.lowerBound + head)
                bytes.put(Checksum.xxh3(batch), at: frame.lowerBound + head + 8)
            }
            seal(&bytes, frame, number)
            let sum = bytes[(frame.lowerBound + 64)..<(frame.lowerBound + head)]
            all += sum
            // A close frame stands outside batches.
            let isBetween = isCommit || type == close
            batch = isBetween ? [] : batch + sum
            count = isBetween ? 0 : count + 1
        }
        // A dictionary stands behind the frames, twice.
        var copy = ((frames.last?.upperBound ?? header) + header - 1) & ~(header - 1)
        while SegmentNumber.isCold(number), copy + head <= bytes.count {
            let length = Int(bytes.word(copy))
            if length >= head, copy + length <= bytes.count {
                seal(&bytes, copy..<(copy + length), number)
            }
            copy += header
        }
        sealHeader(&bytes, number, isHonest ? (frames.count, Checksum.xxh3(all), frames.last) : nil)
    }

    private static func seal(_ bytes: inout [UInt8], _ frame: Range<Int>, _ number: UInt64) {
        let start = frame.lowerBound
        let seed = number &* 0x9e37_79b9_7f4a_7c15 ^ bytes.long(start + 24)
        let first = Checksum.xxh3(Array(bytes[start..<(start + 64)]), seed: seed)
        let sum = Checksum.xxh3(Array(bytes[(start + head)..<frame.upperBound]), seed: first)
        bytes.put(sum, at: start + 64)
    }

    /// Seals the first copy of a header; a reader takes no other.
    private static func sealHeader(
        _ bytes: inout [UInt8],
        _ number: UInt64,
        _ honest: (count: Int, hash: UInt64, last: Range<Int>?)?
    ) {
        guard bytes.count >= 128 else { return }
        bytes.put(Checksum.xxh3(Array(bytes[8..<64])), at: 0)
        guard SegmentNumber.isCold(number) else { return }
        if let honest {
            bytes.put(UInt64(((honest.last?.upperBound ?? header) + 7) & ~7), at: 104)
            bytes.put(UInt64(honest.count), at: 112)
            bytes.put(honest.hash, at: 120)
        }
        bytes.put(Checksum.xxh3(Array(bytes[72..<128]), seed: number), at: 64)
    }
}
