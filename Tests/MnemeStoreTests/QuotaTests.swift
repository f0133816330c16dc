// Quotas: nobody comes to have more, whoever puts at the same time; what gives way is what is worth
// least, and is told.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct QuotaTests: QuotaSuite {
    let clock = SimulatedClock(start: 1_000_000)

    @Test func whatWouldBeTooMuchIsRefused() throws {
        let disk = SimulatedDisk()
        let store = try store([Quota(records: 3), Quota(owner: "bob", bytes: 60)], disk)
        for key in ["a", "b", "c"] { _ = try store.commit([put(key)]) }
        do {
            _ = try store.commit([put("d")])
            Issue.record("it was taken")
        } catch {
            #expect(error.code == .quotaExceeded)
            for word in ["\"ann\"", "3 records", "has 3", "add 1", "\"items\""] {
                #expect(error.message.contains(word), "\(word) in \(error.message)")
            }
        }
        // What does not make it more is taken, and what frees first.
        _ = try store.commit([put("a", "ann", ["text": "longer"])])
        _ = try store.commit([put("d"), .delete(OwnedItems.item("a"))])
        #expect(
            OwnedItems.code { _ = try store.commit([put("x"), put("y", "carl")]) }
                == .quotaExceeded
        )
        #expect(try OwnedItems.keys(store) == ["b", "c", "d"])
        // Of bob there may be any number, in so many bytes.
        _ = try store.commit((0..<5).map { put("b\($0)", "bob") })
        let long: [String: Value] = ["text": .text(String(repeating: "x", count: 60))]
        #expect(
            OwnedItems.code { _ = try store.commit([put("b9", "bob/x", long)]) }
                == .quotaExceeded
        )
        #expect(
            OwnedItems.code { _ = try store.commit([put("b0", "bob", long)]) }
                == .quotaExceeded
        )
        // A record goes to another owner.
        #expect(OwnedItems.code { _ = try store.commit([put("b1", "ann")]) } == .quotaExceeded)
        try store.define(OwnedItems.schema(quotas: []))
        _ = try store.commit([put("e"), put("b9", "bob", long)])
        // Who has more than a new quota allows may put less.
        try store.define(OwnedItems.schema(quotas: [Quota(records: 1, bytes: 20)]))
        #expect(OwnedItems.code { _ = try store.commit([put("f")]) } == .quotaExceeded)
        _ = try store.commit([put("b9", "bob", ["text": "x"])])
        #expect(try store.verify().findings == [])
        let again = try Store.open(
            "store",
            .rebuild,
            options: Kinds.options(disk.crashKeepingAll())
        )
        #expect(OwnedItems.code { _ = try again.commit([put("f")]) } == .quotaExceeded)
    }

    @Test func nobodyPassesABoundTogether() throws {
        let disk = MemoryDisk()
        let store = try store([Quota(records: 50)], disk)
        let taken = Mutex(0)
        let threads = 8
        let gates = (0..<threads).map { _ in Gate() }
        for thread in 0..<threads {
            BackgroundThread.start(niceness: 0) {
                for number in 0..<20 {
                    do throws(MnemeError) {
                        _ = try store.commit([put("\(thread)-\(number)")], .none)
                        taken.withLock { $0 += 1 }
                    } catch {
                        #expect(error.code == .quotaExceeded)
                    }
                }
                gates[thread].open()
            }
        }
        for gate in gates { gate.wait() }
        #expect(taken.withLock { $0 } == 50)
        #expect(try OwnedItems.keys(store).count == 50)
    }

    @Test func theWeakestGiveWay() throws {
        let store = try store([Quota(records: 5, evicts: true)])
        func at(_ second: Int64) -> Value { .instant(Instant(microseconds: second * 1_000_000)) }
        _ = try store.commit([
            put("pinned", "ann", ["importance": 0.0, "pinned": true, "at": at(1)]),
            put("weak", "ann", ["importance": 0.1, "at": at(9)]),
            put("old", "ann", ["importance": 0.5, "at": at(2)]),
            put("new", "ann", ["importance": 0.5, "at": at(3)]),
            put("strong", "ann", ["importance": 0.9, "at": at(1)]),
            put("other", "bob", ["importance": 0.0]),
        ])
        var gone: [String] = []
        for number in 0..<4 {
            let committed = try store.commit([
                put("n\(number)", "ann", ["importance": 1.0, "at": at(20)])
            ])
            gone += committed.evicted.map(\.key.description)
        }
        #expect(gone == ["weak", "old", "new", "strong"])
        #expect(try OwnedItems.keys(store).contains("pinned"))
        // What has expired goes first, and is not told: it was gone before.
        clock.advance(by: 1)
        var brief = Put("items", "brief", ["owner": "carl", "importance": 1.0])
        brief.expiresAt = Instant(microseconds: clock.now() + 10)
        _ = try store.commit((0..<4).map { put("c\($0)", "carl") } + [.put(brief)])
        clock.advance(by: 20)
        #expect(try store.commit([put("c9", "carl")]).evicted.isEmpty)
        // A commit of more than there may be is refused: it takes nothing of its own away.
        #expect(
            OwnedItems.code { _ = try store.commit((0..<6).map { put("m\($0)", "dan") }) }
                == .quotaExceeded
        )
        #expect(try store.verify().findings == [])
    }

    @Test func aSessionHasABoundOfItsOwn() throws {
        let store = try store([
            Quota(records: 2, per: "session"),
            Quota(owner: "bob", records: 1, per: "session", evicts: true),
        ])
        func said(_ key: String, _ owner: String, _ session: String) -> Change {
            put(key, owner, ["session": .text(session)])
        }
        _ = try store.commit([said("a", "ann", "s"), said("b", "ann", "s"), said("c", "ann", "t")])
        #expect(
            OwnedItems.code { _ = try store.commit([said("d", "ann", "s")]) }
                == .quotaExceeded
        )
        // Another owner's of the same name is another one, and what has none is not bounded.
        _ = try store.commit([said("d", "carl", "s"), put("e"), put("f"), put("g")])
        // One moves to another session.
        #expect(
            OwnedItems.code { _ = try store.commit([said("c", "ann", "s")]) }
                == .quotaExceeded
        )
        _ = try store.commit([said("a", "ann", "t"), said("h", "ann", "s")])
        let first = try store.commit([said("x", "bob", "s")])
        let second = try store.commit([said("y", "bob", "s")])
        #expect(first.evicted.isEmpty && second.evicted == [OwnedItems.item("x")])
    }

    @Test func allThatCountsMayBeTakenTogether() throws {
        let store = try store([Quota(records: 3, isOverall: true)])
        try store.define(
            Schema(collections: [OwnedItems.items("more", countsUsage: true)])
        )
        func more(_ key: String) -> Change { .put(Put("more", .text(key), ["owner": "ann"])) }
        _ = try store.commit([more("a"), more("b"), put("a")])
        #expect(OwnedItems.code { _ = try store.commit([put("b")]) } == .quotaExceeded)
        _ = try store.commit([put("b", "bob"), more("c")])
        _ = try store.commit([put("a", "ann", ["text": "tea"])])
    }

    @Test func aTransactionIsHeldWhenItIsCommitted() throws {
        let store = try store([Quota(records: 2)])
        _ = try store.commit([put("a")])
        let one = try store.begin()
        let other = try store.begin()
        for (transaction, key) in [(one, "b"), (other, "c")] {
            _ = try transaction.change([put(key)])
        }
        _ = try one.commit(.synced)
        #expect(OwnedItems.code { _ = try other.commit(.synced) } == .quotaExceeded)
        let third = try store.begin()
        // More inside than there may be, and not when it is committed.
        _ = try third.change([put("d"), put("e")])
        _ = try third.change([.delete(OwnedItems.item("a")), .delete(OwnedItems.item("d"))])
        _ = try third.commit(.synced)
        #expect(try OwnedItems.keys(store) == ["b", "e"])
    }

    @Test func whatIsHeldByAReferenceStays() throws {
        let store = try store([Quota(records: 2, evicts: true)])
        try store.define(
            Schema(collections: [
                Collection(
                    "names",
                    fields: [Field("item", .text)],
                    references: [ReferenceRule("item", ["item"], to: "items")]
                )
            ])
        )
        _ = try store.commit([
            put("a", "ann", ["importance": 0.1]), put("b", "ann", ["importance": 0.9]),
            .put(Put("names", "n", ["item": "a"])),
        ])
        let committed = try store.commit([put("c")])
        #expect(committed.evicted == [OwnedItems.item("b")])
        #expect(try OwnedItems.keys(store) == ["a", "c"])
    }

    @Test func quotasAreChecked() throws {
        let store = try store([])
        func code(_ quota: Quota) -> MnemeError.Code? {
            OwnedItems.code { try store.define(OwnedItems.schema(quotas: [quota])) }
        }
        for bad in [
            Quota(), Quota(records: -1), Quota(owner: "", records: 1),
            Quota(records: 1, per: "nothing"), Quota(records: 1, per: "text"),
            Quota(bytes: 1, per: "session"), Quota(records: 1, per: "session", isOverall: true),
        ] {
            #expect(code(bad) == .badSchema, "\(bad)")
        }
        let twice = [Quota(records: 1), Quota(bytes: 1)]
        #expect(
            OwnedItems.code { try store.define(OwnedItems.schema(quotas: twice)) }
                == .badSchema
        )
        // A definition that is about this alone, and one that says nothing of it.
        let alone = Collection("items", fields: [], quotas: [Quota(records: 1, evicts: true)])
        try store.define(Schema(collections: [alone]))
        try store.define(OwnedItems.schema())
        let known = try #require(store.snapshot().schema.collections.first)
        #expect(known.quotas == [Quota(records: 1, evicts: true)])
        #expect(known.roles.owner == "owner")
        #expect(
            OwnedItems.code { try store.drop(.index(collection: "items", name: "byOwner")) }
                == .schemaConflict
        )
        try store.drop(.index(collection: "items", name: "bySession"))
    }

    /// Random puts and deletes under a quota that evicts, against a plain list.
    @Test(arguments: [UInt64(1), 2, 3, 4, RealRandomness().next()])
    func whatGivesWayIsWhatAListSays(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let most = 3 + random.below(6)
        var disk = SimulatedDisk(seed: seed)
        var store = try store([Quota(records: most, evicts: true)], disk)
        struct Item {
            var importance: Double
            var at: Int64
            var pinned: Bool
            var owner: String
        }
        var items: [String: Item] = [:]
        for step in 0..<300 {
            if random.below(40) == 0 {
                disk = disk.crashKeepingAll()
                store = try self.store([Quota(records: most, evicts: true)], disk)
            }
            clock.advance(by: 1000)
            var next = items
            var changes: [Change] = []
            var made: Set<String> = []
            for _ in 0..<(1 + random.below(3)) {
                let key = "k\(random.below(40))"
                if random.below(6) == 0 {
                    changes.append(.delete(OwnedItems.item(key)))
                    next.removeValue(forKey: key)
                    made.remove(key)
                    continue
                }
                let item = Item(
                    importance: Double(random.below(5)) / 4,
                    at: Int64(step * 10 + changes.count) * 1_000_000,
                    pinned: random.below(6) == 0,
                    owner: ["ann", "bob"][random.below(2)]
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
                made.insert(key)
            }
            var evicted: Set<String> = []
            var isRefused = false
            for owner in ["ann", "bob"] {
                let before = items.values.count { $0.owner == owner }
                let count = next.values.count { $0.owner == owner }
                guard count > most, count > before else { continue }
                let order = next.filter {
                    $0.value.owner == owner && !$0.value.pinned && !made.contains($0.key)
                }.sorted {
                    ($0.value.importance, $0.value.at) < ($1.value.importance, $1.value.at)
                }
                let victims = order.prefix(count - most).map(\.key)
                if victims.count < count - most { isRefused = true }
                evicted.formUnion(victims)
            }
            do {
                let committed = try store.commit(changes)
                #expect(!isRefused, "seed \(seed), step \(step)")
                #expect(
                    Set(committed.evicted.map(\.key.description)) == evicted,
                    "seed \(seed), step \(step)"
                )
                for key in evicted { next.removeValue(forKey: key) }
                items = next
            } catch {
                #expect(
                    error.code == .quotaExceeded && isRefused,
                    "seed \(seed), step \(step): \(error)"
                )
            }
            #expect(try OwnedItems.keys(store) == items.keys.sorted(), "seed \(seed), step \(step)")
        }
        #expect(try store.verify().findings == [])
    }
}
