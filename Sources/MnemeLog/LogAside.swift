// Frames that stand beside the log: in memory alone, where places lead to that no file has. What a
// transaction changes is read from there as if it had been written, by everybody who reads frames,
// rows of vectors among them, as long as the transaction goes on. Nothing of it is ever written,
// and nothing that is written leads there.

package import MnemeBase
internal import Synchronization

extension SegmentNumber {
    /// Segments from here on are beside the log; their numbers are never used twice.
    static let asideBase: UInt64 = coldBase + (1 << 34)
}

/// Segments in memory, which end with it.
///
/// SAFETY: `pieces` is used by one thread at a time, whose frames are there before anybody else is
/// told of their places; the memory of a segment lives as long as its mapping.
package final class LogAside: @unchecked Sendable {
    /// One segment, and up to where it is filled.
    ///
    /// SAFETY: the segment's mapping keeps the memory.
    @safe private struct Piece {
        let segment: Segment
        let base: UnsafeMutableRawPointer
        var end: Int
    }

    private static let smallest = 64 << 10
    private static let largest = 1 << 20

    private let log: Log
    private var pieces: [Piece] = []

    /// A place for frames beside a log.
    package init(_ log: Log) { self.log = log }

    deinit {
        let numbers = pieces.map(\.segment.number)
        let gone = log.asides.withLock { asides in
            numbers.compactMap { asides.removeValue(forKey: $0) }
        }
        withExtendedLifetime(gone) {}
    }

    /// Adds a frame and says where it stands, in the clear.
    ///
    /// - Precondition: the content names no key, and is no larger than a frame of the log may be.
    package func append(
        _ content: FrameContent,
        sequence: UInt64,
        time: Microseconds
    ) -> LogPlace {
        precondition(content.keyID == 0, "frames beside the log are in the clear")
        if pieces.last.map({ $0.end + content.byteCount > $0.segment.byteCount }) ?? true {
            pieces.append(piece(atLeast: SegmentHeader.size + content.byteCount))
        }
        let place = LogPlace(
            segment: pieces[pieces.count - 1].segment.number,
            offset: pieces[pieces.count - 1].end
        )
        var writer = ByteWriter(capacity: content.byteCount)
        let head = FrameHead(
            content,
            sequence: sequence,
            time: time,
            epoch: log.epoch,
            incarnation: log.incarnation
        )
        _ = head.append(content, segment: place.segment, to: &writer)
        let target = unsafe pieces[pieces.count - 1].base + place.offset
        unsafe writer.bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress {
                unsafe target.copyMemory(from: start, byteCount: bytes.count)
            }
        }
        pieces[pieces.count - 1].end += writer.bytes.count
        return place
    }

    private func piece(atLeast least: Int) -> Piece {
        let usual = min(Self.largest, Self.smallest << min(pieces.count, 8))
        let count = max(least, usual)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 4096)
        nonisolated(unsafe) let kept = unsafe memory
        let mapping = unsafe Mapping(base: memory, count: count, path: "", faults: false) {
            unsafe kept.deallocate()
        }
        let number = log.asides.withLock { asides in
            let number =
                SegmentNumber.asideBase + log.asideCount.add(1, ordering: .relaxed).newValue
            asides[number] = Segment(number: number, aside: mapping)
            return number
        }
        guard let segment = log.aside(number) else { preconditionFailure("it was just made") }
        return unsafe Piece(segment: segment, base: memory, end: SegmentHeader.size)
    }
}

extension Log {
    /// A segment that is open: of the log, or beside it.
    ///
    /// For any thread.
    func known(_ number: UInt64) -> Segment? {
        if number > SegmentNumber.asideBase { return aside(number) }
        return segments.withLock { $0[number] }
    }

    fileprivate func aside(_ number: UInt64) -> Segment? { asides.withLock { $0[number] } }
}
