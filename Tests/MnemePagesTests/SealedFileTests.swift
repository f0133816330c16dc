// A page file whose places are enciphered: to who reads and writes, a file like any other; in the
// file, nothing that was written.

import MnemeBase
import Testing

@testable import MnemePages

@Suite struct SealedFileTests {
    private static func vault() -> Vault {
        let random = RealRandomness()
        return Vault(SecretKey(drawnFrom: random), identity: 1, 2, randomness: random)
    }

    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func readsWhatWasWritten(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let disk = MemoryDisk()
        let vault = Self.vault()
        var file = try SealedDisk(disk, vault).open("pages", .create)
        var model: [UInt8] = []
        for step in 0..<200 {
            let isWrite = random.below(2) == 0
            let offset = isWrite ? random.below(40) << 10 : random.below(40_000)
            let count = 1 + random.below([10, 1024, 5000][random.below(3)])
            if isWrite {
                let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                try file.write(bytes, at: UInt64(offset))
                // The file grows by whole places.
                let length = max(model.count, (offset + count + 1023) / 1024 * 1024)
                model += [UInt8](repeating: 0, count: length - model.count)
                // What is left of the last place becomes zeros.
                let end = (offset + count + 1023) / 1024 * 1024
                let zeros = [UInt8](repeating: 0, count: end - offset - count)
                model.replaceSubrange(offset..<end, with: bytes + zeros)
            } else if offset + count <= model.count {
                let read = try file.read(at: UInt64(offset), count: count)
                #expect(read == Array(model[offset..<(offset + count)]), "seed \(seed), \(step)")
            } else {
                #expect(throws: DiskError.self) {
                    try file.read(at: UInt64(offset), count: count)
                }
            }
            #expect(try file.byteCount() == UInt64(model.count))
            // Another opening has another session.
            if random.below(20) == 0 {
                file = try SealedDisk(disk, vault).open("pages", .readWrite)
            }
        }
        let mapping = try file.map(at: 4096, count: 9000)
        #expect(try mapping.copy(at: 0, count: 9000) == Array(model[4096..<13096]))
    }

    @Test func aRootBlockThatIsWrittenAgainStaysAsItStands() throws {
        let disk = MemoryDisk()
        let vault = Self.vault()
        let block = (0..<8192).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let file = try SealedDisk(disk, vault).open("pages", .create)
        try file.write(block + block, at: 0)
        let raw = try disk.open("pages", .read)
        let before = try raw.read(at: 0, count: 16 * 1056)
        let again = try SealedDisk(disk, vault).open("pages", .readWrite)
        try again.write(block, at: 8192)
        #expect(try raw.read(at: 0, count: 16 * 1056) == before)
        // Another one has another nonce in each of its places, and leaves its neighbour alone.
        try again.write([1] + block.dropFirst(), at: 8192)
        let after = try raw.read(at: 0, count: 16 * 1056)
        #expect(after.prefix(8 * 1056) == before.prefix(8 * 1056))
        for place in 8..<16 {
            let range = place * 1056..<(place + 1) * 1056
            #expect(after[range] != before[range])
        }
        #expect(try again.read(at: 8192, count: 8192) == [1] + block.dropFirst())
    }

    @Test func nothingOfItStandsInTheFile() throws {
        let disk = MemoryDisk()
        let file = try SealedDisk(disk, Self.vault()).open("pages", .create)
        let marker = Array("a marker that nobody writes by chance".utf8)
        try file.write(marker + [UInt8](repeating: 0, count: 3000), at: 16 << 10)
        let raw = try disk.open("pages", .read)
        let bytes = try raw.read(at: 0, count: Int(try raw.byteCount()))
        #expect(bytes.count == 19 * 1056)
        #expect(!bytes.contains(marker.prefix(8)))
        // What was never written is zeros, there and here.
        #expect(bytes[..<(16 * 1056)].allSatisfy { $0 == 0 })
        #expect(try file.read(at: 0, count: 1024).allSatisfy { $0 == 0 })
        // The same bytes at the same place again are other bytes there.
        try file.write(marker + [UInt8](repeating: 0, count: 3000), at: 16 << 10)
        let again = try raw.read(at: 0, count: Int(try raw.byteCount()))
        let stored = 16 * 1056..<17 * 1056
        #expect(zip(bytes[stored], again[stored]).count { $0 == $1 } < 100)
    }

    @Test func aChangedPlaceDoesNotOpen() throws {
        let disk = MemoryDisk()
        let vault = Self.vault()
        let file = try SealedDisk(disk, vault).open("pages", .create)
        try file.write([UInt8](repeating: 7, count: 20 << 10), at: 0)
        let raw = try disk.open("pages", .readWrite)
        let whole = try raw.read(at: 0, count: 20 * 1056)
        let failure = DiskError.failed(call: SealedDisk.failure, path: "pages", code: 74)
        for offset in [0, 1, 1023, 1024, 1030, 1036, 1039, 1040, 1055] {
            var bytes = whole
            bytes[17 * 1056 + offset] ^= 1
            try raw.write(bytes, at: 0)
            #expect(throws: failure) { try file.read(at: 17 << 10, count: 1024) }
            #expect(throws: failure) { try file.read(at: 16 << 10, count: 4096) }
            #expect(try file.read(at: 18 << 10, count: 1024) == [UInt8](repeating: 7, count: 1024))
            // A root block may be torn.
            bytes = whole
            bytes[3 * 1056 + offset] ^= 1
            try raw.write(bytes, at: 0)
            let root = try file.read(at: 0, count: 8192)
            #expect(root[3072..<4096].allSatisfy { $0 == 0xff })
            #expect(root[..<3072].allSatisfy { $0 == 7 })
        }
        // A place's bytes are no other place's.
        var moved = whole
        moved.replaceSubrange(17 * 1056..<18 * 1056, with: whole[18 * 1056..<19 * 1056])
        try raw.write(moved, at: 0)
        #expect(throws: failure) { try file.read(at: 17 << 10, count: 1024) }
        // Nor another store's.
        let other = Vault(vault.key, identity: 1, 3, randomness: RealRandomness())
        try raw.write(whole, at: 0)
        let foreign = try SealedDisk(disk, other).open("pages", .read)
        #expect(throws: failure) { try foreign.read(at: 17 << 10, count: 1024) }
    }
}

extension [UInt8] {
    /// Whether bytes stand anywhere in it.
    fileprivate func contains(_ part: some Collection<UInt8>) -> Bool {
        let part = Array(part)
        return indices.contains { starts(at: $0, part) }
    }

    private func starts(at index: Int, _ part: [UInt8]) -> Bool {
        count - index >= part.count && self[index] == part[0]
            && self[index..<(index + part.count)].elementsEqual(part)
    }
}
