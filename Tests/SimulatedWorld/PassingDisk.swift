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
}
