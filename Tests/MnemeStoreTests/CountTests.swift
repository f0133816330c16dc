// Counts by groups against a plain model, by indexes and without; sums that are exact; and what is
// refused.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct CountTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8, RealRandomness().next()])
    func countsAreThoseOfAScan(seed: UInt64) throws {
        var run = try CountRun(seed: seed)
        do {
            try run.go()
        } catch {
            Issue.record("seed \(seed), step \(run.steps): \(error)")
        }
    }

    private static func store(
        indexes: [Index] = [],
        clock: any Clock = RealClock()
    ) throws
        -> Store
    {
        var options = Kinds.options(MemoryDisk())
        options.clock = clock
        let store = try Store.open("store", options: options)
        var roles = Roles()
        roles.owner = "owner"
        try store.define(
            Schema(collections: [
                Collection(
                    "items",
                    key: .int,
                    fields: [
                        Field("owner", .text), Field("state", .text), Field("n", .int),
                        Field("f", .float), Field("at", .instant), Field("data", .json),
                        Field("v", .vector(VectorType(dimension: 2))),
                    ],
                    indexes: indexes,
                    roles: roles
                )
            ])
        )
        return store
    }

    private static func put(_ number: Int, _ fields: [String: Value]) -> Change {
        .put(Put("items", .int(Int64(number)), fields))
    }

    /// Objects and arrays come in one order too, whatever was met first.
    @Test func groupsComeByWhatMakesThem() throws {
        var answers: [[Value?]] = []
        for indexes in [[], [Index("byN", on: ["n"])]] {
            let store = try Self.store(indexes: indexes)
            _ = try store.commit(
                (0..<200).map { number in
                    let part: Value = ["v": .int(Int64(number / 2))]
                    return Self.put(
                        number,
                        ["n": .int(Int64(-number)), "data": number % 2 == 0 ? part : [part]]
                    )
                }
            )
            for limit in [3, 60, 200] {
                var count = Count("items", where: .compare(field: "n", .gte(-150)), by: ["data"])
                count.limit = limit
                answers.append(try store.snapshot().count(count).rows.map { $0["data"] })
            }
        }
        #expect(Array(answers[..<3]) == Array(answers[3...]))
        #expect(answers[0] == [[["v": 0]], [["v": 1]], [["v": 2]]])
        #expect(answers[2].count == 151)
    }

    @Test func anIndexCountsWithoutReading() throws {
        let store = try Self.store(indexes: [
            Index("byState", on: ["owner", "state", IndexField("n", descending: true)])
        ])
        let states: [Value] = ["open", "done", .null]
        _ = try store.commit(
            (0..<900).map { number in
                Self.put(
                    number,
                    [
                        "owner": number % 2 == 0 ? "ann" : "bob", "state": states[number % 3],
                        "n": .int(Int64(number)), "f": .float(Double(number)),
                    ]
                )
            }
        )
        func counted(_ count: Count) throws -> (rows: [[String: Value]], told: Explanation) {
            var count = count
            count.isExplained = true
            let counted = try store.snapshot().count(count)
            return (counted.rows, try #require(counted.explanation))
        }
        let all = try counted(Count("items"))
        #expect(all.rows == [["count": 900]] && all.told.entries == 0 && all.told.isCovered)
        let own = try counted(Count("items", owner: "ann"))
        #expect(own.rows == [["count": 450]] && own.told.read == 0)
        #expect(own.told.index == "byState" && own.told.entries == 450)
        let open = try counted(Count("items", where: .eq("state", "open"), by: ["owner"]))
        #expect(open.rows.count == 2 && open.told.read > 0)
        let groups = try counted(
            Count(
                "items",
                owner: "ann",
                by: ["state"],
                values: [
                    "n": Aggregate(.count), "most": Aggregate(.max, of: "n"),
                    "total": Aggregate(.sum, of: .computed(try Expression("n + 1"))),
                ],
                order: [Order("most", descending: true)]
            )
        )
        #expect(groups.told.read == 0 && groups.told.isCovered && groups.told.entries == 450)
        #expect(groups.rows.map { $0["n"] } == [150, 150, 150])
        #expect(groups.rows.map { $0["most"] } == [898, 896, 894])
        #expect(groups.rows.map { $0["state"] } == ["done", nil, "open"])
        let sum = (0..<900).filter { $0 % 6 == 0 }.reduce(0) { $0 + $1 + 1 }
        #expect(groups.rows.last?["total"] == .int(Int64(sum)))
        // What the index lacks is read.
        let mean = try counted(
            Count("items", owner: "ann", values: ["mean": Aggregate(.avg, of: "f")])
        )
        #expect(mean.rows == [["mean": 449.0]] && mean.told.read == 450)
        #expect(try counted(Count("items", owner: "no")).rows == [["count": 0]])
        #expect(try counted(Count("items", owner: "no", by: ["state"])).rows == [])
    }

    /// Groups of one entry and of many leaves are counted alike.
    @Test func groupsOfAnySizeAreCounted() throws {
        let seed = RealRandomness().next()
        print("groups of any size: seed \(seed)")
        let chance = SeededRandomness(seed: seed)
        let store = try Self.store(indexes: [
            Index("byState", on: ["state", "n"]), Index("byOwner", on: ["owner", "state"]),
        ])
        var wanted: [String: Int] = [:]
        var owned: [String: Int] = [:]
        var changes: [Change] = []
        while changes.count < 9000 {
            let state = "s\(chance.below(500))"
            for _ in 0..<[1, 1, 1, 2, 3, 40, 1000][chance.below(7)] {
                let owner = chance.below(10) == 0 ? "ann" : "bob"
                let fields: [String: Value] = [
                    "owner": .text(owner), "state": .text(state), "n": .int(Int64(changes.count)),
                ]
                changes.append(Self.put(changes.count, fields))
                wanted[state, default: 0] += 1
                if owner == "ann" { owned[state, default: 0] += 1 }
            }
        }
        _ = try store.commit(changes)
        let asked: [(String?, [String: Int])] = [(nil, wanted), ("ann", owned)]
        for (owner, wanted) in asked {
            let count = Count("items", owner: owner, by: ["state"], explained: true)
            let counted = try store.snapshot().count(count)
            let rows = counted.rows.map { ($0["state"]?.text ?? "", $0["count"] ?? .null) }
            #expect(
                Dictionary(uniqueKeysWithValues: rows) == wanted.mapValues { Value.int(Int64($0)) }
            )
            let told = try #require(counted.explanation)
            let sum = wanted.values.reduce(0, +)
            #expect(told.isCovered && told.entries == sum && told.matched == sum)
        }
        try store.close()
    }

    @Test func sumsAreExactOrRefused() throws {
        let store = try Self.store()
        let numbers: [Int64] = [.max, .max, .min, .min, 7]
        _ = try store.commit(
            numbers.enumerated().map { Self.put($0, ["n": .int($1), "f": .float(0.1)]) }
                + [Self.put(9, ["state": "none"])]
        )
        let sum = ["sum": Aggregate(.sum, of: "n"), "mean": Aggregate(.avg, of: "n")]
        // It is beyond all ints on the way, and not at the end.
        #expect(try store.snapshot().count(Count("items", values: sum)).rows[0]["sum"] == 5)
        let mean = try store.snapshot().count(Count("items", values: sum)).rows[0]["mean"]
        #expect(mean == 1.0)
        do {
            let high = Filter.compare(field: "n", .gt(0))
            _ = try store.snapshot().count(Count("items", where: high, values: sum))
            Issue.record("a sum beyond all ints came out")
        } catch {
            #expect(error.code == .tooLarge && error.message.contains("\"sum\""), "\(error)")
        }
        let none = try store.snapshot().count(
            Count("items", where: .eq("state", "none"), values: sum)
        )
        #expect(none.rows == [[:]])
        let floats = try store.snapshot().count(
            Count("items", values: ["sum": Aggregate(.sum, of: "f")])
        )
        #expect(floats.rows == [["sum": 0.5]])
    }

    @Test func whatHasExpiredIsNotCounted() throws {
        let clock = SimulatedClock()
        let store = try Self.store(indexes: [Index("byState", on: ["state"])], clock: clock)
        let end = Instant(microseconds: clock.now() + 1_000_000)
        _ = try store.commit(
            (0..<40).map { number in
                .put(
                    Put(
                        "items",
                        .int(Int64(number)),
                        ["state": number % 2 == 0 ? "a" : "b"],
                        expiresAt: number < 10 ? end : Instant?.none
                    )
                )
            }
        )
        let count = Count("items", by: ["state"])
        func rows() throws -> [Value?] {
            try store.snapshot().count(count).rows.map { $0["count"] }
        }
        #expect(try rows() == [20, 20])
        clock.advance(by: 2_000_000)
        #expect(try rows() == [15, 15])
        #expect(try store.snapshot().count(Count("items")).rows == [["count": 30]])
        let one = Count("items", where: .eq("state", "a"))
        #expect(try store.snapshot().count(one).rows == [["count": 15]])
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let store = try Self.store()
        func figure(_ function: Aggregate.Function, _ name: String) -> [String: Aggregate] {
            ["x": Aggregate(function, of: .field(name))]
        }
        let bad: [(MnemeError.Code, String, Count)] = [
            (.unknownCollection, "itmes", Count("itmes")),
            (.unknownEdgeType, "cites", Count(edges: "cites")),
            (.unknownField, "m", Count("items", by: ["m"])),
            (.unknownField, "$id", Count("items", by: ["$id"])),
            (.unknownField, "m", Count("items", values: figure(.sum, "m"))),
            (.badRequest, "vector", Count("items", by: ["v"])),
            (.badRequest, "numbers", Count("items", values: figure(.sum, "state"))),
            (.badRequest, "numbers", Count("items", values: figure(.avg, "at"))),
            (.badRequest, "order", Count("items", values: figure(.max, "data"))),
            (.badRequest, "order", Count("items", values: figure(.min, "v"))),
            (.badRequest, "of nothing", Count("items", values: ["x": Aggregate(.sum)])),
            (.badRequest, "both", Count("items", by: ["n"], values: ["n": Aggregate(.count)])),
            (.badRequest, "$x", Count("items", values: ["$x": Aggregate(.count)])),
            (.badRequest, "-1", Count("items", limit: -1)),
            (.unknownField, "n", Count("items", order: [Order("n")])),
            (.unknownField, "n", Count("items", having: .eq("n", 1))),
            (.badFilter, "count", Count("items", having: .eq("count", "many"))),
            (.badFilter, "n", Count("items", where: .eq("n", "x"))),
            (.badOwner, "owner", Count("items", owner: "/")),
            (
                .badExpression, "m",
                Count("items", by: [.computed("x", try Expression("m + 1"))])
            ),
        ]
        for (code, part, count) in bad {
            do {
                _ = try store.snapshot().count(count)
                Issue.record("\(count) was taken")
            } catch {
                #expect(error.code == code && error.message.contains(part), "\(error), \(count)")
            }
        }
    }
}

/// One run: a store, its records, and counts of them.
private struct CountRun {
    let seed: UInt64
    let dice: IndexDice
    let store: Store
    var indexes: [Index] = []
    var records: [String: [String: Value]] = [:]
    var steps = 0
    var covered = 0

    init(seed: UInt64) throws {
        self.seed = seed
        dice = IndexDice(random: SeededRandomness(seed: seed))
        store = try Store.open("store", options: Kinds.options(MemoryDisk()))
    }

    mutating func go() throws {
        for round in 0..<5 {
            for number in 0..<3 {
                indexes.append(try dice.index("i\(round)_\(number)", isUnique: false))
            }
            var roles = Roles()
            roles.owner = "owner"
            try store.define(
                Schema(collections: [
                    Collection("items", fields: IndexDice.fields, indexes: indexes, roles: roles)
                ])
            )
            for _ in 0..<40 {
                let key = "k\(dice.below(150))"
                records[key] = dice.record()
                _ = try store.commit([.put(Put("items", .text(key), records[key] ?? [:]))])
            }
            for _ in 0..<60 { try ask() }
        }
        #expect(covered > 0, "seed \(seed)")
        try store.close()
    }

    private func figures() throws -> [String: Aggregate] {
        var figures: [String: Aggregate] = [:]
        let numbers: [Aggregate.Operand] = [
            "n", "f", .computed(try Expression("n * 2")), .computed(try Expression("data.n")),
            .computed(try Expression("length(t)")),
        ]
        for place in 0..<dice.below(4) {
            let any = Aggregate.Operand.field(dice.pick(IndexDice.single))
            let all = [
                Aggregate(.count), Aggregate(.count, of: any), Aggregate(.min, of: any),
                Aggregate(.max, of: any), Aggregate(.distinct, of: any),
                Aggregate(.sum, of: dice.pick(numbers)), Aggregate(.avg, of: dice.pick(numbers)),
            ]
            figures["f\(place)"] = dice.pick(all)
        }
        return figures
    }

    private mutating func ask() throws {
        steps += 1
        let find = dice.question()
        var groups: [Projection] = (0..<dice.below(3)).map { _ in
            .field(dice.pick(IndexDice.single + ["tags", "data"]))
        }
        if dice.chance(5) { groups.append(.computed("long", try Expression("length(t) > 1"))) }
        let values = dice.chance(4) ? [:] : try figures()
        let names = groups.map(\.name) + (values.isEmpty ? ["count"] : Array(values.keys.sorted()))
        let having: Filter? =
            dice.chance(3) && values.isEmpty
            ? .compare(field: "count", .gt(.int(Int64(dice.below(4))))) : nil
        let count = Count(
            "items",
            owner: find.owner,
            where: find.filter,
            by: groups,
            values: values,
            having: having,
            order: dice.chance(2) ? [Order(dice.pick(names), descending: dice.chance(2))] : [],
            explained: true
        )
        let counted: Counted
        do {
            counted = try store.snapshot().count(count)
        } catch {
            // Some of json are so large that their sum is none.
            #expect(error.code == .tooLarge, "seed \(seed), step \(steps): \(count), \(error)")
            return
        }
        let keys = IndexModel.answer(find, records)
        let wanted = CountModel.rows(count, keys.map { records[$0] ?? [:] })
        let what: Comment = "seed \(seed), step \(steps): \(count), \(counted.plan), \(indexes)"
        #expect(counted.rows.count == wanted.count, what)
        for row in wanted {
            #expect(counted.rows.contains { CountModel.isSame($0, row) }, "\(row) of \(what)")
        }
        let order = count.order + groups.map { Order($0.name) }
        for (left, right) in zip(counted.rows, counted.rows.dropFirst()) {
            #expect(IndexModel.compare(left, right, order) <= 0, what)
        }
        #expect(counted.explanation?.matched == keys.count, what)
        if counted.explanation?.index != nil, counted.explanation?.isCovered == true {
            covered += 1
        }
        if counted.explanation?.isCovered == true { #expect(counted.explanation?.read == 0, what) }
    }
}

/// What counts mean, without haste.
enum CountModel {
    static func rows(_ count: Count, _ records: [[String: Value]]) -> [[String: Value]] {
        var groups: [(key: [Value], records: [[String: Value]])] = []
        if count.groups.isEmpty { groups = [([], [])] }
        for record in records {
            let key = count.groups.map { part in
                switch part {
                case .field(let name): record[name] ?? .null
                case .computed(_, let expression): expression.evaluate { record[$0] ?? .null }
                }
            }
            let place = groups.firstIndex { group in
                zip(group.key, key).allSatisfy { isSame($0, $1) }
            }
            if let place {
                groups[place].records.append(record)
            } else {
                groups.append((key, [record]))
            }
        }
        return groups.compactMap { group in
            var row: [String: Value] = [:]
            for (part, value) in zip(count.groups, group.key) where !value.isNull {
                row[part.name] = value
            }
            for (name, aggregate) in count.aggregates {
                let value = figure(aggregate, group.records)
                if !value.isNull { row[name] = value }
            }
            return count.having?.holds { row[$0] ?? .null } ?? true ? row : nil
        }
    }

    private static func figure(_ aggregate: Aggregate, _ records: [[String: Value]]) -> Value {
        guard let operand = aggregate.operand else { return .int(Int64(records.count)) }
        let values = records.map { record in
            switch operand {
            case .field(let name): record[name] ?? .null
            case .computed(let expression): expression.evaluate { record[$0] ?? .null }
            }
        }.filter { !$0.isNull }
        let numbers = values.filter { $0.number != nil }
        let ints = numbers.compactMap(\.int)
        let floats = numbers.filter { $0.int == nil }.reduce(0.0) { $0 + ($1.number ?? 0) }
        let sum = floats + Double(ints.reduce(Int128(0)) { $0 + Int128($1) })
        switch aggregate.function {
        case .count: return .int(Int64(values.count))
        case .sum:
            if numbers.isEmpty { return .null }
            if ints.count < numbers.count { return .float(sum) }
            return .int(ints.reduce(0, &+))
        case .avg: return numbers.isEmpty ? .null : .float(sum / Double(numbers.count))
        case .min: return values.min { Value.compare($0, $1) < 0 } ?? .null
        case .max: return values.max { Value.compare($0, $1) < 0 } ?? .null
        case .distinct:
            var different: [Value] = []
            for value in values where !different.contains(where: { isSame($0, value) }) {
                different.append(value)
            }
            return .int(Int64(different.count))
        }
    }

    /// Equal as filters see it; no number is itself.
    private static func isSame(_ left: Value, _ right: Value) -> Bool {
        if case .float(let a) = left, case .float(let b) = right, a.isNaN, b.isNaN { return true }
        return Comparison.eq(left).holds(for: right)
    }

    /// Floats that were added up in another order may differ a little.
    static func isSame(_ left: [String: Value], _ right: [String: Value]) -> Bool {
        guard left.keys == right.keys else { return false }
        return left.allSatisfy { name, value in
            let other = right[name] ?? .null
            if isSame(value, other) { return true }
            guard let a = value.number, let b = other.number else { return false }
            return abs(a - b) <= 1e-9 * max(abs(a), abs(b))
        }
    }
}
