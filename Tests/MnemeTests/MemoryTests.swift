// The door: what is remembered is recalled, explained, walked to and forgotten.

import Foundation
import Mneme
import Testing

@Suite struct MemoryTests {
    @Test func recallExplainsItselfInPartsThatAddUp() throws {
        let memory = try Memory.inMemory()
        try memory.remember("Ann keeps bees behind the old mill", owner: "ann")
        try memory.remember("The train to Lyon leaves at nine", owner: "ann")
        try memory.remember("Bob is allergic to honey", owner: "bob")
        let recalled = try memory.recall("Who has beehives?", owner: "ann")
        let first = try #require(recalled.items.first)
        #expect(first.record["text"] == "Ann keeps bees behind the old mill")
        for item in recalled.items {
            let sum = item.parts.reduce(0) { $0 + $1.value }
            #expect(abs(sum - item.score) < 1e-9)
            #expect(item.record["owner"] == "ann")
        }
        #expect(recalled.items.count == 2)
    }

    @Test func theGraphBringsANeighbourInWithItsPath() throws {
        let memory = try Memory.inMemory()
        let keys = try memory.remember([
            Remember("The lighthouse keeper writes letters", owner: "ann"),
            Remember("Quarterly figures are due", owner: "ann"),
        ])
        _ = try memory.relate([
            Link(
                "mentions",
                from: Reference("memories", keys[0]),
                to: Reference("memories", keys[1])
            )
        ])
        let recalled = try memory.recall(
            Recall("lighthouse", owner: "ann", signals: [.text, .graph])
        )
        #expect(recalled.items.count == 2)
        let brought = try #require(recalled.items.last)
        #expect(brought.path.map(\.type) == ["mentions"])
        #expect(brought.parts.contains { $0.signal == .graph && $0.value > 0 })
    }

    /// Expects that a call is refused for a key, and that nothing of whose it is is told.
    private func expectTaken(_ body: () throws -> Void) throws {
        do {
            try body()
            Issue.record("a key of another owner was taken")
        } catch let error as MnemeError {
            #expect(error.code == .duplicate)
            #expect(error.message.contains("\"memories\"") && error.message.contains("taken"))
            #expect(!"\(error)".contains("ann"), "\(error)")
        }
    }

    @Test func aKeyOfAnotherOwnerIsTaken() throws {
        let memory = try Memory.inMemory()
        func tea(_ text: String, _ owner: String) -> Remember {
            var memory = Remember(text, owner: owner)
            memory.key = "tea"
            return memory
        }
        _ = try memory.remember([tea("green tea in the morning", "ann/home")])
        let reference = Reference("memories", "tea")
        for other in ["bob", "ann", "ann/home/x"] {
            try expectTaken { _ = try memory.remember([tea("no tea at all", other)]) }
            let session = try memory.openSession(owner: other)
            let new = Remember("a word", owner: other)
            try expectTaken { _ = try memory.append(to: session.id, [new, tea("none", other)]) }
            #expect(try memory.session(session.id).entryCount == 0)
        }
        #expect(try memory.get(reference)?["text"] == "green tea in the morning")
        // One's own is replaced, also in one batch; what is forgotten is free.
        _ = try memory.remember([tea("black tea", "ann/home"), tea("white tea", "ann/home")])
        #expect(try memory.get(reference)?["text"] == "white tea")
        #expect(try memory.forget(Forget(keys: ["tea"])) == 1)
        try expectTaken {
            _ = try memory.remember([tea("mint tea", "bob"), tea("red tea", "ann/home")])
        }
        _ = try memory.remember([tea("mint tea", "bob")])
        #expect(try memory.get(reference)?["owner"] == "bob")
        #expect(try memory.verify().findings == [])
    }

    /// What words or vectors find as well is made stronger by its neighbours, and says by which.
    @Test func theGraphStrengthensWhatWasFound() throws {
        let memory = try Memory.inMemory()
        let keys = try memory.remember([
            Remember("The lighthouse keeper writes letters", owner: "ann"),
            Remember("A lighthouse needs much oil in winter", owner: "ann"),
            Remember("Every lighthouse has a bell for fog", owner: "ann"),
            Remember("Quarterly figures are due", owner: "ann"),
        ])
        let references = keys.map { Reference("memories", $0) }
        func recall() throws -> [Reference: Recalled.Item] {
            let recall = Recall("Who writes letters in the lighthouse?", owner: "ann")
            let items = try memory.recall(recall).items
            return Dictionary(uniqueKeysWithValues: items.map { ($0.record.reference, $0) })
        }
        let before = try recall()
        #expect(before.count == 4)
        #expect(before.values.allSatisfy { $0.path.isEmpty })
        _ = try memory.relate([Link("mentions", from: references[0], to: references[2])])
        let after = try recall()
        for (index, other) in [(0, 2), (2, 0)] {
            let item = try #require(after[references[index]])
            let graph = try #require(item.parts.first { $0.signal == .graph })
            #expect(graph.raw == 1 && graph.value > 0 && graph.rank > 0)
            #expect(item.path.count == 1)
            #expect([item.path[0].from, item.path[0].to].contains(references[other]))
            #expect(item.score > (try #require(before[references[index]]).score))
            #expect(abs(item.parts.reduce(0) { $0 + $1.value } - item.score) < 1e-9)
        }
        // The better one passes more on: the bell gains more than the letters.
        let gains = try [0, 2].map { index in
            try #require(after[references[index]]).score
                - (try #require(before[references[index]])).score
        }
        #expect(gains[1] > gains[0])
        for index in [1, 3] {
            let item = try #require(after[references[index]])
            #expect(item.path.isEmpty && !item.parts.contains { $0.signal == .graph })
        }
        // What was given strengthens, and is not brought in itself.
        let around = try memory.recall(
            Recall("lighthouse oil", owner: "ann", around: [keys[2]], signals: [.text, .graph])
        )
        let letters = try #require(
            around.items.first { $0.record.reference == references[0] }
        )
        #expect(letters.parts.first { $0.signal == .graph }?.strength == 0.5)
    }

    /// What was measured stands beside what was made of it.
    @Test func partsSayWhatWasMeasured() throws {
        let memory = try Memory.inMemory()
        let day: Int64 = 86_400_000_000
        let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
        func ago(_ days: Int64) -> Instant { Instant(microseconds: now - days * day) }
        let keys = try memory.remember([
            Remember("The lighthouse keeper writes letters", owner: "ann", time: ago(3)),
            Remember("Quarterly figures are due", owner: "ann", time: ago(8), importance: 0.75),
            Remember("Potatoes grow in sand", owner: "ann", time: ago(1000), isPinned: true),
        ])
        let references = keys.map { Reference("memories", $0) }
        _ = try memory.relate([
            Link("mentions", from: references[0], to: references[1]),
            Link("mentions", from: references[1], to: references[2]),
        ])
        let recalled = try memory.recall(
            Recall(
                "lighthouse letters",
                owner: "ann",
                hops: 2,
                signals: [.text, .graph, .recency, .importance]
            )
        )
        #expect(recalled.items.count == 3)
        func part(_ item: Int, _ signal: Signal) throws -> Recalled.Part {
            let found = recalled.items.first { $0.record.reference == references[item] }
            return try #require(found?.parts.first { $0.signal == signal })
        }
        #expect(try part(0, .text).raw > 0)
        #expect(try part(0, .text).strength == 1)
        for (item, hops) in [(1, 1.0), (2, 2.0)] {
            let graph = try part(item, .graph)
            #expect(graph.raw == hops)
            #expect(graph.strength == (hops == 1 ? 0.5 : 0.25))
        }
        for (item, days, kept) in [(0, 3.0, 0.7408), (1, 8, 0.4493), (2, 1000, 1)] {
            let recency = try part(item, .recency)
            #expect(abs(recency.raw - days) < 0.01)
            #expect(abs(recency.strength - kept) < 0.001)
        }
        #expect(try part(1, .importance).raw == 0.75)
        #expect(try part(1, .importance).strength == 0.75)
        #expect(try part(2, .importance).raw == 0.5)
    }

    @Test func whatIsForgottenIsNotFound() throws {
        let memory = try Memory.inMemory()
        let keys = try memory.remember([
            Remember("a secret about tulips", owner: "ann/work"),
            Remember("another secret about tulips", owner: "bob"),
        ])
        #expect(try memory.forget(Forget(owner: "ann")) == 1)
        #expect(try memory.get(Reference("memories", keys[0])) == nil)
        let recalled = try memory.recall("tulips")
        #expect(recalled.items.map(\.record.reference.key) == [keys[1]])
        #expect(try memory.verify().findings == [])
    }

    @Test func sessionsGoOnUntilTheyEnd() throws {
        let memory = try Memory.inMemory()
        let first = try memory.openSession(owner: "ann")
        #expect(first.isNew)
        let again = try memory.openSession(owner: "ann")
        #expect(again.id == first.id && !again.isNew)
        let keys = try memory.append(
            to: first.id,
            [Remember("hello", owner: ""), Remember("world", owner: "")]
        )
        let second = try #require(try memory.get(Reference("memories", keys[1])))
        #expect(second["position"] == 2 && second["session"] == .text(first.id))
        let ended = try memory.endSession(first.id, summary: "greetings")
        #expect(ended.entryCount == 2 && ended.endedAt != nil)
        #expect(throws: MnemeError.self) { try memory.append(to: first.id, []) }
        #expect(try memory.openSession(owner: "ann").id != first.id)
    }

    @Test func theBudgetCountsWhatIsSent() throws {
        let memory = try Memory.inMemory()
        try memory.remember("one thing about apples", owner: "ann")
        try memory.remember("another thing about apples", owner: "ann")
        let all = try memory.recall(Recall("apples", owner: "ann"))
        let one = try memory.recall(
            Recall("apples", owner: "ann", tokens: all.items[0].tokens + 1)
        )
        #expect(one.items.count == 1 && one.tokens == one.items[0].tokens)
        #expect(one.leftOut.map(\.reason) == [.overBudget])
    }
}
