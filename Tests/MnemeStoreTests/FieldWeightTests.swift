// Words in several fields at once: the score is the sum of what each field gives alone, by its
// weight, and every record with a word in any of them is found.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct FieldWeightTests {
    private static let fields = ["title", "content", "summary"]
    private static let words = ["green", "tea", "mill", "water", "paper", "boat"]

    private func store(_ random: SeededRandomness) throws -> Store {
        let store = try Store.open("store", options: Kinds.options())
        try store.define(
            Schema(collections: [
                Collection(
                    "pages",
                    key: .int,
                    fields: Self.fields.map { Field($0, .text, isSearchable: true) }
                        + [Field("n", .int)]
                )
            ])
        )
        for number in 0..<150 {
            var fields: [String: Value] = ["n": .int(Int64(number % 3))]
            for field in Self.fields where random.below(4) > 0 {
                let text = (0..<(1 + random.below(12))).map { _ in
                    Self.words[random.below(Self.words.count)]
                }
                fields[field] = .text(text.joined(separator: " "))
            }
            _ = try store.commit([.put(Put("pages", .int(Int64(random.below(90))), fields))], .none)
        }
        return store
    }

    private func scores(
        _ store: Store,
        _ match: Match,
        limit: Int = 1000,
        where filter: Filter? = nil
    ) throws -> [(key: String, score: Float)] {
        let find = Find("pages", where: filter, match: match, limit: limit)
        return try store.snapshot().find(find).rows.map {
            ($0.record.reference.key.description, $0.score)
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func theScoreIsTheSumByWeight(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let store = try store(random)
        for turn in 0..<12 {
            let question = (0..<(1 + random.below(3))).map { _ in
                Self.words[random.below(Self.words.count)]
            }
            .joined(separator: " ")
            var weights: [String: Double] = [:]
            for field in Self.fields where random.below(3) > 0 || field == "title" {
                weights[field] = [0.25, 1, 2.5, 3][random.below(4)]
            }
            let filter: Filter? = turn % 3 == 0 ? .eq("n", 1) : nil
            var expected: [String: Float] = [:]
            for (field, weight) in weights {
                for (key, score) in try scores(store, Match(field, question), where: filter) {
                    expected[key, default: 0] += Float(weight) * score
                }
            }
            let match = Match(fields: weights, question)
            let found = try scores(store, match, where: filter)
            #expect(Set(found.map(\.key)) == Set(expected.keys), "seed \(seed), \(match)")
            for (key, score) in found {
                let wanted = expected[key] ?? 0
                #expect(abs(score - wanted) <= 1e-4 * max(1, wanted), "seed \(seed), \(match)")
            }
            for (left, right) in zip(found, found.dropFirst()) {
                #expect(left.score >= right.score, "seed \(seed), \(match)")
            }
            // The best of them alone are the best of all.
            let few = try scores(store, match, limit: 5, where: filter)
            #expect(few.map(\.score) == found.prefix(5).map(\.score), "seed \(seed), \(match)")
        }
    }

    @Test func weightsThatMakeNoSenseAreRefused() throws {
        let store = try store(SeededRandomness(seed: 1))
        for weight in [0, -1, .nan, .infinity, 2e6] {
            try expectRefusal(.badRequest, "title", "above 0") {
                _ = try scores(store, Match(fields: ["title": weight, "content": 1], "tea"))
            }
        }
        try expectRefusal(.badRequest, "no field", "summary") {
            _ = try scores(store, Match(fields: [:], "tea"))
        }
        try expectRefusal(.unknownField, "\"n\"", "summary") {
            _ = try scores(store, Match(fields: ["title": 1, "n": 1], "tea"))
        }
        for spelled in [
            #"{"field": "title", "fields": {"title": 1}, "words": "tea"}"#,
            #"{"fields": {"title": "much"}, "words": "tea"}"#,
        ] {
            let json = #"{"find": {"collection": "pages", "match": "# + spelled + "}}"
            try expectRefusal(.badRequest, "fields") { _ = try Request(json: json) }
        }
    }
}
