// What is archived comes into cold segments in a compact form: random marks against a plain model,
// before and after the work behind, after crashes, openings and rebuilds; and the dictionary that
// bodies are packed against: what becomes of a store where it is damaged, and that it goes.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct ArchiveTests {
    private static let words = """
        the of and to in that was it for is on with he as you had at his be by not she from or \
        have an they which one were her all their there been when who will more would up some \
        out into time about other people then two could new only its our now like over man even \
        most after made years way where work day well year because house still life world school \
        between city
        """.split(separator: " ")

    private static let schema: Schema = {
        var roles = Roles()
        (roles.owner, roles.archivedAt) = ("owner", "since")
        return Schema(
            collections: [
                Collection(
                    "notes",
                    fields: [
                        Field("owner", .text), Field("number", .int), Field("since", .instant),
                        Field("body", .text, isSearchable: true),
                        Field("near", .vector(VectorType(dimension: 2, element: .float16))),
                    ],
                    indexes: [Index("byNumber", on: ["number"])],
                    roles: roles
                )
            ],
            edgeTypes: [EdgeType("joins", fields: [Field("why", .text)])]
        )
    }()

    /// Every other seed's store is encrypted.
    private func options(
        _ disk: any Disk,
        _ seed: UInt64 = 0,
        segments: Int = 128 << 10
    ) -> StoreOptions {
        var options = StoreTests.options(disk)
        if seed % 2 == 1 { options.masterKey = Sealed.key }
        options.logLimits.smallestSegment = segments
        options.logLimits.largestSegment = segments
        return options
    }

    private func text(_ random: SeededRandomness, _ count: Int = 200) -> String {
        (0..<count).map { _ in Self.words[random.below(Self.words.count)] }.joined(separator: " ")
    }

    private func note(_ key: Int) -> Reference { Reference("notes", .text("n\(key)")) }

    private func put(_ key: Int, _ number: Int, _ body: String) -> Change {
        .put(
            Put(
                "notes",
                .text("n\(key)"),
                [
                    "owner": .text("o\(key % 3)"), "number": .int(Int64(number)),
                    "body": .text(body), "near": .vector([Float(number), 1]),
                ]
            )
        )
    }

    /// Bodies and marks of everything that is there.
    private func notes(_ store: Store) throws -> [String: [String]] {
        let find = Find("notes", limit: .max).seeing(archived: .include)
        var notes: [String: [String]] = [:]
        for row in try store.snapshot().find(find).rows {
            let record = row.record
            notes[record.reference.key.description] = [
                "\(record["number"])", record["body"].text ?? "", "\(record["near"])",
                record["since"].isNull ? "" : "archived",
            ]
        }
        return notes
    }

    private func cold(_ store: Store) -> [UInt64] {
        store.log.sealedSegments.filter { SegmentNumber.isCold($0) }
    }

    private func fill(_ store: Store, _ random: SeededRandomness, _ keys: Range<Int>) throws {
        for first in stride(from: keys.lowerBound, to: keys.upperBound, by: 20) {
            let part = first..<min(first + 20, keys.upperBound)
            _ = try store.commit(part.map { put($0, $0, text(random)) })
        }
    }

    private func settle(_ store: Store) throws {
        try store.checkpointNow()
        try store.compactAll()
    }

    // MARK: Against a model

    @Test(arguments: [1, 2, UInt64.random(in: 3...(.max))])
    func whatIsArchivedBecomesColdAndStaysAsItIs(seed: UInt64) throws {
        print("archive: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        var disk = SimulatedDisk()
        var store = try Store.open("store", options: options(disk, seed))
        try store.define(Self.schema)
        try fill(store, random, 0..<1200)
        var archived: Set<Int> = []
        for round in 0..<4 {
            for _ in 0..<(round == 0 ? 900 : 150) {
                let key = random.below(1200)
                switch random.below(12) {
                case 0:
                    _ = try store.commit([.delete(note(key))])
                    archived.remove(key)
                case 1:
                    _ = try store.commit([put(key, random.below(9), text(random, 150))])
                    archived.remove(key)
                case 2:
                    guard archived.contains(key) else { continue }
                    _ = try store.commit([.mark(Mark(.unarchive, note(key)))])
                    archived.remove(key)
                default:
                    guard try store.snapshot().record(note(key)) != nil || archived.contains(key)
                    else { continue }
                    _ = try store.commit([.mark(Mark(.archive, note(key)))])
                    archived.insert(key)
                }
            }
            let before = try notes(store)
            try expect(store, archived, before)
            try settle(store)
            try expect(store, archived, before)
            let figures = try #require(try store.statistics().archived)
            #expect(figures.coldRecords > figures.records / 2 && figures.coldBytes > 0)
            #expect(cold(store).contains { store.log.isPacked($0) })
            // Nothing is left to do.
            let segments = store.log.sealedSegments
            try settle(store)
            #expect(store.log.sealedSegments == segments)
            switch round {
            case 0:
                disk = disk.crashDroppingAll()
                store = try Store.open("store", .open, options: options(disk, seed))
            case 1:
                try store.close()
                store = try Store.open("store", .open, options: options(disk, seed))
            default:
                try store.close()
                store = try Store.open("store", .rebuild, options: options(disk, seed))
            }
            try expect(store, archived, before)
            #expect(try store.statistics().archived == figures)
        }
    }

    private func expect(
        _ store: Store,
        _ archived: Set<Int>,
        _ before: [String: [String]]
    ) throws {
        #expect(try notes(store) == before)
        #expect(try store.verify().findings == [])
        #expect(try store.statistics().archived?.records ?? 0 == archived.count)
        let found = try store.snapshot().find(Find("notes", limit: .max).seeing(archived: .only))
        #expect(Set(found.rows.map(\.record.reference)) == Set(archived.map(note)))
    }

    @Test func whatIsArchivedTakesLessRoom() throws {
        let random = SeededRandomness(seed: 5)
        let store = try Store.open("store", options: options(MemoryDisk(), segments: 512 << 10))
        try store.define(Self.schema)
        try fill(store, random, 0..<1500)
        for first in stride(from: 0, to: 1500, by: 50) {
            let marks = (first..<(first + 50)).map { Mark(.archive, note($0)) }
            _ = try store.commit(marks.map { .mark($0) })
        }
        // So that what was archived last is sealed too.
        _ = try store.commit((0..<900).map { put(2000 + $0, $0, text(random)) })
        let before = try notes(store)
        try settle(store)
        let figures = try #require(try store.statistics().archived)
        #expect(figures.records == 1500 && figures.coldRecords > 1200)
        let bytes = cold(store).reduce(0) { $0 + store.log.byteCount(of: $1) }
        // Less than three quarters of what they are in the plain, heads of frames included.
        #expect(bytes * 4 < figures.coldBytes * 3)
        #expect(try notes(store) == before)
    }

    // MARK: The dictionary

    /// A store whose records are all packed in cold segments, and closed.
    private func packed(_ disk: SimulatedDisk, _ seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let store = try Store.open("store", options: options(disk, seed, segments: 1 << 20))
        try store.define(Self.schema)
        try fill(store, random, 0..<1800)
        #expect(try store.eraseNow())
        #expect(cold(store).contains { store.log.isPacked($0) })
        try store.close()
    }

    /// Where the copies of the dictionaries stand, by the names of the files.
    private func dictionaries(_ disk: SimulatedDisk) throws -> [String: [UInt64]] {
        var found: [String: [UInt64]] = [:]
        for name in try disk.list("store/log") where name.hasPrefix("cold-") {
            let file = try disk.open("store/log/" + name, .read)
            let count = try file.byteCount()
            for offset in stride(from: UInt64(4096), to: count, by: 4096) {
                let head = try file.read(at: offset, count: 32)
                if head[4] == 3, head[24..<32].allSatisfy({ $0 == 0 }), head[0] != 0 || head[1] != 0
                {
                    found[name, default: []].append(offset)
                }
            }
        }
        return found
    }

    @Test(arguments: [2, 3] as [UInt64])
    func oneCopyOfADictionaryIsEnough(seed: UInt64) throws {
        for copy in 0..<2 {
            let disk = SimulatedDisk()
            try packed(disk, seed)
            let places = try dictionaries(disk)
            #expect(!places.isEmpty && places.values.allSatisfy { $0.count == 2 })
            for (name, offsets) in places {
                let file = try disk.open("store/log/" + name, .readWrite)
                try file.write([0xff, 0xfe, 0xfd], at: offsets[copy] + 100)
                try file.sync()
            }
            let store = try Store.open(
                "store",
                .open,
                options: options(disk, seed, segments: 1 << 20)
            )
            #expect(try notes(store).count == 1800)
            #expect(try store.verify().findings == [])
        }
    }

    @Test(arguments: [2, 3] as [UInt64])
    func withoutItsDictionaryABodyIsDamaged(seed: UInt64) throws {
        let disk = SimulatedDisk()
        try packed(disk, seed)
        for (name, offsets) in try dictionaries(disk) {
            let file = try disk.open("store/log/" + name, .readWrite)
            for offset in offsets { try file.write([0xff, 0xfe, 0xfd], at: offset + 100) }
            try file.sync()
        }
        let store = try Store.open(
            "store",
            .open,
            options: options(disk, seed, segments: 1 << 20)
        )
        #expect {
            _ = try notes(store)
        } throws: { error in
            guard let error = error as? MnemeError else { return false }
            return error.code == .damagedLog && "\(error)".contains("dictionary")
        }
    }

    @Test(arguments: [2, 3] as [UInt64])
    func aScrubReadsBothCopiesOfADictionary(seed: UInt64) throws {
        let whole = SimulatedDisk()
        try packed(whole, seed)
        for damaged in [[], [0], [1], [0, 1]] {
            let disk = whole.crashKeepingAll()
            let places = try dictionaries(disk)
            for (name, offsets) in places {
                let file = try disk.open("store/log/" + name, .readWrite)
                for copy in damaged {
                    try file.write([0xff, 0xfe, 0xfd], at: offsets[copy] + 100)
                }
                try file.sync()
            }
            let store = try Store.open(
                "store",
                .open,
                options: options(disk, seed, segments: 1 << 20)
            )
            store.scrubLog()
            let found = store.damage
            #expect(!places.isEmpty && found.count == places.count * damaged.count, "\(found)")
            for (name, offsets) in places {
                for copy in damaged {
                    let place = "log/\(name) is damaged at byte \(offsets[copy]): "
                    let line = try #require(found.first { $0.hasPrefix(place) }, "\(found)")
                    let other = copy == 0 ? "the second one does" : "the first one does"
                    #expect(line.contains(damaged.count == 2 ? "neither copy" : other), "\(line)")
                }
            }
            try store.close()
        }
    }

    /// No file has anything of what was erased, the dictionary that was made of it included.
    @Test func aDictionaryGoesWithWhatItWasMadeOf() throws {
        let disk = SimulatedDisk()
        let random = SeededRandomness(seed: 6)
        let store = try Store.open("store", options: options(disk, segments: 1 << 20))
        try store.define(Self.schema)
        func secret(_ number: Int) -> String { "Zq7#kP2x!\(number)vW9@mB4" }
        for first in stride(from: 0, to: 1800, by: 20) {
            let part = first..<(first + 20)
            _ = try store.commit(part.map { put($0, $0, secret($0) + " " + text(random)) })
        }
        #expect(try store.eraseNow())
        #expect(cold(store).contains { store.log.isPacked($0) })
        // Those of which the files say the secret in the clear.
        func told() throws -> Set<Int> {
            let mark = Array("Zq7#kP2x!".utf8)
            var found: Set<Int> = []
            for name in try disk.list("store/log") {
                let file = try disk.open("store/log/" + name, .read)
                let all = try file.read(at: 0, count: Int(try file.byteCount()))
                for (place, byte) in all.enumerated() where byte == mark[0] {
                    let rest = all[place...]
                    guard rest.starts(with: mark) else { continue }
                    let digits = rest.dropFirst(mark.count).prefix { 48...57 ~= $0 }
                    if let number = Int(String(decoding: digits, as: UTF8.self)) {
                        found.insert(number)
                    }
                }
            }
            return found
        }
        let number = try #require(try told().first)
        _ = try store.commit([.erase(note(number))])
        #expect(try store.eraseNow())
        #expect(try !told().contains(number))
        #expect(try notes(store).count == 1799)
    }
}
