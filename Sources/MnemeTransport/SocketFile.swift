// The file of a Unix socket. It stays when its server dies, so a new server looks whether somebody
// answers behind it. Servers that start at the same moment look one after the other: they hold a
// lock on the directory meanwhile. A file is removed only while it is the one that was made.

internal import Glibc

/// The file that a listening Unix socket made.
struct SocketFile: Equatable {
    let path: String
    private let device: UInt
    private let inode: UInt

    /// How often the lock of the directory is tried, 10 ms apart.
    private static let lockTries = 200

    /// Binds and listens at a path.
    static func bind(
        _ path: String,
        _ address: SocketAddress
    ) throws(TransportError) -> BoundSocket {
        // Held until this returns; the lock goes with the descriptor.
        let lock = try lockDirectory(of: path)
        defer { withExtendedLifetime(lock.number) {} }
        let descriptor = try SocketCall.open(family: AF_UNIX, nonBlocking: true)
        let number = descriptor.number
        // The file takes its mode from the socket: there is no moment with another one.
        guard fchmod(number, 0o600) == 0 else { throw .last("fchmod") }
        if unsafe address.with({ unsafe Glibc.bind(number, $0, $1) }) != 0 {
            guard errno == EADDRINUSE else { throw .last("bind to unix:\(path)") }
            try removeDead(path, address)
            guard unsafe address.with({ unsafe Glibc.bind(number, $0, $1) }) == 0 else {
                throw .last("bind to unix:\(path)")
            }
        }
        guard listen(number, Listener.backlog) == 0 else { throw .last("listen") }
        guard let file = SocketFile(at: path) else { throw .last("lstat of \(path)") }
        return BoundSocket(descriptor: descriptor, file: file)
    }

    /// Removes the file, unless another one stands in its place.
    func remove() {
        if SocketFile(at: path) == self { unsafe unlink(path) }
    }

    /// The socket at a path; nil where there is none.
    private init?(at path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            return nil
        }
        self.path = path
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
    }

    private static func lockDirectory(of path: String) throws(TransportError) -> Descriptor {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let directory = slash == path.startIndex ? "/" : String(path[..<slash])
        let number = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw .last("open of \(directory)") }
        let lock = Descriptor(number)
        for _ in 0..<lockTries {
            if flock(lock.number, LOCK_EX | LOCK_NB) == 0 { return lock }
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            usleep(10_000)
        }
        throw .last("flock of \(directory)")
    }

    /// Removes the file of a server that does not answer any more.
    private static func removeDead(
        _ path: String,
        _ address: SocketAddress
    ) throws(TransportError) {
        guard SocketFile(at: path) != nil else { throw .notASocket(path: path) }
        let probe = try SocketCall.open(family: AF_UNIX, nonBlocking: true)
        let number = probe.number
        guard unsafe address.with({ unsafe connect(number, $0, $1) }) != 0, errno == ECONNREFUSED
        else {
            // Connected, or its backlog is full, or it belongs to somebody else: it lives.
            throw .addressInUse("unix:" + path)
        }
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .last("unlink of \(path)") }
    }
}
