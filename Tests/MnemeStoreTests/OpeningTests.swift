// Files that are damaged, foreign, newer, cut short, or somebody else's: each is told apart, and
// nothing is written over it.

import Glibc
import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct OpeningTests {
    /// A store's files after a few commits, closed or not.
    private func files(
        _ name: String,
        closes: Bool = true,
        seed: UInt64 = 1
    ) throws
        -> [String: [UInt8]]
    {
        let disk = SimulatedDisk()
        var options = Kinds.options(disk)
        options.randomness = SeededRandomness(seed: seed)
        let store = try Store.open(name, options: options)
        try store.define(Kinds.schema)
        for number in 0..<20 {
            _ = try store.commit([Kinds.put("k\(number)", ["body": "some words"])])
        }
        try store.checkpointNow()
        for number in 20..<40 { _ = try store.commit([Kinds.put("k\(number)")]) }
        if closes { try store.close() }
        var files: [String: [UInt8]] = [:]
        for (path, bytes) in disk.contents() {
            if let bytes { files[String(path.split(separator: "/", maxSplits: 1)[1])] = bytes }
        }
        return files
    }

    /// A disk with these files in `store`.
    private func disk(_ files: [String: [UInt8]]) throws -> MemoryDisk {
        let disk = MemoryDisk()
        try disk.createDirectory("store")
        try disk.createDirectory("store/log")
        for (name, bytes) in files where name != "lock" {
            try disk.open("store/" + name, .create).write(bytes, at: 0)
        }
        return disk
    }

    private func contents(_ disk: MemoryDisk) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for directory in ["store", "store/log"] {
            for name in try disk.list(directory) where name != "lock" {
                let file = try disk.open(directory + "/" + name, .read)
                files[directory + "/" + name] = try file.read(
                    at: 0,
                    count: Int(try file.byteCount())
                )
            }
        }
        return files
    }

    /// Expects that no way of opening gets in, and that every byte stays.
    private func refuse(
        _ code: MnemeError.Code,
        _ files: [String: [UInt8]],
        modes: [StoreMode] = [.openOrCreate, .open],
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let disk = try disk(files)
        let before = try contents(disk)
        for mode in modes {
            try expectRefusal(code, at: location) {
                _ = try Store.open("store", mode, options: Kinds.options(disk))
            }
        }
        // Pages may come new where there were none.
        let after = try contents(disk).filter { before[$0.key] != nil }
        #expect(after == before, sourceLocation: location)
    }

    private func count(_ files: [String: [UInt8]], _ mode: StoreMode = .open) throws -> Int {
        let store = try Store.open("store", mode, options: Kinds.options(try disk(files)))
        #expect(try store.verify().findings == [])
        return try store.snapshot().find(Find("things", limit: .max)).rows.count
    }

    @Test func identitiesThatAreNone() throws {
        let files = try files("store")
        let identity = try #require(files["store"])
        for count in [0, 1, 8, 20, identity.count - 1] {
            try refuse(.notAStore, files.merging(["store": Array(identity.prefix(count))]) { $1 })
        }
        for place in identity.indices {
            var damaged = identity
            damaged[place] ^= 0x10
            try refuse(.notAStore, files.merging(["store": damaged]) { $1 })
        }
        try refuse(.notAStore, files.merging(["store": Array("no store at all".utf8)]) { $1 })
        // A file of a store that is cut short is damaged, and not of another store.
        let cut = files.merging(["store": Array(identity.prefix(10))]) { $1 }
        for mode in [StoreMode.openOrCreate, .open, .rebuild] {
            try expectRefusal(.notAStore, "store/store", "is damaged", "put that file back") {
                _ = try Store.open("store", mode, options: Kinds.options(try disk(cut)))
            }
        }
        #expect(identity.count == IdentityFile.byteCount)
        let letter = MemoryDisk()
        try letter.createDirectory("store")
        try letter.open("store/store", .create).write(Array("Dear Ann".utf8), at: 0)
        try expectRefusal(.notAStore, "does not belong to a store") {
            _ = try Store.open("store", options: Kinds.options(letter))
        }
        var newer = Array(identity.dropFirst(8))
        newer[8] = 2
        var writer = ByteWriter()
        writer.put(Checksum.xxh3(newer))
        writer.put(newer)
        try refuse(.newerFormat, files.merging(["store": writer.bytes]) { $1 })
        #expect(try count(files) == 40)
    }

    @Test func aLostIdentityLosesNothing() throws {
        var files = try files("store")
        files["store"] = nil
        try refuse(.notAStore, files, modes: [.openOrCreate, .create, .open, .rebuild])
        // What a creation leaves that a power cut ended is cleared away.
        let disk = try disk(["pages": [1, 2, 3], "log/000000000001.log": [0, 0]])
        let store = try Store.open("store", .create, options: Kinds.options(disk))
        try store.define(Kinds.schema)
        #expect(try store.verify().findings == [])
    }

    @Test func filesOfAnotherStore() throws {
        let mine = try files("store")
        let other = try files("store", seed: 2)
        for name in ["store", "pages", "log/000000000001.log"] {
            let bytes = try #require(other[name])
            try refuse(.notAStore, mine.merging([name: bytes]) { $1 })
        }
        #expect(try count(mine) == 40)
        #expect(try count(other) == 40)
    }

    @Test func pagesThatAreDamaged() throws {
        let files = try files("store", closes: false)
        let pages = try #require(files["pages"])
        // Without pages everything is derived again; half a file or noise is named, and derived
        // again when that is asked for.
        var without = files
        without["pages"] = nil
        #expect(try count(without) == 40)
        let noise = SeededRandomness(seed: 7)
        let junk = (0..<20_000).map { _ in UInt8(truncatingIfNeeded: noise.next()) }
        for bytes in [Array(pages.prefix(17_000)), Array(pages.prefix(20_000)), junk] {
            let damaged = files.merging(["pages": bytes]) { $1 }
            try refuse(.corrupt, damaged)
            #expect(try count(damaged, .rebuild) == 40)
        }
        for bytes in [[], Array(pages.prefix(5000))] {
            #expect(try count(files.merging(["pages": bytes]) { $1 }) == 40)
        }
        let newer = Self.resealed(pages, version: 9)
        try refuse(.newerFormat, files.merging(["pages": newer]) { $1 })
        // An older format is derived again without being asked.
        for version in 1...2 as ClosedRange<UInt8> {
            let older = Self.resealed(pages, version: version)
            #expect(try count(files.merging(["pages": older]) { $1 }) == 40)
        }
    }

    /// A page file with another version in its root blocks, their checksums right.
    private static func resealed(_ pages: [UInt8], version: UInt8) -> [UInt8] {
        var newer = pages
        for slot in 0..<2 {
            var block = Array(pages[(slot * 8192)..<((slot + 1) * 8192)])
            guard block.contains(where: { $0 != 0 }) else { continue }
            block[16] = version
            let checksum = Checksum.xxh3(Array(block.dropFirst(8)), seed: UInt64(slot))
            for index in 0..<8 { block[index] = UInt8(truncatingIfNeeded: checksum >> (8 * index)) }
            newer.replaceSubrange((slot * 8192)..<((slot + 1) * 8192), with: block)
        }
        return newer
    }

    @Test func segmentsThatAreDamaged() throws {
        let name = "log/000000000001.log"
        for closes in [true, false] {
            let files = try files("store", closes: closes)
            let log = try #require(files[name])
            var missing = files
            missing[name] = nil
            try refuse(.damagedLog, missing)
            for count in [0, 100, 4096, 5000, 8192] {
                try refuse(.damagedLog, files.merging([name: Array(log.prefix(count))]) { $1 })
            }
            var foreign = log
            foreign.replaceSubrange(0..<4096, with: [UInt8](repeating: 7, count: 4096))
            try refuse(.damagedLog, files.merging([name: foreign]) { $1 })
            // One damaged byte of a record that was durable.
            var damaged = log
            damaged[4096 + 200] ^= 1
            let flipped = files.merging([name: damaged]) { $1 }
            try expectRefusal(.damagedLog) { _ = try count(flipped, .rebuild) }
        }
    }

    @Test func aLogThatIsCutOffIsNoTail() throws {
        let name = "log/000000000001.log"
        var files = try files("store", closes: false)
        let log = try #require(files[name])
        files["pages"] = nil
        for count in stride(from: 4200, to: log.count, by: 1000) {
            try refuse(.damagedLog, files.merging([name: Array(log.prefix(count))]) { $1 })
        }
    }

    @Test func segmentsAndFramesOfANewerFormat() throws {
        let name = "log/000000000001.log"
        let files = try files("store", closes: false)
        let log = try #require(files[name])
        var newer = log
        for start in [0, 2048] {
            newer[start + 16] = 3
            let checksum = Checksum.xxh3(Array(newer[(start + 8)..<(start + 64)]))
            for index in 0..<8 {
                newer[start + index] = UInt8(truncatingIfNeeded: checksum >> (8 * index))
            }
        }
        try refuse(.newerFormat, files.merging([name: newer]) { $1 })
        // The first frame, whole but for its version.
        var frame = log
        frame[4096 + 6] = 2
        let count = Int(frame[4096]) | Int(frame[4097]) << 8
        let checksum = unsafe Array(frame[4096..<(4096 + count)]).withUnsafeBytes {
            unsafe FrameHead.checksum($0, segment: 1, sequence: 1)
        }
        for index in 0..<8 {
            frame[4096 + 64 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * index))
        }
        var derived = files.merging([name: frame]) { $1 }
        derived["pages"] = nil
        try refuse(.newerFormat, derived)
    }

    /// Neither replay nor a read takes a frame for one that it knows.
    @Test(arguments: [(4, 28), (4, 99), (4, 255), (4, 3), (4, 15), (5, 1), (5, 0x80), (51, 1)])
    func framesThatOnlyANewerProgramKnows(_ place: Int, _ byte: UInt8) throws {
        let disk = MemoryDisk()
        let store = try Kinds.store(Kinds.options(disk))
        let (offset, sequence) = (store.log.end.offset, store.log.nextSequence)
        _ = try store.commit([Kinds.put("c", ["near": .vector([0, 1, 0])])])
        let name = "log/000000000001.log"
        let file = try disk.open("store/" + name, .readWrite)
        var bytes = try file.read(at: 0, count: Int(try file.byteCount()))
        let known = bytes
        let length = Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
        bytes[offset + place] = byte
        let checksum = unsafe Array(bytes[offset..<(offset + length)]).withUnsafeBytes {
            unsafe FrameHead.checksum($0, segment: 1, sequence: sequence)
        }
        for index in 0..<8 {
            bytes[offset + 64 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * index))
        }
        try file.write(bytes, at: 0)
        let reads: [() throws -> Void] = [
            { _ = try store.snapshot().record(Kinds.thing("c")) },
            { _ = try store.snapshot().find(Find("things", where: .eq("name", "c"))) },
            { _ = try store.verify() },
            { _ = try store.commit([Kinds.put("c", ["count": 5])]) },
        ]
        for read in reads {
            try expectRefusal(.newerFormat, "segment 1 at \(offset)") { try read() }
        }
        let pages = try disk.open("store/pages", .read)
        var files = [name: bytes, "pages": try pages.read(at: 0, count: Int(pages.byteCount()))]
        let identity = try disk.open("store/store", .read)
        files["store"] = try identity.read(at: 0, count: Int(identity.byteCount()))
        // The commit frame's hash is over checksums: a newer program would have made it fit.
        let commit = offset + (length + 7) / 8 * 8
        for index in 0..<8 {
            bytes[commit + 80 + index] = UInt8(
                truncatingIfNeeded: Checksum.xxh3(Array(bytes[(offset + 64)..<(offset + 72)]))
                    >> (8 * index)
            )
        }
        let commitChecksum = unsafe Array(bytes[commit..<(commit + 96)]).withUnsafeBytes {
            unsafe FrameHead.checksum($0, segment: 1, sequence: sequence + 1)
        }
        for index in 0..<8 {
            bytes[commit + 64 + index] = UInt8(truncatingIfNeeded: commitChecksum >> (8 * index))
        }
        files[name] = bytes
        try refuse(.newerFormat, files, modes: [.openOrCreate, .open, .rebuild])
        files[name] = known
        #expect(try count(files) == 3)
    }

    @Test func textThatIsNoTextIsCorruption() throws {
        // Whole frames whose texts are no UTF-8, or whose bodies are no fields.
        let bad: [UInt8] = [0xff, 0xfe, 0x61]
        var put = PutColumns(
            ordinal: 1000,
            previous: nil,
            expiresAt: .max,
            collection: 1,
            key: "abc",
            vectors: []
        ).bytes(bodyCount: 0)
        let place = try #require(
            (0..<put.count).first { Array(put[$0...].prefix(3)) == [97, 98, 99] }
        )
        put.replaceSubrange(place..<(place + 3), with: bad)
        let good = PutColumns(
            ordinal: 1000,
            previous: nil,
            expiresAt: .max,
            collection: 1,
            key: "abc",
            vectors: []
        ).bytes(bodyCount: 0)
        let frames = [
            FrameContent(type: StoreFrameType.owner, owner: 9, columns: bad),
            FrameContent(type: StoreFrameType.put, columns: put, body: [0xa0]),
            FrameContent(
                type: StoreFrameType.put,
                columns: good,
                body: [0xa1, 0x01, 0x62, 0xff, 0xfe]
            ),
            FrameContent(type: StoreFrameType.put, columns: good, body: [0xa1, 0x01]),
            FrameContent(
                type: StoreFrameType.put,
                columns: good,
                body: [1, 2, 3],
                plainCount: 1 << 30
            ),
            FrameContent(type: StoreFrameType.put, columns: [1, 2, 3], body: [0xa0]),
            FrameContent(type: StoreFrameType.delete, columns: [1, 2, 3]),
            FrameContent(type: StoreFrameType.link, columns: []),
            FrameContent(type: StoreFrameType.schema, body: [0x61, 0xff]),
            FrameContent(type: StoreFrameType.schema, body: [0xf6]),
        ]
        for frame in frames {
            let disk = MemoryDisk()
            let store = try Kinds.store(Kinds.options(disk))
            #expect(try store.log.begin(batchBytes: frame.byteCount))
            _ = store.log.append(frame, time: 1)
            _ = store.log.endBatch(time: 1)
            try store.log.commit()
            let copy = MemoryDisk()
            try copy.createDirectory("store")
            try copy.createDirectory("store/log")
            for name in ["store", "pages", "log/000000000001.log"] {
                let file = try disk.open("store/" + name, .read)
                let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
                try copy.open("store/" + name, .create).write(bytes, at: 0)
            }
            try expectRefusal(.damagedLog) {
                _ = try Store.open("store", .open, options: Kinds.options(copy))
            }
        }
    }

    @Test func placesThatAreNoDirectory() throws {
        let path = "/tmp/mneme-opening-\(RealRandomness().next())"
        let disk = RealDisk()
        let file = try disk.open(path, .create)
        try file.write([1, 2, 3], at: 0)
        defer { try? disk.remove(path) }
        var options = StoreOptions()
        options.worksInBackground = false
        for mode in [StoreMode.openOrCreate, .create, .open] {
            try expectRefusal(.notAStore, path) {
                _ = try Store.open(path, mode, options: options)
            }
        }
        #expect(try file.read(at: 0, count: 3) == [1, 2, 3])
        let foreign = MemoryDisk()
        try foreign.createDirectory("store")
        _ = try foreign.open("store/letters.txt", .create)
        try expectRefusal(.notAStore, "letters.txt") {
            _ = try Store.open("store", options: Kinds.options(foreign))
        }
        try expectRefusal(.notAStore, "nowhere") {
            _ = try Store.open("nowhere", .open, options: Kinds.options(foreign))
        }
        try expectRefusal(.exists, "store") {
            let disk = MemoryDisk()
            try Kinds.store(Kinds.options(disk)).close()
            _ = try Store.open("store", .create, options: Kinds.options(disk))
        }
    }

    @Test func aStoreIsOpenOnce() throws {
        let path = "/tmp/mneme-once-\(RealRandomness().next())"
        var options = StoreOptions()
        options.worksInBackground = false
        let store = try Kinds.store(in: path, options)
        defer { Kinds.remove(path) }
        for mode in [StoreMode.openOrCreate, .open, .rebuild] {
            try expectRefusal(.busy, "open already", leaving: store) {
                _ = try Store.open(path, mode, options: options)
            }
        }
        let kept = store.snapshot()
        try store.close()
        try store.close()
        try expectRefusal(.closed) { _ = try store.commit([Kinds.put("z")]) }
        try expectRefusal(.closed) { try store.define(Kinds.schema) }
        // What a kept snapshot looks at may be written over by whoever opens the store next.
        try expectRefusal(.closed) { _ = try kept.record(Kinds.thing("a")) }
        try expectRefusal(.closed) { _ = try kept.find(Find("things")) }
        try expectRefusal(.closed) { _ = try store.statistics() }
        let again = try Store.open(path, .open, options: options)
        #expect(try again.snapshot().record(Kinds.thing("a")) != nil)
        try again.close()
    }
}

extension Kinds {
    /// A store of a real directory with the records `a` and `b`.
    static func store(in path: String, _ options: StoreOptions) throws -> Store {
        let store = try Store.open(path, .create, options: options)
        try store.define(schema)
        _ = try store.commit([put("a"), put("b")])
        return store
    }

    /// Removes a store's files.
    static func remove(_ path: String) {
        let disk = RealDisk()
        for directory in [path + "/log", path] {
            for name in (try? disk.list(directory)) ?? [] {
                try? disk.remove(directory + "/" + name)
            }
            unsafe rmdir(directory)
        }
    }
}
