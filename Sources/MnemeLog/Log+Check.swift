// Whether the files of an open log are still those that the next opening needs.

internal import MnemeBase
internal import Synchronization

/// A segment that the next opening, or a rebuild, would miss.
package struct LostSegment: Hashable, Sendable {
    /// Its number.
    package let number: UInt64
    /// Whether there is a file of its name; its header is damaged then.
    package let hasFile: Bool
}

extension Log {
    /// The segments up to where writing stands whose files are gone, or whose headers cannot be
    /// read, in order; those that `cold` segments stand for need not be there.
    ///
    /// For any thread.
    ///
    /// - Throws: `.disk`.
    /// - Complexity: O(segments).
    package func lostSegments(beside cold: [ColdRun] = []) throws(LogError) -> [LostSegment] {
        let open = segments.withLock { $0 }
        var lost: [LostSegment] = []
        do throws(DiskError) {
            let names = Set(try disk.list(directory))
            let all = Array(1...max(writtenPlace.segment, 1)) + cold.map(\.number)
            for number in all
            where !cold.contains(where: { $0.segments.contains(number) }) {
                guard names.contains(Segment.name(number)) else {
                    lost.append(LostSegment(number: number, hasFile: false))
                    continue
                }
                guard let segment = open[number] else { continue }
                let bytes = try segment.mapping.copy(at: 0, count: SegmentHeader.size)
                if SegmentHeader(bytes) == nil {
                    lost.append(LostSegment(number: number, hasFile: true))
                }
            }
        } catch {
            throw .disk(error)
        }
        return lost
    }
}
