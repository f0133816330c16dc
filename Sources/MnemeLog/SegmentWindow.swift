// A piece of a segment's file in memory, moved along by plain reads: what cannot be read stands as
// zeros and is noted, and no mapping can fault.

internal import MnemeBase

/// The bytes around where a reader of a whole file stands.
struct SegmentWindow {
    /// Bytes of one read.
    static let piece = 1 << 20
    /// Bytes of one read where a larger one failed.
    private static let block = 4096

    private let file: any DiskFile
    /// The file's bytes, as far as places reach.
    let byteCount: Int
    private(set) var start: Int
    private var bytes: [UInt8] = []
    /// What could not be read.
    private(set) var unreadable: [Range<Int>] = []
    /// All that was read so far.
    private(set) var bytesRead = 0

    init(_ file: any DiskFile, byteCount: Int, from start: Int) {
        self.file = file
        self.byteCount = byteCount
        self.start = start
    }

    private var end: Int { start + bytes.count }

    /// Whether the file goes on for `count` bytes from `offset`.
    func fits(_ offset: Int, _ count: Int) -> Bool {
        offset >= start && count <= byteCount - offset
    }

    /// Whether bytes are in memory.
    func holds(_ offset: Int, _ count: Int) -> Bool { offset >= start && offset + count <= end }

    /// Reads the next piece; what stands before `offset` is given up.
    mutating func readOn(keepingFrom offset: Int) {
        if offset > start {
            bytes.removeFirst(min(offset - start, bytes.count))
            start = offset
        }
        let from = end
        let count = min(Self.piece, byteCount - from)
        guard count > 0 else { return }
        bytesRead += count
        if let read = try? file.read(at: UInt64(from), count: count) {
            bytes += read
            return
        }
        for block in stride(from: from, to: from + count, by: Self.block) {
            let length = min(Self.block, from + count - block)
            if let read = try? file.read(at: UInt64(block), count: length) {
                bytes += read
            } else {
                bytes += [UInt8](repeating: 0, count: length)
                note(unreadable: block..<(block + length))
            }
        }
    }

    private mutating func note(unreadable range: Range<Int>) {
        if let last = unreadable.last, last.upperBound == range.lowerBound {
            unreadable[unreadable.count - 1] = last.lowerBound..<range.upperBound
        } else {
            unreadable.append(range)
        }
    }

    /// Bytes that are in memory.
    func copy(_ offset: Int, _ count: Int) -> [UInt8] {
        Array(bytes[(offset - start)..<(offset - start + count)])
    }

    /// The head that stands at an offset.
    ///
    /// - Precondition: its bytes are in memory.
    func head(at offset: Int) -> FrameHead {
        let span = unsafe bytes.span.bytes
        return FrameHead(span.extracting((offset - start)..<(offset - start + 72)))
    }

    /// Whether the 8 bytes at an offset are all zero.
    ///
    /// - Precondition: they are in memory.
    func isZero(at offset: Int) -> Bool {
        let span = unsafe bytes.span.bytes
        return unsafe span.unsafeLoadUnaligned(
            fromByteOffset: offset - start,
            as: UInt64.self
        ) == 0
    }

    /// The first multiple of 8 from `offset` on, a multiple of 8 itself, where a word that is not
    /// zero stands; where the memory ends when there is none.
    func firstNonzero(from offset: Int) -> Int {
        var offset = offset
        while offset + 8 <= end, isZero(at: offset) { offset += 8 }
        return offset
    }
}
