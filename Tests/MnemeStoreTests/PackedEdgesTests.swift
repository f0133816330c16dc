// Stores whose edges stand in packs, against a plain model: through compactions, crashes, openings
// and rebuilds, encrypted and not; where a pack is damaged; and when an edge is erased.
// Format: formats/log.md#pack.

import MnemeBase
import MnemeModel
import MnemePages
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct PackedEdgesTests {
    private static let schema = Schema(
        collections: [
            Collection(
                "notes",
                fields: [Field("owner", .text), Field("number", .int)],
                roles: {
                    var roles = Roles()
                    roles.owner = "owner"
                    return roles
                }()
            )
        ],
        edgeTypes: [
            EdgeType("joins", fields: [Field("why", .text), Field("weight", .float)]),
            EdgeType("cites"),
        ]
    )

    private func options(_ disk: any Disk, _ seed: UInt64) -> StoreOptions {
        var options = StoreTests.options(disk)
        // Every other seed's store is encrypted.
        if seed % 2 == 1 { options.masterKey = Sealed.key }
        options.logLimits.smallestSegment = 64 << 10
        options.logLimits.largestSegment = 128 << 10
        options.compactionShare = 0.3
        return options
    }

    private static let notes = 60

    private func note(_ number: Int) -> Reference { Reference("notes", .text("n\(number)")) }

    private func put(_ number: Int) -> Change {
        .put(
            Put(
                "notes",
                .text("n\(number)"),
                ["owner": .text("o\(number % 3)"), "number": .int(Int64(number))]
            )
        )
    }

    /// What is said of an edge.
    private struct Told: Hashable {
        var type: String
        var from: Reference
        var to: Reference
        var fields: [String: Value]

        init(_ edge: Edge) {
            (type, from, to, fields) = (edge.type, edge.from, edge.to, edge.fields)
        }

        init(_ link: Link) {
            (type, from, to, fields) = (link.type, link.from, link.to, link.fields)
        }
    }

    private func link(_ random: SeededRandomness) -> Link {
        var fields: [String: Value] = [:]
        let type = random.below(4) == 0 ? "cites" : "joins"
        if type == "joins" {
            if random.below(2) == 0 {
                fields["why"] = .text(String(repeating: "why ", count: random.below(30)))
            }
            if random.below(3) > 0 { fields["weight"] = .float(Double(random.below(8)) / 8) }
        }
        return Link(
            type,
            from: note(random.below(Self.notes)),
            to: note(random.below(Self.notes)),
            fields: fields
        )
    }

    /// All edges by their ids.
    private func edges(_ store: Store) throws -> [UInt64: Told] {
        var edges: [UInt64: Told] = [:]
        for number in 0..<Self.notes {
            guard try store.snapshot().record(note(number)) != nil else { continue }
            for edge in try store.snapshot().edges(of: note(number), .out, types: nil) {
                edges[edge.id] = Told(edge)
            }
        }
        return edges
    }

    /// How often each edge is there, whatever its id.
    private func told(_ store: Store) throws -> [Told: Int] {
        Dictionary(grouping: try edges(store).values) { $0 }.mapValues(\.count)
    }

    /// How many edges' places lead into packs.
    private func packedCount(_ store: Store, _ ids: some Sequence<UInt64>) throws -> Int {
        let reader = store.reader()
        return try ids.count { id in
            guard let entry = try reader.entry(id) else { return false }
            return LogPlace(bits: entry.place).numberInPack != nil
        }
    }

    private func filled(
        _ disk: any Disk,
        _ seed: UInt64,
        _ random: SeededRandomness,
        count: Int = 2000
    ) throws -> Store {
        let store = try Store.open("store", options: options(disk, seed))
        try store.define(Self.schema)
        _ = try store.commit((0..<Self.notes).map(put))
        for _ in 0..<(count / 40) {
            _ = try store.commit((0..<40).map { _ in .link(link(random)) })
        }
        try thin(store)
        return store
    }

    /// Ends one edge of 20, so that every segment has something that is to go.
    private func thin(_ store: Store) throws {
        for id in try edges(store).keys where id % 20 == 0 { _ = try store.commit([.unlink(id)]) }
    }

    private func settle(_ store: Store) throws {
        #expect(try store.eraseNow())
        try store.checkpointNow()
        try store.compactAll()
    }

    // MARK: Against a model

    @Test(arguments: [1, 2, UInt64.random(in: 3...(.max))])
    func edgesInPacksStayAsTheyAre(seed: UInt64) throws {
        print("packed edges: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        var disk = SimulatedDisk()
        var store = try filled(disk, seed, random)
        for round in 0..<4 {
            let before = try edges(store)
            try settle(store)
            #expect(try edges(store) == before)
            #expect(try packedCount(store, before.keys) * 10 > before.count * 8)
            #expect(try store.verify().findings == [])
            let hasPacks = store.newest.state.roots.cold.contains { $0.hasPacks }
            #expect(hasPacks)
            var living = before
            for _ in 0..<60 {
                switch random.below(8) {
                case 0:
                    let gone = note(random.below(Self.notes))
                    guard try store.snapshot().record(gone) != nil else { continue }
                    _ = try store.commit([.delete(gone)])
                    living = living.filter { $0.value.from != gone && $0.value.to != gone }
                case 1: _ = try store.commit([put(random.below(Self.notes))])
                case 2...4:
                    if living.isEmpty { continue }
                    let id = living.keys.sorted()[random.below(living.count)]
                    _ = try store.commit([.unlink(id)])
                    living.removeValue(forKey: id)
                default:
                    let link = link(random)
                    guard try store.snapshot().record(link.from) != nil,
                        try store.snapshot().record(link.to) != nil
                    else { continue }
                    let count = try edges(store).count
                    _ = try store.commit([.link(link)])
                    let now = try edges(store)
                    #expect(now.count == count + 1)
                    living = now
                }
                if random.below(20) == 0 { try store.checkpointNow() }
            }
            #expect(try edges(store) == living)
            switch round {
            case 0:
                disk = disk.crashDroppingAll()
                store = try Store.open("store", .open, options: options(disk, seed))
            case 1:
                try store.close()
                store = try Store.open("store", .rebuild, options: options(disk, seed))
            case 2:
                try store.close()
                try disk.remove("store/pages")
                store = try Store.open("store", .open, options: options(disk, seed))
            default:
                disk = disk.crash(using: random)
                store = try Store.open("store", .open, options: options(disk, seed))
            }
            #expect(try edges(store) == living)
            #expect(try store.verify().findings == [])
        }
        try store.close()
    }

    @Test func edgesTakeLittleRoom() throws {
        let random = SeededRandomness(seed: 5)
        let disk = SimulatedDisk()
        let store = try Store.open("store", options: options(disk, 0))
        try store.define(Self.schema)
        _ = try store.commit((0..<Self.notes).map(put))
        for _ in 0..<100 {
            _ = try store.commit(
                (0..<50).map { _ in
                    let (from, to) = (note(random.below(60)), note(random.below(60)))
                    return .link(Link("joins", from: from, to: to, fields: ["weight": 0.5]))
                }
            )
        }
        try thin(store)
        // 5,000 edges of 128 bytes, before.
        #expect(store.log.sizes.sum > 5000 * 128)
        try settle(store)
        let bytes = store.log.sealedSegments.filter(SegmentNumber.isCold)
            .reduce(0) { $0 + store.log.byteCount(of: $1) }
        #expect(bytes < 5000 * 20, "\(bytes)")
        #expect(try edges(store).count == 4750)
    }

    // MARK: Damage

    /// Where packs stand in the cold segments, by the paths of the files.
    private func packs(_ disk: SimulatedDisk) throws -> [(path: String, bytes: Range<Int>)] {
        var found: [(path: String, bytes: Range<Int>)] = []
        for name in try disk.list("store/log") where name.hasPrefix("cold-") {
            let file = try disk.open("store/log/" + name, .read)
            let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
            var offset = 4096
            while offset + FrameHead.size <= bytes.count {
                let head = try FrameHead(Array(bytes[offset..<(offset + FrameHead.size)]))
                guard head.length > 0 else { break }
                let end = offset + Int(head.length)
                if head.type == LogFrameType.pack {
                    found.append(("store/log/" + name, offset..<end))
                }
                offset = FrameHead.aligned(end)
            }
        }
        return found
    }

    @Test(arguments: [6, 7, UInt64.random(in: 8...(.max))])
    func aDamagedPackIsNamedAndTheRestComesOut(seed: UInt64) throws {
        print("damaged packs: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        let disk = SimulatedDisk()
        var store = try filled(disk, seed, random)
        try settle(store)
        let before = try edges(store)
        try store.close()
        let all = try packs(disk)
        try #require(all.count > 3)
        for _ in 0..<6 {
            let (path, bytes) = all[random.below(all.count)]
            let offset = UInt64(bytes.lowerBound + random.below(bytes.count))
            let file = try disk.open(path, .readWrite)
            let whole = try file.read(at: offset, count: 1)
            try file.write([whole[0] ^ UInt8(1 << random.below(8))], at: offset)
            try file.sync()
            store = try Store.open("store", .open, options: options(disk, seed))
            #expect {
                _ = try edges(store)
            } throws: { error in
                (error as? MnemeError)?.code == .damagedLog
                    || (error as? MnemeError)?.code == .newerFormat
            }
            _ = try? store.verify()
            try store.close()
            let report = try Salvage(of: "store", to: "new", options: options(disk, seed)).run()
            #expect(!report.isComplete)
            let saved = try Store.open("new", .open, options: options(disk, seed))
            #expect(try saved.verify().findings == [])
            let came = try edges(saved)
            #expect(Set(came.values).isSubset(of: Set(before.values)))
            #expect(came.count < before.count)
            try saved.close()
            for name in try disk.list("new/log") { try disk.remove("new/log/" + name) }
            for name in ["store", "pages", "lock"] { try? disk.remove("new/" + name) }
            try file.write(whole, at: offset)
            try file.sync()
        }
        store = try Store.open("store", .open, options: options(disk, seed))
        #expect(try edges(store) == before)
        try store.close()
    }

    @Test func aWholeStoreIsSalvagedWithItsPacks() throws {
        let random = SeededRandomness(seed: 11)
        for seed in [0, 1] as [UInt64] {
            let disk = SimulatedDisk()
            let store = try filled(disk, seed, random)
            try settle(store)
            let before = try told(store)
            try store.close()
            try disk.remove("store/pages")
            let report = try Salvage(of: "store", to: "new", options: options(disk, seed)).run()
            #expect(report.isComplete)
            let saved = try Store.open("new", .open, options: options(disk, seed))
            let came = try told(saved)
            #expect(came == before)
            try saved.close()
        }
    }

    // MARK: Erasure

    /// No file has anything of an edge that was ended, when it was asked for.
    @Test func anEndedEdgeLeavesItsPack() throws {
        let disk = SimulatedDisk()
        let store = try Store.open("store", options: options(disk, 0))
        try store.define(Self.schema)
        _ = try store.commit((0..<Self.notes).map(put))
        for first in stride(from: 0, to: 2000, by: 40) {
            _ = try store.commit(
                (first..<(first + 40)).map { number in
                    .link(
                        Link(
                            "joins",
                            from: note(number % 60),
                            to: note(number % 59),
                            // Beside an empty body the others stand as they are.
                            fields: number % 10 == 0
                                ? [:] : ["why": .text("Zq7#kP2x!\(number)vW9@")]
                        )
                    )
                }
            )
        }
        try thin(store)
        try settle(store)
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
        let all = try edges(store)
        #expect(try packedCount(store, all.keys) > 1500)
        let number = try #require(try told().first)
        let why = Value.text("Zq7#kP2x!\(number)vW9@")
        let id = try #require(all.first { $0.value.fields["why"] == why }?.key)
        _ = try store.commit([.unlink(id)])
        #expect(try store.eraseNow())
        #expect(try !told().contains(number))
        #expect(try edges(store).count == all.count - 1)
        // And nothing is left of an owner's, edges in packs included.
        let owned = (0..<Self.notes).filter { $0 % 3 == 1 }
        #expect(try !store.erasureProof(ofOwner: "o1").findings.isEmpty)
        _ = try store.commit(owned.map { .erase(note($0)) })
        #expect(try store.eraseNow())
        let proof = try store.erasureProof(ofOwner: "o1")
        #expect(proof.isErased && proof.findings == [])
        #expect(try store.verify().findings == [])
        let left = try edges(store)
        #expect(try packedCount(store, left.keys) > 500)
    }

    // MARK: The state

    @Test func aStateSaysWhichSegmentsHavePacks() throws {
        for (hasPacks, version) in [(false, 3), (true, 9)] as [(Bool, UInt8)] {
            var roots = StoreRoots(tree: PageID(bits: 4), adjacency: PageID(bits: 5))
            roots.cold = [
                ColdMention(number: 1 << 35 + 1, isComplete: true, hasPacks: hasPacks),
                ColdMention(number: 1 << 35 + 2, isComplete: false, hasPacks: hasPacks),
            ]
            let image = StateImage(
                sequence: 7,
                position: LogPosition(place: LogPlace(segment: 3, offset: 4096), sequence: 8),
                incarnation: 1,
                epoch: 0,
                roots: roots,
                definitions: [],
                runs: []
            )
            var bytes = try image.bytes()
            #expect(bytes[0] == version)
            #expect(try StateImage(bytes).roots.cold == roots.cold)
            // What version 9 was the first to say older ones do not.
            for version in 7...8 as ClosedRange<UInt8> where hasPacks {
                bytes[0] = version
                #expect(throws: StoreError.self) { _ = try StateImage(bytes) }
            }
            bytes[0] = 11
            #expect {
                _ = try StateImage(bytes)
            } throws: { error in
                if case StoreError.pages(.newer(version: 11)) = error { true } else { false }
            }
        }
    }
}
