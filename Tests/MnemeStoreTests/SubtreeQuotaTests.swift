// Quotas over all that is below a part of owners' paths: what the owners below have together is
// what a plain list says, whatever gives way, and beside quotas on whole paths.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct SubtreeQuotaTests: QuotaSuite {
    let clock = SimulatedClock(start: 1_000_000)

    private func code(_ store: Store, _ changes: [Change]) -> MnemeError.Code? {
        OwnedItems.code { _ = try store.commit(changes) }
    }

    @Test func allBelowAreTakenTogether() throws {
        let store = try store([Quota(records: 3, depth: 1)])
        _ = try store.commit([put("a", "ann"), put("b", "ann/work"), put("x", "anna")])
        _ = try store.commit([put("c", "ann/home/tea")])
        do {
            _ = try store.commit([put("d", "ann/new")])
            Issue.record("it was taken")
        } catch {
            #expect(error.code == .quotaExceeded)
            for word in ["\"ann\" and all below it", "3 records", "has 3", "add 1"] {
                #expect(error.message.contains(word), "\(word) in \(error.message)")
            }
        }
        // From one below to another it stays as much; another one of a longer name has its own.
        _ = try store.commit([put("b", "ann/home"), put("y", "anna/b"), put("z", "anna/c")])
        #expect(code(store, [put("a", "anna")]) == .quotaExceeded)
        _ = try store.commit([.delete(OwnedItems.item("c")), put("d", "ann/new")])
        let usage = try store.snapshot().usage(UsageQuestion(owner: "ann"))
        #expect(usage.collections["items"]?.count == 3)
        // Bytes of them all.
        try store.define(OwnedItems.schema(quotas: [Quota(bytes: 80, depth: 1)]))
        let long: [String: Value] = ["text": .text(String(repeating: "x", count: 60))]
        #expect(code(store, [put("d", "ann/new", long)]) == .quotaExceeded)
        _ = try store.commit([put("l", "bob/1", long)])
        #expect(try store.verify().findings == [])
    }

    @Test func bothHoldAndTheLongestOwnerCounts() throws {
        let store = try store([
            Quota(records: 2), Quota(records: 3, depth: 2),
            Quota(owner: "gold", records: 5, depth: 2), Quota(owner: "gold/eve", depth: 2),
        ])
        _ = try store.commit([put("a", "tin/ann"), put("b", "tin/ann"), put("c", "tin/ann/1")])
        // By the whole path, and by what is below.
        #expect(code(store, [put("d", "tin/ann")]) == .quotaExceeded)
        #expect(code(store, [put("d", "tin/ann/2")]) == .quotaExceeded)
        // Who has fewer parts is bounded by the path alone.
        _ = try store.commit([put("d", "tin"), put("e", "tin")])
        let gold = (0..<5).map { put("g\($0)", "gold/bob/\($0)") }
        _ = try store.commit(gold)
        #expect(code(store, [put("g5", "gold/bob/5")]) == .quotaExceeded)
        _ = try store.commit((0..<9).map { put("e\($0)", "gold/eve/\($0)") })
    }

    @Test func theWeakestBelowGivesWay() throws {
        let store = try store([Quota(records: 3, depth: 1, evicts: true)])
        _ = try store.commit([
            put("pinned", "ann", ["importance": 0.0, "pinned": true]),
            put("weak", "ann/work", ["importance": 0.1]),
            put("strong", "ann/home", ["importance": 0.9]), put("other", "bob"),
        ])
        let one = try store.commit([put("n", "ann/new", ["importance": 1.0])])
        #expect(one.evicted == [OwnedItems.item("weak")])
        var brief = Put("items", "brief", ["owner": "bob/x", "importance": 1.0])
        clock.advance(by: 1)
        brief.expiresAt = Instant(microseconds: clock.now() + 10)
        _ = try store.commit([.put(brief), put("b", "bob/y")])
        clock.advance(by: 20)
        // What has expired below goes first.
        #expect(try store.commit([put("c", "bob/z")]).evicted.isEmpty)
    }

    @Test func aTransactionIsHeldWhenItIsCommitted() throws {
        let store = try store([Quota(records: 2, depth: 1)])
        _ = try store.commit([put("a", "ann/1")])
        let one = try store.begin()
        let other = try store.begin()
        _ = try one.change([put("b", "ann/2")])
        _ = try other.change([put("c", "ann/3")])
        _ = try one.commit(.synced)
        #expect(OwnedItems.code { _ = try other.commit(.synced) } == .quotaExceeded)
    }

    @Test func quotasAreChecked() throws {
        let store = try store([])
        for bad in [
            Quota(records: 1, depth: 0), Quota(records: 1, depth: 513),
            Quota(records: 1, per: "session", depth: 1),
            Quota(owner: "ann/work", records: 1, depth: 1),
        ] {
            let found = OwnedItems.code {
                try store.define(OwnedItems.schema(quotas: [bad]))
            }
            #expect(found == .badSchema, "\(bad)")
        }
        let plain = Collection(
            "plain",
            fields: [Field("a", .text)],
            quotas: [Quota(records: 1, depth: 1)]
        )
        #expect(
            OwnedItems.code { try store.define(Schema(collections: [plain])) } == .badSchema
        )
    }

    private struct Item {
        var importance: Double
        var at: Int64
        var pinned: Bool
        var owner: String

        var top: String { String(owner.prefix { $0 != "/" }) }
    }

    /// Random puts and deletes under a quota on whole paths that refuses, and one on what is below
    /// that evicts, against a plain list.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, RealRandomness().next()])
    func whatIsBelowIsWhatAListSays(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let mostOfOne = 3 + random.below(3)
        let most = 5 + random.below(6)
        let quotas = [
            Quota(records: mostOfOne), Quota(records: most, depth: 1, evicts: true),
        ]
        let owners = ["ann", "ann/a", "ann/b", "ann/b/c", "anna", "anna/a", "bob/x", "bob/y"]
        var disk = SimulatedDisk(seed: seed)
        var store = try store(quotas, disk)
        var items: [String: Item] = [:]
        for step in 0..<300 {
            if random.below(40) == 0 {
                disk = disk.crashKeepingAll()
                store = try self.store(quotas, disk)
            }
            if random.below(30) == 0 { try store.checkpoint() }
            clock.advance(by: 1000)
            var next = items
            var changes: [Change] = []
            var puts: [(key: String, item: Item)] = []
            var touched: Set<String> = []
            for place in 0..<(1 + random.below(4)) {
                let key = "k\(random.below(40))"
                guard touched.insert(key).inserted else { continue }
                if random.below(6) == 0 {
                    changes.append(.delete(OwnedItems.item(key)))
                    next.removeValue(forKey: key)
                    continue
                }
                let item = Item(
                    importance: Double(random.below(5)) / 4,
                    at: Int64(step * 10 + place) * 1_000_000,
                    pinned: random.below(6) == 0,
                    owner: owners[random.below(owners.count)]
                )
                changes.append(
                    put(
                        key,
                        item.owner,
                        [
                            "importance": .float(item.importance), "pinned": .bool(item.pinned),
                            "at": .instant(Instant(microseconds: item.at)),
                        ]
                    )
                )
                next[key] = item
                puts.append((key, item))
            }
            var evicted: [String] = []
            var isRefused = false
            var seen: Set<String> = []
            for (_, item) in puts where !isRefused {
                if seen.insert("path " + item.owner).inserted {
                    let count = next.values.count { $0.owner == item.owner }
                    let before = items.values.count { $0.owner == item.owner }
                    if count > mostOfOne, count > before { isRefused = true }
                }
                if !isRefused, seen.insert("top " + item.top).inserted {
                    let count = next.values.count { $0.top == item.top }
                    let before = items.values.count { $0.top == item.top }
                    guard count > most, count > before else { continue }
                    let made = Set(puts.map(\.key))
                    let order = next.filter {
                        $0.value.top == item.top && !$0.value.pinned && !made.contains($0.key)
                    }.sorted {
                        ($0.value.importance, $0.value.at) < ($1.value.importance, $1.value.at)
                    }
                    let victims = order.prefix(count - most).map(\.key)
                    for key in victims { next.removeValue(forKey: key) }
                    evicted += victims
                    let left = count - victims.count
                    if left > most, left > before { isRefused = true }
                }
            }
            do {
                let committed = try store.commit(changes)
                #expect(!isRefused, "seed \(seed), step \(step)")
                #expect(
                    committed.evicted.map(\.key.description) == evicted,
                    "seed \(seed), step \(step)"
                )
                items = next
            } catch {
                #expect(
                    error.code == .quotaExceeded && isRefused,
                    "seed \(seed), step \(step): \(error)"
                )
            }
            #expect(try OwnedItems.keys(store) == items.keys.sorted(), "seed \(seed), step \(step)")
        }
        for top in ["ann", "anna", "bob"] {
            let usage = try store.snapshot().usage(UsageQuestion(owner: top))
            #expect(usage.collections["items"]?.count == items.values.count { $0.top == top })
        }
        #expect(try store.verify().findings == [])
    }
}
