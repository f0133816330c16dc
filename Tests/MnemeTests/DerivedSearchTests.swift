// What was made of what goes: by an index and without one, held against a plain search.

import MnemeBase
import MnemeModel
import Testing

@testable import Mneme

@Suite struct DerivedSearchTests {
    private static let notes: Collection = {
        var roles = Roles()
        roles.text = "text"
        roles.sources = "madeOf"
        return Collection(
            "notes",
            fields: [Field("text", .text), Field("madeOf", .array(.text))],
            roles: roles
        )
    }()

    /// Sources by key: each of some that come before it, so that there are chains, but no circle.
    private func sources(_ random: SeededRandomness) -> [[Int]] {
        (0..<40).map { number in
            guard number > 0, random.below(4) > 0 else { return [] }
            return (0...random.below(3)).map { _ in random.below(number) }
        }
    }

    /// What goes with `gone`, found by looking again and again.
    private func model(_ sources: [[Int]], _ gone: Set<Int>) -> Set<Int> {
        var gone = gone
        while true {
            let more = sources.indices.filter { number in
                !gone.contains(number) && !sources[number].isEmpty
                    && sources[number].allSatisfy { gone.contains($0) }
            }
            if more.isEmpty { return gone }
            gone.formUnion(more)
        }
    }

    private func name(_ number: Int, _ collection: String, _ random: SeededRandomness) -> String {
        random.below(3) == 0 ? "\(collection)/k\(number)" : "k\(number)"
    }

    @Test(arguments: ["memories", "notes"])
    func whatGoesIsWhatAPlainSearchFinds(collection: String) throws {
        let seed = UInt64.random(in: .min ... .max)
        let random = SeededRandomness(seed: seed)
        for _ in 0..<12 {
            let memory = try Memory.inMemory()
            try memory.define(Schema(collections: [Self.notes]))
            let sources = sources(random)
            let field = collection == "notes" ? "madeOf" : "sources"
            _ = try memory.commit(
                sources.enumerated().map { number, own in
                    var fields: [String: Value] = ["text": .text("note \(number)")]
                    if collection == "memories" {
                        fields["owner"] = "ann"
                        fields["kind"] = "semantic"
                        fields["time"] = .instant(Instant(microseconds: 0))
                    }
                    if !own.isEmpty {
                        fields[field] = .array(
                            own.map { .text(name($0, collection, random)) }
                        )
                    }
                    return .put(Put(collection, .text("k\(number)"), fields))
                }
            )
            let gone = Set((0...random.below(6)).map { _ in random.below(sources.count) })
            let wanted = model(sources, gone)
            // In one step, or one after the other, which comes to the same.
            let steps = random.below(2) == 0 ? [gone] : gone.sorted().map { [$0] }
            var count = 0
            for step in steps {
                var forget = Forget(
                    keys: step.map { .text("k\($0)") },
                    collection: collection
                )
                forget.derived = true
                count += try memory.forgetting(forget).count
            }
            #expect(count == wanted.count, "seed \(seed)")
            let left = Set(
                try memory.find(Find(collection, limit: 1000)).rows
                    .map(\.record.reference.key.description)
            )
            let expected = Set(sources.indices.filter { !wanted.contains($0) }.map { "k\($0)" })
            #expect(left == expected, "seed \(seed)")
        }
    }

    @Test func aSourceLeadsToWhatWasMadeOfItByAnIndex() throws {
        let memory = try Memory.inMemory()
        _ = try memory.remember(
            (0..<300).map { Remember("\($0)", owner: "ann", key: .text("m\($0)")) }
        )
        var made = Remember("made", owner: "ann", key: "made")
        made.source.from = ["tea"]
        _ = try memory.remember([Remember("Tea.", owner: "ann", key: "tea"), made])
        var forget = Forget(keys: ["m0"])
        forget.derived = true
        _ = try memory.forgetting(forget)
        let found = try memory.find(
            Find("memories", where: .compare(field: "sources", .any(["tea"])))
        )
        #expect(found.rows.map(\.record.reference.key) == ["made"])
        #expect(found.plan.contains("bySource"), "\(found.plan)")
        // Once is enough, also where it was there before.
        #expect(try memory.forgetting(forget).count == 0)
        let own = memory.schema.collections.first { $0.name == "memories" }
        #expect(own?.indexes.filter { $0.name == "bySource" }.count == 1)
    }
}
