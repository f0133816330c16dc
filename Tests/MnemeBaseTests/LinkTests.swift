// A file under several names: each reads what is written under the other, and one outlives the
// other. Checksums of pieces are those of the whole.

import MnemeBase
import Testing

@Suite struct LinkTests {
    private func check(_ disk: any Disk, _ root: String) throws {
        let (one, two) = (root + "/one", root + "/two")
        let file = try disk.open(one, .create)
        try file.write([1, 2, 3], at: 0)
        #expect(try disk.linkCount(one) == 1)
        try disk.link(one, to: two)
        #expect(try disk.linkCount(one) == 2)
        #expect(try disk.linkCount(two) == 2)
        try file.write([9], at: 1)
        #expect(try disk.open(two, .read).read(at: 0, count: 3) == [1, 9, 3])
        #expect(throws: DiskError.exists(path: two)) { try disk.link(one, to: two) }
        let gone = root + "/gone"
        #expect(throws: DiskError.notFound(path: gone)) { try disk.link(gone, to: root + "/x") }
        #expect(throws: DiskError.notFound(path: gone)) { _ = try disk.linkCount(gone) }
        try disk.remove(one)
        #expect(try disk.linkCount(two) == 1)
        #expect(try disk.open(two, .read).read(at: 0, count: 3) == [1, 9, 3])
    }

    @Test func inMemory() throws {
        let disk = MemoryDisk()
        try disk.createDirectory("files")
        try check(disk, "files")
    }

    @Test func onTheSystem() throws {
        let directory = try TemporaryDirectory()
        try check(RealDisk(), directory.path)
    }

    @Test func theChecksumOfPiecesIsThatOfTheWhole() {
        let random = SeededRandomness(seed: 5)
        for count in [0, 1, 8, 240, 241, 1024, 100_000] {
            let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let stream = ChecksumStream()
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(1 + random.below(3000))
                stream.add(Array(piece))
                rest = rest.dropFirst(piece.count)
            }
            #expect(stream.value == Checksum.xxh3(bytes), "\(count) bytes")
        }
    }
}
