// The operating system's files behind `Disk`.

internal import Glibc

/// Files of the operating system.
package struct RealDisk: Disk {
    /// A disk has no state of its own.
    package init() {}

    package func createDirectory(_ path: String) throws(DiskError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            if unsafe mkdir(made, 0o700) != 0, errno != EEXIST {
                throw DiskError(call: "mkdir", path: made, code: errno)
            }
        }
    }

    package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            }
        let descriptor = try RealFile.retrying("open", path) {
            // What is no file is told below, and is not waited for until somebody writes to it.
            unsafe Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
        }
        let file = RealFile(descriptor: descriptor, path: path)
        try file.checkIsFile()
        return file
    }

    package func list(_ directory: String) throws(DiskError) -> [String] {
        guard let stream = unsafe opendir(directory) else {
            throw DiskError(call: "opendir", path: directory, code: errno)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    package func rename(_ from: String, to: String) throws(DiskError) {
        if unsafe Glibc.rename(from, to) != 0 {
            throw DiskError(call: "rename", path: from, code: errno)
        }
    }

    package func remove(_ path: String) throws(DiskError) {
        if unsafe unlink(path) != 0 { throw DiskError(call: "unlink", path: path, code: errno) }
    }

    package func removeDirectory(_ path: String) throws(DiskError) {
        guard unsafe rmdir(path) != 0, ![ENOTEMPTY, EEXIST, ENOENT].contains(errno) else { return }
        throw DiskError(call: "rmdir", path: path, code: errno)
    }

    package func link(_ from: String, to: String) throws(DiskError) {
        if unsafe Glibc.link(from, to) != 0 {
            // What is in the way is the new name; what is missing, the old one.
            let code = errno
            throw DiskError(call: "link", path: code == ENOENT ? from : to, code: code)
        }
    }

    package func linkCount(_ path: String) throws(DiskError) -> Int {
        var status = stat()
        if unsafe stat(path, &status) != 0 {
            throw DiskError(call: "stat", path: path, code: errno)
        }
        return Int(status.st_nlink)
    }

    package func syncDirectory(_ path: String) throws(DiskError) {
        let descriptor = try RealFile.retrying("open", path) {
            unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        defer { Glibc.close(descriptor) }
        if fsync(descriptor) != 0 {
            throw DiskError(call: "fsync of a directory", path: path, code: errno)
        }
    }

    package func lock(_ path: String) throws(DiskError) -> any DiskLock {
        try lock(path, O_RDWR | O_CREAT, LOCK_EX)
    }

    package func lockShared(_ path: String) throws(DiskError) -> any DiskLock {
        try lock(path, O_RDONLY, LOCK_SH)
    }

    package func lockDirectory(
        _ path: String,
        isShared: Bool
    ) throws(DiskError) -> any DiskLock {
        try lock(path, O_RDONLY | O_DIRECTORY, isShared ? LOCK_SH : LOCK_EX)
    }

    package func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    package func realPath(_ path: String) -> String {
        guard let real = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    package func isReadOnly(_ directory: String) -> Bool {
        unsafe access(directory, W_OK) != 0 && [EACCES, EPERM, EROFS].contains(errno)
    }

    private func lock(
        _ path: String,
        _ flags: Int32,
        _ kind: Int32
    ) throws(DiskError) -> any DiskLock {
        let descriptor = try RealFile.retrying("open", path) {
            unsafe Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
        }
        if flock(descriptor, kind | LOCK_NB) != 0 {
            let code = errno
            Glibc.close(descriptor)
            if code == EWOULDBLOCK { throw .busy(path: path) }
            throw DiskError(call: "flock", path: path, code: code)
        }
        return RealLock(descriptor: descriptor, path: path)
    }
}

/// A lock that the kernel drops with the descriptor, however the process ends.
final class RealLock: DiskLock {
    private let descriptor: Int32
    private let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    var isInPlace: Bool {
        var (held, named) = (stat(), stat())
        guard unsafe fstat(descriptor, &held) == 0, unsafe stat(path, &named) == 0 else {
            return false
        }
        return held.st_dev == named.st_dev && held.st_ino == named.st_ino
    }

    func release() { flock(descriptor, LOCK_UN) }

    deinit { Glibc.close(descriptor) }
}

extension DiskError {
    /// Sorts an error number of the system.
    init(call: String, path: String, code: Int32) {
        switch code {
        case ENOENT, ENOTDIR: self = .notFound(path: path)
        case EEXIST: self = .exists(path: path)
        case EACCES, EPERM, EROFS: self = .denied(path: path)
        // A limit on the length of files is room that there is not, to who writes.
        case ENOSPC, EDQUOT, EFBIG: self = .full(path: path)
        default: self = .failed(call: call, path: path, code: code)
        }
    }
}
