// The files that a log goes on in are its own. A sealed segment may have a second name in a backup,
// or in a copy of the store that was made of links, as nobody writes over it. The tail must not:
// two stores would write over each other's commits. Format: formats/log.md#segment.

package import MnemeBase

extension Log {
    /// Has every segment that an opening may write stand in a file with one name: the last one with
    /// a header, and whatever comes after it.
    ///
    /// For whoever has the store's locks, before the log is opened.
    ///
    /// - Throws: `.disk`; nothing has changed then but where a copy took a place.
    package static func ownTail(_ disk: any Disk, _ directory: String) throws(LogError) {
        do throws(DiskError) {
            let temporary = directory + "/" + temporaryName
            // What an opening left that was ended.
            if try disk.isThere(temporary) { try disk.remove(temporary) }
            var hasChanged = false
            let plain = try disk.list(directory).compactMap(Segment.number)
                .filter { !SegmentNumber.isCold($0) }
            for number in plain.sorted(by: >) {
                let path = Segment.path(directory, number)
                if try disk.makeOwn(path, by: temporary) { hasChanged = true }
                if try hasHeader(disk, path) { break }
            }
            if hasChanged { try disk.syncDirectory(directory) }
        } catch {
            throw .disk(error)
        }
    }

    private static let temporaryName = "tail.new"

    private static func hasHeader(_ disk: any Disk, _ path: String) throws(DiskError) -> Bool {
        let file = try disk.open(path, .read)
        defer { try? file.close() }
        guard try file.byteCount() > SegmentHeader.size else { return false }
        return SegmentHeader(try file.read(at: 0, count: SegmentHeader.size)) != nil
    }
}
