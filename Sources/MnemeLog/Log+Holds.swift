// What somebody who copies the log needs of it while it goes on: segments that stay as they are.

internal import Synchronization

extension Log {
    /// Holds the segments from one through that of a place, so that their files stay.
    ///
    /// For any thread. What stands before the place must be written.
    ///
    /// - Throws: `.missing` where a file is gone already or has lost its header, `.disk`.
    /// - Complexity: O(segments).
    package func hold(from first: UInt64, through end: LogPlace) throws(LogError) -> SegmentHold {
        let last = end.segment
        let hold = holds.hold(first...max(first, last))
        let lost = try lostSegments().map(\.number).filter { $0 >= first && $0 <= last }
        guard lost.isEmpty else { throw .missing(lost.map { $0...$0 }) }
        return hold
    }

    /// The path of a segment's file.
    package func path(ofSegment number: UInt64) -> String { Segment.path(directory, number) }
}
