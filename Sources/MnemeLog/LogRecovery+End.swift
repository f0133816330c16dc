// Whether a position that a checkpoint wrote down is one that the log has: commit and close frames
// are of one size, so what ends there is looked at from behind. Format: formats/store.md#state.

internal import MnemeBase

extension LogRecovery {
    /// What ends where a checkpoint says that replay begins.
    package struct End: Sendable {
        /// The sequence of the newest commit before it, 0 when there is none; nil where a cold
        /// segment comes before, which keeps no commits.
        package var commit: UInt64?
        /// Of the frame right before it, 0 when there is none.
        package var incarnation: UInt64 = 0
        package var epoch: UInt32 = 0

        fileprivate init(commit: UInt64?, incarnation: UInt64 = 0, epoch: UInt32 = 0) {
            self.commit = commit
            self.incarnation = incarnation
            self.epoch = epoch
        }

        /// What ends there where no commit stands before.
        fileprivate init(none end: End?) {
            self = end ?? End(commit: 0)
            commit = 0
        }
    }

    /// What ends at a position; nil when no batch does whose next frame has that sequence.
    ///
    /// - Throws: as `Log.frame(at:)` but for `.corrupt`, which is nil.
    /// - Complexity: O(close frames that stand right before it); of a position that a segment
    ///   begins with, O(frames of the segment before).
    package func end(at position: LogPosition) throws(LogError) -> End? {
        do throws(LogError) {
            return try endOfFrames(position)
        } catch {
            if case .corrupt = error { return nil }
            throw error
        }
    }

    private func endOfFrames(_ position: LogPosition) throws(LogError) -> End? {
        var (number, offset) = (position.place.segment, position.place.offset)
        var sequence = position.sequence
        var end: End?
        while sequence > 0, offset % 8 == 0, let segment = segments[number] {
            let reader = FrameReader(segment)
            if offset == SegmentHeader.size {
                guard headers[number]?.firstSequence == sequence else { return nil }
                if sequence == 1 { return End(none: end) }
                number -= 1
                offset = SegmentHeader.size
                if let run = files.shelf.standing.first(where: { $0.segments.contains(number) }) {
                    let isRight =
                        run.segments.upperBound == number
                        && run.sequences.upperBound == sequence - 1
                    return isRight ? end ?? End(commit: nil) : nil
                }
                guard let before = segments[number], let first = headers[number]?.firstSequence
                else { return nil }
                for expected in first..<max(first, sequence) {
                    let head = try FrameReader(before).head(at: offset)
                    guard head.sequence == expected else { return nil }
                    offset = FrameHead.aligned(offset + Int(head.length))
                }
                continue
            }
            offset -= FrameHead.commitSize
            sequence -= 1
            let head = try reader.head(at: offset)
            guard head.sequence == sequence,
                head.type == LogFrameType.commit || head.type == LogFrameType.close
            else { return nil }
            if end == nil {
                let frame = try reader.frame(at: offset)
                end = End(commit: nil, incarnation: frame.incarnation, epoch: frame.epoch)
            }
            if head.type == LogFrameType.commit {
                end?.commit = sequence
                return end
            }
        }
        return nil
    }
}
