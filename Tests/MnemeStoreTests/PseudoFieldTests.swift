// Keys and versions as fields of questions, and values that are computed for rows.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct PseudoFieldTests {
    private static func store(_ type: KeyType) throws -> Store {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        try store.define(
            Schema(collections: [
                Collection(
                    "items",
                    key: type,
                    fields: [
                        Field("n", .int), Field("t", .text, isSearchable: true),
                        Field("v", .vector(VectorType(dimension: 2))),
                    ],
                    indexes: [Index("byN", on: ["n"])]
                )
            ])
        )
        return store
    }

    private static func key(_ type: KeyType, _ number: Int) -> Key {
        switch type {
        case .text: .text(["a", "ab", "b", "é", "e\u{301}x", ""][number % 6] + "\(number)")
        case .int: .int(Int64(number * 7) - 100)
        case .uuid: .uuid(UniqueID(high: UInt64(number % 5), low: UInt64(number)))
        }
    }

    @Test(
        arguments: [KeyType.text, .int, .uuid],
        [UInt64(3), 4, RealRandomness().next()]
    )
    func keysAndVersionsAreFoundAsByAScan(type: KeyType, seed: UInt64) throws {
        let dice = IndexDice(random: SeededRandomness(seed: seed))
        let store = try Self.store(type)
        var rows: [Key: [String: Value]] = [:]
        for _ in 0..<120 {
            let key = Self.key(type, dice.below(60))
            if dice.chance(6) {
                _ = try store.commit([.delete(Reference("items", key))])
                rows.removeValue(forKey: key)
                continue
            }
            let fields: [String: Value] = ["n": .int(Int64(dice.below(9))), "t": "tea"]
            let before = rows[key]?["$version"] ?? 0
            let sequence = try store.commit([.put(Put("items", key, fields))]).sequence
            let found = try store.snapshot().find(
                Find("items", where: .eq("$key", key.value), select: ["$version"])
            )
            let version = found.rows.first?.record["$version"] ?? .null
            #expect(Value.compare(version, before) > 0)
            #expect(Value.compare(version, .int(Int64(sequence))) <= 0)
            rows[key] = ["n": fields["n"] ?? .null, "$key": key.value, "$version": version]
        }
        for step in 0..<300 {
            let find = question(type, dice, rows)
            let found = try store.snapshot().find(find)
            let wanted = rows.values.filter { row in
                find.filter?.holds { row[$0] ?? .null } ?? true
            }.sorted { left, right in
                let result = IndexModel.compare(left, right, find.order)
                return result == 0
                    ? Value.compare(left["$key"] ?? .null, right["$key"] ?? .null) < 0 : result < 0
            }
            let what: Comment = "seed \(seed), step \(step): \(find), \(found.plan)"
            let fields = found.rows.map(\.record.fields)
            if find.order.contains(where: { $0.field != "n" }) || find.order.isEmpty {
                #expect(fields == Array(wanted.prefix(find.limit)), what)
            } else {
                #expect(fields.map { $0["n"] } == wanted.prefix(find.limit).map { $0["n"] }, what)
                #expect(Set(fields).isSubset(of: Set(wanted)), what)
            }
            #expect(found.rows.allSatisfy { $0.record.reference.key.value == $0.record["$key"] })
        }
    }

    private func question(
        _ type: KeyType,
        _ dice: IndexDice,
        _ rows: [Key: [String: Value]]
    ) -> Find {
        func key() -> Value { Self.key(type, dice.below(64)).value }
        func version() -> Value { .int(Int64(dice.below(300))) }
        func comparison() -> Filter {
            if dice.chance(3) { return .compare(field: "n", .gte(.int(Int64(dice.below(9))))) }
            if dice.chance(3) {
                let all: [Comparison] = [
                    .eq(version()), .gt(version()), .lte(version()), .ne(version()),
                    .within(version(), version()), .exists(true), .eq(.null),
                ]
                return .compare(field: "$version", dice.pick(all))
            }
            var all: [Comparison] = [
                .eq(key()), .eq(key()), .ne(key()), .gt(key()), .gte(key()), .lt(key()),
                .lte(key()), .within(key(), key()), .isIn([key(), key(), key()]), .notIn([key()]),
                .exists(true), .exists(false), .eq(.null), .isIn([]),
            ]
            if type == .text {
                all += [.prefix("a"), .prefix("ab"), .prefix("e"), .prefix("é"), .contains("1")]
            }
            return .compare(field: "$key", dice.pick(all))
        }
        func filter(_ depth: Int) -> Filter {
            switch dice.below(depth > 0 ? 6 : 3) {
            case 3, 4: .and([filter(depth - 1), filter(depth - 1)])
            case 5: dice.chance(2) ? .not(filter(depth - 1)) : .or([comparison(), comparison()])
            default: comparison()
            }
        }
        let names = ["n", "$key", "$version"]
        return Find(
            "items",
            where: dice.chance(5) ? nil : filter(2),
            order: (0..<dice.below(3)).map { _ in
                Order(dice.pick(names), descending: dice.chance(2))
            },
            limit: dice.chance(2) ? .max : dice.below(9),
            select: ["n", "$key", "$version"]
        )
    }

    @Test func theListOfKeysServesThem() throws {
        let store = try Self.store(.text)
        let puts = (0..<2000).map { number in
            Change.put(Put("items", .text("k\(10_000 + number)"), ["n": .int(Int64(number))]))
        }
        _ = try store.commit(puts)
        func entries(
            _ comparison: Comparison,
            _ order: [Order] = [],
            limit: Int = .max
        ) throws
            -> String
        {
            let found = try store.snapshot().find(
                Find(
                    "items",
                    where: .compare(field: "$key", comparison),
                    order: order,
                    limit: limit,
                    explained: true
                )
            )
            let told = try #require(found.explanation)
            return "\(found.rows.count) rows, \(told.entries) entries of \(told.index ?? "none")"
        }
        #expect(try entries(.eq("k10005")) == "1 rows, 1 entries of $key")
        #expect(try entries(.isIn(["k10005", "k10009", "no"])) == "2 rows, 2 entries of $key")
        #expect(try entries(.prefix("k1000")) == "10 rows, 10 entries of $key")
        #expect(try entries(.within("k10100", "k10199")) == "100 rows, 100 entries of $key")
        let last = [Order("$key", descending: true)]
        #expect(try entries(.gte("k10100"), last, limit: 3) == "3 rows, 3 entries of $key")
    }

    @Test func rankedRowsHaveThemToo() throws {
        let store = try Self.store(.int)
        for number in 0..<5 {
            _ = try store.commit([
                .put(
                    Put(
                        "items",
                        .int(Int64(number)),
                        [
                            "n": .int(Int64(number)), "t": "green tea",
                            "v": .vector([1, Float(number)]),
                        ]
                    )
                )
            ])
        }
        let double = Projection.computed("double", try Expression("n * 2"))
        for find in [
            Find("items", near: Near("v", [1, 0])), Find("items", match: Match("t", "tea")),
        ] {
            var find = find
            find.filter = .and([
                .compare(field: "$key", .gt(0)), .compare(field: "$version", .gt(0)),
            ])
            find.order = [Order("$version", descending: true)]
            find.select = ["$key", double]
            find.isExplained = true
            let found = try store.snapshot().find(find)
            #expect(
                found.rows.map(\.record.fields)
                    == [4, 3, 2, 1].map { ["$key": .int($0), "double": .int(2 * $0)] }
            )
            // By nearness an index may answer a part of it.
            let told = (found.explanation?.held ?? []) + (found.explanation?.answered ?? [])
            #expect(told.count == 2 && found.explanation?.matched == 4)
        }
    }

    @Test func aPatchMayAskForTheVersion() throws {
        let store = try Self.store(.int)
        _ = try store.commit([.put(Put("items", 1, ["n": 1]))])
        func version() throws -> Value {
            try store.snapshot().find(Find("items", select: ["$version"])).rows[0]
                .record["$version"]
        }
        let first = try version()
        let patch = Patch(
            "items",
            1,
            [.increment("n", 1)],
            if: .and([.eq("$version", first), .eq("$key", 1)])
        )
        _ = try store.commit([.patch(patch)])
        #expect(Value.compare(try version(), first) > 0)
        do {
            _ = try store.commit([.patch(patch)])
            Issue.record("a patch of an older version was taken")
        } catch {
            #expect(error.code == .conditionFailed)
        }
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let store = try Self.store(.int)
        func computed(_ name: String, _ text: String) throws -> Projection {
            .computed(name, try Expression(text))
        }
        let bad: [(MnemeError.Code, String, Find)] = [
            (.unknownField, "$kye", Find("items", where: .eq("$kye", 1))),
            (.unknownField, "$from", Find("items", order: [Order("$from")])),
            (.unknownField, "$id", Find("items", select: ["$id"])),
            (.badFilter, "$key", Find("items", where: .eq("$key", "x"))),
            (.badFilter, "$key", Find("items", where: .eq("$key.a", 1))),
            (.badFilter, "$version", Find("items", where: .eq("$version", "new"))),
            (.badRequest, "twice", Find("items", select: ["n", try computed("n", "n + 1")])),
            (.badRequest, "$x", Find("items", select: [try computed("$x", "n + 1")])),
            (.badRequest, "a.b", Find("items", select: [try computed("a.b", "n + 1")])),
            (.badExpression, "m", Find("items", select: [try computed("x", "m + 1")])),
            (.badExpression, "\"x\"", Find("items", select: [try computed("x", "n || 'a'")])),
        ]
        for (code, part, find) in bad {
            do {
                _ = try store.snapshot().find(find)
                Issue.record("\(find) was taken")
            } catch {
                #expect(error.code == code && error.message.contains(part), "\(error)")
            }
        }
        #expect(throws: MnemeError.self) {
            try store.define(
                Schema(collections: [Collection("more", fields: [Field("$key", .int)])])
            )
        }
        for find in [
            Find("items", select: ["$key"]), Find("items", after: "AAAA"),
            Find("items", explained: true), Find(edges: "cites"),
        ] {
            #expect(throws: MnemeError.self) { try store.prepare(find) }
        }
    }

    /// The layered question of a memory service, with the layer that each row comes from.
    @Test func layersAreComputed() throws {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        let flags = ["archived", "layer_session", "layer_project", "layer_global"]
        try store.define(
            Schema(collections: [
                Collection(
                    "memories",
                    fields: [
                        Field("user", .text), Field("project", .text),
                        Field("importance", .float), Field("last_accessed", .instant),
                    ] + flags.map { Field($0, .bool) },
                    indexes: [
                        Index(
                            "best",
                            on: [
                                "user", "archived", IndexField("importance", descending: true),
                                IndexField("last_accessed", descending: true),
                            ]
                        )
                    ]
                )
            ])
        )
        let dice = IndexDice(random: SeededRandomness(seed: 28))
        var rows: [[String: Value]] = []
        for number in 0..<600 {
            var row: [String: Value] = [
                "user": dice.chance(4) ? "bob" : "ann", "project": .text("p\(dice.below(3))"),
                "importance": .float(Double(dice.below(20)) / 20),
                "last_accessed": .instant(Instant(microseconds: Int64(number))),
            ]
            for flag in flags { row[flag] = .bool(dice.chance(3)) }
            rows.append(row)
            _ = try store.commit([.put(Put("memories", .text("m\(number)"), row))])
        }
        let text = """
            case when layer_session then 'session' when layer_project then 'project' \
            when layer_global then 'global' else 'temporal' end
            """
        let layers = Find(
            "memories",
            where: .and([
                .eq("user", "ann"), .eq("archived", false),
                .or([.eq("project", "p1"), .eq("layer_global", true)]),
                .compare(field: "importance", .gt(0.3)),
            ]),
            order: [
                Order("importance", descending: true), Order("last_accessed", descending: true),
            ],
            limit: 50,
            select: ["last_accessed", .computed("primary_layer", try Expression(text))],
            explained: true
        )
        let found = try store.snapshot().find(layers)
        let wanted = rows.filter { row in
            row["user"] == "ann" && row["archived"] == false
                && (row["project"] == "p1" || row["layer_global"] == true)
                && row["importance"]?.number ?? 0 > 0.3
        }.sorted { IndexModel.compare($0, $1, layers.order) < 0 }.prefix(50)
        #expect(found.rows.count == 50)
        #expect(
            found.rows.map { $0.record["last_accessed"] } == wanted.map { $0["last_accessed"] }
        )
        for (row, record) in zip(found.rows, wanted) {
            let layer =
                record["layer_session"] == true
                ? "session"
                : record["layer_project"] == true
                    ? "project" : record["layer_global"] == true ? "global" : "temporal"
            #expect(row.record["primary_layer"] == .text(layer))
        }
        let explanation = try #require(found.explanation)
        #expect(explanation.index == "best" && explanation.isOrdered)
        #expect(explanation.held.count == 1 && explanation.answered.count == 3)
    }
}
