// How records were used: beside them, in the log as everything, and gone with them.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct TouchTests {
    private let day: Microseconds = 86_400_000_000

    private func store(
        _ disk: any Disk,
        _ clock: any Clock = SimulatedClock(),
        _ mode: StoreMode = .openOrCreate
    ) throws -> Store {
        var options = BuiltItems.options(disk)
        options.clock = clock
        return try Store.open("store", mode, options: options)
    }

    /// A store with three records, and where they stand.
    private func filled(
        _ disk: any Disk,
        _ clock: any Clock = SimulatedClock()
    ) throws -> Store {
        let store = try store(disk, clock)
        try store.define(Schema(collections: [OwnedItems.items(countsUsage: true)]))
        for (key, owner) in [("a", "ann"), ("b", "ann"), ("c", "bob")] {
            _ = try store.commit([
                .put(Put("items", .text(key), ["owner": .text(owner), "text": "tea"]))
            ])
        }
        return store
    }

    private func accesses(_ store: Store, _ keys: [Key] = ["a", "b", "c"]) throws -> [Int] {
        let snapshot = store.snapshot()
        return try keys.map { key in
            guard let ordinal = try snapshot.ordinal(Reference("items", key)) else { return -1 }
            return try snapshot.access(of: ordinal)?.count ?? 0
        }
    }

    @Test func aTouchCountsAndMakesNoVersion() throws {
        let clock = SimulatedClock()
        let store = try filled(SimulatedDisk(), clock)
        let before = try store.snapshot().versionedRecord(Reference("items", "a"))
        clock.advance(by: day)
        let first = try store.touch(Touch(["a", "x", "a"], in: "items", reinforcement: 0.5))
        #expect(first.accesses.map { $0?.count } == [2, nil, 2])
        #expect(first.accesses[0]?.at == store.snapshot().instant)
        #expect(first.accesses[0]?.reinforcement == 1)
        #expect(first.sequence == store.snapshot().sequence)
        #expect(try store.snapshot().versionedRecord(Reference("items", "a")) == before)
        #expect(try accesses(store) == [2, 0, 0])
        #expect(try store.snapshot().usage(UsageQuestion()).records == 3)
        #expect(try store.verify().findings == [])
        // Nothing there, nothing written.
        #expect(try store.touch(Touch(["x"], in: "items")).sequence == first.sequence)
    }

    @Test func whatIsWrongIsRefused() throws {
        let store = try filled(SimulatedDisk())
        for number in [-1, .nan, .infinity, 1e9] {
            let error = #expect(throws: MnemeError.self) {
                try store.touch(Touch(["a"], in: "items", reinforcement: number))
            }
            #expect(error?.code == .badRequest)
        }
        let error = #expect(throws: MnemeError.self) { try store.touch(Touch(["a"], in: "x")) }
        #expect(error?.code == .unknownCollection)
        #expect(store.snapshot().catalog.touches == nil)
    }

    @Test func itIsThereAfterEveryWayOfOpening() throws {
        let disk = SimulatedDisk()
        let store = try filled(disk)
        _ = try store.touch(Touch(["a", "b"], in: "items"))
        _ = try store.touch(Touch(["a"], in: "items", reinforcement: 3))
        for mode in [StoreMode.open, .rebuild] {
            let next = try self.store(disk.crashKeepingAll(), SimulatedClock(), mode)
            #expect(try accesses(next) == [2, 1, 0])
            let ordinal = try #require(try next.snapshot().ordinal(Reference("items", "a")))
            #expect(try next.snapshot().access(of: ordinal)?.reinforcement == 4)
            // It goes on from there.
            let touched = try next.touch(Touch(["a"], in: "items"))
            #expect(touched.accesses.map { $0?.count } == [3])
            #expect(try next.verify().findings == [])
        }
    }

    @Test func aRowGoesWithItsRecord() throws {
        let disk = SimulatedDisk()
        let store = try filled(disk)
        _ = try store.touch(Touch(["a", "b", "c"], in: "items"))
        let rows = try #require(store.newest.state.catalog.touches)
        func count() -> Int { store.newest.state.roots.counts[rows.number] ?? 0 }
        #expect(count() == 3)
        _ = try store.commit([.delete(Reference("items", "a"))])
        #expect(count() == 2)
        // One of the same key is another record.
        _ = try store.commit([.put(Put("items", "a", ["owner": "ann", "text": "milk"]))])
        #expect(try accesses(store) == [0, 1, 1])
        let purged = try store.purge(Purge("ann"))
        #expect(purged.collections["items"]?.count == 2 && purged.historyRows == 0)
        #expect(count() == 1)
        _ = try store.commit([.erase(Reference("items", "c"))])
        #expect(count() == 0)
        #expect(try store.verify().findings == [])
        #expect(try store.eraseNow())
        let proof = try store.erasureProof(ofOwner: "ann")
        #expect(proof.isErased, "\(proof)")
    }

    @Test func whatAnswersHadIsCountedBehindThem() throws {
        let clock = SimulatedClock()
        let store = try filled(SimulatedDisk(), clock)
        let sequence = store.snapshot().sequence
        let references = [Reference("items", "a"), Reference("items", "b")]
        store.touchBehind(references, at: store.snapshot().instant)
        store.touchBehind([references[0]], at: store.snapshot().instant)
        #expect(store.snapshot().sequence == sequence)
        // Deleted before it was counted.
        _ = try store.commit([.delete(references[1])])
        try store.flushTouches()
        #expect(try accesses(store) == [2, -1, 0])
        let ordinal = try #require(try store.snapshot().ordinal(references[0]))
        // At once is once; another day is another time.
        #expect(try store.snapshot().access(of: ordinal)?.reinforcement == 1)
        clock.advance(by: 7 * day)
        store.touchBehind([references[0]], at: store.snapshot().instant)
        try store.flushTouches()
        let access = try #require(try store.snapshot().access(of: ordinal))
        #expect(access.count == 3 && access.reinforcement > 1.99 && access.reinforcement < 2)
        let flushed = store.snapshot().sequence
        try store.flushTouches()
        #expect(store.snapshot().sequence == flushed)
    }

    @Test func theUpkeepWritesItAndSoDoesClosing() throws {
        let clock = SimulatedClock()
        let disk = SimulatedDisk()
        let store = try filled(disk, clock)
        store.touchBehind([Reference("items", "a")], at: store.snapshot().instant)
        try store.upkeep()
        #expect(try accesses(store) == [0, 0, 0])
        clock.advance(by: 10_000_000)
        try store.upkeep()
        #expect(try accesses(store) == [1, 0, 0])
        store.touchBehind([Reference("items", "c")], at: store.snapshot().instant)
        try store.close()
        #expect(try accesses(self.store(disk, clock)) == [1, 0, 1])
    }

    @Test func transactionsDoNotMindIt() throws {
        let store = try filled(SimulatedDisk())
        let transaction = try store.begin()
        _ = try transaction.find(Find("items", limit: 10))
        try transaction.change([
            .put(Put("items", "d", ["owner": "ann", "text": "cups"]))
        ])
        _ = try store.touch(Touch(["a", "b"], in: "items"))
        _ = try transaction.commit(.synced)
        #expect(try accesses(store) == [1, 1, 0])
    }

    @Test func manyAreFoundByTheirOrdinals() throws {
        let book = TouchBook()
        #expect(book.accesses(of: [1, 2]) == nil)
        var expected: [UInt64: Access] = [:]
        let random = SeededRandomness(seed: 7)
        for round in 0..<2000 {
            let ordinal = random.next() % 20_000
            let access = Access(
                count: round,
                at: Instant(microseconds: Int64(round)),
                reinforcement: 1
            )
            expected[ordinal] = access
            book.set([(ordinal, access)])
        }
        let ordinals = Array(UInt64(0)..<21_000) + [.max]
        #expect(book.accesses(of: ordinals) == ordinals.map { expected[$0] })
    }
}
