import Glibc
import MnemeBase
import Testing

@Suite struct RealDiskTests {
    @Test func aLockIsRefusedTwiceAndReleased() throws {
        let directory = try TemporaryDirectory()
        for disk in [RealDisk(), MemoryDisk()] as [any Disk] {
            let path = directory.path + "/lock"
            let lock = try disk.lock(path)
            #expect(throws: DiskError.busy(path: path)) { try disk.lock(path) }
            #expect(throws: DiskError.busy(path: path)) { try disk.lock(path) }
            _ = try disk.lock(directory.path + "/other")
            lock.release()
            let second = try disk.lock(path)
            // Released twice it does not take the lock from the next one.
            lock.release()
            #expect(throws: DiskError.busy(path: path)) { try disk.lock(path) }
            second.release()
            var third: (any DiskLock)? = try disk.lock(path)
            #expect(third != nil)
            third = nil
            try disk.lock(path).release()
        }
    }

    @Test func aLockIsSharedByReaders() throws {
        let directory = try TemporaryDirectory()
        for disk in [RealDisk(), MemoryDisk()] as [any Disk] {
            let path = directory.path + "/lock"
            try disk.lock(path).release()
            let one = try disk.lockShared(path)
            let other = try disk.lockShared(path)
            #expect(throws: DiskError.busy(path: path)) { try disk.lock(path) }
            one.release()
            #expect(throws: DiskError.busy(path: path)) { try disk.lock(path) }
            other.release()
            let writer = try disk.lock(path)
            #expect(throws: DiskError.busy(path: path)) { try disk.lockShared(path) }
            writer.release()
            try disk.lockShared(path).release()
            #expect(!disk.isReadOnly(directory.path))
        }
        let missing = directory.path + "/missing"
        #expect(throws: DiskError.notFound(path: missing)) { try RealDisk().lockShared(missing) }
        #expect(!RealDisk().isReadOnly(missing))
        // Permissions bind everybody but root.
        #expect(unsafe chmod(directory.path, 0o500) == 0)
        #expect(RealDisk().isReadOnly(directory.path) == (geteuid() != 0))
        #expect(unsafe chmod(directory.path, 0o700) == 0)
    }

    @Test func filesAreMadeReadWrittenAndCut() throws {
        let directory = try TemporaryDirectory()
        let disk = RealDisk()
        let path = directory.path + "/file"
        #expect(throws: DiskError.notFound(path: path)) { try disk.open(path, .read) }
        let file = try disk.open(path, .create)
        #expect(throws: DiskError.exists(path: path)) { try disk.open(path, .create) }
        try file.write([1, 2, 3], at: 10)
        #expect(try file.byteCount() == 13)
        #expect(try file.read(at: 8, count: 5) == [0, 0, 1, 2, 3])
        #expect(throws: DiskError.short(path: path, offset: 13)) {
            try file.read(at: 12, count: 2)
        }
        try file.truncate(to: 11)
        try file.truncate(to: 14)
        #expect(try file.read(at: 9, count: 5) == [0, 1, 0, 0, 0])
        try file.sync()
        try disk.syncDirectory(directory.path)
        let reader = try disk.open(path, .read)
        #expect(throws: DiskError.self) { try reader.write([1], at: 0) }
        try reader.close()
        try reader.close()
    }

    @Test func whatIsSaidToHoldNoDataIsZero() throws {
        let directory = try TemporaryDirectory()
        let (size, data) = (4 << 20, [UInt8](repeating: 7, count: 5000))
        let file = try RealDisk().open(directory.path + "/file", .create)
        _ = try file.reserve(UInt64(size))
        try file.truncate(to: UInt64(size))
        for offset in [0, 1_000_003, 3_000_000] { try file.write(data, at: UInt64(offset)) }
        for range in [0..<size, 0..<5000, 2000..<1_000_100, 2_000_000..<size, 500..<500] {
            let all = UInt64(range.lowerBound)..<UInt64(range.upperBound)
            let found = try file.dataRanges(in: all)
            var next = all.lowerBound
            for part in found + [all.upperBound..<all.upperBound] {
                #expect(part.lowerBound >= next && part.upperBound <= all.upperBound)
                let gap = Int(part.lowerBound - next)
                #expect(try file.read(at: next, count: gap).allSatisfy { $0 == 0 })
                next = part.upperBound
            }
        }
        // A file of which nothing is known.
        let memory = MemoryFile(path: "memory")
        try memory.write([0, 1], at: 0)
        #expect(try memory.dataRanges(in: 0..<2) == [0..<2])
        #expect(try memory.dataRanges(in: 1..<1).isEmpty)
    }

    @Test func namesAreListedMovedAndRemoved() throws {
        let directory = try TemporaryDirectory()
        let disk = RealDisk()
        #expect(try disk.list(directory.path).isEmpty)
        let (a, b) = (directory.path + "/a", directory.path + "/b")
        try disk.open(a, .create).write([1], at: 0)
        try disk.open(b, .create).write([2], at: 0)
        #expect(try disk.list(directory.path).sorted() == ["a", "b"])
        try disk.rename(a, to: b)
        #expect(try disk.list(directory.path) == ["b"])
        #expect(try disk.open(b, .read).read(at: 0, count: 1) == [1])
        try disk.remove(b)
        #expect(throws: DiskError.notFound(path: b)) { try disk.remove(b) }
        #expect(throws: DiskError.notFound(path: a)) { try disk.rename(a, to: b) }
        #expect(throws: DiskError.notFound(path: a)) { try disk.list(a) }
        #expect(throws: DiskError.notFound(path: a)) { try disk.syncDirectory(a) }
        try disk.createDirectory(directory.path)
        #expect(disk.holds(directory.path) && !disk.holds(a))
    }

    @Test func aDirectoryUnderAFileIsRefused() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/file"
        try RealDisk().open(path, .create).close()
        #expect(throws: DiskError.notFound(path: path + "/below")) {
            try RealDisk().createDirectory(path + "/below")
        }
    }
}
