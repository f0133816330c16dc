// Which index serves which question, and what indexes refuse.

import MnemeBase
import MnemeModel
import MnemeTree
import Testing

@testable import MnemeStore

@Suite struct IndexPlanTests {
    private static func store(_ indexes: [Index], count: Int = 4000) throws -> Store {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        try store.define(
            Schema(collections: [
                Collection(
                    "items",
                    key: .int,
                    fields: [
                        Field("a", .int), Field("b", .int), Field("isActive", .bool),
                        Field("at", .int), Field("name", .text), Field("tags", .array(.text)),
                        Field("data", .json),
                    ],
                    indexes: indexes
                )
            ])
        )
        let random = SeededRandomness(seed: 7)
        var changes: [Change] = []
        for number in 0..<count {
            changes.append(
                .put(
                    Put(
                        "items",
                        .int(Int64(number)),
                        [
                            "a": .int(Int64(number % 50)), "b": .int(Int64(random.below(50))),
                            "isActive": .bool(number % 10 == 0), "at": .int(Int64(number)),
                            "name": .text("n\(number)"),
                            "tags": .array([.text("t\(number % 40)"), .text("u\(number % 3)")]),
                            "data": ["theme": .text("x\(number % 100)"), "n": .int(Int64(number))],
                        ]
                    )
                )
            )
        }
        if !changes.isEmpty { _ = try store.commit(changes) }
        return store
    }

    private func find(
        _ store: Store,
        _ filter: Filter,
        order: [Order] = [],
        limit: Int = .max
    ) throws -> (keys: [Int64], plan: String) {
        let found = try store.snapshot().find(
            Find("items", where: filter, order: order, limit: limit)
        )
        let keys = found.rows.compactMap { row -> Int64? in
            if case .int(let key) = row.record.reference.key { key } else { nil }
        }
        return (keys, found.plan)
    }

    @Test func twoIndexesServeOneQuestion() throws {
        let store = try Self.store([Index("byA", on: ["a"]), Index("byB", on: ["b"])])
        let filter = Filter.and([.eq("a", 7), .eq("b", 9)])
        let (keys, plan) = try find(store, filter)
        let all = try find(store, .or([filter])).keys
        #expect(keys == all && !keys.isEmpty)
        #expect(plan.contains("among those of index"), "\(plan)")
    }

    /// Of two indexes, one that says less with each of its entries, under a condition that always
    /// holds where it is asked.
    @Test func whatAnIndexAnswersIsNotLookedForAgain() throws {
        let store = try Self.store([
            Index("both", on: ["a", "b"]),
            Index("partly", on: ["a"], where: try Expression("a is not null")),
        ])
        let filter = Filter.and([.eq("a", 7), .eq("b", 9)])
        let (keys, plan) = try find(store, filter)
        let all = try find(store, .or([filter])).keys
        #expect(keys == all && !keys.isEmpty)
        #expect(plan.hasPrefix("index both") && !plan.contains("among"), "\(plan)")
    }

    @Test func aPartServesWhatSaysAsMuchAsItsCondition() throws {
        let store = try Self.store([
            Index(
                "recent",
                on: [IndexField("at", descending: true)],
                where: try Expression("isActive")
            )
        ])
        let newest = [Order("at", descending: true)]
        let (keys, plan) = try find(store, .eq("isActive", true), order: newest, limit: 3)
        #expect(keys == [3990, 3980, 3970])
        #expect(plan.contains("index recent") && plan.contains("3 entries visited"), "\(plan)")
        let (others, scan) = try find(store, .eq("a", 7), order: newest, limit: 1)
        #expect(others == [3957] && !scan.contains("index"), "\(scan)")
    }

    @Test func elementsAndMembersLeadToRecords() throws {
        let store = try Self.store([
            Index("byTag", on: ["tags", "at"]), Index("byTheme", on: ["data.theme"]),
        ])
        let tagged = Filter.compare(field: "tags", .any(["t3"]))
        let first = try find(store, tagged, order: [Order("at")], limit: 2)
        #expect(first.keys == [3, 43])
        #expect(first.plan.contains("byTag") && first.plan.contains("in order"), "\(first.plan)")
        let both = try find(store, .compare(field: "tags", .any(["t3", "u0"])))
        #expect(both.keys == (0..<4000).filter { $0 % 40 == 3 || $0 % 3 == 0 })
        let theme = try find(store, .eq("data.theme", "x5"))
        #expect(theme.keys.count == 40 && theme.plan.contains("byTheme"), "\(theme.plan)")
    }

    @Test func aMillionValuesAreHeldAgainstRecords() throws {
        let store = try Self.store([Index("byAt", on: ["at"])])
        let values = (0..<1_000_000).map { Value.int(Int64($0) * 3) }
        let (keys, _) = try find(store, .compare(field: "at", .isIn(values)))
        #expect(keys == (0..<4000).filter { $0 % 3 == 0 })
    }

    @Test func whatIsUniqueIsToldApartByTheIndexsRules() throws {
        let store = try Self.store(
            [
                Index("oneName", on: [IndexField("name", folded: true)], isUnique: true),
                Index("oneTag", on: ["tags"], isUnique: true, hasDistinctNulls: true),
                Index("oneActive", on: ["b"], isUnique: true, where: try Expression("isActive")),
            ],
            count: 0
        )
        func put(_ key: Int64, _ fields: [String: Value]) -> Change {
            .put(Put("items", .int(key), fields))
        }
        _ = try store.commit([put(1, ["name": "Fuji", "tags": ["x", "y"], "b": 1])])
        _ = try store.commit([put(2, ["name": "Kilimanjaro", "tags": [], "b": 1])])
        _ = try store.commit([put(3, ["name": "Ararat", "b": 1, "isActive": true])])
        try expectRefusal(.duplicate, "oneName", leaving: store) {
            _ = try store.commit([put(4, ["name": "FUJI"])])
        }
        try expectRefusal(.duplicate, "oneTag", leaving: store) {
            _ = try store.commit([put(4, ["name": "Etna", "tags": ["z", "y"]])])
        }
        try expectRefusal(.duplicate, "oneActive", leaving: store) {
            _ = try store.commit([put(4, ["name": "Etna", "b": 1, "isActive": true])])
        }
        _ = try store.commit([
            put(3, ["name": "ararat", "b": 1]), put(4, ["b": 1, "isActive": true]),
        ])
        #expect(try store.verify().findings == [])
        let many = Value.array((0...1000).map { .text("m\($0)") })
        try expectRefusal(.tooLarge, "oneTag", "1001", leaving: store) {
            _ = try store.commit([put(5, ["name": "Olymp", "tags": many])])
        }
    }

    @Test func rangesAreEstimatedAboutRight() throws {
        let store = try Self.store([Index("byAt", on: ["at"]), Index("byName", on: ["name"])])
        let state = store.newest.state
        let collection = try store.snapshot().catalog.collection("items")
        let byAt = StoreKeys.index(collection, collection.indexes[0]).bytes
        let random = SeededRandomness(seed: 3)
        for _ in 0..<200 {
            let (one, other) = (Int64(random.below(4000)), Int64(random.below(4000)))
            var (lower, upper) = (StoreKeys.index(collection, collection.indexes[0]), KeyWriter())
            lower.put(min(one, other))
            upper = StoreKeys.index(collection, collection.indexes[0])
            upper.put(max(one, other))
            let range = TreeRange(from: lower.bytes, to: upper.bytes)
            let exact = try state.tree.count(range, in: state.view)
            let about = try state.tree.estimate(range, in: state.view)
            #expect(abs(about - exact) <= exact / 2 + 200, "\(about) for \(exact)")
        }
        let all = try state.tree.estimate(.prefix(byAt), in: state.view)
        #expect((2000...8000).contains(all), "\(all)")
    }

    /// However wrong estimates are: of two indexes, one with all the other's records among its own,
    /// the other is taken.
    @Test func anEstimateHidesNothingBetter() throws {
        let store = try Self.store(
            [
                Index("byA", on: ["a"]), Index("byAAndAt", on: ["a", "at"]),
                Index("byB", on: ["b"]),
            ],
            count: 10
        )
        let collection = try store.snapshot().catalog.collection("items")
        let held = Filter.or([.eq("b", 1), .eq("name", "n1")])
        let find = Find(
            "items",
            where: .and([.eq("a", 7), held]),
            order: [Order("at")],
            limit: 5
        )
        for small in [1, 50, 4000] {
            // The first index is said to have few entries, the second many.
            let first = StoreKeys.index(collection, collection.indexes[0]).bytes
            let plan = try FindPlan(
                find,
                collection,
                ownerPath: nil,
                count: 4000,
                unready: [:]
            ) { range in range.lower.starts(with: first) ? small : 3000 }
            #expect(plan.use?.entry.index.name == "byAAndAt", "\(plan.summary)")
            #expect(plan.isOrdered && plan.held == held && plan.others == nil)
        }
    }

    @Test func pathsThatLeadNowhereAreRefused() throws {
        let store = try Self.store([], count: 0)
        for (field, comparison) in [
            ("a.b", Comparison.eq(1)), ("data..x", .eq(1)), ("data.", .eq(1)),
            ("tags", .some(.eq("x", 1))), ("data", .some(.eq("", 1))),
        ] {
            try expectRefusal(.badFilter, leaving: store) {
                _ = try store.snapshot().find(
                    Find("items", where: .compare(field: field, comparison))
                )
            }
        }
        try expectRefusal(.unknownField, "nope", leaving: store) {
            _ = try store.snapshot().find(Find("items", where: .eq("nope.x", 1)))
        }
    }
}
