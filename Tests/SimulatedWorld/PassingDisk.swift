// Disks and files that leave everything to others, but for what a test has them do otherwise.

package import MnemeBase

/// A disk before another one; what is not written anew is passed on.
package protocol PassingDisk: Disk {
    /// Who does it.
    var below: any Disk { get }
}

extension PassingDisk {
    package func createDirectory(_ path: String) throws(DiskError) {
        try below.createDirectory(path)
    }

    package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        try below.open(path, mode)
    }

    package func list(_ directory: String) throws(DiskError) -> [String] {
        try below.list(directory)
    }

    package func rename(_ from: String, to: String) throws(DiskError) {
        try below.rename(from, to: to)
    }

    package func remove(_ path: String) throws(DiskError) { try below.remove(path) }

    package func removeDirectory(_ path: String) throws(DiskError) {
        try below.removeDirectory(path)
    }

    package func link(_ from: String, to: String) throws(DiskError) {
        try below.link(from, to: to)
    }

    package func linkCount(_ path: String) throws(DiskError) -> Int {
        try below.linkCount(path)
    }

    package func syncDirectory(_ path: String) throws(DiskError) { try below.syncDirectory(path) }

    package func lock(_ path: String) throws(DiskError) -> any DiskLock { try below.lock(path) }

    package func lockDirectory(
        _ path: String,
        isShared: Bool
    ) throws(DiskError) -> any DiskLock {
        try below.lockDirectory(path, isShared: isShared)
    }

    package func isDirectory(_ path: String) -> Bool { below.isDirectory(path) }

    package func realPath(_ path: String) -> String { below.realPath(path) }
}

/// A file before another one; what is not written anew is passed on.
package protocol PassingFile: DiskFile {
    /// Who does it.
    var below: any DiskFile { get }
}

extension PassingFile {
    package var path: String { below.path }

    package func byteCount() throws(DiskError) -> UInt64 { try below.byteCount() }

    package func read(
        into span: inout MutableRawSpan,
        at offset: UInt64
    ) throws(DiskError) {
        try below.read(into: &span, at: offset)
    }

    package func write(_ span: RawSpan, at offset: UInt64) throws(DiskError) {
        try below.write(span, at: offset)
    }

    package func truncate(to byteCount: UInt64) throws(DiskError) {
        try below.truncate(to: byteCount)
    }

    package func reserve(_ byteCount: UInt64) throws(DiskError) -> Bool {
        try below.reserve(byteCount)
    }

    package func dataRanges(in range: Range<UInt64>) throws(DiskError) -> [Range<UInt64>] {
        try below.dataRanges(in: range)
    }

    package func sync() throws(DiskError) { try below.sync() }

    package func writeBack() throws(DiskError) { try below.writeBack() }

    package func map(at offset: UInt64, count: Int) throws(DiskError) -> Mapping {
        try below.map(at: offset, count: count)
    }

    package func close() throws(DiskError) { try below.close() }
}
