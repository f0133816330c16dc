// A rebuilt store answers as it did before: questions of every kind, before and after.

import MnemeBase
import MnemeModel
import Synchronization
import Testing

@testable import Mneme

@Suite struct RebuildAnswersTests {
    private let directory = "/tmp/mneme-rebuilt-\(RealRandomness().next())"

    private static let words = ["tea", "river", "stone", "cloud", "lemon", "tiger", "alder"]

    private func fill(_ memory: Memory, _ dice: SeededRandomness) throws {
        try memory.define(
            Schema(
                collections: [
                    Collection(
                        "notes",
                        fields: [
                            Field("title", .text, isSearchable: true), Field("stars", .int),
                            Field("day", .date), Field("place", .vector(VectorType(dimension: 3))),
                        ],
                        indexes: [
                            Index("byStars", on: [IndexField("stars", descending: true), "day"])
                        ]
                    )
                ],
                edgeTypes: [EdgeType("cites")]
            )
        )
        let owners = ["ann", "ann/work", "bob"]
        func text() -> String {
            (0...dice.below(6)).map { _ in Self.words[dice.below(Self.words.count)] }
                .joined(separator: " ")
        }
        for number in 0..<100 {
            let owner = owners[dice.below(3)]
            let session = try memory.openSession(owner: owner)
            _ = try memory.append(to: session.id, [Remember(text(), owner: owner)])
            let key = dice.below(30)
            _ = try memory.remember([
                Remember(text(), owner: owners[key % 3], key: .text("m\(key)"))
            ])
            let reference = Reference("notes", .text("n\(number)"))
            var changes: [Change] = [
                .put(
                    Put(
                        "notes",
                        reference.key,
                        [
                            "title": .text(text()), "stars": .int(Int64(dice.below(5))),
                            "place": .vector([Float(dice.below(9)), 1, Float(dice.below(9))]),
                        ]
                    )
                )
            ]
            if number > 2 {
                let other = Reference("notes", .text("n\(number - 1 - dice.below(2))"))
                changes.append(.link(Link("cites", from: reference, to: other)))
            }
            if number % 7 == 6 {
                changes.append(.delete(Reference("notes", .text("n\(number - 3)"))))
            }
            _ = try memory.commit(changes)
            if number == 20 { try memory.checkpoint() }
        }
        _ = try memory.forget(Forget(keys: ["m3", "m4"]))
    }

    private static let questions: [Request] = {
        var all: [Request] = [
            .describe, .verify, .get((0..<40).map { Reference("notes", .text("n\($0)")) }),
            .get((0..<30).map { Reference("memories", .text("m\($0)")) }),
        ]
        for collection in ["notes", "memories", "sessions"] {
            all.append(.find(Find(collection, limit: .max)))
        }
        for stars in 0..<5 {
            let filter = Filter.compare(field: "stars", .gte(.int(Int64(stars))))
            all.append(
                .find(
                    Find(
                        "notes",
                        where: filter,
                        order: [Order("stars", descending: true)],
                        limit: 50
                    )
                )
            )
            let near = Near("place", [Float(stars), 1, 2])
            all.append(.find(Find("notes", near: near, limit: 9)))
        }
        for word in words {
            all.append(.find(Find("notes", match: Match("title", word), limit: 20)))
            all.append(.find(Find("memories", owner: "ann", match: Match("text", word))))
        }
        // None of those that were deleted.
        for number in [0, 1, 5, 12, 20, 33, 99] {
            let start = Reference("notes", .text("n\(number)"))
            all.append(.walk(Walk(from: [start])))
            all.append(.path(Path(from: start, to: Reference("notes", "n0"))))
        }
        return all
    }()

    /// What a store answers; of a recall what does not age.
    private func answers(_ memory: Memory) -> [Result<Response, MnemeError>] {
        var all: [Result<Response, MnemeError>] = []
        for question in Self.questions {
            all.append(
                Result { () throws(MnemeError) in
                    let response = try memory.perform(question, durability: nil)
                    guard case .found(var found) = response else { return response }
                    // How it was found, and in how many runs of words, is another matter.
                    found.plan = ""
                    return .found(found)
                }
            )
        }
        for word in Self.words {
            all.append(
                Result { () throws(MnemeError) in
                    var recall = Recall("Where is the \(word)?", owner: "ann")
                    // What it answers with is not to be written as used.
                    recall.touches = false
                    var recalled = try memory.recall(recall)
                    recalled.items = recalled.items.map { item in
                        var item = item
                        item.parts = item.parts.filter { $0.signal != .recency }
                        item.score = 0
                        return item
                    }
                    recalled.leftOut = []
                    return .recalled(recalled)
                }
            )
        }
        return all
    }

    @Test func aRebuiltStoreAnswersAsBefore() throws {
        let made = try Memory.open(directory)
        defer { remove() }
        try fill(made, SeededRandomness(seed: 8))
        let before = answers(made)
        let counted = try made.statistics()
        try made.close()
        let steps = Mutex<[(done: Int, total: Int)]>([])
        let notes = try Memory.rebuild(directory) { done, total in
            steps.withLock { $0.append((done, total)) }
        }
        #expect(notes == [])
        let rebuilt = try Memory.open(directory)
        let after = answers(rebuilt)
        #expect(before.count == after.count && before.count > 40)
        for (question, pair) in zip(before, after).enumerated() {
            #expect(pair.0 == pair.1, "question \(question)")
            if case .failure(let error) = pair.0 { Issue.record("question \(question): \(error)") }
        }
        let again = try rebuilt.statistics()
        #expect(counted.records == again.records && counted.edges == again.edges)
        #expect(counted.owners == again.owners && counted.sequence == again.sequence)
        try rebuilt.close()
        steps.withLock { steps in
            #expect(!steps.isEmpty)
            #expect(steps.allSatisfy { $0.done > 0 && $0.done <= $0.total })
            #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.done <= $1.done })
        }
    }

    private func remove() {
        let disk = RealDisk()
        for directory in [directory + "/log", directory] {
            for name in (try? disk.list(directory)) ?? [] {
                try? disk.remove(directory + "/" + name)
            }
        }
    }
}
