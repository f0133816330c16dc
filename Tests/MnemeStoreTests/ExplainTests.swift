// What is said of how a question was answered: the way that was gone, what it was compared with,
// and what it touched.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct ExplainTests {
    private static func store() throws -> Store {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        try store.define(
            Schema(collections: [
                Collection(
                    "items",
                    key: .int,
                    fields: [
                        Field("a", .int), Field("b", .int), Field("at", .int), Field("t", .text),
                    ],
                    indexes: [
                        Index("byA", on: ["a", "at"]), Index("byB", on: ["b"]),
                        Index("byAt", on: ["at"]),
                    ]
                )
            ])
        )
        let puts = (0..<3000).map { number in
            Change.put(
                Put(
                    "items",
                    .int(Int64(number)),
                    [
                        "a": .int(Int64(number % 50)), "b": .int(Int64(number % 47)),
                        "at": .int(Int64(number)), "t": .text("t\(number % 3)"),
                    ]
                )
            )
        }
        _ = try store.commit(puts)
        return store
    }

    private func explained(_ store: Store, _ find: Find) throws -> Explanation {
        var find = find
        let plain = try store.snapshot().find(find)
        #expect(plain.explanation == nil)
        find.isExplained = true
        let found = try store.snapshot().find(find)
        // To ask how changes nothing of the answer.
        #expect(found.rows == plain.rows && found.next == plain.next)
        return try #require(found.explanation)
    }

    @Test func theWayAndWhatItCostAreTold() throws {
        let store = try Self.store()
        let held = Filter.compare(field: "t", .prefix("t1"))
        let find = Find("items", where: .and([.eq("a", 7), held]), order: [Order("at")], limit: 5)
        let told = try explained(store, find)
        #expect(told.way == "index byA" && told.index == "byA" && told.among == nil)
        #expect(told.fixed == 1 && told.spans == 1 && told.isOrdered && !told.isReversed)
        #expect(told.answered == [.eq("a", 7)] && told.held == [held])
        #expect(told.matched == 5 && told.entries >= 5 && told.entries < 60)
        #expect(told.read == told.entries)
        let expected = try #require(told.expected)
        #expect(expected > 20 && expected < 200)
        let ways = told.considered.map(\.way)
        #expect(ways == ["all records by key", "index byA", "index byAt"])
        let costs = Dictionary(uniqueKeysWithValues: told.considered.map { ($0.way, $0.cost) })
        #expect((costs["index byA"] ?? .infinity) < (costs["all records by key"] ?? 0))
        #expect(told.considered.first?.expected == 3000)
        #expect(told.microseconds >= 0)
    }

    @Test func whatIsLeftOfAFilterIsHeldAlone() throws {
        let store = try Self.store()
        let or = Filter.or([.eq("t", "t1"), .eq("t", "t2")])
        let find = Find("items", where: .and([.eq("b", 3), or]), limit: .max)
        let told = try explained(store, find)
        #expect(told.index == "byB" && !told.isOrdered)
        #expect(told.answered == [.eq("b", 3)] && told.held == [or])
        #expect(told.matched == (0..<3000).count { $0 % 47 == 3 && $0 % 3 != 0 })
        let both = try explained(
            store,
            Find("items", where: .and([.eq("a", 7), .eq("b", 3)]), limit: .max)
        )
        #expect(both.among != nil && both.way.contains("among"))
        #expect(both.matched == (0..<3000).count { $0 % 50 == 7 && $0 % 47 == 3 })
    }

    @Test func edgesAreToldOfToo() throws {
        let store = try Store.open("edges", .create, options: StoreTests.options())
        try store.define(
            Schema(
                collections: [Collection("nodes", fields: [])],
                edgeTypes: [
                    EdgeType(
                        "joins",
                        fields: [Field("w", .int)],
                        indexes: [Index("byW", on: ["w"])]
                    ),
                    EdgeType("pairs", isUnique: true),
                ]
            )
        )
        var changes: [Change] = (0..<20).map { .put(Put("nodes", .text("n\($0)"), [:])) }
        for number in 0..<60 {
            changes.append(
                .link(
                    Link(
                        "joins",
                        from: Reference("nodes", .text("n\(number % 6)")),
                        to: Reference("nodes", .text("n\(6 + number % 7)")),
                        fields: ["w": .int(Int64(number % 30))]
                    )
                )
            )
        }
        _ = try store.commit(changes)
        func told(_ find: Find) throws -> Explanation {
            var find = find
            (find.isExplained, find.limit) = (true, 100)
            return try #require(try store.snapshot().find(find).explanation)
        }
        let from = Filter.eq("$from", ["collection": "nodes", "key": "n1"])
        let byEnd = try told(Find(edges: "joins", where: from))
        #expect(byEnd.way == "edges from 1 records" && byEnd.answered.count == 1)
        #expect(byEnd.expected == 10 && byEnd.entries == 10 && byEnd.matched == 10)
        #expect(byEnd.considered.map(\.way) == ["all edges", "edges from 1 records"])
        // Each is read once, though it is filtered, sorted and answered with.
        let late = Filter.and([from, .compare(field: "w", .gt(3))])
        let sorted = try told(Find(edges: "joins", where: late, order: [Order("w")]))
        #expect(sorted.read == 10 && sorted.matched < 10)
        let byIndex = try told(Find(edges: "joins", where: .eq("w", 7)))
        #expect(byIndex.way == "index byW" && byIndex.index == "byW" && byIndex.fixed == 1)
        #expect(byIndex.considered.map(\.way) == ["all edges", "index byW"])
        #expect(byIndex.matched == 2 && byIndex.read == 2)
        let all = try told(Find(edges: "pairs"))
        #expect(all.way == "all edges of the type" && all.expected == 0)
        var count = Count(edges: "joins", where: from)
        count.isExplained = true
        let counted = try store.snapshot().count(count)
        #expect(counted.rows == [["count": 10]] && counted.explanation?.read == 0)
        #expect(counted.explanation?.considered.count == 2)
    }

    @Test func noIndexIsToldToo() throws {
        let store = try Self.store()
        let find = Find("items", where: .eq("t", "t1"), limit: .max)
        let told = try explained(store, find)
        #expect(told.way == "all records by key" && told.index == nil && told.isOrdered)
        #expect(told.entries == 3000 && told.matched == 1000 && told.expected == 3000)
        #expect(told.held == [.eq("t", "t1")] && told.answered == [])
        #expect(told.considered.map(\.way) == ["all records by key"])
        let sorted = try explained(store, Find("items", order: [Order("t")], limit: 2))
        #expect(!sorted.isOrdered && sorted.matched == 3000 && sorted.entries == 3000)
        let last = try explained(
            store,
            Find("items", order: [Order("at", descending: true)], limit: 2)
        )
        #expect(last.isReversed && last.isOrdered && last.entries == 2 && last.index == "byAt")
        #expect(last.held == [] && last.read == 2)
    }
}
