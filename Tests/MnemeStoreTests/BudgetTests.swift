// Answers within a budget: the first rows of the same question without one, as many as fit,
// whatever way leads to them; and what follows is behind them.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct BudgetTests {
    private static var schema: Schema {
        var roles = Roles()
        roles.owner = "owner"
        return Schema(collections: [
            Collection(
                "said",
                fields: [
                    Field("owner", .text), Field("at", .int), Field("tokens", .int),
                    Field("weight", .float), Field("text", .text, isSearchable: true),
                    Field("tags", .array(.text)),
                    Field("near", .vector(VectorType(dimension: 2))),
                ],
                indexes: [Index("byTime", on: ["owner", "at"]), Index("newest", on: ["at"])],
                roles: roles,
                history: HistoryRule()
            )
        ])
    }

    private func store(_ random: SeededRandomness, _ count: Int) throws -> Store {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        try store.define(Self.schema)
        var changes: [Change] = []
        for number in 0..<count {
            var fields: [String: Value] = [
                "owner": .text(["ann", "ann/1", "bob"][random.below(3)]),
                "at": .int(Int64(random.below(40))),
                "text": .text("tea" + String(repeating: " é", count: random.below(12))),
                "near": .vector([1, Float(random.below(100)) / 50]),
            ]
            if random.below(5) > 0 { fields["tokens"] = .int(Int64(random.below(12)) - 1) }
            if random.below(5) > 0 { fields["weight"] = .float(Double(random.below(9)) / 4 - 0.25) }
            changes.append(.put(Put("said", .text("k\(number)"), fields)))
        }
        _ = try store.commit(changes)
        return store
    }

    private func cost(_ value: Value) -> Double {
        switch value {
        case .int(let number): Double(max(number, 0))
        case .float(let number): max(number, 0)
        case .text(let text): Double((text.utf8.count + 3) / 4)
        default: 0
        }
    }

    /// Random questions, against the same without a budget.
    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func theFirstRowsThatFitCome(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let store = try store(random, 200)
        let now = store.snapshot().instant
        var cut = 0
        for step in 0..<300 {
            var find = Find("said", limit: 1 + random.below(120), offset: random.below(3) * 4)
            find.isExplained = random.below(3) == 0
            let kind = random.below(8)
            switch kind {
            case 0: find.near = Near("near", [1, 0.5])
            case 1: find.match = Match("text", "tea")
            case 2: find.knownAt = now
            case 3: find.order = [Order("weight", descending: true)]
            case 4: find.order = [Order("at", descending: true)]
            case 5: find.owner = "ann"
            default: break
            }
            if find.knownAt != nil { find.isExplained = false }
            if random.below(3) == 0 { find.filter = .compare(field: "at", .gte(20)) }
            let field = ["tokens", "weight", "text"][random.below(3)]
            let most = random.below(120)
            let whole = try store.snapshot().find(find)
            var sum = 0.0
            var fitting = 0
            for row in whole.rows {
                guard sum + cost(row.record[field]) <= Double(most) else { break }
                sum += cost(row.record[field])
                fitting += 1
            }
            if random.below(2) == 0 { find.select = [.field("at")] }
            let found = try store.snapshot().find(
                find.within(Budget(field, most: most), limit: find.limit)
            )
            let place = "seed \(seed), step \(step): \(find)"
            let keys = whole.rows.prefix(fitting).map(\.record.reference)
            #expect(found.rows.map(\.record.reference) == keys, "\(place)")
            #expect(found.spent?.leftOut == whole.rows.count - fitting, "\(place)")
            #expect(found.spent?.used.number == sum, "\(place)")
            if find.select != nil {
                #expect(found.rows.allSatisfy { Set($0.record.fields.keys) == ["at"] }, "\(place)")
            }
            if find.isExplained {
                #expect(found.explanation?.matched == whole.explanation?.matched, "\(place)")
            }
            if fitting < whole.rows.count { cut += 1 }
        }
        #expect(cut > 20)
    }

    @Test func whatFollowsIsBehindWhatFits() throws {
        let store = try store(SeededRandomness(seed: 9), 150)
        for order in [[], [Order("at", descending: true)], [Order("weight")]] {
            let all = try store.snapshot().find(Find("said", order: order, limit: 1000)).rows
            var keys: [Reference] = []
            var find = Find("said", order: order, select: [])
                .within(Budget("tokens", most: 30), limit: 50)
            var parts = 0
            while parts < 200 {
                let found = try store.snapshot().find(find)
                keys += found.rows.map(\.record.reference)
                parts += 1
                guard let next = found.next else { break }
                find.after = next
            }
            #expect(keys == all.map(\.record.reference))
            #expect(parts > 10)
        }
        // Where nothing fits it goes on where it stands.
        let none = Find("said", where: .compare(field: "tokens", .gt(5)))
            .within(Budget("tokens", most: 5))
        let found = try store.snapshot().find(none)
        #expect(found.rows.isEmpty && found.next == nil && found.spent?.used == 0)
        #expect(found.spent.map { $0.leftOut > 0 } == true)
        #expect(found.plan.contains("a budget of 5 by tokens: 0 rows"))
    }

    @Test func aTransactionHasItToo() throws {
        let store = try store(SeededRandomness(seed: 3), 20)
        let transaction = try store.begin()
        _ = try transaction.change([
            .put(Put("said", "mine", ["at": 1000, "tokens": 4])),
            .put(Put("said", "next", ["at": 999, "tokens": 7])),
        ])
        let find = Find("said", order: [Order("at", descending: true)])
            .within(Budget("tokens", most: 10))
        let found = try transaction.find(find)
        #expect(found.rows.map(\.record.reference.key) == ["mine"])
        #expect(found.spent == Budget.Spent(used: 4, leftOut: 21))
        // What was looked at was read.
        _ = try store.commit([.put(Put("said", "other", ["at": 2000, "tokens": 1]))])
        #expect(OwnedItems.code { _ = try transaction.commit(.synced) } == .conflict)
    }

    @Test func whatCannotBeAddedUpIsRefused() throws {
        let store = try store(SeededRandomness(seed: 1), 3)
        func code(_ find: Find) -> MnemeError.Code? {
            OwnedItems.code { _ = try store.snapshot().find(find) }
        }
        let plain = Find("said")
        #expect(code(plain.within(Budget("nothing", most: 1))) == .unknownField)
        #expect(code(plain.within(Budget("tags", most: 1))) == .badRequest)
        #expect(code(plain.within(Budget("tokens", most: -1))) == .badRequest)
        let prepared = OwnedItems.code {
            _ = try store.prepare(plain.within(Budget("tokens", most: 1)))
        }
        #expect(prepared == .badRequest)
    }
}
