// Indexes over many records: they are built behind the commits, whatever is committed meanwhile and
// wherever the process ends, are used by nobody before they are ready, and are given up where
// records refuse them. Dropped ones go as quietly.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

/// What the tests of indexes that are built behind share.
enum BuiltItems {
    static let fields = [
        Field("n", .int), Field("t", .text), Field("tags", .array(.text)), Field("u", .int),
    ]
    static let all = [
        Index("byN", on: ["n", IndexField("t", descending: true)]),
        Index("byTag", on: ["tags"]),
        Index("byT", on: [IndexField("t", folded: true)]),
        Index("odd", on: ["n"], where: try? Expression("n > 3")),
        Index("byU", on: ["u"], isUnique: true, hasDistinctNulls: true),
    ]

    static func schema(_ indexes: [Index]) -> Schema {
        Schema(collections: [Collection("items", fields: fields, indexes: indexes)])
    }

    static func options(_ disk: any Disk, at once: Int = 8, part: Int = 16) -> StoreOptions {
        var options = Kinds.options(disk)
        options.recordsAtOnce = once
        options.ordinalsPerPart = part
        return options
    }

    static func put(_ key: String, _ fields: [String: Value]) -> Change {
        .put(Put("items", .text(key), fields))
    }

    static func delete(_ key: String) -> Change { .delete(Reference("items", .text(key))) }

    /// Goes on until nothing is left.
    static func finish(_ store: Store) throws {
        for _ in 0..<10_000 {
            let roots = store.newest.state.roots
            if roots.building.isEmpty, roots.leaving.isEmpty { return }
            try store.upkeep([.index])
        }
        Issue.record("an index is never ready")
    }

    static func keys(_ store: Store, _ filter: Filter) throws -> [String] {
        Kinds.keys(try store.snapshot().find(Find("items", where: filter, limit: 10_000))).sorted()
    }

    static func plan(_ store: Store, _ filter: Filter) throws -> String {
        try store.snapshot().find(Find("items", where: filter, limit: 10_000)).plan
    }
}

@Suite struct IndexBuildTests {
    private func store(_ disk: any Disk, records: Int, part: Int = 16) throws -> Store {
        let store = try Store.open("store", options: BuiltItems.options(disk, part: part))
        try store.define(BuiltItems.schema([]))
        for start in stride(from: 0, to: records, by: 50) {
            _ = try store.commit(
                (start..<min(start + 50, records)).map {
                    BuiltItems.put("k\($0)", ["n": .int(Int64($0 % 7)), "u": .int(Int64($0))])
                }
            )
        }
        return store
    }

    @Test func anIndexIsUsedOnceItHasAllRecords() throws {
        let disk = SimulatedDisk()
        let store = try store(disk, records: 100)
        try store.define(BuiltItems.schema(BuiltItems.all), waits: false)
        #expect(store.newest.state.roots.building.count == BuiltItems.all.count)
        _ = try store.commit([
            BuiltItems.put("k90", ["n": 3]), BuiltItems.delete("k92"),
            BuiltItems.put("new", ["n": 3]),
        ])
        let early = store.snapshot()
        var seen: Set<Int> = []
        while !store.newest.state.roots.building.isEmpty {
            let builds = try store.statistics().indexes
            let first = try #require(builds.first)
            #expect(first.of == 100 && first.done < 100 && first.failure == nil)
            seen.insert(first.done)
            if first.name == "byN" {
                #expect(!(try BuiltItems.plan(store, .eq("n", 3)).contains("byN")))
            }
            #expect(try BuiltItems.keys(store, .eq("n", 3)).contains("new"))
            #expect(try store.verify().findings == [])
            try store.upkeep([.index])
        }
        #expect(seen.count > 5)
        #expect(try store.statistics().indexes.isEmpty)
        #expect(try BuiltItems.plan(store, .eq("n", 3)).contains("byN"))
        // A state before it was ready goes by what it has.
        #expect(!(try early.find(Find("items", where: .eq("n", 3))).plan.contains("byN")))
        #expect(try early.find(Find("items", where: .eq("n", 3), limit: 1000)).rows.count == 16)
        let expected = try BuiltItems.keys(store, .eq("n", 3))
        #expect(expected.count == 16 && expected.contains("k90") && expected.contains("new"))
        for mode in [StoreMode.open, .rebuild, .read] {
            let again = try Store.open(
                "store",
                mode,
                options: BuiltItems.options(disk.crashKeepingAll())
            )
            #expect(try again.verify().findings == [])
            #expect(try BuiltItems.keys(again, .eq("n", 3)) == expected)
        }
    }

    @Test func whoDefinesWaits() throws {
        for worksInBackground in [false, true] {
            var options = BuiltItems.options(MemoryDisk(), part: 64)
            options.worksInBackground = worksInBackground
            let store = try Store.open("store", options: options)
            try store.define(BuiltItems.schema([]))
            _ = try store.commit((0..<500).map { BuiltItems.put("k\($0)", ["n": .int($0)]) })
            try store.define(BuiltItems.schema(BuiltItems.all))
            #expect(store.newest.state.roots.building.isEmpty)
            #expect(try BuiltItems.plan(store, .eq("n", 3)).contains("byN"))
            // What was defined already is waited for, too.
            try store.define(BuiltItems.schema(BuiltItems.all))
            #expect(try store.verify().findings == [])
            try store.close()
        }
    }

    @Test func twoOfOneValueKeepAUniqueIndexOut() throws {
        let disk = SimulatedDisk()
        let store = try store(disk, records: 60)
        _ = try store.commit([BuiltItems.put("twin", ["u": 41])])
        let unique = BuiltItems.schema([BuiltItems.all[4]])
        func refused(_ store: Store) throws {
            do throws(MnemeError) {
                try store.define(unique)
                Issue.record("two have one value")
            } catch {
                #expect(error.code == .duplicate)
                for word in ["byU", "\"k41\"", "\"twin\""] {
                    #expect(error.message.contains(word), "\(error)")
                }
            }
            #expect(store.snapshot().schema == BuiltItems.schema([]))
            try BuiltItems.finish(store)
            #expect(try store.verify().findings == [])
        }
        try refused(store)
        let told = try store.statistics().indexes
        #expect(told.map(\.name) == ["byU"] && told[0].failure?.contains("twin") == true)
        for mode in [StoreMode.open, .rebuild] {
            let again = try Store.open(
                "store",
                mode,
                options: BuiltItems.options(disk.crashKeepingAll())
            )
            try refused(again)
        }
        // What is being built refuses what it knows of, and is given up for what it did not.
        _ = try store.commit([BuiltItems.delete("twin")])
        try store.define(unique, waits: false)
        try store.upkeep([.index])
        try expectRefusal(.duplicate, "byU", leaving: store) {
            _ = try store.commit([BuiltItems.put("again", ["u": 2])])
        }
        _ = try store.commit([BuiltItems.put("again", ["u": 55])])
        // Who leaves a place that two have leaves it to the other one.
        try expectRefusal(.duplicate, "byU", leaving: store) {
            _ = try store.commit([
                BuiltItems.put("k55", ["u": 1000]), BuiltItems.put("third", ["u": 55]),
            ])
        }
        try expectRefusal(.duplicate, "byU", leaving: store) {
            _ = try store.commit([BuiltItems.delete("k55"), BuiltItems.put("third", ["u": 55])])
        }
        try BuiltItems.finish(store)
        #expect(store.snapshot().schema == BuiltItems.schema([]))
        _ = try store.commit([BuiltItems.delete("again")])
        try store.define(unique)
        try expectRefusal(.duplicate, "byU", leaving: store) {
            _ = try store.commit([BuiltItems.put("third", ["u": 55])])
        }
        #expect(try store.verify().findings == [])
    }

    @Test func whatHasExpiredHoldsNothing() throws {
        let clock = SimulatedClock(start: 1_000_000)
        var options = BuiltItems.options(MemoryDisk())
        options.clock = clock
        let store = try Store.open("store", options: options)
        try store.define(BuiltItems.schema([]))
        for number in 0..<20 {
            _ = try store.commit([
                .put(
                    Put(
                        "items",
                        .text("k\(number)"),
                        ["u": .int(Int64(number / 2))],
                        expiresAt: number % 2 == 0 ? Instant(microseconds: 2_000_000) : nil
                    )
                )
            ])
        }
        clock.set(3_000_000)
        try store.define(BuiltItems.schema([BuiltItems.all[4]]))
        #expect(try BuiltItems.plan(store, .eq("u", 3)).contains("byU"))
        #expect(try BuiltItems.keys(store, .eq("u", 3)) == ["k7"])
        #expect(try store.verify().findings == [])
    }

    @Test func aKeyThatIsTooLongKeepsAnIndexOut() throws {
        let store = try store(MemoryDisk(), records: 30)
        let long = Value.text(String(repeating: "l", count: 5000))
        let many = Value.array((0..<1200).map { .text("t\($0)") })
        _ = try store.commit([BuiltItems.put("long", ["t": long, "tags": many])])
        for index in [BuiltItems.all[0], BuiltItems.all[1]] {
            try expectRefusal(.tooLarge, index.name, "long") {
                try store.define(BuiltItems.schema([index]))
            }
            try BuiltItems.finish(store)
            #expect(store.snapshot().schema == BuiltItems.schema([]))
            #expect(try store.verify().findings == [])
        }
        // It may go, or be changed, while it is in the way.
        try store.define(BuiltItems.schema([BuiltItems.all[0]]), waits: false)
        _ = try store.commit([BuiltItems.put("long", ["t": "short", "n": 100])])
        try store.define(BuiltItems.schema([BuiltItems.all[1]]), waits: false)
        _ = try store.commit([BuiltItems.delete("long")])
        try BuiltItems.finish(store)
        #expect(try store.statistics().indexes.filter { $0.failure == nil }.isEmpty)
        #expect(store.snapshot().schema.collections[0].indexes.count == 2)
        #expect(try store.verify().findings == [])
    }

    @Test func aReferenceWaitsForItsIndex() throws {
        let disk = SimulatedDisk()
        let store = try store(disk, records: 30)
        try store.define(BuiltItems.schema([BuiltItems.all[4]]), waits: false)
        let rule = ReferenceRule("of", ["item"], to: "items", on: ["u"])
        let naming = Schema(collections: [
            Collection("names", fields: [Field("item", .int)], references: [rule])
        ])
        // The index has distinct nulls: still it names one record at most.
        try expectRefusal(.schemaConflict, "being built", "of", leaving: store) {
            try store.define(naming)
        }
        try BuiltItems.finish(store)
        try store.define(naming)
        _ = try store.commit([.put(Put("names", "one", ["item": 7]))])
        try expectRefusal(.schemaConflict, "\"of\"", "names", leaving: store) {
            try store.drop(.index(collection: "items", name: "byU"))
        }
        // Derived again the index is there as soon as the reference is.
        for mode in [StoreMode.open, .rebuild] {
            let again = try Store.open(
                "store",
                mode,
                options: BuiltItems.options(disk.crashKeepingAll())
            )
            #expect(again.newest.state.roots.building.isEmpty)
            _ = try again.commit([.put(Put("names", "two", ["item": 9]))])
            try expectRefusal(.missingReference, "of", leaving: again) {
                _ = try again.commit([.put(Put("names", "two", ["item": 99]))])
            }
            #expect(try again.verify().findings == [])
        }
    }

    @Test func aDroppedIndexGoes() throws {
        let disk = SimulatedDisk()
        let store = try store(disk, records: 1400, part: 4096)
        try store.define(BuiltItems.schema(BuiltItems.all))
        let before = store.snapshot()
        try expectRefusal(.notFound, "byX", "byN", leaving: store) {
            try store.drop(.index(collection: "items", name: "byX"))
        }
        try expectRefusal(.unknownCollection, "things", leaving: store) {
            try store.drop(.index(collection: "things", name: "byN"))
        }
        for name in ["byN", "byU"] { try store.drop(.index(collection: "items", name: name)) }
        #expect(before.schema.collections[0].indexes.count == 5)
        #expect(try before.find(Find("items", where: .eq("n", 3))).plan.contains("byN"))
        let rest = BuiltItems.schema(Array(BuiltItems.all[1...3]))
        #expect(store.snapshot().schema == rest)
        #expect(!(try BuiltItems.plan(store, .eq("n", 3)).contains("byN")))
        _ = try store.commit([BuiltItems.put("twin", ["u": 3])])
        #expect(store.newest.state.roots.leaving.count == 2)
        try store.checkpointNow()
        #expect(try store.verify().findings == [])
        for mode in [StoreMode.open, .rebuild] {
            let again = try Store.open(
                "store",
                mode,
                options: BuiltItems.options(disk.crashKeepingAll())
            )
            #expect(again.snapshot().schema == rest)
            #expect(try again.verify().findings == [])
            try BuiltItems.finish(again)
            #expect(try again.verify().findings == [])
        }
        // Its name is free at once.
        try store.define(
            BuiltItems.schema([Index("byN", on: ["u"])]),
            waits: false
        )
        try BuiltItems.finish(store)
        #expect(try BuiltItems.plan(store, .eq("u", 3)).contains("byN"))
        #expect(try BuiltItems.keys(store, .eq("u", 3)) == ["k3", "twin"])
        #expect(try store.verify().findings == [])
        try store.close()
        let last = try Store.open("store", .open, options: BuiltItems.options(disk))
        #expect(last.newest.state.roots.leaving.isEmpty)
        #expect(try last.verify().findings == [])
    }
}
