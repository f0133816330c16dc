// A file descriptor behind `DiskFile`: whole reads and writes, interrupted calls taken up again.

internal import Glibc
internal import Synchronization

final class RealFile: DiskFile {
    let path: String
    private let descriptor: Int32
    private let open = Mutex(true)

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { _ = try? close() }

    /// Repeats a call that a signal interrupted.
    static func retrying(
        _ call: String,
        _ path: String,
        _ body: () -> Int32
    ) throws(DiskError)
        -> Int32
    {
        while true {
            let result = body()
            if result >= 0 { return result }
            if errno != EINTR { throw DiskError(call: call, path: path, code: errno) }
        }
    }

    /// Refuses directories, devices and pipes.
    ///
    /// - Throws: `.failed` with the system's number for what is a directory, or no file.
    func checkIsFile() throws(DiskError) {
        var status = stat()
        _ = try Self.retrying("fstat", path) { unsafe fstat(descriptor, &status) }
        let kind = status.st_mode & S_IFMT
        guard kind != S_IFREG else { return }
        throw .failed(call: "open", path: path, code: kind == S_IFDIR ? EISDIR : ENOTSUP)
    }

    func byteCount() throws(DiskError) -> UInt64 {
        var status = stat()
        _ = try Self.retrying("fstat", path) { unsafe fstat(descriptor, &status) }
        return UInt64(status.st_size)
    }

    func read(into span: inout MutableRawSpan, at offset: UInt64) throws(DiskError) {
        var failure: DiskError?
        unsafe span.withUnsafeMutableBytes { buffer in
            var done = 0
            while done < buffer.count, let base = buffer.baseAddress {
                let count = unsafe pread(
                    descriptor,
                    base + done,
                    buffer.count - done,
                    Int(offset) + done
                )
                if count > 0 {
                    done += count
                } else if count == 0 {
                    failure = .short(path: path, offset: offset + UInt64(done))
                    return
                } else if errno != EINTR {
                    failure = DiskError(call: "pread", path: path, code: errno)
                    return
                }
            }
        }
        if let failure { throw failure }
    }

    func write(_ span: RawSpan, at offset: UInt64) throws(DiskError) {
        var failure: DiskError?
        unsafe span.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count, let base = buffer.baseAddress {
                let count = unsafe pwrite(
                    descriptor,
                    base + done,
                    buffer.count - done,
                    Int(offset) + done
                )
                if count >= 0 {
                    done += count
                } else if errno != EINTR {
                    failure = DiskError(call: "pwrite", path: path, code: errno)
                    return
                }
            }
        }
        if let failure { throw failure }
    }

    func truncate(to byteCount: UInt64) throws(DiskError) {
        _ = try Self.retrying("ftruncate", path) { ftruncate(descriptor, Int(byteCount)) }
    }

    func sync() throws(DiskError) {
        // No retry: after a failure the kernel may have dropped the dirty pages.
        if fdatasync(descriptor) != 0 {
            throw DiskError(call: "fdatasync", path: path, code: errno)
        }
    }

    func map(at offset: UInt64, count: Int) throws(DiskError) -> Mapping {
        let length = try byteCount()
        guard count > 0, offset <= length, UInt64(count) <= length - offset else {
            throw .short(path: path, offset: offset)
        }
        guard
            let base = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, Int(offset)),
            unsafe base != MAP_FAILED
        else { throw DiskError(call: "mmap", path: path, code: errno) }
        let address = Int(bitPattern: base)
        return unsafe Mapping(
            base: UnsafeRawPointer(base),
            count: count,
            path: path,
            faults: true
        ) {
            if let start = unsafe UnsafeMutableRawPointer(bitPattern: address) {
                unsafe munmap(start, count)
            }
        }
    }

    func close() throws(DiskError) {
        let wasOpen = open.withLock { state in
            defer { state = false }
            return state
        }
        if wasOpen, Glibc.close(descriptor) != 0 {
            throw DiskError(call: "close", path: path, code: errno)
        }
    }
}
