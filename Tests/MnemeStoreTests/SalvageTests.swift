// Bringing out what is whole of a damaged store: a plain model of the frames that the damage spared
// says what must come out, and the damaged store's files stay byte for byte.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemeStore

/// A store with several segments, and what its frames are.
struct DamagedWorld {
    /// A frame as it was written.
    struct Item {
        let frame: Frame
        let bytes: Range<Int>
        var sequence: UInt64 { frame.sequence }
    }
    /// A record as it is put.
    struct Version {
        let name: String
        let item: Item
    }

    let disk: MemoryDisk
    /// Every frame of a change, in order.
    private(set) var items: [Item] = []
    let picture: Picture

    /// Puts, replacements, deletes, links and unlinks by a seed.
    init(seed: UInt64, batches: Int = 120) throws {
        disk = MemoryDisk()
        let random = SeededRandomness(seed: seed)
        let store = try Store.open("store", options: Self.options(disk))
        try store.define(Kinds.schema)
        var edges: [UInt64] = []
        for _ in 0..<batches {
            var changes: [Change] = []
            for _ in 0..<(1 + random.below(4)) {
                changes.append(Self.change(random, edges))
            }
            guard let done = try? store.commit(changes) else { continue }
            for case .linked(let edge) in done.outcomes { edges.append(edge) }
        }
        var items: [Item] = []
        try store.log.forEachBatch(through: store.snapshot().sequence) {
            (batch) throws(StoreError) in
            for frame in batch.frames {
                let start = frame.place.offset
                items.append(Item(frame: frame, bytes: start..<(start + frame.byteCount)))
            }
        }
        self.items = items
        picture = try Picture(store)
        try store.close()
    }

    static func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.logLimits.smallestSegment = 8192
        options.logLimits.largestSegment = 16384
        return options
    }

    private static func change(_ random: SeededRandomness, _ edges: [UInt64]) -> Change {
        let key = "k\(random.below(40))"
        switch random.below(8) {
        case 0: return .delete(Kinds.thing(key))
        case 1:
            return .link(
                Link("joins", from: Kinds.thing(key), to: Kinds.thing("k\(random.below(9))"))
            )
        case 2 where !edges.isEmpty: return .unlink(edges[random.below(edges.count)])
        default:
            let words = (0..<random.below(60)).map { _ in StoreDice.words[random.below(6)] }
            let near = Value.vector([Float(random.below(9)), 1, 0])
            return Kinds.put(
                key,
                ["body": .text(words.joined(separator: " ")), "near": near, "owner": "ann"]
            )
        }
    }

    var segments: [UInt64] { Set(items.map(\.frame.place.segment)).sorted() }

    static func path(_ segment: UInt64) -> String { "store/" + "log/" + LogFile.name(segment) }

    /// What the frames that `isWhole` add up to, by the key of a record and the number of an edge.
    func expected(
        _ isWhole: (Item) -> Bool
    ) throws -> (records: [String: [String: Value]], edges: Int) {
        var records: [UInt64: (key: String, fields: [String: Value])] = [:]
        var edges: [UInt64: (from: UInt64, to: UInt64)] = [:]
        let collection = try Catalog().adding(Kinds.schema).collection("things")
        for item in items where isWhole(item) {
            let frame = item.frame
            switch frame.content.type {
            case StoreFrameType.put:
                let (columns, stored) = try FrameDecoder().record(frame)
                let key = columns.key.description
                for (ordinal, other) in records where other.key == key && ordinal != columns.ordinal
                {
                    records[ordinal] = nil
                }
                records[columns.ordinal] = (key, collection.record(stored).fields)
            case StoreFrameType.link:
                let columns = try PlainColumns(frame.content.columns)
                edges[columns.ordinal] = (columns.from, columns.to)
            case StoreFrameType.delete, StoreFrameType.unlink, StoreFrameType.eraseEdge:
                let columns = try PlainColumns(frame.content.columns)
                records[columns.ordinal] = nil
                edges[columns.ordinal] = nil
            default: break
            }
        }
        let standing = edges.values.filter { records[$0.from] != nil && records[$0.to] != nil }
        let byKey = records.values.map { ($0.key, $0.fields) }
        return (Dictionary(uniqueKeysWithValues: byKey), standing.count)
    }
}

extension MemoryDisk {
    /// Every file of a store but its lock.
    func storeFiles(_ store: String = "store") throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for directory in [store, store + "/log"] {
            for name in try list(directory) where name != "lock" {
                let file = try open(directory + "/" + name, .read)
                files[directory + "/" + name] = try file.read(at: 0, count: Int(file.byteCount()))
            }
        }
        return files
    }

    func flip(_ path: String, at offset: Int, mask: UInt8 = 0x10) throws {
        let file = try open(path, .readWrite)
        let byte = try file.read(at: UInt64(offset), count: 1)[0]
        try file.write([byte ^ mask], at: UInt64(offset))
    }
}

@Suite struct SalvageTests {
    /// Salvages, and expects that the source stays and that the new store is whole.
    private func salvage(
        _ world: DamagedWorld,
        to target: String = "new",
        at location: SourceLocation = #_sourceLocation
    ) throws -> (report: SalvageReport, store: Store) {
        let before = try world.disk.storeFiles()
        let options = DamagedWorld.options(world.disk)
        let listed = try Salvage(of: "store", to: nil, options: options).run()
        #expect(!world.disk.holds(target), sourceLocation: location)
        let report = try Salvage(of: "store", to: target, options: options).run()
        #expect(try world.disk.storeFiles() == before, sourceLocation: location)
        #expect(listed.losses == report.losses, sourceLocation: location)
        #expect(listed.records == report.records, sourceLocation: location)
        #expect(listed.edges == report.edges, sourceLocation: location)
        let store = try Store.open(target, .open, options: options)
        #expect(try store.verify().findings == [], sourceLocation: location)
        let statistics = try store.statistics()
        #expect(
            statistics.records.filter { $0.value > 0 } == report.records,
            sourceLocation: location
        )
        #expect(statistics.edges.filter { $0.value > 0 } == report.edges, sourceLocation: location)
        return (report, store)
    }

    private func expect(
        _ store: Store,
        _ expected: (records: [String: [String: Value]], edges: Int),
        _ comment: Comment,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        var found: [String: [String: Value]] = [:]
        for row in try store.snapshot().find(Find("things", limit: .max)).rows {
            found[row.record.reference.key.description] = row.record.fields
        }
        #expect(found == expected.records, comment, sourceLocation: location)
        let edges = try store.statistics().edges["joins"] ?? 0
        #expect(edges == expected.edges, comment, sourceLocation: location)
    }

    @Test func aWholeStoreComesOutWhole() throws {
        for lost in [[], ["store/pages"], ["store/store"], ["store/store", "store/pages"]] {
            let world = try DamagedWorld(seed: 3)
            try #require(world.segments.count > 3)
            for path in lost { try world.disk.remove(path) }
            let (report, store) = try salvage(world)
            #expect(report.isComplete, "\(report)")
            #expect(!report.deletesMayBeBack)
            #expect(report.notes.count == lost.count, "\(report.notes)")
            let picture = try Picture(store)
            #expect(picture.records == world.picture.records)
            #expect(picture.edges.count == world.picture.edges.count)
            #expect(picture.schema == world.picture.schema)
            try store.close()
        }
    }

    /// Damage of every kind before the last segment, held against a model of what it spares.
    @Test func whatIsWholeComesOutWhateverIsDamaged() throws {
        let seed = RealRandomness().next()
        print("salvage: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        for round in 0..<40 {
            let world = try DamagedWorld(seed: random.next())
            try world.disk.remove("store/pages")
            if random.below(3) == 0 { try world.disk.remove("store/store") }
            let segments = world.segments
            var lost: [UInt64: [Range<Int>]] = [:]
            for _ in 0...random.below(4) {
                let segment = segments[random.below(segments.count - 1)]
                let path = DamagedWorld.path(segment)
                guard let file = try? world.disk.open(path, .readWrite) else { continue }
                let count = Int(try file.byteCount())
                // The schema stays: what it defines is another test's.
                let start = segment == 1 ? 4096 + 4096 : 0
                switch random.below(5) {
                case 0 where segment > 1:
                    try world.disk.remove(path)
                    lost[segment, default: []].append(0..<(1 << 30))
                case 1:
                    let cut = max(start, 4096 + random.below(max(count - 4096, 1)))
                    try file.truncate(to: UInt64(cut))
                    lost[segment, default: []].append(cut..<(1 << 30))
                case 2 where segment > 1:
                    try file.write([UInt8](repeating: 7, count: 4096), at: 0)
                case 3:
                    let place = start + random.below(max(count - start - 600, 1))
                    let zeros = [UInt8](repeating: 0, count: min(512, count - place))
                    // What was zero is not damaged by zeros; the model counts what changes.
                    let before = try file.read(at: UInt64(place), count: zeros.count)
                    guard place + zeros.count <= count else { continue }
                    try file.write(zeros, at: UInt64(place))
                    for (index, byte) in before.enumerated() where byte != 0 {
                        lost[segment, default: []].append((place + index)..<(place + index + 1))
                    }
                default:
                    let place = start + random.below(max(count - start, 1))
                    guard place < count else { continue }
                    try world.disk.flip(path, at: place, mask: UInt8(1 + random.below(255)))
                    lost[segment, default: []].append(place..<(place + 1))
                }
            }
            let expected = try world.expected { item in
                !(lost[item.frame.place.segment] ?? []).contains { $0.overlaps(item.bytes) }
            }
            let damaged = world.items.contains { item in
                (lost[item.frame.place.segment] ?? []).contains { $0.overlaps(item.bytes) }
            }
            let comment: Comment = "round \(round) of seed \(seed): \(lost)"
            let (report, store) = try salvage(world)
            try expect(store, expected, comment)
            // Every change that is lost is inside a range that is told.
            for item in world.items {
                let isLost = (lost[item.frame.place.segment] ?? [])
                    .contains { $0.overlaps(item.bytes) }
                let isTold = report.losses.contains {
                    ($0.firstSequence..<($0.firstSequence + $0.frameCount)).contains(item.sequence)
                }
                #expect(isTold == isLost, "\(comment): sequence \(item.sequence)")
            }
            #expect(!damaged || report.deletesMayBeBack, comment)
            try store.close()
        }
    }

    /// One flipped byte, anywhere in a frame: everything else comes out, and the page file tells
    /// what does not.
    @Test func aFlipAnywhereLosesOneFrame() throws {
        let world = try DamagedWorld(seed: 11, batches: 40)
        let whole = try world.disk.storeFiles()
        let random = SeededRandomness(seed: 5)
        for item in world.items.dropFirst() where random.below(3) == 0 {
            let path = DamagedWorld.path(item.frame.place.segment)
            let offset = item.bytes.lowerBound + random.below(item.bytes.count)
            try world.disk.flip(path, at: offset)
            let (report, store) = try salvage(world, to: "new\(item.sequence)")
            let comment: Comment = "byte \(offset) of \(path)"
            #expect(report.losses.count == 1, comment)
            let loss = try #require(report.losses.first)
            #expect(loss.firstSequence == item.sequence && loss.frameCount == 1, comment)
            #expect(loss.firstByte == item.bytes.lowerBound, comment)
            #expect(loss.file == "log/" + LogFile.name(item.frame.place.segment))
            // The checkpoint knows of every delete.
            #expect(!report.deletesMayBeBack, comment)
            let names = Set(world.picture.records.map { $0.reference.description })
            let found = Set(try Picture(store).records.map { $0.reference.description })
            #expect(found.isSubset(of: names), comment)
            let told = Set(report.leftOut.filter { $0.reason.contains("is lost") }.map(\.what))
            #expect(names.subtracting(found).isSubset(of: told), "\(comment): \(report.leftOut)")
            #expect(report.brokenBatches.count == 1, comment)
            try store.close()
            try world.disk.open(path, .readWrite).write(whole[path] ?? [], at: 0)
        }
    }
}
