// An encrypted store: nothing of its contents stands on the disk, no key enciphers twice under one
// nonce, what was changed is refused, and so is a key that does not fit.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeLog
@testable import MnemePages
@testable import MnemeStore

/// Encrypted stores on disks in memory.
enum Sealed {
    static let key = key(100)
    static let other = key(0)

    private static func key(_ first: UInt8) -> MasterKey {
        guard let key = MasterKey(bytes: [UInt8](first..<(first + 32))) else {
            preconditionFailure("32 bytes are a key")
        }
        return key
    }

    static func options(_ disk: any Disk, _ key: MasterKey? = key) -> StoreOptions {
        var options = Kinds.options(disk)
        options.masterKey = key
        options.logLimits.smallestSegment = 64 << 10
        options.logLimits.largestSegment = 64 << 10
        return options
    }

    /// The files below a directory, by path.
    static func files(_ disk: any Disk, _ directory: String = "store") throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for folder in [directory, directory + "/log"] {
            for name in (try? disk.list(folder)) ?? [] where name != "log" {
                let file = try disk.open(folder + "/" + name, .read)
                let count = Int(try file.byteCount())
                files[folder + "/" + name] = try file.read(at: 0, count: count)
            }
        }
        return files
    }

    /// A copy of a disk's store.
    static func copy(_ disk: any Disk) throws -> MemoryDisk {
        let copy = MemoryDisk()
        try copy.createDirectory("store/log")
        for (path, bytes) in try files(disk) { try copy.open(path, .create).write(bytes, at: 0) }
        return copy
    }

    static func overwrite(_ disk: MemoryDisk, _ path: String, _ bytes: [UInt8]) throws {
        try disk.open(path, .readWrite).write(bytes, at: 0)
    }

    /// Where bytes stand in the files.
    static func paths(of part: [UInt8], in files: [String: [UInt8]]) -> [String] {
        files.filter { entry in
            let bytes = entry.value
            return bytes.indices.contains { index in
                bytes[index] == part[0] && bytes.count - index >= part.count
                    && bytes[index..<(index + part.count)].elementsEqual(part)
            }
        }.keys.sorted()
    }
}

@Suite struct EncryptionTests {
    private static let marker = "Zanzibarkompass"
    private static let row: [Float] = [0.123_456_7, -7.654_321, 3.141_592_7]

    /// Fills a store with the marker in every kind of place, and closes it.
    private func fill(_ options: StoreOptions) throws {
        let store = try Store.open("store", options: options)
        try store.define(Kinds.schema)
        let marked = Self.marker.lowercased()
        for number in 0..<300 {
            let fields: [String: Value] = [
                "owner": .text("\(marked)/\(number % 3)"), "body": .text("\(marked) word\(number)"),
                "data": .bytes(Array("\(marked)\(number)".utf8)), "count": .int(Int64(number)),
                "tags": .array([.text(Self.marker)]), "near": .vector(Self.row),
            ]
            _ = try store.commit([Kinds.put("\(marked)-\(number)", fields)])
        }
        try store.checkpointNow()
        _ = try store.commit([
            .link(
                Link("joins", from: Kinds.thing("\(marked)-1"), to: Kinds.thing("\(marked)-2"))
            )
        ])
        try store.close()
    }

    private var rowBytes: [UInt8] {
        Self.row.flatMap { number in
            (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> UInt32($0 * 8)) }
        }
    }

    @Test func nothingOfTheContentsStandsOnTheDisk() throws {
        let (plain, sealed) = (MemoryDisk(), MemoryDisk())
        try fill(Sealed.options(plain, nil))
        try fill(Sealed.options(sealed))
        let parts = [
            Array(Self.marker.lowercased().utf8),
            Array(Self.marker.lowercased().utf8.prefix(8)), rowBytes,
        ]
        for part in parts {
            // The look finds what is there to be found.
            #expect(!Sealed.paths(of: part, in: try Sealed.files(plain)).isEmpty)
            #expect(Sealed.paths(of: part, in: try Sealed.files(sealed)) == [])
        }
        #expect(
            Sealed.paths(of: Array(Self.marker.lowercased().utf8), in: try Sealed.files(plain))
                .contains("store/pages")
        )
        // And it answers as the other does.
        let store = try Store.open("store", .open, options: Sealed.options(sealed))
        let other = try Store.open("store", .open, options: Sealed.options(plain, nil))
        #expect(try Picture(store) == Picture(other))
        #expect(try store.verify().findings == [])
        try store.close()
    }

    @Test func aKeyThatDoesNotFitIsRefusedAndNothingIsTouched() throws {
        let (plain, sealed) = (MemoryDisk(), MemoryDisk())
        try fill(Sealed.options(plain, nil))
        try fill(Sealed.options(sealed))
        for mode in [StoreMode.open, .openOrCreate, .read, .rebuild] {
            let before = try Sealed.files(sealed)
            try expectRefusal(.badKey, "--key-file", "encrypted") {
                _ = try Store.open("store", mode, options: Sealed.options(sealed, nil))
            }
            try expectRefusal(.badKey, "not that of store") {
                _ = try Store.open("store", mode, options: Sealed.options(sealed, Sealed.other))
            }
            #expect(try Sealed.files(sealed) == before)
            try expectRefusal(.badKey, "not encrypted") {
                _ = try Store.open("store", mode, options: Sealed.options(plain))
            }
        }
        try expectRefusal(.badKey) {
            _ = try Salvage(
                of: "store",
                to: "new",
                options: Sealed.options(sealed, Sealed.other)
            ).run()
        }
    }

    @Test func anotherMasterKeyIsAWriteOfOneFile() throws {
        let disk = MemoryDisk()
        try fill(Sealed.options(disk))
        let before = try Sealed.files(disk)
        try expectRefusal(.badKey) {
            try Store.changeKey(
                of: "store",
                to: Sealed.other,
                options: Sealed.options(disk, Sealed.other)
            )
        }
        #expect(try Sealed.files(disk)["store/store"] == before["store/store"])
        try Store.changeKey(of: "store", to: Sealed.other, options: Sealed.options(disk))
        let after = try Sealed.files(disk)
        #expect(after.filter { $0.value != before[$0.key] }.keys.sorted() == ["store/store"])
        #expect(after.count == before.count)
        try expectRefusal(.badKey) {
            _ = try Store.open("store", .open, options: Sealed.options(disk))
        }
        let store = try Store.open("store", .open, options: Sealed.options(disk, Sealed.other))
        #expect(try store.verify().findings == [])
        try store.close()
        let plain = MemoryDisk()
        try fill(Sealed.options(plain, nil))
        try expectRefusal(.badKey) {
            try Store.changeKey(
                of: "store",
                to: Sealed.other,
                options: Sealed.options(plain, nil)
            )
        }
    }

    @Test func oneCopyOfTheKeyIsEnough() throws {
        let disk = MemoryDisk()
        try fill(Sealed.options(disk))
        let file = try #require(try Sealed.files(disk)["store/store"])
        #expect(file.count == IdentityFile.encryptedByteCount)
        for range in [0..<512, 40..<41, 110..<111, 2048..<2176, 2100..<2101] {
            var bytes = file
            for place in range { bytes[place] ^= 0x55 }
            try Sealed.overwrite(disk, "store/store", bytes)
            try Store.open("store", .open, options: Sealed.options(disk)).close()
        }
        // What both copies say otherwise, checksums mended, is no key.
        for place in 40..<120 {
            var body = Array(file[8..<120])
            body[place - 8] ^= 1
            body += Self.checksum(body)
            var bytes = file
            for start in [0, 2048] { bytes.replaceSubrange(start + 8..<start + 128, with: body) }
            try Sealed.overwrite(disk, "store/store", bytes)
            try expectRefusal(.badKey) {
                _ = try Store.open("store", .open, options: Sealed.options(disk))
            }
        }
        var bytes = file
        for place in [100, 2148] { bytes[place] ^= 1 }
        try Sealed.overwrite(disk, "store/store", bytes)
        try expectRefusal(.notAStore) {
            _ = try Store.open("store", .open, options: Sealed.options(disk))
        }
    }

    private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.put(Checksum.xxh3(bytes))
        return writer.bytes
    }

    @Test func backupsAreRestoredWithTheKey() throws {
        let disk = MemoryDisk()
        try fill(Sealed.options(disk))
        let store = try Store.open("store", .open, options: Sealed.options(disk))
        let picture = try Picture(store)
        _ = try store.backup(to: "kept/full")
        _ = try store.commit([Kinds.put("later")])
        var increment = BackupOptions()
        increment.base = "kept/full"
        _ = try store.backup(to: "kept/more", increment)
        try store.close()
        let chain = ["kept/full", "kept/more"]
        // Without a key.
        #expect(try Store.verifyBackups(chain, options: Sealed.options(disk, nil)).count == 2)
        try expectRefusal(.badKey) {
            _ = try Store.restore(chain, to: "bad", options: Sealed.options(disk, nil))
        }
        try expectRefusal(.badKey) {
            _ = try Store.restore(chain, to: "bad", options: Sealed.options(disk, Sealed.other))
        }
        #expect(!disk.holds("bad"))
        _ = try Store.restore(["kept/full"], to: "full", options: Sealed.options(disk))
        let full = try Store.open("full", .open, options: Sealed.options(disk))
        #expect(try picture.isShown(restored: full))
        try full.close()
        _ = try Store.restore(chain, to: "more", options: Sealed.options(disk))
        let more = try Store.open("more", .open, options: Sealed.options(disk))
        #expect(try more.snapshot().record(Kinds.thing("later")) != nil)
        try more.close()
        for part in [Array(Self.marker.lowercased().utf8), rowBytes] {
            for place in ["more", "kept/full", "kept/more"] {
                #expect(Sealed.paths(of: part, in: try Sealed.files(disk, place)) == [])
            }
        }
    }

    @Test func salvageBringsOutWhatOpens() throws {
        let disk = MemoryDisk()
        try fill(Sealed.options(disk))
        // A frame in the middle of the first segment.
        let path = "store/log/000000000001.log"
        let file = try disk.open(path, .readWrite)
        var bytes = try file.read(at: 20_000, count: 8)
        for place in bytes.indices { bytes[place] ^= 0xff }
        try file.write(bytes, at: 20_000)
        let salvage = Salvage(of: "store", to: "new", options: Sealed.options(disk))
        let report = try salvage.run()
        #expect(report.losses.count == 1)
        #expect((report.records["things"] ?? 0) >= 299)
        let store = try Store.open("new", .open, options: Sealed.options(disk))
        #expect(try store.verify().findings == [])
        try store.close()
        #expect(
            Sealed.paths(
                of: Array(Self.marker.lowercased().utf8),
                in: try Sealed.files(disk, "new")
            )
                == []
        )
    }

    /// A place of 1,024 bytes takes 1,056 in the file.
    @Test func whatIsLeftInThePageFileIsToldByItsPlaceThere() throws {
        let disk = MemoryDisk()
        let store = try Store.open("store", options: Sealed.options(disk))
        try store.define(Kinds.schema)
        for round in 0..<3 {
            _ = try store.commit(
                (0..<40).map { Kinds.put("k\($0)", ["count": .int(Int64(round))]) }
            )
            try store.checkpointNow()
        }
        let findings = try store.erasureProof(of: Kinds.thing("gone")).findings
        let file = try disk.open("store/pages", .read)
        let end = try file.byteCount()
        var told = 0
        for finding in findings where finding.hasPrefix("pages from byte ") {
            let byte = try #require(UInt64(finding.split(separator: " ")[3]))
            #expect(byte % 1056 == 0 && byte < end, "\(finding)")
            // Where anything stands, its tag does.
            let place = try file.read(at: byte, count: 1056)
            if finding.contains("are free and not zero") {
                #expect(place.suffix(16).contains { $0 != 0 }, "\(finding)")
                told += 1
            }
        }
        #expect(told > 0, "\(findings)")
        try store.close()
    }
}
