// What somebody who copies the log needs of it while it goes on: segments that stay as they are.

internal import MnemeBase
internal import Synchronization

extension Log {
    /// Holds segments, cold ones too, so that their files stay; nil where one of them has gone, or
    /// is going, since the caller looked which there are.
    ///
    /// For any thread. What the caller needs of them must be written.
    ///
    /// - Throws: `.missing` where a segment's file is gone, or has lost its header, that the log
    ///   still counts; `.disk`.
    /// - Complexity: O(segments).
    package func hold(_ numbers: Set<UInt64>) throws(LogError) -> SegmentHold? {
        let hold = holds.hold(numbers)
        let open = segments.withLock { all in all.filter { numbers.contains($0.key) } }
        guard open.count == numbers.count else { return nil }
        var lost: [UInt64] = []
        do throws(DiskError) {
            let names = Set(try disk.list(directory))
            for (number, segment) in open {
                let bytes = try segment.mapping.copy(at: 0, count: SegmentHeader.size)
                if !names.contains(Segment.name(number)) || SegmentHeader(bytes) == nil {
                    lost.append(number)
                }
            }
        } catch {
            throw .disk(error)
        }
        guard lost.isEmpty else { throw .missing(lost.sorted().map { $0...$0 }) }
        return hold
    }

    /// Sequence and checksum of the commit or close frame that ends at a place; nil where none
    /// does.
    ///
    /// - Throws: `.newer`, `.newerFrame`, `.disk`.
    package func frame(
        endingAt place: LogPlace
    ) throws(LogError) -> (sequence: UInt64, checksum: UInt64)? {
        let offset = place.offset - FrameHead.commitSize
        guard offset >= SegmentHeader.size,
            let segment = segments.withLock({ $0[place.segment] })
        else { return nil }
        do throws(LogError) {
            let reader = FrameReader(segment)
            let head = try reader.head(at: offset)
            guard head.type < LogFrameType.firstOfCaller, head.length == FrameHead.commitSize
            else { return nil }
            _ = unsafe try reader.verified(at: offset)
            return (head.sequence, head.checksum)
        } catch {
            if case .corrupt = error { return nil }
            throw error
        }
    }

    /// The path of a segment's file.
    package func path(ofSegment number: UInt64) -> String { Segment.path(directory, number) }
}
