// Records that expire: from their instant on they are nowhere, swept or not, and writers treat them
// as absent.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct ExpiryTests {
    private let clock = SimulatedClock(start: 1_000_000)
    private let disk = MemoryDisk()

    private func options() -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        return options
    }

    /// A store where `c` and `d` expire at 2 s, linked to `a` and to each other.
    private func store() throws -> Store {
        let store = try Kinds.store(options())
        let expiry = Instant(microseconds: 2_000_000)
        func put(_ key: String) -> Change {
            .put(
                Put(
                    "things",
                    .text(key),
                    [
                        "name": .text(key), "count": 9, "body": "fleeting",
                        "near": .vector([0, 1, 0]), "owner": "ann",
                    ],
                    expiresAt: expiry
                )
            )
        }
        let (a, c, d) = (Kinds.thing("a"), Kinds.thing("c"), Kinds.thing("d"))
        _ = try store.commit([
            put("c"), put("d"), .link(Link("joins", from: a, to: c)),
            .link(Link("joins", from: c, to: d)),
            .link(Link("joins", from: d, to: Kinds.thing("b"))),
        ])
        return store
    }

    private func count(_ store: Store) throws -> [Int] {
        let snapshot = store.snapshot()
        let a = Kinds.thing("a")
        return [
            try snapshot.record(Kinds.thing("c")) == nil ? 0 : 1,
            try snapshot.find(Find("things", where: .eq("count", 9))).rows.count,
            try snapshot.find(Find("things", owner: "ann")).rows.count,
            try snapshot.find(Find("things", order: [Order("name")], limit: 3)).rows.count - 2,
            try snapshot.find(Find("things", match: Match("body", "fleeting"))).rows.count,
            try snapshot.find(Find("things", near: Near("near", [0, 1, 0]))).rows.count - 1,
            try snapshot.walk(Walk(from: [a], hops: 3)).count - 1,
            try snapshot.edges(of: a, .both, types: nil).count - 1,
            (try store.statistics().records["things"] ?? 0) - 2,
            (try store.statistics().edges["joins"] ?? 0) - 1,
            try snapshot.path(
                from: a,
                to: Kinds.thing("b"),
                types: nil,
                direction: .out,
                hops: 9
            )?.count ?? 0,
        ]
    }

    @Test func nothingShowsFromTheInstantOn() throws {
        let store = try store()
        clock.set(1_999_999)
        #expect(try count(store) == [1, 2, 2, 1, 2, 2, 2, 1, 2, 3, 1])
        let before = store.snapshot()
        clock.set(2_000_000)
        let gone = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        #expect(try count(store) == gone)
        // A request has one instant, and a clock that is set back brings nothing back.
        #expect(try before.record(Kinds.thing("c")) != nil)
        clock.set(1_500_000)
        #expect(try count(store) == gone)
        #expect(try store.verify().findings == [])
        let sequence = store.snapshot().sequence
        try store.upkeep()
        #expect(store.snapshot().sequence > sequence)
        #expect(try count(store) == gone)
        #expect(try store.reader().expired(limit: 9) == [])
        #expect(try before.record(Kinds.thing("c")) != nil)
        #expect(try store.verify().findings == [])
        try store.close()
        clock.set(3_000_000)
        let again = try Store.open("store", .rebuild, options: options())
        #expect(try count(again) == gone)
        #expect(try again.verify().findings == [])
    }

    @Test func writersTreatThemAsAbsent() throws {
        let store = try store()
        clock.set(2_000_000)
        try expectRefusal(.danglingEdge, "things/c", leaving: store) {
            _ = try store.commit([
                .link(Link("joins", from: Kinds.thing("a"), to: Kinds.thing("c")))
            ])
        }
        #expect(try store.commit([.delete(Kinds.thing("c"))]).outcomes == [.deleted(false)])
        // Its key and its unique values are free, and a new record has none of its edges.
        _ = try store.commit([
            .put(Put("things", "d", ["name": "c"], mode: .insert)), Kinds.put("e", ["name": "d"]),
        ])
        #expect(try store.snapshot().edges(of: Kinds.thing("d"), .both, types: nil) == [])
        #expect(try store.statistics().records["things"] == 4)
        #expect(try store.statistics().edges["joins"] == 1)
        #expect(try store.verify().findings == [])
    }

    @Test func theSweepSparesANewRecordOfTheSameKey() throws {
        let store = try store()
        clock.set(2_000_000)
        let snapshot = store.snapshot()
        let expired = try store.reader().expired(limit: 9)
        #expect(expired.count == 2)
        _ = try store.commit([Kinds.put("c")])
        let changes = expired.map { PreparedChange.expire($0) }
        let outcomes = try store.submit(
            WriterWork(
                changes: changes + changes,
                catalogVersion: snapshot.catalog.version,
                durability: .synced,
                prepareAgain: { _ in changes }
            )
        ).outcomes
        #expect(outcomes == [.deleted(false), .deleted(true), .deleted(false), .deleted(false)])
        #expect(try store.snapshot().record(Kinds.thing("c")) != nil)
        #expect(try store.verify().findings == [])
    }

    @Test func whatIsPutAfterItsInstantNeverShows() throws {
        let store = try store()
        for instant in [Int64.min, 0, 999_999, 1_000_000] {
            _ = try store.commit([
                .put(
                    Put(
                        "things",
                        "z",
                        ["name": "z"],
                        expiresAt: Instant(microseconds: instant)
                    )
                )
            ])
            #expect(try store.snapshot().record(Kinds.thing("z")) == nil)
            #expect(try store.statistics().records["things"] == 4)
        }
        try store.upkeep()
        #expect(try store.statistics().records["things"] == 4)
        #expect(try store.verify().findings == [])
    }

    @Test func anExpiryIsTakenBackByAPut() throws {
        let store = try store()
        _ = try store.commit([Kinds.put("c")])
        clock.set(9_000_000)
        try store.upkeep()
        #expect(try store.snapshot().record(Kinds.thing("c")) != nil)
        #expect(try store.snapshot().record(Kinds.thing("d")) == nil)
        #expect(try store.verify().findings == [])
    }
}
