// The change feed against everything that changes a store at once: cascades, histories, expiry,
// keys of what is done once, compaction, restarts and power cuts. Whoever goes on from any
// sequence, with any filter, comes by his events to what the store had; or is told that he cannot,
// and then something was compacted, and from the sequence that he is told he can.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct WatchMixTests {
    // In the run of the fourth a record is put whose time is over by then; in that of the fifth
    // somebody comes to a close, behind which stands what is not durable.
    @Test(arguments: [
        1, 2, 3, 17_098_639_064_238_458_878, 10_122_475_616_653_030_663,
        UInt64.random(in: 4...(.max)),
    ])
    func whoeverGoesOnHasWhatTheStoreHad(seed: UInt64) throws {
        print("watch, mix: seed \(seed)")
        var run = try WatchMix(seed: seed)
        for _ in 0..<450 { try run.step() }
        try run.finish()
    }
}

/// One run.
private struct WatchMix {
    /// What a store shows at a sequence.
    private struct Shown {
        var records: [Reference: Record] = [:]
        var edges: [UInt64: Edge] = [:]
    }

    private static let owners = ["ann", "ann/work", "bob"]
    private static let schema: Schema = {
        var roles = Roles()
        roles.owner = "owner"
        return Schema(
            collections: [
                Collection("hosts", fields: [Field("name", .text)], history: HistoryRule()),
                Collection(
                    "parts",
                    fields: [
                        Field("owner", .text), Field("host", .text), Field("other", .text),
                        Field("body", .text, isSearchable: true),
                    ],
                    references: [
                        ReferenceRule("host", ["host"], to: "hosts", onDelete: .cascade),
                        ReferenceRule("other", ["other"], to: "hosts", onDelete: .setNull),
                    ],
                    roles: roles,
                    history: HistoryRule(versions: 2)
                ),
                Collection("plain", key: .int, fields: [Field("count", .int)]),
            ],
            edgeTypes: [EdgeType("near"), EdgeType("far")]
        )
    }()

    private let random: SeededRandomness
    private let seed: UInt64
    private let clock = SimulatedClock(start: 1_700_000_000_000_000)
    private var disk = SimulatedDisk()
    private var store: Store
    private var shown: [UInt64: Shown] = [:]
    /// One who is there from the beginning.
    private var all = WatchFollower()
    private var steps = 0
    private var compactions = 0
    private var compared = 0
    private var refused = 0

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandomness(seed: seed)
        store = try Store.open("store", options: Self.options(disk, clock, seed))
        try store.define(Self.schema)
        try show()
    }

    private static func options(
        _ disk: SimulatedDisk,
        _ clock: SimulatedClock,
        _ seed: UInt64
    ) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        options.logLimits.smallestSegment = 8 << 10
        options.logLimits.largestSegment = 16 << 10
        options.compactionShare = 0.3
        if seed % 2 == 1 { options.masterKey = Sealed.key }
        return options
    }

    private var place: Comment { "seed \(seed), step \(steps)" }

    // MARK: The store

    mutating func step() throws {
        steps += 1
        switch random.below(30) {
        case 0: try reopen()
        case 1:
            try store.checkpointNow()
            try store.compactAll()
            compactions += 1
        case 2: try store.checkpointNow()
        case 3:
            clock.advance(by: Int64(random.below(200)))
            try store.sweep()
            try show()
        default: try commit()
        }
        if random.below(3) > 0 { try follow() }
        if random.below(4) == 0 { try goOn() }
    }

    private mutating func commit() throws {
        let changes = (0..<(1 + random.below(4))).map { _ in change() }
        let durability: Durability = random.below(3) == 0 ? .synced : .none
        let once =
            random.below(8) == 0 ? try OnceKey("k\(steps)", of: .commit(changes, durability)) : nil
        do throws(MnemeError) {
            _ = try store.commit(changes, durability, once: once)
        } catch {
            guard [.missingReference, .danglingEdge].contains(error.code) else { throw error }
            return
        }
        // What has expired as it is put is told but never shown; its end is told as it is swept.
        let now = clock.now()
        let isOver = changes.contains {
            if case .put(let put) = $0, let end = put.expiresAt {
                end.microseconds <= now
            } else {
                false
            }
        }
        if isOver { try store.sweep() }
        try show()
    }

    private func host() -> Key { .text("h\(random.below(5))") }

    private func node() -> Reference {
        switch random.below(3) {
        case 0: Reference("hosts", host())
        case 1: Reference("parts", .text("p\(random.below(12))"))
        default: Reference("plain", .int(Int64(random.below(6))))
        }
    }

    private func change() -> Change {
        switch random.below(14) {
        case 0: return .delete(node())
        case 1: return .erase(node())
        case 2, 3:
            return .link(Link(random.below(2) == 0 ? "near" : "far", from: node(), to: node()))
        case 4:
            let edges = shown[store.snapshot().sequence]?.edges.keys.sorted() ?? []
            return .unlink(edges.isEmpty ? 1 << 40 : edges[random.below(edges.count)])
        case 5, 6: return .put(Put("hosts", host(), ["name": .text("n\(random.below(9))")]))
        case 7:
            let expiresAt =
                random.below(3) == 0
                ? Instant(microseconds: clock.now() + Int64(random.below(300))) : nil
            let put = Put(
                "plain",
                .int(Int64(random.below(6))),
                ["count": .int(Int64(steps))],
                expiresAt: expiresAt
            )
            return .put(put)
        default:
            var fields: [String: Value] = [
                "owner": .text(Self.owners[random.below(3)]),
                "body": .text("words of \(steps) " + String(repeating: "x", count: 150)),
            ]
            for name in ["host", "other"] where random.below(3) == 0 {
                fields[name] = .text(host().description)
            }
            return .put(Put("parts", .text("p\(random.below(12))"), fields))
        }
    }

    /// Notes what the store shows.
    private mutating func show() throws {
        let snapshot = store.snapshot()
        var now = Shown()
        for collection in Self.schema.collections {
            for row in try snapshot.find(Find(collection.name, limit: .max)).rows {
                let reference = row.record.reference
                now.records[reference] = try snapshot.versionedRecord(reference)
            }
        }
        for type in Self.schema.edgeTypes {
            for edge in try snapshot.find(Find(edges: type.name, limit: 10_000)).edges {
                now.edges[edge.id] = edge
            }
        }
        shown[snapshot.sequence] = now
    }

    private mutating func reopen() throws {
        switch random.below(5) {
        case 0: try store.close()
        case 1, 2: disk = disk.crashKeepingAll()
        case 3: disk = disk.crashDroppingAll()
        default: disk = disk.crash(using: random)
        }
        store = try Store.open("store", options: Self.options(disk, clock, seed))
        let end = store.snapshot().sequence
        // What was told is there; he may have come past a close, which shows nothing.
        #expect(all.after <= max(end, store.log.durableSequence), place)
        shown = shown.filter { $0.key <= end }
        // The end of what has expired may have been lost.
        try store.sweep()
        try show()
    }

    // MARK: Those who watch

    private mutating func follow() throws {
        do {
            _ = try all.step(store, limit: 1 + random.below(9))
        } catch let error as MnemeError where error.code == .horizonPassed {
            try refuse(error, all)
            // As he is told: where to go on from, and then what is there by now.
            _ = try store.commit([.put(Put("plain", 0, [:]))], .synced)
            try show()
            let next = try store.watch(Watch()).next
            let there = try #require(shown[next], place)
            all = WatchFollower(after: next, Watch(), there.records, there.edges)
        }
        compare(all)
    }

    /// Has one go on from a sequence with a filter, and compares where his answers end.
    private mutating func goOn() throws {
        let sequences = shown.keys.sorted()
        let first = random.below(2) == 0 ? 0 : max(0, sequences.count - 40)
        let sequence = sequences[first + random.below(sequences.count - first)]
        var filter = Watch()
        switch random.below(5) {
        case 0: filter.owner = ["ann", "ann/work", "bob", "eve"][random.below(4)]
        case 1: filter.collections = ["parts"]
        case 2: (filter.collections, filter.edges) = (["hosts", "plain"], [])
        case 3: filter.edges = ["far"]
        default: break
        }
        let there = expected(try #require(shown[sequence], place), filter)
        var follower = WatchFollower(after: sequence, filter, there.records, there.edges)
        for _ in 0..<(1 + random.below(60)) {
            let before = follower.after
            do {
                _ = try follower.step(store, limit: 1 + random.below(20))
            } catch let error as MnemeError where error.code == .horizonPassed {
                let oldest = try refuse(error, follower)
                var watch = filter
                watch.after = oldest
                _ = try store.watch(watch)
                return
            }
            compare(follower)
            if follower.after == before { return }
        }
    }

    /// Looks at an answer that nothing more can be told; the sequence that it names.
    @discardableResult
    private mutating func refuse(
        _ error: MnemeError,
        _ follower: WatchFollower
    ) throws -> UInt64 {
        refused += 1
        #expect(compactions > 0, place)
        let digits = error.cause?.split(separator: " ").last.flatMap { UInt64($0) }
        let oldest = try #require(digits, place)
        #expect(oldest > follower.after && oldest <= store.snapshot().sequence, place)
        return oldest
    }

    /// What of a state somebody has who watches with a filter.
    private func expected(_ there: Shown, _ filter: Watch) -> Shown {
        var seen = Shown()
        for (reference, record) in there.records {
            if let owner = filter.owner {
                guard case .text(let own)? = record.fields["owner"],
                    own == owner || own.hasPrefix(owner + "/")
                else { continue }
            }
            guard filter.collections?.contains(reference.collection) ?? true else { continue }
            seen.records[reference] = record
        }
        // Of those of an owner, or of records that are not told, no end is told.
        guard filter.owner == nil, filter.collections == nil else { return seen }
        seen.edges = there.edges.filter { filter.edges?.contains($0.value.type) ?? true }
        return seen
    }

    private mutating func compare(_ follower: WatchFollower) {
        guard let there = shown[follower.after] else { return }
        compared += 1
        let wanted = expected(there, follower.filter)
        #expect(follower.records == wanted.records, place)
        guard follower.filter.owner == nil, follower.filter.collections == nil else { return }
        #expect(follower.edges == wanted.edges, place)
    }

    mutating func finish() throws {
        _ = try store.commit([.put(Put("plain", 0, [:]))], .synced)
        try show()
        while all.after < store.snapshot().sequence { try follow() }
        #expect(compared > 300 && compactions > 3, place)
        print("watch, mix: \(compared) compared, \(refused) refused")
        #expect(try store.verify().findings == [])
    }
}
