// Fields and indexes that are added to a collection with records: what was put before is in them,
// in this store and in one that is replayed.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct BackfillTests {
    private func schema(_ fields: [Field], _ indexes: [Index]) -> Schema {
        Schema(collections: [
            Collection(
                "notes",
                fields: [Field("a", .int), Field("b", .text)] + fields,
                indexes: indexes
            )
        ])
    }

    private func put(_ key: String, _ a: Int64, _ b: String) -> Change {
        .put(Put("notes", .text(key), ["a": .int(a), "b": .text(b)]))
    }

    private func find(_ store: Store, _ filter: Filter, _ order: [Order] = []) throws -> [String] {
        Kinds.keys(try store.snapshot().find(Find("notes", where: filter, order: order)))
    }

    @Test func whatWasThereIsInANewIndex() throws {
        let disk = SimulatedDisk()
        let store = try Store.open("store", options: Kinds.options(disk))
        try store.define(schema([], []))
        _ = try store.commit((0..<40).map { put("k\($0)", Int64($0 % 4), "x\($0)") })
        _ = try store.commit([.delete(Reference("notes", "k4")), put("k5", 9, "y")])
        let before = store.snapshot()
        try store.define(
            schema(
                [
                    Field("c", .float), Field("words", .text, isSearchable: true),
                    Field("v", .vector(VectorType(dimension: 2))),
                ],
                [
                    Index("byA", on: ["a", IndexField("b", descending: true)]),
                    Index("byB", on: ["b"], isUnique: true), Index("byC", on: ["c"]),
                ]
            )
        )
        func check(_ store: Store) throws {
            #expect(try find(store, .eq("a", 9)) == ["k5"])
            let found = try store.snapshot().find(
                Find("notes", where: .eq("a", 0), order: [Order("b")], limit: 20)
            )
            #expect(found.plan.contains("byA"))
            #expect(found.rows.count == 9)
            #expect(try find(store, .eq("b", "x4")) == [])
            #expect(try find(store, .eq("c", nil)).count == 10)
            try expectRefusal(.duplicate, "byB", leaving: store) {
                _ = try store.commit([put("new", 1, "x7")])
            }
            #expect(try store.verify().findings == [])
        }
        try check(store)
        #expect(try before.find(Find("notes", where: .eq("a", 9))).rows.count == 1)
        for mode in [StoreMode.open, .rebuild] {
            let again = try Store.open(
                "store",
                mode,
                options: Kinds.options(disk.crashKeepingAll())
            )
            try check(again)
        }
        _ = try store.commit([
            put("k5", 1, "z"), .delete(Reference("notes", "k6")), put("k6", 2, "x6"),
            .put(Put("notes", "t", ["b": "t", "words": "old things", "v": .vector([1, 0])])),
        ])
        #expect(try find(store, .eq("a", 9)) == [])
        #expect(try store.verify().findings == [])
        try store.close()
        let last = try Store.open("store", .open, options: Kinds.options(disk))
        #expect(
            try last.snapshot().find(Find("notes", match: Match("words", "thing"))).rows.count == 1
        )
        #expect(try last.snapshot().find(Find("notes", near: Near("v", [1, 1]))).rows.count == 1)
        #expect(try last.verify().findings == [])
    }

    @Test func whatBreaksANewIndexKeepsItOut() throws {
        let clock = SimulatedClock(start: 1_000_000)
        var options = Kinds.options()
        options.clock = clock
        let store = try Store.open("store", options: options)
        try store.define(schema([], []))
        _ = try store.commit([
            put("k1", 1, "same"),
            .put(
                Put(
                    "notes",
                    "k2",
                    ["a": 2, "b": "same"],
                    expiresAt: Instant(microseconds: 2_000_000)
                )
            ),
        ])
        let unique = schema([], [Index("byB", on: ["b"], isUnique: true)])
        try expectRefusal(.duplicate, "byB", leaving: store) { try store.define(unique) }
        // What has expired holds nothing.
        clock.set(2_000_000)
        try store.define(unique)
        try expectRefusal(.duplicate, "byB", leaving: store) {
            _ = try store.commit([put("k3", 3, "same")])
        }
        _ = try store.commit([put("k1", 1, "other"), put("k3", 3, "same")])
        try store.define(schema([Field("long", .text)], []))
        _ = try store.commit([
            .put(Put("notes", "k4", ["long": .text(String(repeating: "l", count: 5000))]))
        ])
        try expectRefusal(.tooLarge, "byLong", leaving: store) {
            try store.define(schema([Field("long", .text)], [Index("byLong", on: ["long"])]))
        }
        #expect(try store.verify().findings == [])
    }
}
