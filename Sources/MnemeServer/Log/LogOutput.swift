// Where lines go: a file that is appended to, or standard error. Used by the thread of the log
// alone.

internal import Glibc
internal import MnemeBase
internal import MnemeModel

/// A descriptor that lines are written to.
struct LogOutput: ~Copyable {
    private let descriptor: Int32
    private let isOwn: Bool
    /// Whether the last line did not get out whole.
    private var isTorn = false

    /// Standard error.
    init() { (descriptor, isOwn) = (STDERR_FILENO, false) }

    /// A file, which is made where it is not there, and appended to.
    ///
    /// - Throws: `.denied`, `.diskFull`, `.disk`.
    init(appendingTo path: String) throws(MnemeError) {
        let number = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0o640)
        guard number >= 0 else { throw Self.refusal(errno, of: path) }
        (descriptor, isOwn) = (number, true)
    }

    /// Looks whether a file could be appended to, or made where it is not there.
    ///
    /// - Throws: `.denied`, `.disk`.
    static func check(_ path: String) throws(MnemeError) {
        if RealDisk().isDirectory(path) { throw refusal(EISDIR, of: path) }
        if unsafe access(path, W_OK) == 0 { return }
        guard errno == ENOENT else { throw refusal(errno, of: path) }
        let place = path.lastIndex(of: "/")
        let directory = place.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard unsafe access(directory, W_OK | X_OK) == 0 else { throw refusal(errno, of: path) }
    }

    deinit { if isOwn { close(descriptor) } }

    /// Writes a line by one call; false where it did not get out whole.
    mutating func write(_ line: String) -> Bool {
        // What was torn off before ends where the next line begins.
        let bytes = Array(((isTorn ? "\n" : "") + line).utf8)
        var written = 0
        var patience = 2
        while written < bytes.count {
            // SAFETY: the system reads `count` bytes of an array that lives through the call.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN, patience > 0 {
                patience -= 1
                waitForRoom()
            } else if errno != EINTR {
                break
            }
        }
        let isWhole = written == bytes.count
        if isWhole { isTorn = false } else if written > 0 { isTorn = true }
        return isWhole
    }

    /// Waits until something can be written, for a second at most.
    private func waitForRoom() {
        var asked = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // SAFETY: one entry, which lives through the call.
        _ = unsafe poll(&asked, 1, 1000)
    }

    private static func refusal(_ code: Int32, of path: String) -> MnemeError {
        switch code {
        case EACCES, EPERM, EROFS:
            MnemeError(
                .denied,
                "the log \(path) may not be written by this user; give another file, or \"-\" for "
                    + "standard error"
            )
        case ENOSPC, EDQUOT:
            MnemeError(.diskFull, "there is no room for the log \(path); make room")
        default:
            MnemeError(
                .disk,
                "the log \(path) cannot be opened; check that its directory is there and that it "
                    + "is a file",
                cause: "errno \(code)"
            )
        }
    }
}
