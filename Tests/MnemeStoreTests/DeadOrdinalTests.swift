// A store with as many records as ever, of which each is deleted and put again for ever: its pages
// take no more room for that, and it shows what it should, however it is opened and whoever looks.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemePages
@testable import MnemeStore

@Suite struct DeadOrdinalTests {
    @Test(arguments: [1, 2, 3, UInt64.random(in: 4...(.max))])
    func theStoreShowsWhatItsModelShows(seed: UInt64) throws {
        var run = try ChurnRun(seed)
        do {
            for _ in 0..<50 { try run.step() }
            try run.finish()
        } catch {
            Issue.record("seed \(seed), step \(run.steps): \(error)")
        }
    }

    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.logLimits.smallestSegment = 32 << 10
        options.logLimits.largestSegment = 64 << 10
        return options
    }

    private func store(_ options: StoreOptions) throws -> Store {
        let store = try Store.open("store", options: options)
        try store.define(Kinds.schema)
        return store
    }

    @Test func constantRecordsTakeConstantRoom() throws {
        var options = options(MemoryDisk())
        options.writerMergeLimit = 128
        let store = try store(options)
        var pages: [Int] = []
        for round in 0..<120 {
            var changes: [Change] = []
            for number in 0..<60 {
                let (key, next) = ("k\(number)", "k\((number + 1) % 60)")
                changes.append(.delete(Kinds.thing(key)))
                changes.append(Kinds.put(key, ["body": .text("round \(round)"), "owner": "o"]))
                guard round > 0 else { continue }
                changes.append(.link(Link("joins", from: Kinds.thing(key), to: Kinds.thing(next))))
            }
            _ = try store.commit(changes)
            try store.checkpointNow()
            try store.compactAll()
            try store.upkeep()
            pages.append(store.pages.usage.fileBytes)
            #expect(store.newest.state.view.ordinalPages.count <= 3, "round \(round)")
        }
        #expect(store.newest.state.roots.nextOrdinal > 14_000)
        let most = pages[..<60].max() ?? 0
        #expect((pages[60...].max() ?? 0) <= most * 9 / 8, "\(pages)")
        #expect(try store.verify().findings == [])
        let documents = store.newest.state.runs.reduce(0) { $0 + $1.documentCount }
        #expect(documents <= 10 * 128, "\(documents)")
    }

    /// What a sweep means may be gone when its turn comes, and the table know nothing of it.
    @Test func aSweepThatComesTooLateFindsNothing() throws {
        let store = try store(options(MemoryDisk()))
        _ = try store.commit((0..<300).map { Kinds.put("k\($0)") })
        let a = try #require(try store.snapshot().ordinal(Kinds.thing("k0")))
        _ = try store.commit((0..<250).map { .delete(Kinds.thing("k\($0)")) })
        #expect(try store.reader().entry(a) == nil)
        let work = WriterWork(
            changes: [.expire(a)],
            catalogVersion: store.newest.state.catalog.version,
            durability: .synced,
            prepareAgain: { _ in [.expire(a)] }
        )
        #expect(try store.submit(work).outcomes == [.deleted(false)])
        _ = try store.commit([Kinds.put("c")])
        #expect(try store.verify().findings == [])
    }

    /// Documents of which the table says nothing any more are dead, and are merged away.
    @Test func runsLetGoOfWhatTheTableForgot() throws {
        let store = try store(options(SimulatedDisk()))
        let puts = (0..<400).map { Kinds.put("k\($0)", ["body": .text("word\($0) Zq7kP2xvW9")]) }
        _ = try store.commit(puts)
        try store.checkpointNow()
        let before = store.snapshot()
        let picture = try Picture(before)
        _ = try store.commit((0..<390).map { .delete(Kinds.thing("k\($0)")) })
        #expect(store.newest.state.view.ordinalPages.count == 1)
        let words = Match("body", "zq7kp2xvw9")
        #expect(
            try store.snapshot().find(Find("things", match: words, limit: .max)).rows.count == 10
        )
        #expect(try Picture(before) == picture)
        #expect(try store.verify().findings == [])
        let state = store.newest.state
        #expect(state.roots.deadDocuments == 390)
        while try store.renewRun(deadThrough: state.sequence) {}
        #expect(store.newest.state.roots.deadDocuments == 0)
        #expect(store.newest.state.runs.reduce(0) { $0 + $1.documentCount } == 10)
        #expect(try Picture(before) == picture)
        #expect(try store.verify().findings == [])
    }

    /// A run is written anew once for an erasure, whatever dies while that goes on.
    @Test func renewingEnds() throws {
        let store = try store(options(SimulatedDisk()))
        for part in 0..<4 {
            let numbers = (part * 300)..<(part * 300 + 300)
            _ = try store.commit(numbers.map { Kinds.put("k\($0)", ["body": "word"]) })
        }
        _ = try store.commit((0..<300).map { .delete(Kinds.thing("k\($0)")) })
        let (sequence, runs) = (store.newest.state.sequence, store.newest.state.runs.count)
        var first = 300
        var rounds = 0
        while rounds < 9, try store.renewRun(deadThrough: sequence) {
            rounds += 1
            let numbers = first..<(first + 100)
            _ = try store.commit(numbers.map { .delete(Kinds.thing("k\($0)")) })
            first += 100
        }
        #expect(1...runs ~= rounds, "\(rounds) of \(runs)")
        #expect(try !store.renewRun(deadThrough: sequence))
        #expect(try store.verify().findings == [])
    }

    /// Where the frames of deletes are lost, a page that is missing says that its records ended.
    @Test func aSalvageBelievesAPageThatWent() throws {
        let disk = MemoryDisk()
        var options = options(disk)
        options.logLimits.smallestSegment = 256 << 10
        options.logLimits.largestSegment = 256 << 10
        let store = try store(options)
        for first in stride(from: 0, to: 400, by: 50) {
            _ = try store.commit((first..<(first + 50)).map { Kinds.put("k\($0)") })
        }
        let place = store.log.end
        _ = try store.commit((0..<390).map { .delete(Kinds.thing("k\($0)")) })
        let end = store.log.end
        #expect(end.segment == place.segment)
        _ = try store.commit([Kinds.put("z")])
        try store.checkpointNow()
        #expect(try store.reader().entry(100) == nil)
        try store.close()
        for offset in stride(from: place.offset + 72, to: end.offset, by: 64) {
            try disk.flip("store/log/" + LogFile.name(place.segment), at: offset)
        }
        let report = try Salvage(of: "store", to: "new", options: options).run()
        // Ten that live, and the last.
        #expect(report.records["things"] == 11, "\(report)")
        let new = try Store.open("new", .read, options: options)
        #expect(try new.snapshot().record(Kinds.thing("k100")) == nil)
        #expect(try new.snapshot().record(Kinds.thing("k395")) != nil)
    }
}

/// A store, a plain model of it, and snapshots of both.
private struct ChurnRun {
    struct Model {
        /// What each key was last put with.
        var records: [Int: Int] = [:]
        var edges: [UInt64: (from: Int, to: Int)] = [:]

        mutating func remove(_ key: Int) {
            records[key] = nil
            edges = edges.filter { $0.value.from != key && $0.value.to != key }
        }
    }

    let seed: UInt64
    let random: SeededRandomness
    var disk = SimulatedDisk()
    var store: Store
    var model = Model()
    var kept: [(snapshot: Snapshot, model: Model)] = []
    var steps = 0

    init(_ seed: UInt64) throws {
        print("dead ordinals: seed \(seed)")
        self.seed = seed
        random = SeededRandomness(seed: seed)
        store = try Store.open("store", options: Self.options(disk, seed))
        try store.define(Kinds.schema)
    }

    static func options(_ disk: SimulatedDisk, _ seed: UInt64) -> StoreOptions {
        var options = Kinds.options(disk)
        if seed % 2 == 1 { options.masterKey = Sealed.key }
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 64 << 10
        options.compactionShare = 0.3
        options.replayBudget = 200
        options.pageCacheBytes = 64 * 8192
        return options
    }

    private func thing(_ key: Int) -> Reference { Kinds.thing("k\(key)") }

    mutating func step() throws {
        steps += 1
        switch random.below(20) {
        case 0: try store.upkeep()
        case 1: try store.checkpointNow()
        case 2: try store.compactAll()
        case 3: #expect(try kept.isEmpty ? store.eraseNow() : true)
        case 4, 5: kept.append((store.snapshot(), model))
        case 6: try reopen()
        default: try commit()
        }
        try checkTable()
        if kept.count > 3 {
            let (snapshot, model) = kept.remove(at: random.below(kept.count))
            try check(snapshot, model)
        }
    }

    mutating func finish() throws {
        try check(store.snapshot(), model)
        for (snapshot, model) in kept { try check(snapshot, model) }
        kept = []
        #expect(try store.verify().findings == [], "seed \(seed)")
        let before = store.newest.state.roots.nextOrdinal
        try store.close()
        store = try Store.open("store", .rebuild, options: Self.options(disk, seed))
        try check(store.snapshot(), model)
        try checkTable()
        #expect(store.newest.state.roots.nextOrdinal == before, "seed \(seed)")
        #expect(try store.verify().findings == [], "seed \(seed)")
    }

    private mutating func commit() throws {
        var changes: [Change] = []
        var links: [(from: Int, to: Int)?] = []
        var next = model
        for _ in 0..<(20 + random.below(100)) {
            let (key, other) = (random.below(60), random.below(60))
            switch random.below(10) {
            case 0...3:
                let fields: [String: Value] = [
                    "body": .text("word\(key) in step \(steps)"), "count": .int(Int64(steps)),
                    "near": .vector([Float(key), 1, 2]), "owner": .text("o\(key % 3)"),
                ]
                changes.append(Kinds.put("k\(key)", fields))
                next.records[key] = steps
            case 4...6:
                changes.append(.delete(thing(key)))
                next.remove(key)
                links = links.map { $0?.from == key || $0?.to == key ? nil : $0 }
            case 7:
                guard let edge = next.edges.keys.sorted().first else { continue }
                changes.append(.unlink(edge))
                next.edges[edge] = nil
            default:
                guard next.records[key] != nil, next.records[other] != nil else { continue }
                changes.append(.link(Link("joins", from: thing(key), to: thing(other))))
                links.append((key, other))
            }
        }
        let committed = try store.commit(changes, random.below(2) == 0 ? .synced : .buffered)
        let numbers = committed.outcomes.compactMap {
            if case .linked(let number) = $0 { number } else { nil }
        }
        for (number, ends) in zip(numbers, links) { next.edges[number] = ends }
        model = next
    }

    private mutating func reopen() throws {
        let way = random.below(3)
        kept = []
        if way == 0 { try store.close() } else { disk = disk.crashKeepingAll() }
        store = try Store.open(
            "store",
            way == 2 ? .rebuild : .open,
            options: Self.options(disk, seed)
        )
        try check(store.snapshot(), model)
        #expect(try store.verify().findings == [], "seed \(seed), step \(steps)")
    }

    /// The table has the pages of what lives, and at most that of the highest ordinal beside.
    private func checkTable() throws {
        let state = store.newest.state
        let snapshot = store.snapshot()
        var living = Array(model.edges.keys)
        for key in model.records.keys {
            living.append(try #require(try snapshot.ordinal(thing(key))))
        }
        let pages = Set(living.map { OrdinalTable.pageID($0) })
        let last = OrdinalTable.pageID(state.roots.nextOrdinal - 1)
        let found = Set(state.view.ordinalPages)
        #expect(found.subtracting([last]) == pages.subtracting([last]), "seed \(seed)")
        #expect(pages.isSubset(of: found), "seed \(seed)")
    }

    private func check(_ snapshot: Snapshot, _ model: Model) throws {
        let rows = try snapshot.find(Find("things", limit: .max)).rows
        #expect(rows.count == model.records.count, "seed \(seed), step \(steps)")
        for (key, step) in model.records {
            let record = try snapshot.record(thing(key))
            #expect(record?["count"] == .int(Int64(step)), "seed \(seed), step \(steps): k\(key)")
            let edges = try snapshot.edges(of: thing(key), .out, types: nil)
            let expected = model.edges.filter { $0.value.from == key }
            #expect(Set(edges.map(\.id)) == Set(expected.keys), "seed \(seed), step \(steps)")
            for edge in edges {
                #expect(expected[edge.id].map { thing($0.to) } == edge.to, "seed \(seed)")
            }
            let found = try snapshot.find(Find("things", match: Match("body", "word\(key)")))
            #expect(found.rows.map(\.record.reference) == [thing(key)], "seed \(seed)")
        }
        let all = try snapshot.find(Find("things", match: Match("body", "step"), limit: .max))
        #expect(all.rows.count == model.records.count, "seed \(seed), step \(steps)")
        let near = Find("things", near: Near("near", [1, 1, 2], isExact: true), limit: .max)
        #expect(try snapshot.find(near).rows.count == model.records.count, "seed \(seed)")
    }
}
