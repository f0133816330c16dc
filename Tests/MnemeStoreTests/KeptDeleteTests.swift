// Deletes and unlinks in the log: as long as anything is left that they end they stay, and nothing
// that was deleted comes back, whichever way the store is opened or restored; and they take a
// bounded share of the log, in few segments.

import MnemeBase
import MnemeLog
import MnemeModel
import MnemePages
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct KeptDeleteTests {
    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.logLimits.smallestSegment = 32 << 10
        options.logLimits.largestSegment = 64 << 10
        options.keptDeleteBytes = 4 << 10
        return options
    }

    private func opened(_ options: StoreOptions) throws -> Store {
        let store = try Store.open("store", options: options)
        try store.define(Kinds.schema)
        return store
    }

    /// Bytes of deletes and unlinks in segments that are not the newest.
    private func endBytes(_ store: Store) -> Int {
        let sealed = Set(store.log.sealedSegments)
        return store.newest.state.roots.passing.reduce(0) { sum, passing in
            sum + (sealed.contains(passing.key) ? Int(passing.value) : 0)
        }
    }

    private func check(_ store: Store, _ place: String) {
        let sealed = store.log.sealedSegments
        let all = sealed.reduce(0) { $0 + store.log.byteCount(of: $1) }
        // Those of the segment that was sealed last are on top: it may not be behind a checkpoint.
        #expect(endBytes(store) <= max(32 << 10, all / 4) + (64 << 10), "\(place)")
        #expect(sealed.count <= 12, "\(place): \(sealed)")
    }

    /// Opens the store again, derived from the log alone, and compares.
    private func rebuilt(_ store: Store, _ options: StoreOptions) throws -> Store {
        let before = try Picture(store)
        let passing = store.newest.state.roots.passing
        try store.close()
        let again = try Store.open("store", .rebuild, options: options)
        #expect(try Picture(again) == before)
        #expect(again.newest.state.roots.passing == passing)
        #expect(try again.verify().findings == [])
        return again
    }

    @Test func constantRecordsTakeAConstantLog() throws {
        let options = options(MemoryDisk())
        var store = try opened(options)
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
            check(store, "round \(round)")
            if round % 40 == 20 {
                try store.close()
                store = try Store.open("store", .open, options: options)
            }
        }
        #expect(try store.verify().findings == [])
        _ = try rebuilt(store, options)
    }

    /// Records that stay, of which one dies now and then: their segments hold back the deletes of
    /// those that come and go behind them.
    @Test func whatDiesNowAndThenHoldsNothingBackForEver() throws {
        let options = options(MemoryDisk())
        var store = try opened(options)
        for first in stride(from: 0, to: 400, by: 50) {
            _ = try store.commit((first..<(first + 50)).map { Kinds.put("s\($0)") })
        }
        var most = 0
        for round in 0..<160 {
            var changes: [Change] = round % 2 == 0 ? [.delete(Kinds.thing("s\(round * 2)"))] : []
            changes += (0..<50).map { Change.delete(Kinds.thing("v\(round - 1)-\($0)")) }
            _ = try store.commit(changes)
            _ = try store.commit((0..<50).map { Kinds.put("v\(round)-\($0)") })
            try store.checkpointNow()
            try store.compactAll()
            check(store, "round \(round)")
            most = max(most, endBytes(store))
            if round == 80 { store = try rebuilt(store, options) }
        }
        // They were held back.
        #expect(most > 16 << 10, "\(most)")
        store = try rebuilt(store, options)
        #expect(try store.snapshot().find(Find("things", limit: .max)).rows.count == 370)
    }

    /// A delete stays where an older segment has what it ends, also in the form of an edge.
    @Test func aDeleteStaysForAnEdgeOfAnOlderSegment() throws {
        var options = options(MemoryDisk())
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 16 << 10
        options.compactionShare = 0.2
        var store = try opened(options)
        _ = try store.commit((0..<80).map { Kinds.put("a\($0)") })
        let links = (0..<8).map {
            Change.link(Link("joins", from: Kinds.thing("a\($0)"), to: Kinds.thing("a79")))
        }
        _ = try store.commit(links)
        for part in 0..<5 {
            _ = try store.commit((0..<80).map { Kinds.put("b\(part)-\($0)") })
        }
        // The newest versions stand in a later segment than the edges.
        _ = try store.commit((0..<8).map { Kinds.put("a\($0)", ["count": 1]) })
        _ = try store.commit((0..<60).map { Kinds.put("c\($0)") })
        _ = try store.commit((0..<8).map { .delete(Kinds.thing("a\($0)")) })
        _ = try store.commit((0..<60).map { .delete(Kinds.thing("c\($0)")) })
        _ = try store.commit((0..<120).map { Kinds.put("d\($0)") })
        try store.checkpointNow()
        try store.compactAll()
        #expect(store.log.sealedSegments.contains(where: SegmentNumber.isCold))
        store = try rebuilt(store, options)
        #expect(try store.snapshot().record(Kinds.thing("a3")) == nil)
        #expect(store.newest.state.roots.counts.filter { $0.value > 0 }.count == 1)
    }

    @Test(arguments: [1, 2, 3, UInt64.random(in: 4...(.max))])
    func nothingComesBack(seed: UInt64) throws {
        var run = try DeleteRun(seed)
        do {
            for _ in 0..<80 { try run.step() }
            try run.finish()
        } catch {
            Issue.record("seed \(seed), step \(run.steps): \(error)")
        }
    }
}

/// A store whose records and edges come and go, what it showed after each commit, and backups.
private struct DeleteRun {
    let seed: UInt64
    let random: SeededRandomness
    var disk = SimulatedDisk()
    var store: Store
    var steps = 0
    var pictures: [UInt64: Picture] = [:]
    var edges: [UInt64] = []
    private var backups: [BackupSummary] = []
    private var restored = 0

    init(_ seed: UInt64) throws {
        print("kept deletes: seed \(seed)")
        self.seed = seed
        random = SeededRandomness(seed: seed)
        store = try Store.open("store", options: Self.options(disk, seed))
        try store.define(Kinds.schema)
        for first in stride(from: 0, to: 150, by: 30) {
            _ = try store.commit((first..<(first + 30)).map { Kinds.put("s\($0)") })
        }
    }

    static func options(_ disk: SimulatedDisk, _ seed: UInt64) -> StoreOptions {
        var options = Kinds.options(disk)
        if seed % 2 == 1 { options.masterKey = Sealed.key }
        options.logLimits.smallestSegment = 8 << 10
        options.logLimits.largestSegment = 32 << 10
        options.compactionShare = seed % 3 == 0 ? 0.2 : 0.5
        options.keptDeleteBytes = 1 << 10
        options.replayBudget = 100
        return options
    }

    private var options: StoreOptions { Self.options(disk, seed) }

    mutating func step() throws {
        steps += 1
        switch random.below(16) {
        case 0: try reopen(.open)
        case 1: try reopen(.rebuild)
        case 2, 3:
            try store.checkpointNow()
            try store.compactAll()
        case 4:
            for _ in 0..<random.below(9) {
                store.compacting.withLock { $0.due = 0 }
                try store.upkeep([.compact])
            }
        case 5: try store.checkpointNow()
        case 6: try backup()
        case 7: try restore()
        default: try commit()
        }
    }

    mutating func finish() throws {
        try store.checkpointNow()
        try store.compactAll()
        try commit()
        try backup()
        for _ in 0..<4 { try restore() }
        try reopen(.rebuild)
        #expect(restored > 0 || seed > 3, "seed \(seed)")
    }

    private mutating func commit() throws {
        var changes: [Change] = []
        let random = random
        let volatile = { Kinds.thing("v\(random.below(60))") }
        for _ in 0..<(10 + random.below(60)) {
            switch random.below(20) {
            case 0: changes.append(.delete(Kinds.thing("s\(random.below(150))")))
            case 1..<8: changes.append(.delete(volatile()))
            case 8..<10:
                if !edges.isEmpty {
                    changes.append(.unlink(edges.remove(at: random.below(edges.count))))
                }
            case 10..<12:
                let (from, to) = (volatile(), volatile())
                changes += [from, to].map { Kinds.put($0.key.description) }
                changes.append(.link(Link("joins", from: from, to: to)))
            default:
                let fields: [String: Value] = ["count": .int(Int64(steps)), "body": "some words"]
                changes.append(Kinds.put("v\(random.below(60))", fields))
            }
        }
        let committed = try store.commit(changes, random.below(2) == 0 ? .synced : .buffered)
        let linked: [UInt64] = committed.outcomes.compactMap {
            if case .linked(let number) = $0 { number } else { nil }
        }
        edges += linked
        pictures[committed.sequence] = try Picture(store)
    }

    private mutating func reopen(_ mode: StoreMode) throws {
        let before = try Picture(store)
        if random.below(2) == 0 { try store.close() } else { disk = disk.crashKeepingAll() }
        store = try Store.open("store", mode, options: options)
        #expect(try Picture(store) == before, "seed \(seed), step \(steps)")
        #expect(try store.verify().findings == [], "seed \(seed), step \(steps)")
    }

    private mutating func backup() throws {
        backups.append(try store.backup(to: "backup-\(backups.count)", BackupOptions()))
    }

    private mutating func restore() throws {
        guard !backups.isEmpty else { return }
        let index = random.below(backups.count)
        let backup = backups[index]
        let wanted = pictures.keys.sorted().filter {
            backup.exactFrom <= $0 && $0 <= backup.sequence
        }
        guard !wanted.isEmpty else { return }
        let sequence = wanted[random.below(wanted.count)]
        let directory = "restored-\(restored)"
        restored += 1
        _ = try Store.restore(
            ["backup-\(index)"],
            to: directory,
            at: .sequence(sequence),
            options: options
        )
        let other = try Store.open(directory, .open, options: options)
        let (shown, known) = (try Picture(other), pictures[sequence])
        #expect(shown.records == known?.records, "seed \(seed), step \(steps), at \(sequence)")
        #expect(shown.edges == known?.edges, "seed \(seed), step \(steps), at \(sequence)")
        #expect(try other.verify().findings == [], "seed \(seed), step \(steps)")
        try other.close()
    }
}
