// A disk for whoever has locked a directory. Its files are reached by their paths, and a path may
// come to lead to another directory: one that took the place of the first, or to which a link was
// turned. Nothing is looked for, made, renamed or removed there: it is somebody else's.

internal import Glibc

/// A disk that refuses everything by name once the lock's own name leads elsewhere.
///
/// What is open stays open, and is of the directory that was locked.
package struct GuardedDisk: Disk {
    /// The call that its refusals name.
    package static let call = "look for the locked directory"

    private let below: any Disk
    private let directory: String
    private let lock: any DiskLock

    /// A disk before another one, for the files of a directory.
    package init(_ below: any Disk, _ directory: String, _ lock: any DiskLock) {
        self.below = below
        self.directory = directory
        self.lock = lock
    }

    private func check() throws(DiskError) {
        guard !lock.isInPlace else { return }
        throw .failed(call: Self.call, path: directory, code: ESTALE)
    }

    package func createDirectory(_ path: String) throws(DiskError) {
        try check()
        try below.createDirectory(path)
    }

    package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        try check()
        return try below.open(path, mode)
    }

    package func list(_ directory: String) throws(DiskError) -> [String] {
        try check()
        return try below.list(directory)
    }

    package func rename(_ from: String, to: String) throws(DiskError) {
        try check()
        try below.rename(from, to: to)
    }

    package func remove(_ path: String) throws(DiskError) {
        try check()
        try below.remove(path)
    }

    package func removeDirectory(_ path: String) throws(DiskError) {
        try check()
        try below.removeDirectory(path)
    }

    package func link(_ from: String, to: String) throws(DiskError) {
        try check()
        try below.link(from, to: to)
    }

    package func linkCount(_ path: String) throws(DiskError) -> Int {
        try check()
        return try below.linkCount(path)
    }

    package func syncDirectory(_ path: String) throws(DiskError) {
        try check()
        try below.syncDirectory(path)
    }

    package func lock(_ path: String) throws(DiskError) -> any DiskLock { try below.lock(path) }

    package func lockShared(_ path: String) throws(DiskError) -> any DiskLock {
        try below.lockShared(path)
    }

    package func lockDirectory(
        _ path: String,
        isShared: Bool
    ) throws(DiskError) -> any DiskLock {
        try below.lockDirectory(path, isShared: isShared)
    }

    package func isDirectory(_ path: String) -> Bool { below.isDirectory(path) }

    package func isReadOnly(_ directory: String) -> Bool { below.isReadOnly(directory) }

    package func realPath(_ path: String) -> String { below.realPath(path) }
}
