// A disk that says after every step that something may have changed, so that the harness can take
// the world as a power cut or a kill at that very moment would leave it.

package import MnemeBase
internal import SimulatedWorld
internal import Synchronization

/// Tells a listener about every step of the disk below.
package final class SteppingDisk: Disk {
    /// What the step was.
    package typealias Listener = @Sendable (_ step: String) -> Void

    private let below: any Disk
    private let listener: Listener

    /// Steps of `below`.
    package init(_ below: any Disk, listener: @escaping Listener) {
        self.below = below
        self.listener = listener
    }

    package func createDirectory(_ path: String) throws(DiskError) {
        try below.createDirectory(path)
        listener("create directory \(path)")
    }

    package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        let file = try below.open(path, mode)
        if mode == .create { listener("create \(path)") }
        return SteppingFile(file, listener: listener)
    }

    package func list(_ directory: String) throws(DiskError) -> [String] {
        try below.list(directory)
    }

    package func rename(_ from: String, to: String) throws(DiskError) {
        try below.rename(from, to: to)
        listener("rename \(from) to \(to)")
    }

    package func remove(_ path: String) throws(DiskError) {
        try below.remove(path)
        listener("remove \(path)")
    }

    package func link(_ from: String, to: String) throws(DiskError) {
        try below.link(from, to: to)
        listener("link \(from) to \(to)")
    }

    package func linkCount(_ path: String) throws(DiskError) -> Int {
        try below.linkCount(path)
    }

    package func syncDirectory(_ path: String) throws(DiskError) {
        try below.syncDirectory(path)
        listener("sync directory \(path)")
    }

    package func lock(_ path: String) throws(DiskError) -> any DiskLock { try below.lock(path) }

    package func lockDirectory(
        _ path: String,
        isShared: Bool
    ) throws(DiskError) -> any DiskLock {
        try below.lockDirectory(path, isShared: isShared)
    }
}

/// A file of a `SteppingDisk`.
private final class SteppingFile: PassingFile {
    let below: any DiskFile
    private let listener: SteppingDisk.Listener

    init(_ below: any DiskFile, listener: @escaping SteppingDisk.Listener) {
        self.below = below
        self.listener = listener
    }

    func write(_ span: RawSpan, at offset: UInt64) throws(DiskError) {
        try below.write(span, at: offset)
        listener("write \(span.byteCount) bytes at \(offset) of \(path)")
    }

    func truncate(to byteCount: UInt64) throws(DiskError) {
        try below.truncate(to: byteCount)
        listener("truncate \(path) to \(byteCount)")
    }

    func reserve(_ byteCount: UInt64) throws(DiskError) -> Bool {
        defer { listener("reserve \(byteCount) bytes of \(path)") }
        return try below.reserve(byteCount)
    }

    func sync() throws(DiskError) {
        try below.sync()
        listener("sync \(path)")
    }
}
