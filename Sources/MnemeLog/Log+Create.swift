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
        limits: LogLimits,
        vault: Vault? = nil
    ) throws(LogError) -> Log {
        do throws(DiskError) {
            try disk.createDirectory(directory)
        } catch {
            throw .disk(error)
        }
        let segment = try makeSegment(disk, directory, 1, byteCount: limits.smallestSegment)
        let secret = vault.map { FrameSealer.new($0, 1) }
        let header = SegmentHeader(
            identity: identity,
            number: 1,
            firstSequence: 1,
            byteCount: UInt64(segment.byteCount),
            salt: secret?.salt
        )
        if let secret { segment.encrypt(with: secret.sealer.cipher) }
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
            committedSequence: 1,
            sealer: secret?.sealer
        )
        return Log(
            disk: disk,
            directory: directory,
            identity: identity,
            limits: limits,
            vault: vault,
            epoch: 0,
            incarnation: 1,
            segments: [1: segment],
            tail: tail
        )
    }
}
