// Making a log: a directory and its first segment, whose header is durable before anything else is.
// Format: formats/log.md#segment.

package import MnemeBase

extension Log {
    /// Makes an empty log: a directory and its first segment, durable but for the directory's own
    /// name, which is the caller's to sync.
    ///
    /// - Throws: `.disk`.
    package static func create(
        _ disk: any Disk,
        directory: String,
        identity: LogIdentity,
        limits: LogLimits
    ) throws(LogError) -> Log {
        do throws(DiskError) {
            try disk.createDirectory(directory)
        } catch {
            throw .disk(error)
        }
        let segment = try makeSegment(disk, directory, 1, byteCount: limits.smallestSegment)
        let header = SegmentHeader(
            identity: identity,
            number: 1,
            firstSequence: 1,
            byteCount: UInt64(segment.byteCount)
        )
        do throws(DiskError) {
            try segment.file.write(header.bytes, at: 0)
            try segment.file.sync()
        } catch {
            throw .disk(error)
        }
        let tail = Tail(
            segment: segment,
            offset: SegmentHeader.size,
            sequence: 1,
            groupOffset: SegmentHeader.size,
            writtenOffset: segment.writtenOffset(from: SegmentHeader.size),
            committedSequence: 1
        )
        return Log(
            disk: disk,
            directory: directory,
            identity: identity,
            limits: limits,
            epoch: 0,
            incarnation: 1,
            segments: [1: segment],
            tail: tail
        )
    }
}
