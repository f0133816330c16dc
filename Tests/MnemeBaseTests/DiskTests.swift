import Testing

@testable import MnemeBase

@Suite struct DiskTests {
    @Test func memoryFileReadsWhatWasWritten() throws {
        let disk = MemoryDisk()
        let file = try disk.open("a/b", .create)
        try file.write([1, 2, 3], at: 5)
        #expect(try file.read(at: 4, count: 4) == [0, 1, 2, 3])
        #expect(throws: DiskError.self) { try file.read(at: 6, count: 3) }
    }
}

@Suite struct MemoryDiskTests {
    @Test func namesAreMadeMovedAndRemoved() throws {
        let disk = MemoryDisk()
        #expect(throws: DiskError.notFound(path: "d")) { try disk.list("d") }
        try disk.createDirectory("d")
        try disk.createDirectory("d")
        #expect(throws: DiskError.notFound(path: "d/a")) { try disk.open("d/a", .readWrite) }
        let file = try disk.open("d/a", .create)
        #expect(throws: DiskError.exists(path: "d/a")) { try disk.open("d/a", .create) }
        try file.write([1, 2], at: 0)
        try disk.open("d/deeper/b", .create).close()
        #expect(try disk.list("d") == ["a"])
        try disk.rename("d/a", to: "d/c")
        #expect(throws: DiskError.notFound(path: "d/a")) { try disk.rename("d/a", to: "d/b") }
        #expect(try disk.open("d/c", .read).read(at: 0, count: 2) == [1, 2])
        try disk.remove("d/c")
        #expect(throws: DiskError.notFound(path: "d/c")) { try disk.remove("d/c") }
        #expect(disk.holds("d") && !disk.holds("d/c"))
        // What is open stays readable.
        #expect(try file.read(at: 0, count: 2) == [1, 2])
    }

    @Test(arguments: ["", "/"])
    func directoriesAboveAreMadeToo(_ root: String) throws {
        let disk = MemoryDisk()
        try disk.createDirectory(root + "a/b/c")
        try disk.open(root + "a/b/file", .create).close()
        #expect(try disk.list(root + "a/b/c") == [])
        #expect(try disk.list(root + "a/b") == ["file"])
        #expect(try disk.list(root + "a") == [])
        #expect(throws: DiskError.notFound(path: root + "b")) { try disk.list(root + "b") }
    }

    @Test func filesGrowAndAreCutWithZeros() throws {
        let randomness = SeededRandomness(seed: newSeed("memory file"))
        let file = try MemoryDisk().open("f", .create)
        var model: [UInt8] = []
        for _ in 0..<300 {
            if randomness.below(4) == 0 {
                let count = randomness.below(20_000)
                try file.truncate(to: UInt64(count))
                if count < model.count { model.removeLast(model.count - count) }
                model += [UInt8](repeating: 0, count: count - model.count)
            } else {
                let start = randomness.below(20_000)
                let bytes = (0...randomness.below(500)).map { _ in UInt8(randomness.below(256)) }
                try file.write(bytes, at: UInt64(start))
                if start + bytes.count > model.count {
                    model += [UInt8](repeating: 0, count: start + bytes.count - model.count)
                }
                model.replaceSubrange(start..<(start + bytes.count), with: bytes)
            }
            #expect(try file.byteCount() == UInt64(model.count))
            #expect(try file.read(at: 0, count: model.count) == model)
        }
    }
}
