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
