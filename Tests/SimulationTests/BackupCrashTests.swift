// A power cut at every step of a backup and of a restore: a backup is whole or none, a restored
// store is whole or none, and the store that is backed up does not notice. And a random life of a
// store with backups in the middle of it: whatever is restored shows what was there then.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct BackupCrashTests {
    private static let seed: UInt64 = 21

    private static func options(_ disk: any Disk) -> StoreOptions {
        var options = StoreOptions()
        options.disk = disk
        options.randomness = SeededRandomness(seed: seed)
        options.worksInBackground = false
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 16 << 10
        return options
    }

    private static func put(_ number: Int) -> Change {
        let random = SeededRandomness(seed: UInt64(number))
        let noise = (0..<700).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        return .put(
            Put("notes", .text("k\(number)"), ["title": .bytes(noise), "body": "alder birch"])
        )
    }

    private static let schema = Schema(
        collections: [
            Collection(
                "notes",
                fields: [Field("title", .bytes), Field("body", .text, isSearchable: true)]
            )
        ]
    )

    private static func count(_ store: Store) throws -> Int {
        #expect(try store.verify().findings == [])
        return try store.snapshot().find(Find("notes", limit: .max)).rows.count
    }

    /// A closed store with a full backup of its first half.
    private func world() throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: Self.seed)
        let store = try Store.open("store", options: Self.options(disk))
        try store.define(Self.schema)
        for number in 0..<60 {
            _ = try store.commit([Self.put(number)])
            if number == 29 { _ = try store.backup(to: "one") }
        }
        try store.close()
        return disk
    }

    @Test("A power cut during a backup leaves a whole backup or none", arguments: [true, false])
    func everyStepOfABackup(links: Bool) throws {
        let made = try world()
        let dice = SeededRandomness(seed: Self.seed)
        var isOver = false
        var step = 0
        var kinds: Set<Step.Kind> = []
        while !isOver {
            step += 1
            let disk = made.crashKeepingAll()
            disk.plan.allowsLinks = links
            let store = try Store.open("store", .open, options: Self.options(disk))
            let before = disk.steps
            disk.cut(atStep: before + step)
            var base = BackupOptions()
            base.base = step % 2 == 0 ? "one" : nil
            // Somebody commits in the middle of it.
            let committed = Mutex<(tried: Int, done: Int)>((0, 0))
            do throws(MnemeError) {
                _ = try store.backup(to: "two", base) { _, _, _ in
                    committed.withLock { committed in
                        guard committed.tried < 3 else { return }
                        committed.tried += 1
                        let put = Self.put(100 + committed.tried)
                        if (try? store.commit([put])) != nil { committed.done += 1 }
                    }
                }
                isOver = !disk.isOff
            } catch {
                #expect(disk.isOff, "\(error)")
            }
            kinds.formUnion(disk.history.dropFirst(before).map(\.kind))
            let survivor = dice.below(3) == 0 ? disk.crashKeepingAll() : disk.crash(using: dice)
            try expectWhole(survivor, committed.withLock { $0 }, isMade: isOver, step)
        }
        #expect(step > 30)
        #expect(kinds.contains(.link) == links && kinds.contains(.rename))
    }

    private func expectWhole(
        _ disk: SimulatedDisk,
        _ committed: (tried: Int, done: Int),
        isMade: Bool,
        _ step: Int
    ) throws {
        let options = Self.options(disk)
        let store = try Store.open("store", .open, options: options)
        let count = try Self.count(store)
        #expect((60 + committed.done...60 + committed.tried).contains(count), "step \(step)")
        let chain = step % 2 == 0 ? ["one", "two"] : ["two"]
        if disk.holds("two/manifest") {
            _ = try Store.verifyBackups(chain, options: options)
            let restored = try Store.restore(chain, to: "new", options: options)
            #expect(restored.verification.records >= 60, "step \(step)")
        } else {
            #expect(!isMade, "step \(step)")
        }
        // What was there before is as it was, and another one can be made.
        _ = try Store.verifyBackups(["one"], options: options)
        _ = try store.backup(to: "three")
        try store.close()
    }

    @Test("A power cut during a restore leaves a whole store or none")
    func everyStepOfARestore() throws {
        let made = try world()
        let options = Self.options(made)
        let store = try Store.open("store", .open, options: options)
        var base = BackupOptions()
        base.base = "one"
        _ = try store.backup(to: "two", base)
        try store.close()
        let dice = SeededRandomness(seed: Self.seed)
        var isOver = false
        var step = 0
        var wholeCount = 0
        while !isOver {
            step += 1
            let disk = made.crashKeepingAll()
            disk.cut(atStep: disk.steps + step)
            do throws(MnemeError) {
                let options = Self.options(disk)
                _ = try Store.restore(["one", "two"], to: "deep/new", options: options)
                isOver = !disk.isOff
            } catch {
                #expect(disk.isOff, "\(error)")
            }
            let survivor = dice.below(3) == 0 ? disk.crashKeepingAll() : disk.crash(using: dice)
            let options = Self.options(survivor)
            let isWhole = survivor.holds("deep/new/store")
            if isWhole {
                wholeCount += 1
            } else {
                #expect(!isOver, "step \(step)")
                for mode in [StoreMode.open, .openOrCreate, .create] {
                    guard survivor.holds("deep/new/restoring") else { break }
                    do throws(MnemeError) {
                        _ = try Store.open("deep/new", mode, options: options)
                        Issue.record("half a store was opened, step \(step)")
                    } catch {
                        #expect(error.code == .notAStore, "\(error)")
                    }
                }
                _ = try Store.restore(["one", "two"], to: "deep/new", options: options)
            }
            let restored = try Store.open("deep/new", .open, options: options)
            #expect(try Self.count(restored) == 60, "step \(step)")
            #expect(!survivor.holds("deep/new/restoring"))
            _ = try restored.commit([Self.put(99)])
            try restored.close()
        }
        #expect(step > 60 && wholeCount > 1)
    }

    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
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
    private var chains: [(names: [String], last: UInt64)] = []
    private(set) var steps = 0
    private var restoredCount = 0

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
        options.randomness = SeededRandomness(seed: seed &+ UInt64(disk.steps))
        options.worksInBackground = false
        options.logLimits.smallestSegment = 8 << 10
        options.logLimits.largestSegment = 32 << 10
        return options
    }

    private var options: StoreOptions { Self.options(disk, clock, seed) }

    mutating func step() throws {
        steps += 1
        switch dice.below(24) {
        case 0: try reopen()
        case 1: try store.checkpointNow()
        case 2: try store.upkeep()
        case 3, 4: try backup()
        case 5: try restore()
        default: try commit()
        }
    }

    mutating func finish() throws {
        try backup()
        try restore()
        #expect(restoredCount > 0)
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
        chains.append(((base?.names ?? []) + [name], summary.sequence))
    }

    private mutating func restore() throws {
        guard !chains.isEmpty else { return }
        let (names, last) = chains[dice.below(chains.count)]
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
        restoredCount += 1
        let summary = try Store.restore(names, to: directory, at: point, options: options)
        #expect(summary.sequence == wanted?.sequence, "seed \(seed), step \(steps): \(point)")
        let restored = try Store.open(directory, .open, options: options)
        #expect(try Self.shown(restored) == wanted?.shown, "seed \(seed), step \(steps): \(point)")
        _ = try restored.commit([.put(Put("notes", "new", ["body": "tea"]))])
        #expect(try restored.verify().findings == [], "seed \(seed), step \(steps)")
        try restored.close()
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
