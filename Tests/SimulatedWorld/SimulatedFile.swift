// An open file of a simulated disk.

internal import Glibc
internal import MnemeBase
internal import Synchronization

final class SimulatedFile: DiskFile {
    let path: String
    private let disk: SimulatedDisk
    private let file: Int
    private let isReadOnly: Bool
    private let isOpen = Mutex(true)

    init(disk: SimulatedDisk, file: Int, path: String, isReadOnly: Bool) {
        self.disk = disk
        self.file = file
        self.path = path
        self.isReadOnly = isReadOnly
    }

    func byteCount() throws(DiskError) -> UInt64 {
        try check("fstat")
        return try disk.world.withLock { (world) throws(DiskError) in
            try world.checkPower(path)
            return UInt64(world.files[file].now.count)
        }
    }

    func read(into span: inout MutableRawSpan, at offset: UInt64) throws(DiskError) {
        try check("pread")
        try unsafe span.withUnsafeMutableBytes { (target) throws(DiskError) in
            try disk.world.withLock { (world) throws(DiskError) in
                try unsafe world.read(into: target, at: offset, of: file, path)
            }
        }
    }

    func write(_ span: RawSpan, at offset: UInt64) throws(DiskError) {
        try check("pwrite", changes: true)
        try unsafe span.withUnsafeBytes { (source) throws(DiskError) in
            try disk.world.withLock { (world) throws(DiskError) in
                try unsafe world.write(source, at: offset, of: file, path)
            }
        }
    }

    func truncate(to byteCount: UInt64) throws(DiskError) {
        try check("ftruncate", changes: true)
        try disk.world.withLock { (world) throws(DiskError) in
            try world.truncate(to: byteCount, of: file, path)
        }
    }

    func reserve(_ byteCount: UInt64) throws(DiskError) -> Bool {
        if byteCount > (try self.byteCount()) { try truncate(to: byteCount) }
        return true
    }

    func sync() throws(DiskError) {
        try check("fdatasync")
        try disk.world.withLock { (world) throws(DiskError) in try world.sync(file, path) }
    }

    func map(at offset: UInt64, count: Int) throws(DiskError) -> Mapping {
        try check("mmap")
        return try disk.world.withLock { (world) throws(DiskError) in
            try world.map(at: offset, count: count, of: file, path)
        }
    }

    func close() throws(DiskError) {
        isOpen.withLock { $0 = false }
        try disk.world.withLock { (world) throws(DiskError) in try world.checkPower(path) }
    }

    private func check(_ call: String, changes: Bool = false) throws(DiskError) {
        if !isOpen.withLock({ $0 }) || (changes && isReadOnly) {
            throw .failed(call: call, path: path, code: EBADF)
        }
    }
}
