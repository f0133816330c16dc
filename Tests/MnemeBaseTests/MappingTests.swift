import MnemeBase
import Testing

@Suite struct MappingTests {
    private static let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    private func expectBounds(_ mapping: Mapping) throws {
        let count = Self.bytes.count
        #expect(mapping.count == count)
        #expect(try mapping.copy(at: 0, count: count) == Self.bytes)
        #expect(try mapping.copy(at: 4095, count: 3) == Array(Self.bytes[4095..<4098]))
        #expect(try mapping.copy(at: count, count: 0).isEmpty)
        try mapping.touch(at: 0, count: count)
        try mapping.touch(at: count - 1, count: 1)
        try mapping.touch(at: count, count: 0)
        let outside = [
            (-1, 1), (0, -1), (0, count + 1), (count, 1), (count + 1, 0), (1, count),
            (.max, 1), (1, .max), (.max, .max), (.min, 1), (0, .min),
        ]
        for (offset, length) in outside {
            let short = DiskError.short(path: "file", offset: UInt64(clamping: offset))
            do throws(DiskError) {
                _ = try mapping.copy(at: offset, count: length)
                Issue.record("\(length) bytes at \(offset) were copied")
            } catch {
                expectShort(error, short)
            }
            do throws(DiskError) {
                try mapping.touch(at: offset, count: length)
                Issue.record("\(length) bytes at \(offset) were touched")
            } catch {
                expectShort(error, short)
            }
        }
    }

    private func expectShort(_ error: DiskError, _ expected: DiskError) {
        guard case .short(_, let offset) = error, case .short(_, let wanted) = expected else {
            Issue.record("\(error)")
            return
        }
        #expect(offset == wanted)
    }

    @Test func memoryMappingsKeepTheirBounds() throws {
        let file = try MemoryDisk().open("file", .create)
        try file.write(Self.bytes, at: 0)
        try expectBounds(try file.map(at: 0, count: Self.bytes.count))
        #expect(throws: DiskError.self) { try file.map(at: 0, count: Self.bytes.count + 1) }
        #expect(throws: DiskError.self) { try file.map(at: 24_576, count: 1) }
        let part = try file.map(at: 4096, count: 5)
        #expect(try part.copy(at: 0, count: 5) == Array(Self.bytes[4096..<4101]))
    }

    @Test func realMappingsKeepTheirBounds() throws {
        let directory = try TemporaryDirectory()
        let file = try RealDisk().open(directory.path + "/file", .create)
        try file.write(Self.bytes, at: 0)
        try expectBounds(try file.map(at: 0, count: Self.bytes.count))
        #expect(throws: DiskError.self) { try file.map(at: 0, count: Self.bytes.count + 1) }
        #expect(throws: DiskError.self) { try file.map(at: 0, count: 0) }
        #expect(throws: DiskError.self) { try file.map(at: 24_576, count: 1) }
        let part = try file.map(at: 4096, count: 5)
        #expect(try part.copy(at: 0, count: 5) == Array(Self.bytes[4096..<4101]))
    }

    @Test func laterWritesAreSeen() throws {
        let directory = try TemporaryDirectory()
        for disk in [MemoryDisk(), RealDisk()] as [any Disk] {
            let file = try disk.open(directory.path + "/seen", .create)
            try file.write(Self.bytes, at: 0)
            let mapping = try file.map(at: 0, count: Self.bytes.count)
            try file.write([1, 2, 3], at: 9000)
            #expect(try mapping.copy(at: 9000, count: 3) == [1, 2, 3])
            // A mapping outlives the file's handle and its name.
            try file.close()
            try disk.remove(directory.path + "/seen")
            #expect(try mapping.copy(at: 9000, count: 3) == [1, 2, 3])
        }
    }

    /// What is gone behind a mapping raises SIGBUS; it must come out as an error.
    @Test func aFileCutShortIsAnErrorAndNoCrash() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/cut"
        let file = try RealDisk().open(path, .create)
        try file.write(Self.bytes, at: 0)
        let mapping = try file.map(at: 0, count: Self.bytes.count)
        try RealDisk().open(path, .readWrite).truncate(to: 8192)
        let failed = DiskError.failed(call: "read of a mapping", path: path, code: 5)
        for _ in 0..<3 {
            #expect(throws: failed) { try mapping.copy(at: 0, count: Self.bytes.count) }
            #expect(throws: failed) { try mapping.copy(at: 8192, count: 1) }
            #expect(throws: failed) { try mapping.touch(at: 0, count: Self.bytes.count) }
            #expect(throws: failed) { try mapping.touch(at: 12_000, count: 8000) }
            // The rest is as it was.
            #expect(try mapping.copy(at: 0, count: 8192) == Array(Self.bytes[..<8192]))
            try mapping.touch(at: 0, count: 8192)
        }
        try file.write(Self.bytes, at: 0)
        #expect(try mapping.copy(at: 0, count: Self.bytes.count) == Self.bytes)
    }

    @Test func faultsOfManyThreadsStayApart() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/threads"
        let file = try RealDisk().open(path, .create)
        try file.write(Self.bytes, at: 0)
        let mapping = try file.map(at: 0, count: Self.bytes.count)
        try file.truncate(to: 4096)
        let counts = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var right = 0
                    for _ in 0..<200 {
                        if (try? mapping.copy(at: 4096, count: 9000)) == nil { right += 1 }
                        if (try? mapping.copy(at: 0, count: 4096)) == Array(Self.bytes[..<4096]) {
                            right += 1
                        }
                    }
                    return right
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(counts == [400, 400, 400, 400])
    }

    @Test func theFirstUnreadableOfManyIsNamed() throws {
        let directory = try TemporaryDirectory()
        let file = try RealDisk().open(directory.path + "/many", .create)
        try file.write(Self.bytes, at: 0)
        let mapping = try file.map(at: 0, count: Self.bytes.count)
        try file.truncate(to: 4096)
        let cases: [(offsets: [Int], first: Int?)] = [
            ([0, 1000, 3996], nil), ([0, 1000, 3997, 50], 2), ([8192, 0], 0), ([0, 100], nil),
        ]
        for (offsets, expected) in cases {
            let starts = unsafe offsets.map { unsafe mapping.base + $0 }
            let first = unsafe starts.withUnsafeBufferPointer { buffer -> Int? in
                guard let start = buffer.baseAddress else { return nil }
                return unsafe Mapping.firstUnreadable(start, startCount: buffer.count, count: 100)
            }
            #expect(first == expected)
        }
    }
}
