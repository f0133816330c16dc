// The end of a log, read from a sequence on while the log goes on: the plain segments in a row that
// no cold one stands for. All of the log's segments are held as long as somebody reads, so that
// places which its frames name can be looked up too. Every frame that is handed out is verified.

package import MnemeBase
internal import Synchronization

/// A batch of a stretch.
package struct StretchBatch: Sendable {
    /// Its frames, without the commit frame.
    package let frames: [Frame]
    /// The commit frame's sequence.
    package let commit: UInt64
    /// When it was committed.
    package let time: Microseconds
    /// Right behind the commit frame.
    package let end: LogPlace
}

/// Plain segments in a row, up to where writing stands.
package struct LogStretch: Sendable {
    /// Every commit behind this sequence stands in the stretch.
    package let horizon: UInt64
    /// In their order.
    private let segments: [Segment]
    /// All that are held, by their numbers.
    private let held: [UInt64: Segment]
    /// What cold segments stand for.
    private let runs: [ClosedRange<UInt64>]
    private let hold: SegmentHold

    /// The stretch with everything behind a sequence, where there is one; else the longest.
    ///
    /// - Throws: `.corrupt` when a header cannot be read.
    fileprivate init(
        _ log: Log,
        after sequence: UInt64,
        _ held: [UInt64: Segment],
        _ hold: SegmentHold
    ) throws(LogError) {
        let last = log.writtenPlace.segment
        let runs = log.cold.withLock { all in all.values.map(\.segments) }
        (self.held, self.hold, self.runs) = (held, hold, runs)
        var (segments, first): ([Segment], UInt64) = ([], .max)
        var number = last
        while number > 0, first > sequence + 1, let segment = held[number],
            !runs.contains(where: { $0.contains(number) })
        {
            guard let header = segment.header else {
                throw .corrupt(
                    place: LogPlace(segment: number, offset: 0),
                    sequence: 0,
                    reason: "the header cannot be read"
                )
            }
            segments.append(segment)
            first = header.firstSequence
            number -= 1
        }
        self.segments = segments.reversed()
        horizon = first == .max ? .max : first - 1
    }

    /// The frame at a place; nil where its segment is gone.
    ///
    /// - Throws: as `Log.frame(at:)`.
    package func frame(at place: LogPlace) throws(LogError) -> Frame? {
        guard let segment = held[place.segment] else { return nil }
        do throws(LogError) {
            return try FrameReader(segment).frame(at: place)
        } catch {
            // It may have been zeroed in part before the log was opened.
            guard case .corrupt = error,
                runs.contains(where: { $0.contains(place.segment) })
            else { throw error }
            return nil
        }
    }

    /// Goes through the commits behind a sequence, up to another one, until `body` says false.
    ///
    /// `start`: right behind the commit of that sequence, where that is known.
    ///
    /// - Throws: `.corrupt` where a frame before that end does not read back; what `body` throws.
    /// - Precondition: `sequence` is not before the horizon.
    /// - Complexity: O(bytes behind the sequence + frames before it in its segment).
    package func forEachBatch<Failure: Error>(
        after sequence: UInt64,
        from start: LogPlace? = nil,
        through last: UInt64,
        _ body: (StretchBatch) throws(Failure) -> Bool
    ) throws(LogScanError<Failure>) {
        var next = horizon + 1
        for (index, segment) in segments.enumerated() {
            var walk = StretchWalk(segment, next: next)
            if index == 0, let start, start.segment == segment.number {
                walk = StretchWalk(segment, next: sequence + 1, offset: start.offset)
            }
            while walk.next <= last {
                let batch: StretchBatch?
                do throws(LogError) {
                    batch = try walk.step(after: sequence, through: last)
                } catch {
                    throw .log(error)
                }
                guard let batch else { break }
                if batch.commit <= sequence { continue }
                do throws(Failure) {
                    guard try body(batch) else { return }
                } catch {
                    throw .body(error)
                }
            }
            next = walk.next
            if next > last { return }
        }
        let place = LogPlace(segment: segments.last?.number ?? 0, offset: 0)
        throw .log(
            .corrupt(
                place: place,
                sequence: next,
                reason: "the log ends before sequence \(last)"
            )
        )
    }
}

/// Goes along the frames of one segment.
private struct StretchWalk {
    private let segment: Segment
    private let reader: FrameReader
    /// The sequence of the next frame.
    private(set) var next: UInt64
    private var offset: Int

    init(_ segment: Segment, next: UInt64, offset: Int = SegmentHeader.size) {
        self.segment = segment
        reader = FrameReader(segment)
        self.next = next
        self.offset = offset
    }

    /// The next batch, without frames where it ends before a sequence is passed; nil at the end of
    /// the segment, and where none begins up to `last`.
    ///
    /// A log may end with a close: what was written behind it since is none of its batch.
    mutating func step(
        after sequence: UInt64,
        through last: UInt64
    ) throws(LogError) -> StretchBatch? {
        var offsets: [Int] = []
        while next <= last || !offsets.isEmpty, try reader.length(at: offset) > 0 {
            let head = try reader.head(at: offset)
            let place = offset
            guard head.sequence == next, head.length >= FrameHead.size else {
                throw .corrupt(
                    place: LogPlace(segment: segment.number, offset: place),
                    sequence: next,
                    reason: "sequence \(head.sequence) stands here"
                )
            }
            offset = FrameHead.aligned(offset + Int(head.length))
            next += 1
            switch head.type {
            case LogFrameType.close: continue
            case LogFrameType.commit:
                var frames: [Frame] = []
                if head.sequence > sequence {
                    _ = try reader.frame(at: place)
                    frames.reserveCapacity(offsets.count)
                    for offset in offsets { frames.append(try reader.frame(at: offset)) }
                }
                return StretchBatch(
                    frames: frames,
                    commit: head.sequence,
                    time: head.time,
                    end: LogPlace(segment: segment.number, offset: offset)
                )
            default: offsets.append(place)
            }
        }
        return nil
    }
}

extension Log {
    /// The end of the log from a sequence on, which must be durable or written by now.
    ///
    /// For any thread. Where its `horizon` is behind the sequence, what is missing was written
    /// again without what nobody needed.
    ///
    /// - Throws: `.corrupt` when a segment's header cannot be read.
    /// - Complexity: O(segments).
    package func stretch(after sequence: UInt64) throws(LogError) -> LogStretch {
        while true {
            let numbers = Set(segments.withLock { $0.keys })
            let hold = holds.hold(numbers)
            let held = segments.withLock { all in all.filter { numbers.contains($0.key) } }
            // One that went, or came to be written to, before it was held.
            guard held.count == numbers.count, held[writtenPlace.segment] != nil else { continue }
            return try LogStretch(self, after: sequence, held, hold)
        }
    }
}
