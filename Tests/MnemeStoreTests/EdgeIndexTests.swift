// Indexes of edge types against a plain model: whatever makes and ends edges keeps them, in this
// store, in one that is opened again, and in one that is derived from the log.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct EdgeIndexTests {
    private static let indexes = [
        Index("byWeight", on: [IndexField("weight", descending: true), "kind"]),
        Index("fromByWeight", on: ["$from", "weight"]),
        Index("to", on: ["$to", "kind"]),
        Index("heavy", on: ["kind"], where: try? Expression("weight > 5")),
    ]

    private static func schema(_ indexes: [Index]) -> Schema {
        Schema(
            collections: [Collection("items", fields: [Field("n", .int)])],
            edgeTypes: [
                EdgeType(
                    "joins",
                    fields: [Field("weight", .int), Field("kind", .text)],
                    indexes: indexes
                ),
                EdgeType("pairs", fields: [Field("weight", .int)], isUnique: true),
            ]
        )
    }

    private struct Known {
        var from: String
        var to: String
        var fields: [String: Value]

        func value(_ name: String) -> Value {
            switch name {
            case "$from": .text("items/\(from)")
            case "$to": .text("items/\(to)")
            default: fields[name] ?? .null
            }
        }
    }

    private static func item(_ key: String) -> Reference { Reference("items", .text(key)) }

    private static func filter(_ random: SeededRandomness) -> Filter {
        let end = Value.text("items/k\(random.below(14))")
        let weight = Value.int(Int64(random.below(10)))
        let kind = Value.text(["a", "b", "c"][random.below(3)])
        switch random.below(7) {
        case 0: return .eq("weight", weight)
        case 1: return .and([.eq("$from", end), .compare(field: "weight", .gte(weight))])
        case 2: return .and([.eq("$to", end), .eq("kind", kind)])
        case 3: return .and([.compare(field: "weight", .gt(5)), .eq("kind", kind)])
        case 4: return .compare(field: "$from", .isIn([end, "items/k1", "items/none"]))
        case 5: return .and([.compare(field: "weight", .within(2, weight)), .eq("$to", end)])
        default: return .eq("kind", kind)
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func whateverMakesAndEndsEdges(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let disk = MemoryDisk()
        var store = try Store.open("store", options: BuiltItems.options(disk, part: 13))
        try store.define(Self.schema([]))
        var items: Set<String> = []
        var edges: [UInt64: Known] = [:]
        var defined: [Index] = []
        var served = 0
        for round in 0..<5 {
            for _ in 0..<40 {
                let (from, to) = ("k\(random.below(14))", "k\(random.below(14))")
                switch random.below(12) {
                case 0..<3:
                    _ = try store.commit([.put(Put("items", .text(from), ["n": 1]))])
                    items.insert(from)
                case 3:
                    _ = try store.commit([.delete(Self.item(from))])
                    items.remove(from)
                    edges = edges.filter { $0.value.from != from && $0.value.to != from }
                case 4:
                    guard let edge = edges.keys.sorted().randomElement(by: random) else { continue }
                    _ = try store.commit([.unlink(edge)])
                    edges.removeValue(forKey: edge)
                default:
                    guard items.contains(from), items.contains(to) else { continue }
                    var fields: [String: Value] = [:]
                    if random.below(5) > 0 { fields["weight"] = .int(Int64(random.below(10))) }
                    if random.below(5) > 0 {
                        fields["kind"] = .text(["a", "b", "c"][random.below(3)])
                    }
                    let link = Link(
                        "joins",
                        from: Self.item(from),
                        to: Self.item(to),
                        fields: fields
                    )
                    let outcomes = try store.commit([.link(link)]).outcomes
                    guard case .linked(let edge)? = outcomes.first else { continue }
                    edges[edge] = Known(from: from, to: to, fields: fields)
                }
            }
            if round < 4 {
                defined.append(Self.indexes[round])
                try store.define(Self.schema(defined), waits: random.below(2) == 0)
            } else {
                let gone = defined.remove(at: 1)
                try store.drop(.edgeIndex(type: "joins", name: gone.name))
            }
            for _ in 0..<40 {
                let filter = Self.filter(random)
                let order = [Order("weight", descending: random.below(2) == 0)]
                let wanted = edges.filter { filter.holds($0.value.value) }
                var find = Find(
                    edges: "joins",
                    where: filter,
                    order: random.below(2) == 0 ? order : [],
                    limit: 10_000
                )
                let found = try store.snapshot().find(find)
                find.limit = 1 + random.below(4)
                let first = try store.snapshot().find(find)
                #expect(first.edges == Array(found.edges.prefix(find.limit)), "seed \(seed)")
                #expect((first.next != nil) == (found.edges.count > find.limit), "seed \(seed)")
                if found.plan.contains("index ") { served += 1 }
                #expect(
                    Set(found.edges.map(\.id)) == Set(wanted.keys),
                    "seed \(seed), \(filter), \(found.plan)"
                )
                for edge in found.edges {
                    #expect(edge.fields == edges[edge.id]?.fields, "seed \(seed)")
                }
            }
            #expect(try store.verify().findings == [], "seed \(seed), round \(round)")
            try store.close()
            store = try Store.open(
                "store",
                round % 2 == 0 ? .rebuild : .open,
                options: BuiltItems.options(disk, part: 13)
            )
            #expect(try store.verify().findings == [], "seed \(seed), round \(round)")
            try BuiltItems.finish(store)
            #expect(try store.verify().findings == [], "seed \(seed), round \(round)")
        }
        #expect(store.snapshot().schema == Self.schema(defined), "seed \(seed)")
        #expect(served > 30 || seed > 3, "seed \(seed)")
    }

    @Test func anOrderIsServedByTheIndex() throws {
        let store = try Store.open("store", options: BuiltItems.options(MemoryDisk()))
        try store.define(Self.schema(Self.indexes))
        _ = try store.commit((0..<4).map { .put(Put("items", .text("k\($0)"), [:])) })
        for number in 0..<200 {
            let link = Link(
                "joins",
                from: Self.item("k\(number % 2)"),
                to: Self.item("k3"),
                fields: ["weight": .int(Int64(number * 7 % 200))]
            )
            _ = try store.commit([.link(link)], .none)
        }
        let found = try store.snapshot().find(
            Find(
                edges: "joins",
                where: .eq("$from", "items/k1"),
                order: [Order("weight", descending: true)],
                limit: 3
            )
        )
        #expect(found.edges.map { $0.fields["weight"] } == [199, 197, 195])
        #expect(found.plan.contains("fromByWeight") && found.plan.contains("in order"))
        // A transaction finds what it has linked, and nobody else does.
        let transaction = try store.begin()
        _ = try transaction.change([
            .link(
                Link(
                    "joins",
                    from: Self.item("k1"),
                    to: Self.item("k2"),
                    fields: ["weight": 1000]
                )
            ),
            .delete(Self.item("k3")),
        ])
        _ = try transaction.commit(.synced)
        let last = try store.snapshot().find(
            Find(edges: "joins", where: .eq("$from", "items/k1"), order: [Order("weight")])
        )
        #expect(last.edges.map { $0.fields["weight"] } == [1000])
        #expect(try store.verify().findings == [])
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let store = try Store.open("store", options: BuiltItems.options(MemoryDisk()))
        try store.define(Self.schema([Self.indexes[0]]))
        for index in [
            Index("i", on: ["weight"], isUnique: true), Index("i", on: ["none"]),
            Index("1", on: ["weight"]), Index("i", on: []),
        ] {
            try expectRefusal(.badSchema, "joins", leaving: store) {
                try store.define(Self.schema([index]))
            }
        }
        try expectRefusal(.schemaConflict, "byWeight", leaving: store) {
            try store.define(Self.schema([Index("byWeight", on: ["kind"])]))
        }
        try expectRefusal(.notFound, "byX", "byWeight", leaving: store) {
            try store.drop(.edgeIndex(type: "joins", name: "byX"))
        }
        try expectRefusal(.unknownEdgeType, "none", leaving: store) {
            try store.drop(.edgeIndex(type: "none", name: "byX"))
        }
        _ = try store.commit([.put(Put("items", "a", [:])), .put(Put("items", "b", [:]))])
        try expectRefusal(.tooLarge, "byWeight", leaving: store) {
            let long = Value.text(String(repeating: "l", count: 5000))
            _ = try store.commit([
                .link(
                    Link("joins", from: Self.item("a"), to: Self.item("b"), fields: ["kind": long])
                )
            ])
        }
    }
}

extension Array {
    fileprivate func randomElement(by random: SeededRandomness) -> Element? {
        isEmpty ? nil : self[random.below(count)]
    }
}
