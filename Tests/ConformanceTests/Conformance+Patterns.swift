// Patterns over random records and edges come to what a plain model says: all rows, how many they
// are, the different ones, and the first ones in an order; also of what a transaction has made.

import Doors
import MnemeBase
import MnemeModel
import Testing

extension Conformance {
    private static func sorted(_ rows: [PatternModel.Row]) -> [String] {
        rows.map(shown).sorted()
    }

    private static func shown(_ row: PatternModel.Row) -> String {
        row.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.json())" }.joined(separator: " ")
    }

    @Test(arguments: DoorKind.allCases)
    func patternsComeToWhatTheModelSays(kind: DoorKind) async throws {
        for seed in [UInt64(1), 2, RealRandomness().next() >> 16] {
            try await kind.withDoor { door in
                try await Self.search(door, seed: seed, turns: kind == .inMemory ? 120 : 40)
            }
        }
    }

    private static func search(_ door: any Door, seed: UInt64, turns: Int) async throws {
        let dice = PatternDice(seed: seed)
        let model = try await dice.fill(door)
        var found = 0
        for turn in 0..<turns {
            var pattern = dice.pattern(most: turn % 10 == 0 ? 4 : 3)
            let note = Comment("seed \(seed), turn \(turn): \(Request.pattern(pattern).json())")
            let wanted = model.rows(pattern)
            let matched = try await door.pattern(pattern)
            #expect(sorted(matched.rows) == sorted(wanted), note)
            #expect(matched.isComplete && matched.count == wanted.count, note)
            #expect((matched.explanation != nil) == pattern.isExplained, note)
            found += wanted.count
            pattern.isCountOnly = true
            let counted = try await door.pattern(pattern)
            #expect(counted.count == wanted.count && counted.rows.isEmpty, note)
            pattern.isCountOnly = false
            try await expectFirst(pattern, model, wanted, door, dice.random, note)
            try await expectDistinct(pattern, wanted, door, dice.random, note)
        }
        #expect(found > 0, "seed \(seed): nothing was looked for")
    }

    /// In an order the first ones come, and every page of them.
    private static func expectFirst(
        _ asked: Pattern,
        _ model: PatternModel,
        _ wanted: [PatternModel.Row],
        _ door: any Door,
        _ random: SeededRandomness,
        _ note: Comment
    ) async throws {
        var pattern = asked
        let node = pattern.nodes.keys.sorted()[random.below(pattern.nodes.count)]
        pattern.order = [Order("\(node).age", descending: random.below(2) == 0)]
        let all = try await door.pattern(pattern).rows
        #expect(sorted(all) == sorted(wanted), note)
        let ages = all.map { row -> Int64 in
            guard let value = row[node], let reference = try? Reference(spelling: value) else {
                return -1
            }
            return model.value(reference, "age").int ?? -1
        }
        let inOrder = pattern.order[0].isDescending ? ages.sorted(by: >) : ages.sorted()
        #expect(ages == inOrder, note)
        (pattern.offset, pattern.limit) = (random.below(4), random.below(5))
        let page = try await door.pattern(pattern)
        let rows = Array(all.dropFirst(pattern.offset).prefix(pattern.limit))
        #expect(page.rows == rows && page.isComplete, note)
    }

    /// Of rows that have the same, one comes.
    private static func expectDistinct(
        _ asked: Pattern,
        _ wanted: [PatternModel.Row],
        _ door: any Door,
        _ random: SeededRandomness,
        _ note: Comment
    ) async throws {
        var pattern = asked
        let node = pattern.nodes.keys.sorted()[random.below(pattern.nodes.count)]
        pattern.select = [node]
        pattern.isDistinct = true
        if random.below(2) == 0 { pattern.order = [Order("\(node).age")] }
        let once = Set(wanted.map { shown([node: $0[node] ?? .null]) })
        let found = try await door.pattern(pattern)
        #expect(sorted(found.rows) == once.sorted(), note)
        pattern.isCountOnly = true
        #expect(try await door.pattern(pattern).count == once.count, note)
        // Without an order the first ones that are come upon come, and no more than are wanted.
        (pattern.isCountOnly, pattern.order, pattern.limit) = (false, [], 2)
        let some = try await door.pattern(pattern).rows
        #expect(some.count == min(2, once.count) && Set(some).count == some.count, note)
        #expect(some.allSatisfy { once.contains(shown($0)) }, note)
    }

    @Test(arguments: DoorKind.allCases)
    func aTransactionSearchesWhatItMade(kind: DoorKind) async throws {
        let seed = RealRandomness().next() >> 16
        try await kind.withDoor { door in
            let dice = PatternDice(seed: seed)
            var model = try await dice.fill(door)
            let transaction = try await door.begin()
            let gone = Reference("facts", 3)
            _ = try await transaction.change([
                .delete(gone), .put(Put("people", "p9", ["age": 3, "team": "red"])),
                .put(Put("facts", 99, ["owner": "ann", "about": "p9", "kind": "a"])),
            ])
            _ = try await transaction.change([
                .link(
                    Link(
                        "holds",
                        from: Reference("people", "p9"),
                        to: Reference("facts", 99),
                        fields: ["weight": 3]
                    )
                )
            ])
            model = PatternModel()
            for collection in ["people", "facts"] {
                for row in try await transaction.find(Find(collection, limit: .max)).rows {
                    model.records[row.record.reference] = row.record.fields
                }
            }
            for type in ["cites", "knows", "holds"] {
                model.lines += try await transaction.find(Find(edges: type, limit: .max)).edges
            }
            #expect(model.records[gone] == nil)
            for turn in 0..<30 {
                let pattern = dice.pattern(most: 3)
                let matched = try await transaction.pattern(pattern)
                #expect(
                    Self.sorted(matched.rows) == Self.sorted(model.rows(pattern)),
                    "seed \(seed), turn \(turn): \(Request.pattern(pattern).json())"
                )
            }
            try await transaction.rollback()
        }
    }
}
