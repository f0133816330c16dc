// A file descriptor behind `DiskFile`: whole reads and writes, interrupted calls taken up again.

internal import CKernels
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

    /// Moves `count` bytes by calls that may move fewer, or be interrupted by a signal.
    ///
    /// `body` is given how many were moved, and returns as `pread` does.
    /// - Returns: how many were moved: all, unless a call moved none.
    /// - Throws: what the system refuses with.
    static func transfer(
        _ count: Int,
        _ call: String,
        _ path: String,
        _ body: (_ done: Int) -> Int
    ) throws(DiskError) -> Int {
        var done = 0
        while done < count {
            let moved = body(done)
            if moved > 0 {
                done += moved
            } else if moved == 0 {
                break
            } else if errno != EINTR {
                throw DiskError(call: call, path: path, code: errno)
            }
        }
        return done
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
        try unsafe span.withUnsafeMutableBytes { (buffer) throws(DiskError) in
            guard let base = buffer.baseAddress else { return }
            let done = try Self.transfer(buffer.count, "pread", path) { done in
                unsafe pread(descriptor, base + done, buffer.count - done, Int(offset) + done)
            }
            if done < buffer.count { throw .short(path: path, offset: offset + UInt64(done)) }
        }
    }

    func write(_ span: RawSpan, at offset: UInt64) throws(DiskError) {
        try unsafe span.withUnsafeBytes { (buffer) throws(DiskError) in
            guard let base = buffer.baseAddress else { return }
            let done = try Self.transfer(buffer.count, "pwrite", path) { done in
                unsafe pwrite(descriptor, base + done, buffer.count - done, Int(offset) + done)
            }
            // A call that moves nothing and names no reason would be repeated for ever.
            if done < buffer.count { throw DiskError(call: "pwrite", path: path, code: EIO) }
        }
    }

    func truncate(to byteCount: UInt64) throws(DiskError) {
        _ = try Self.retrying("ftruncate", path) { ftruncate(descriptor, Int(byteCount)) }
    }

    func reserve(_ byteCount: UInt64) throws(DiskError) -> Bool {
        while true {
            // Where the file system cannot, the C library writes into every block instead.
            switch posix_fallocate(descriptor, 0, Int(byteCount)) {
            case 0: return true
            case EINTR: continue
            case EOPNOTSUPP, EINVAL: return false
            case let code: throw DiskError(call: "posix_fallocate", path: path, code: code)
            }
        }
    }

    // Linux's numbers, which the C library's headers keep to themselves.
    private static let seekData: Int32 = 3
    private static let seekHole: Int32 = 4

    /// The next place from an offset on where data begins, or ends; nil where the file system says
    /// that there is none.
    private func seek(_ offset: UInt64, _ whence: Int32) throws(DiskError) -> UInt64? {
        let found = lseek(descriptor, Int(offset), whence)
        if found >= 0 { return UInt64(found) }
        if errno == ENXIO { return nil }
        throw DiskError(call: "lseek", path: path, code: errno)
    }

    func dataRanges(in range: Range<UInt64>) throws(DiskError) -> [Range<UInt64>] {
        var ranges: [Range<UInt64>] = []
        var offset = range.lowerBound
        do throws(DiskError) {
            // Reads and writes carry their place: moving the cursor disturbs nobody.
            while offset < range.upperBound, let start = try seek(offset, Self.seekData),
                start < range.upperBound
            {
                let end = min(try seek(start, Self.seekHole) ?? range.upperBound, range.upperBound)
                guard end > start else { break }
                ranges.append(max(start, offset)..<end)
                offset = end
            }
        } catch {
            // Not every file system can tell.
            return range.isEmpty ? [] : [range]
        }
        return ranges
    }

    func sync() throws(DiskError) {
        // No retry: after a failure the kernel may have dropped the dirty pages, whatever the
        // reason; a lack of room that shows here is no lack of room that leaves things as they are.
        if fdatasync(descriptor) != 0 {
            throw .failed(call: "fdatasync", path: path, code: errno)
        }
    }

    func writeBack() throws(DiskError) {
        // No retry, as in `sync`: what fails here is not told again there.
        switch mneme_write_back(descriptor) {
        case 0: return
        // A file system that cannot, and a signal, after which the rest goes at leisure.
        case ENOSYS, EOPNOTSUPP, EINVAL, ESPIPE, EINTR: return
        case let code: throw .failed(call: "sync_file_range", path: path, code: code)
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
