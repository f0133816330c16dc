// Indexes over what json contains against a plain model: whatever is put, what they serve is what a
// scan answers.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct JSONContainmentTests {
    private static let indexes = [
        Index("inside", on: [IndexField("data", contains: true)]),
        Index("below", on: ["n", IndexField("data.a", contains: true)]),
        Index("some", on: [IndexField("data", contains: true)], where: try? Expression("n > 1")),
    ]

    private static func schema(_ indexes: [Index]) -> Schema {
        Schema(collections: [
            Collection("items", fields: [Field("n", .int), Field("data", .json)], indexes: indexes)
        ])
    }

    private static func scalar(_ random: SeededRandomness) -> Value {
        [
            .null, true, false, 0, 1, 1.0, 2.5, "a", "ab", "b", "caf\u{e9}", "cafe\u{301}", "",
            .float(-0.0), .int(.max), .float(0x1p63),
        ][random.below(16)]
    }

    private static func json(_ random: SeededRandomness, _ depth: Int) -> Value {
        if depth == 0 || random.below(4) == 0 { return scalar(random) }
        if random.below(3) == 0 {
            return .array((0..<random.below(4)).map { _ in json(random, depth - 1) })
        }
        return object(random, depth)
    }

    private static func object(_ random: SeededRandomness, _ depth: Int) -> Value {
        var members: [String: Value] = [:]
        for name in ["a", "b", "\u{e9}", "d.e", ""] where random.below(3) == 0 {
            members[name] = json(random, depth - 1)
        }
        return .map(members)
    }

    /// Something that a value may contain: parts of it are left out.
    private static func part(_ value: Value, _ random: SeededRandomness) -> Value {
        switch value {
        case .map(let members):
            .map(members.filter { _ in random.below(3) > 0 }.mapValues { part($0, random) })
        case .array(let elements):
            switch random.below(3) {
            case 0: elements.first ?? value
            case 1: .array(elements.filter { _ in random.below(2) == 0 })
            default: value
            }
        default: value
        }
    }

    private static func filter(_ known: [Value], _ random: SeededRandomness) -> Filter {
        let value =
            random.below(4) == 0 || known.isEmpty
            ? object(random, 3) : part(known[random.below(known.count)], random)
        var filter = Filter.compare(field: "data", .contains(value))
        switch random.below(6) {
        case 0: filter = .compare(field: "data.a", .contains(part(value, random)))
        case 1: filter = .eq(["data.a", "data.b", "data.a.b"][random.below(3)], scalar(random))
        case 2: filter = .compare(field: "data", .some(.eq("a", scalar(random))))
        default: break
        }
        switch random.below(4) {
        case 0: return .and([filter, .eq("n", .int(Int64(random.below(4))))])
        case 1: return .and([filter, .compare(field: "n", .gt(1))])
        case 2: return .and([filter, .compare(field: "data", .contains(object(random, 2)))])
        default: return filter
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, RealRandomness().next()])
    func questionsAreAnsweredAsByAScan(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let disk = MemoryDisk()
        var store = try Store.open("store", options: BuiltItems.options(disk, part: 20))
        try store.define(Self.schema([]))
        var records: [String: [String: Value]] = [:]
        var served = 0
        for round in 0..<4 {
            for _ in 0..<60 {
                let key = "k\(random.below(150))"
                if random.below(6) == 0 {
                    records.removeValue(forKey: key)
                    _ = try store.commit([BuiltItems.delete(key)])
                } else {
                    var fields: [String: Value] = ["n": .int(Int64(random.below(4)))]
                    if random.below(8) > 0 { fields["data"] = Self.json(random, 4) }
                    records[key] = fields
                    _ = try store.commit([BuiltItems.put(key, fields)])
                }
            }
            if round < 3 { try store.define(Self.schema(Array(Self.indexes.prefix(round + 1)))) }
            let known = records.sorted { $0.key < $1.key }.compactMap { $0.value["data"] }
            for _ in 0..<80 {
                let filter = Self.filter(known, random)
                let wanted = records.filter { _, fields in filter.holds { fields[$0] ?? .null } }
                let found = try store.snapshot().find(
                    Find("items", where: filter, limit: 1000)
                )
                #expect(
                    Kinds.keys(found).sorted() == wanted.keys.sorted(),
                    "seed \(seed), \(filter), \(found.plan)"
                )
                if found.plan.contains("index"), !wanted.isEmpty { served += 1 }
            }
            #expect(try store.verify().findings == [], "seed \(seed)")
            try store.close()
            store = try Store.open(
                "store",
                round == 1 ? .rebuild : .open,
                options: BuiltItems.options(disk, part: 20)
            )
            try BuiltItems.finish(store)
        }
        #expect(served > 20, "seed \(seed)")
    }

    @Test func theIndexServesWhatItIsFor() throws {
        let store = try Store.open("store", options: BuiltItems.options(MemoryDisk(), at: 5000))
        try store.define(Self.schema([Self.indexes[0]]))
        for start in stride(from: 0, to: 2000, by: 200) {
            _ = try store.commit(
                (start..<(start + 200)).map { number in
                    BuiltItems.put(
                        "k\(number)",
                        [
                            "data": [
                                "theme": number % 2 == 0 ? "dark" : "darker",
                                "tags": [.text("t\(number % 40)"), "all"],
                                "user": ["id": .int(Int64(number % 100))],
                            ]
                        ]
                    )
                }
            )
        }
        func find(_ filter: Filter) throws -> Found {
            try store.snapshot().find(Find("items", where: filter, limit: 5000))
        }
        let both = try find(
            .compare(field: "data", .contains(["theme": "dark", "tags": ["t4"]]))
        )
        #expect(both.rows.count == 50 && both.plan.contains("inside"))
        #expect(both.plan.contains(" 50 entries visited") || both.plan.contains("among"))
        let one = try find(.eq("data.user.id", 7))
        #expect(one.rows.count == 20 && one.plan.contains("20 entries visited"))
        // Inside of objects a text has no parts.
        #expect(try find(.compare(field: "data", .contains(["theme": "dark"]))).rows.count == 1000)
        #expect(try find(.compare(field: "data", .contains(["theme": "dar"]))).rows.isEmpty)
        #expect(try find(.compare(field: "data", .contains(["user": [:]]))).rows.count == 2000)
    }

    @Test func aRecordOfManyLeavesIsFoundAllTheSame() throws {
        let store = try Store.open("store", options: BuiltItems.options(MemoryDisk()))
        try store.define(Self.schema([Self.indexes[0]]))
        for number in 0..<300 {
            _ = try store.commit([BuiltItems.put("k\(number)", ["data": ["x": .int(5)]])], .none)
        }
        let many = Value.array((0..<3000).map { .int($0) })
        _ = try store.commit([BuiltItems.put("many", ["data": ["x": many]])])
        let found = try store.snapshot().find(
            Find("items", where: .compare(field: "data", .contains(["x": 2999])))
        )
        #expect(Kinds.keys(found) == ["many"] && found.plan.contains("inside"))
        _ = try store.commit([BuiltItems.put("many", ["data": ["x": 1]])])
        #expect(try store.verify().findings == [])
    }

    @Test func whatItCannotBeIsRefused() throws {
        let store = try Store.open("store", options: BuiltItems.options(MemoryDisk()))
        for index in [
            Index("i", on: [IndexField("n", contains: true)]),
            Index("i", on: [IndexField("data", contains: true)], isUnique: true),
            Index("i", on: [IndexField("data", descending: true, contains: true)]),
            Index("i", on: [IndexField("data", folded: true, contains: true)]),
            Index("i", on: [IndexField("data", contains: true), "data.b"]),
        ] {
            try expectRefusal(.badSchema, "\"i\"", leaving: store) {
                try store.define(Self.schema([index]))
            }
        }
    }
}
