// A random life of a store with backups in the middle of it: whatever is restored, up to whatever
// point, shows what was there then.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct BackupLifeTests {
    @Test(arguments: [UInt64(1), 2, 3, 11_333_968_156_509_703_941, RealRandomness().next()])
    func whateverIsRestoredIsWhatWasThere(seed: UInt64) throws {
        var life = try BackupLife(seed: seed)
        do {
            for _ in 0..<150 { try life.step() }
            try life.finish()
        } catch {
            Issue.record("seed \(seed), step \(life.steps): \(error)")
        }
    }
}

/// A store that is written, closed, killed, backed up and restored at random, and what it showed
/// after every commit.
private struct BackupLife {
    /// What the store showed: its records and its edges.
    struct Shown: Equatable {
        var records: [String: [String: Value]] = [:]
        var edges: [UInt64: [String]] = [:]
    }
    private struct Moment {
        var sequence: UInt64
        var time: Microseconds
        var shown: Shown
    }

    let seed: UInt64
    let dice: SeededRandomness
    let clock = SimulatedClock(start: 1000)
    var disk: SimulatedDisk
    var store: Store
    var shown = Shown()
    private var history: [Moment] = []
    /// Chains that can be restored, by the name of their last backup.
    private var chains: [(names: [String], parts: [BackupSummary])] = []
    private(set) var steps = 0
    private var restoredCount = 0
    private var inexactCount = 0

    init(seed: UInt64) throws {
        self.seed = seed
        dice = SeededRandomness(seed: seed)
        disk = SimulatedDisk(seed: seed)
        store = try Store.open("store", options: Self.options(disk, clock, seed))
        try store.define(
            Schema(
                collections: [
                    Collection(
                        "notes",
                        fields: [
                            Field("rank", .int), Field("body", .text, isSearchable: true),
                            Field("place", .vector(VectorType(dimension: 3))),
                        ],
                        indexes: [Index("byRank", on: ["rank"])]
                    )
                ],
                edgeTypes: [EdgeType("likes")]
            )
        )
        note()
    }

    static func options(
        _ disk: SimulatedDisk,
        _ clock: SimulatedClock,
        _ seed: UInt64
    )
        -> StoreOptions
    {
        var options = StoreOptions()
        options.disk = disk
        options.clock = clock
        // No two openings may draw the same numbers: a backup's id is one of them.
        options.randomness = SeededRandomness(seed: seed)
        options.worksInBackground = false
        options.logLimits.smallestSegment = 8 << 10
        options.logLimits.largestSegment = 32 << 10
        // Segments are written again all the time, and beside backups.
        options.compactionShare = 0.1
        options.replayBudget = 20
        return options
    }

    private var options: StoreOptions { Self.options(disk, clock, dice.next()) }

    mutating func step() throws {
        steps += 1
        switch dice.below(24) {
        case 0: try reopen()
        case 1: try store.checkpointNow()
        case 2: try store.upkeep()
        case 6, 7: try compact()
        case 3, 4: try backup()
        case 5, 8: try restore()
        default: try commit()
        }
    }

    mutating func finish() throws {
        try backup()
        while restoredCount == 0 { try restore() }
        #expect(restoredCount > 0)
        print("backup life: seed \(seed), \(restoredCount) restored, \(inexactCount) inexact")
        #expect(try store.verify().findings == [])
    }

    private mutating func note() {
        history.append(
            Moment(sequence: store.snapshot().sequence, time: clock.now(), shown: shown)
        )
    }

    private mutating func reopen() throws {
        if dice.below(2) == 0 {
            try store.close()
        } else {
            disk = disk.crash(using: dice)
        }
        store = try Store.open("store", .open, options: options)
    }

    /// Goes on with a compaction, or does all that there is to compact.
    private func compact() throws {
        if dice.below(2) == 0 { try store.checkpointNow() }
        if dice.below(3) == 0 { return try store.compactAll() }
        for _ in 0..<dice.below(8) {
            store.compacting.withLock { $0.due = 0 }
            try store.upkeep([.compact])
        }
    }

    private mutating func commit() throws {
        clock.advance(by: 1 + Int64(dice.below(1000)))
        var changes: [Change] = []
        var next = shown
        var links: [(at: Int, ends: [String])] = []
        for _ in 0...dice.below(4) {
            let key = "k\(dice.below(30))"
            switch dice.below(8) {
            case 0:
                changes.append(.delete(Reference("notes", .text(key))))
                next.records[key] = nil
                next.edges = next.edges.filter { !$0.value.contains(key) }
                links.removeAll { $0.ends.contains(key) }
            case 1, 2:
                let other = "k\(dice.below(30))"
                guard next.records[key] != nil, next.records[other] != nil else { continue }
                links.append((changes.count, [key, other]))
                changes.append(
                    .link(
                        Link(
                            "likes",
                            from: Reference("notes", .text(key)),
                            to: Reference("notes", .text(other))
                        )
                    )
                )
            default:
                let noise = (0..<dice.below(900)).map { _ in String(dice.below(10)) }.joined()
                let fields: [String: Value] = [
                    "rank": .int(Int64(dice.below(9))), "body": .text("tea " + noise),
                    "place": .vector([1, Float(dice.below(9)), 0]),
                ]
                changes.append(.put(Put("notes", .text(key), fields)))
                next.records[key] = fields
            }
        }
        guard !changes.isEmpty else { return }
        let committed = try store.commit(changes)
        for link in links {
            guard case .linked(let number) = committed.outcomes[link.at] else { continue }
            next.edges[number] = link.ends
        }
        let didChange = committed.sequence > (history.last?.sequence ?? 0)
        shown = next
        if didChange { note() }
    }

    /// A backup, in the middle of which commits go on.
    private mutating func backup() throws {
        let base = dice.below(3) > 0 && !chains.isEmpty ? chains[dice.below(chains.count)] : nil
        var options = BackupOptions()
        options.base = base?.names.last
        options.copies = dice.below(2) == 0
        let name = "backup-\(steps)-\(chains.count)"
        // The closure may not change this value: it keeps what it committed for later.
        let extra = Mutex<[(fields: [String: Value], sequence: UInt64, time: Microseconds)]>([])
        let (store, dice, clock) = (store, dice, clock)
        let summary = try store.backup(to: name, options) { _, _, _ in
            if dice.below(2) == 0 {
                store.compacting.withLock { $0.due = 0 }
                try? store.upkeep([dice.below(2) == 0 ? .compact : .checkpoint])
            }
            guard dice.below(3) == 0 else { return }
            clock.advance(by: 1)
            let fields: [String: Value] = [
                "rank": .int(Int64(dice.below(9))), "body": "in the middle",
                "place": .vector([0, 1, 0]),
            ]
            let put = Change.put(Put("notes", "middle", fields))
            guard let committed = try? store.commit([put]) else { return }
            extra.withLock { $0.append((fields, committed.sequence, clock.now())) }
        }
        for (fields, sequence, time) in extra.withLock({ $0 }) {
            shown.records["middle"] = fields
            history.append(Moment(sequence: sequence, time: time, shown: shown))
        }
        #expect(summary.commit <= store.snapshot().sequence)
        #expect(history.contains { $0.sequence == summary.commit }, "\(summary)")
        chains.append(((base?.names ?? []) + [name], (base?.parts ?? []) + [summary]))
    }

    private mutating func restore() throws {
        guard !chains.isEmpty else { return }
        let (names, parts) = chains[dice.below(chains.count)]
        let last = parts.last?.sequence ?? 0
        let point: RestorePoint
        let wanted: Moment?
        let within = history.filter { $0.sequence <= last }
        switch dice.below(3) {
        case 0:
            point = .end
            wanted = within.last
        case 1:
            let first = history.first?.sequence ?? 1
            let sequence = first + UInt64(dice.below(Int(last - first) + 1))
            point = .sequence(sequence)
            wanted = within.last { $0.sequence <= sequence }
        default:
            let time = within[dice.below(within.count)].time
            point = .time(Instant(microseconds: time))
            wanted = within.last { $0.time <= time }
        }
        let directory = "restored-\(steps)-\(restoredCount)"
        let summary: RestoreSummary
        do throws(MnemeError) {
            summary = try Store.restore(names, to: directory, at: point, options: options)
        } catch {
            guard error.code == .notExact, let wanted else { throw error }
            inexactCount += 1
            #expect(!Self.isExact(point, wanted, parts), "seed \(seed), step \(steps): \(point)")
            return
        }
        restoredCount += 1
        #expect(summary.sequence == wanted?.sequence, "seed \(seed), step \(steps): \(point)")
        let restored = try Store.open(directory, .open, options: options)
        #expect(try Self.shown(restored) == wanted?.shown, "seed \(seed), step \(steps): \(point)")
        _ = try restored.commit([.put(Put("notes", "new", ["body": "tea"]))])
        #expect(try restored.verify().findings == [], "seed \(seed), step \(steps)")
        try restored.close()
    }

    /// Whether a chain has a point: its end is that of a backup, or from there on nothing is
    /// missing.
    private static func isExact(
        _ point: RestorePoint,
        _ wanted: Moment,
        _ parts: [BackupSummary]
    ) -> Bool {
        var sequence = wanted.sequence
        if case .sequence(let given) = point { sequence = given }
        return parts.contains { part in
            part.exactFrom <= sequence && sequence <= part.sequence
        }
    }

    private static func shown(_ store: Store) throws -> Shown {
        var shown = Shown()
        let snapshot = store.snapshot()
        for row in try snapshot.find(Find("notes", limit: .max)).rows {
            shown.records[row.record.reference.key.description] = row.record.fields
            for edge in try snapshot.edges(of: row.record.reference, .both, types: nil) {
                shown.edges[edge.id] = [edge.from.key.description, edge.to.key.description]
            }
        }
        return shown
    }
}
