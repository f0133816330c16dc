// Collections and edge types that are dropped: nobody sees anything of them from then on, what is
// left goes behind, and neither the end of the process nor what is defined meanwhile matters.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct DropTests {
    private static let fields = [
        Field("owner", .text), Field("n", .int), Field("body", .text, isSearchable: true),
        Field("v", .vector(VectorType(dimension: 2))),
    ]

    private static var schema: Schema {
        var roles = Roles()
        roles.owner = "owner"
        return Schema(
            collections: [
                Collection(
                    "gone",
                    key: .int,
                    fields: fields + [Field("parent", .int)],
                    indexes: [Index("byN", on: ["n"]), Index("one", on: ["n"], isUnique: true)],
                    references: [ReferenceRule("parent", ["parent"], to: "gone")],
                    roles: roles
                ),
                Collection("stays", fields: fields, indexes: [Index("byN", on: ["n"])]),
            ],
            edgeTypes: [
                EdgeType("joins", fields: [Field("w", .int)], indexes: [Index("byW", on: ["w"])]),
                EdgeType("pairs", isUnique: true), EdgeType("inside", from: "stays", to: "stays"),
            ]
        )
    }

    /// What the schema is without a collection and without a type.
    private static var rest: Schema {
        var schema = schema
        schema.collections.removeFirst()
        schema.edgeTypes.removeFirst()
        return schema
    }

    private static func gone(_ key: Int) -> Reference { Reference("gone", .int(Int64(key))) }
    private static func stays(_ key: Int) -> Reference { Reference("stays", .text("s\(key)")) }

    private func store(_ disk: any Disk) throws -> Store {
        let store = try Store.open("store", options: BuiltItems.options(disk))
        try store.define(Self.schema)
        for number in 0..<600 {
            var fields: [String: Value] = [
                "owner": .text("ann"), "n": .int(Int64(number)), "body": "green tea",
                "v": .vector([Float(number), 1]),
            ]
            // A rule that refuses deletes holds up nothing.
            if number > 0 { fields["parent"] = .int(Int64(number - 1)) }
            _ = try store.commit(
                [
                    .put(Put("gone", .int(Int64(number)), fields)),
                    .put(Put("stays", .text("s\(number)"), ["n": 1, "body": "green tea"])),
                    .link(
                        Link(
                            "joins",
                            from: Self.stays(number),
                            to: Self.stays(number / 2),
                            fields: ["w": .int(Int64(number % 5))]
                        )
                    ),
                    .link(Link("pairs", from: Self.stays(number), to: Self.gone(number))),
                    .link(Link("pairs", from: Self.stays(number), to: Self.stays(number / 3))),
                ],
                .none
            )
        }
        return store
    }

    private func check(_ store: Store, _ place: String) throws {
        let snapshot = store.snapshot()
        #expect(snapshot.schema == Self.rest, "\(place)")
        try expectRefusal(.unknownCollection, "gone") {
            _ = try snapshot.find(Find("gone"))
        }
        try expectRefusal(.unknownCollection, "gone") {
            _ = try store.commit([.put(Put("gone", 7, [:]))])
        }
        try expectRefusal(.unknownEdgeType, "joins") {
            _ = try store.commit([
                .link(Link("joins", from: Self.stays(1), to: Self.stays(2)))
            ])
        }
        #expect(
            try snapshot.find(Find("stays", match: Match("body", "tea"), limit: 1000)).rows.count
                == 600,
            "\(place)"
        )
        let edges = try snapshot.edges(of: Self.stays(5), .both, types: nil)
        #expect(Set(edges.map(\.type)) == ["pairs"], "\(place)")
        #expect(edges.allSatisfy { $0.to.collection == "stays" }, "\(place)")
        let walked = try snapshot.walk(Walk(from: [Self.stays(5)], direction: .both, hops: 2))
        #expect(walked.stops.allSatisfy { $0.reference.collection == "stays" }, "\(place)")
        #expect(!walked.stops.isEmpty, "\(place)")
        let statistics = try store.statistics()
        #expect(statistics.records == ["stays": 600], "\(place)")
        #expect(try store.verify().findings == [], "\(place)")
    }

    private func finish(_ store: Store) throws {
        for _ in 0..<1000 {
            if store.dropped(store.newest.state) == nil { return try BuiltItems.finish(store) }
            try store.upkeep([.index])
        }
        Issue.record("what was dropped never goes")
    }

    @Test func whatIsDroppedIsGoneAtOnce() throws {
        let disk = SimulatedDisk(seed: 3)
        var store = try store(disk)
        let before = store.snapshot()
        try store.drop(.collection("gone"))
        try store.drop(.edgeType("joins"))
        // Who looked before looks on.
        #expect(try before.find(Find("gone", limit: 1000)).rows.count == 600)
        try check(store, "at once")
        for step in 0..<3 {
            try store.upkeep([.index])
            try check(store, "step \(step)")
            if step == 1 { try store.checkpointNow() }
            for mode in [StoreMode.open, .rebuild, .read] {
                let again = try Store.open(
                    "store",
                    mode,
                    options: BuiltItems.options(disk.crashKeepingAll())
                )
                if mode != .read { try check(again, "step \(step), \(mode)") }
                #expect(again.snapshot().schema == Self.rest)
            }
        }
        try store.close()
        store = try Store.open("store", .open, options: BuiltItems.options(disk))
        try finish(store)
        #expect(store.newest.state.roots.counts.values.reduce(0, +) == 600 + 600)
        try check(store, "in the end")
        #expect(try store.statistics().edges == ["pairs": 600, "inside": 0])
        // The names are free, and what has them is something else.
        try store.define(Schema(edgeTypes: [EdgeType("joins")]))
        try store.define(
            Schema(collections: [Collection("gone", fields: [Field("other", .text)])])
        )
        _ = try store.commit([.put(Put("gone", "a", ["other": "new"]))])
        _ = try store.commit([
            .link(Link("joins", from: Reference("gone", "a"), to: Self.stays(1)))
        ])
        #expect(try store.verify().findings == [])
        let derived = try Store.open(
            "store",
            .rebuild,
            options: BuiltItems.options(disk.crashKeepingAll())
        )
        #expect(try derived.snapshot().record(Reference("gone", "a"))?["other"] == "new")
        #expect(try derived.verify().findings == [])
    }

    @Test func aNameIsFreeBeforeEverythingHasGone() throws {
        let disk = SimulatedDisk(seed: 4)
        let store = try store(disk)
        try store.drop(.collection("gone"))
        try store.define(Schema(collections: [Collection("gone", key: .int, fields: Self.fields)]))
        _ = try store.commit([.put(Put("gone", 3, ["n": 5]))])
        #expect(try store.snapshot().find(Find("gone", limit: 1000)).rows.count == 1)
        try store.upkeep([.index])
        #expect(try store.snapshot().find(Find("gone", limit: 1000)).rows.count == 1)
        try finish(store)
        #expect(try store.snapshot().record(Self.gone(3))?["n"] == 5)
        #expect(try store.verify().findings == [])
    }

    @Test func whatIsNeededStays() throws {
        let store = try Store.open("store", options: BuiltItems.options(MemoryDisk()))
        try store.define(Self.schema)
        try store.define(
            Schema(collections: [
                Collection(
                    "names",
                    fields: [Field("item", .int)],
                    references: [ReferenceRule("of", ["item"], to: "gone")]
                )
            ])
        )
        try expectRefusal(.schemaConflict, "\"of\"", "names", leaving: store) {
            try store.drop(.collection("gone"))
        }
        try expectRefusal(.schemaConflict, "\"inside\"", leaving: store) {
            try store.drop(.collection("stays"))
        }
        try expectRefusal(.unknownCollection, "none", leaving: store) {
            try store.drop(.collection("none"))
        }
        try expectRefusal(.unknownEdgeType, "none", leaving: store) {
            try store.drop(.edgeType("none"))
        }
        try store.drop(.collection("names"))
        try store.drop(.collection("gone"))
        try store.drop(.edgeType("inside"))
        try store.drop(.collection("stays"))
        #expect(store.snapshot().schema.collections.isEmpty)
        #expect(try store.verify().findings == [])
    }

    @Test func aSalvageLeavesItOut() throws {
        let disk = MemoryDisk()
        let store = try store(disk)
        try store.drop(.collection("gone"))
        try store.drop(.edgeType("joins"))
        try store.close()
        let options = BuiltItems.options(disk)
        #expect(try Salvage(of: "store", to: "saved", options: options).run().isComplete)
        try check(try Store.open("saved", .open, options: options), "saved")
    }
}
