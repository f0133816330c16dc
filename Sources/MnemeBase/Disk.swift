// The one way to files. A store is given its disk when it is opened and never goes around it, so
// that a simulated disk can lose, tear and refuse what a real one might.
//
// Promises that callers may rely on: a write is visible to later reads at once; it is durable only
// after `sync` of the file returned; a name (create, link, rename, remove) is durable only after
// `syncDirectory` of its directory returned. Nothing else is ordered.

/// Files by path.
///
/// Implementations are safe to call from any thread.
package protocol Disk: Sendable {
    /// Creates a directory and those above it; one that is there already is no error.
    func createDirectory(_ path: String) throws(DiskError)
    /// Opens a file.
    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile
    /// The names in a directory, unordered.
    func list(_ directory: String) throws(DiskError) -> [String]
    /// Puts `from` in the place of `to`.
    func rename(_ from: String, to: String) throws(DiskError)
    /// Removes a name; what is open stays readable.
    func remove(_ path: String) throws(DiskError)
    /// Removes a directory that is empty; one that is not, or is not there, is left as it is.
    func removeDirectory(_ path: String) throws(DiskError)
    /// Gives a file a second name on the same disk; what is written under one is read under both.
    ///
    /// - Throws: `.exists` where `to` is taken; `.failed` or `.denied` where the disk has no links,
    ///   or `to` would stand on another one.
    func link(_ from: String, to: String) throws(DiskError)
    /// How many names a file has.
    func linkCount(_ path: String) throws(DiskError) -> Int
    /// Makes the names in a directory durable.
    func syncDirectory(_ path: String) throws(DiskError)
    /// Takes the exclusive lock that a file of this name stands for, or throws `.busy` at once.
    func lock(_ path: String) throws(DiskError) -> any DiskLock
    /// Takes a lock that others may share, and that nobody has beside the exclusive one, on a file
    /// that must be there; throws `.busy` at once.
    func lockShared(_ path: String) throws(DiskError) -> any DiskLock
    /// Takes the lock of a directory itself, alone or with others who share it; throws `.busy` at
    /// once.
    func lockDirectory(_ path: String, isShared: Bool) throws(DiskError) -> any DiskLock
    /// Whether a name is a directory's own, and not that of a link to one.
    func isDirectory(_ path: String) -> Bool
    /// Whether nothing can be written in a directory that is there: its permissions or those of
    /// its file system forbid it.
    func isReadOnly(_ directory: String) -> Bool
    /// The path without links, `.` and `..`; what leads nowhere stays as it is.
    func realPath(_ path: String) -> String
}

/// How a file is opened.
package enum OpenMode: Sendable {
    /// An existing file, for reading.
    case read
    /// An existing file, for reading and writing.
    case readWrite
    /// A file that must not exist yet.
    case create
}

/// An open file.
///
/// Reads and writes carry their place; there is no cursor.
package protocol DiskFile: AnyObject, Sendable {
    /// The name that it was opened by, for messages.
    var path: String { get }
    /// The length now.
    func byteCount() throws(DiskError) -> UInt64
    /// Fills the whole span, or throws `.short` when the file ends before.
    func read(into span: inout MutableRawSpan, at offset: UInt64) throws(DiskError)
    /// Writes the whole span; the file grows when it must.
    func write(_ span: RawSpan, at offset: UInt64) throws(DiskError)
    /// Cuts or extends with zeros.
    func truncate(to byteCount: UInt64) throws(DiskError)
    /// Extends with zeros that need not be written, and keeps room for them on the disk: no later
    /// write into them finds it full.
    ///
    /// - Returns: false, with nothing done, where the disk cannot keep room without writing.
    func reserve(_ byteCount: UInt64) throws(DiskError) -> Bool
    /// The parts of a range, ascending, outside of which the file holds nothing but zeros: all of
    /// it where the disk does not know better.
    ///
    /// - Precondition: the range lies inside the file.
    func dataRanges(in range: Range<UInt64>) throws(DiskError) -> [Range<UInt64>]
    /// Makes every write that returned before durable (a data sync). A failure means that their
    /// fate is unknown, and is never to be retried.
    func sync() throws(DiskError)
    /// Has what was written go to the disk, and waits until it has left; nothing is durable by it.
    ///
    /// Whoever writes much does so a little at a time, so that those who sync other files meanwhile
    /// find a short queue, and the sync at the end has little to do. A failure is one of `sync`.
    func writeBack() throws(DiskError)
    /// Maps `count` bytes from `offset`, a multiple of 4,096. Later writes inside the range are
    /// seen.
    ///
    /// - Precondition: the range lies inside the file, and the file is not resized while mapped.
    func map(at offset: UInt64, count: Int) throws(DiskError) -> Mapping
    /// Gives the file back; errors that the system held until now surface here.
    func close() throws(DiskError)
}

/// A lock held until it is released or the process ends.
package protocol DiskLock: AnyObject, Sendable {
    /// Lets others in.
    func release()
    /// Whether the name that was locked still leads to what was locked.
    var isInPlace: Bool { get }
}

/// What a disk refuses, by what the caller does next.
package enum DiskError: Error, Equatable, Sendable {
    /// No such file or directory.
    case notFound(path: String)
    /// The name is taken.
    case exists(path: String)
    /// The system denies access, or the file system is read-only.
    case denied(path: String)
    /// No room, or over quota.
    case full(path: String)
    /// Somebody else holds the lock.
    case busy(path: String)
    /// The file ends before the bytes that were asked for.
    case short(path: String, offset: UInt64)
    /// Anything else: the call, the file and the system's error number.
    case failed(call: String, path: String, code: Int32)
}

extension DiskLock {
    /// A lock of a name.
    package var isInPlace: Bool { true }
}

extension Disk {
    /// A disk whose locks cannot be shared takes the exclusive one.
    package func lockShared(_ path: String) throws(DiskError) -> any DiskLock { try lock(path) }

    /// A disk whose locks are of names.
    package func lockDirectory(
        _ path: String,
        isShared: Bool
    ) throws(DiskError) -> any DiskLock {
        isShared ? try lockShared(path) : try lock(path)
    }

    /// A disk without links.
    package func realPath(_ path: String) -> String { path }

    /// A disk without links to directories.
    package func isDirectory(_ path: String) -> Bool { (try? list(path)) != nil }

    /// Whether a file of this name is there; what may not be looked at is not taken for absent.
    ///
    /// - Throws: whatever opening it throws but `.notFound`.
    package func isThere(_ path: String) throws(DiskError) -> Bool {
        do throws(DiskError) {
            try open(path, .read).close()
            return true
        } catch {
            guard case .notFound = error else { throw error }
            return false
        }
    }

    /// A disk that keeps empty directories.
    package func removeDirectory(_ path: String) throws(DiskError) {}

    /// A disk of one's own can be written.
    package func isReadOnly(_ directory: String) -> Bool { false }

    /// Whether a directory or file of this name can be listed or opened.
    package func holds(_ path: String) -> Bool {
        if (try? list(path)) != nil { return true }
        guard let file = try? open(path, .read) else { return false }
        try? file.close()
        return true
    }
}

extension DiskFile {
    /// A file whose writes queue nowhere.
    package func writeBack() throws(DiskError) {}

    /// A file whose zeros have to be written.
    package func reserve(_ byteCount: UInt64) throws(DiskError) -> Bool { false }

    /// A file of which nothing is known without reading it.
    package func dataRanges(in range: Range<UInt64>) throws(DiskError) -> [Range<UInt64>] {
        range.isEmpty ? [] : [range]
    }

    /// Reads `count` bytes into a new array.
    package func read(at offset: UInt64, count: Int) throws(DiskError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var elements = bytes.mutableSpan
        var span = unsafe elements.mutableBytes
        try read(into: &span, at: offset)
        return bytes
    }

    /// Writes an array.
    package func write(_ bytes: [UInt8], at offset: UInt64) throws(DiskError) {
        try write(unsafe bytes.span.bytes, at: offset)
    }
}
