// Recall along sessions: what neighbours say, right after every change, and why.

import MnemeModel
import Testing

@testable import Mneme

@Suite struct RecallAlongTests {
    private static func chat() throws -> (memory: Memory, keys: [Key]) {
        let memory = try Memory.inMemory()
        let session = try memory.openSession(owner: "ann")
        let lines = [
            ("Ann", "I joined a pottery class last week."),
            ("Bob", "How did the first evening go?"),
            ("Ann", "It was wonderful, I made a bowl."), ("Bob", "The weather was bad on Sunday."),
            ("Ann", "We stayed at home and cooked."), ("Bob", "My train was late again."),
            ("Ann", "Trains are late every day here."), ("Bob", "I bought a new bicycle."),
        ]
        let entries = lines.map { (speaker, text) in
            var entry = Remember(text, owner: "ann")
            entry.speaker = speaker
            return entry
        }
        return (memory, try memory.append(to: session.id, entries))
    }

    private static func keys(_ recalled: Recalled) -> [Key] {
        recalled.items.map(\.record.reference.key)
    }

    @Test func partsAddUpAndSayWhy() throws {
        let (memory, keys) = try Self.chat()
        let recalled = try memory.recall("What did Ann make at the pottery evening?", owner: "ann")
        let best = try #require(recalled.items.first)
        #expect(keys[0...2].contains(best.record.reference.key))
        for item in recalled.items {
            #expect(abs(item.parts.reduce(0) { $0 + $1.value } - item.score) < 1e-5)
            #expect(item.parts.contains { $0.signal == .window })
        }
        // The bowl says nothing of pottery; it is found by what stands before it.
        let bowl = try #require(recalled.items.first { $0.record.reference.key == keys[2] })
        let window = try #require(bowl.parts.first { $0.signal == .window })
        #expect(window.strength > 0.2 && window.rank >= 1)
        #expect(bowl.parts.contains { $0.signal == .speaker && $0.strength == 1 })
        #expect(recalled.isExact)
    }

    /// What is forgotten is not found through its neighbours, and what is appended is at once.
    @Test func windowsFollowEveryChange() throws {
        let (memory, keys) = try Self.chat()
        func strength(_ key: Key) throws -> Double {
            let recalled = try memory.recall(Recall("pottery", owner: "ann", limit: 20))
            let item = recalled.items.first { $0.record.reference.key == key }
            return item?.parts.first { $0.signal == .window }?.strength ?? 0
        }
        #expect(try strength(keys[0]) == 1)
        let near = try strength(keys[1])
        #expect(near > 0.7 && near < 0.9)
        #expect(try strength(keys[2]) < near)
        let far = try strength(keys[7])
        #expect(far < 0.5)
        // An edit.
        _ = try memory.commit([
            .patch(Patch("memories", keys[0], [.set("text", "I joined a sewing class.")]))
        ])
        #expect(try strength(keys[0]) < 1 && strength(keys[1]) < near)
        // An append.
        let session = try memory.openSession(owner: "ann")
        let more = try memory.append(
            to: session.id,
            [Remember("The pottery is ready now.", owner: "ann")]
        )
        #expect(try strength(more[0]) == 1 && strength(keys[7]) > far)
        // Forgetting.
        _ = try memory.forget(Forget(keys: [more[0]]))
        #expect(try strength(keys[7]) == far)
    }

    @Test func scopeFilterAndLimitHold() throws {
        let (memory, keys) = try Self.chat()
        _ = try memory.remember([Remember("Pottery of another owner.", owner: "eve")])
        let mine = try memory.recall(Recall("pottery", owner: "ann", limit: 100))
        #expect(mine.items.count == keys.count)
        #expect(mine.items.allSatisfy { $0.record["owner"] == "ann" })
        let bobs = try memory.recall(
            Recall("pottery", owner: "ann", where: .eq("speaker", "Bob"), limit: 3)
        )
        #expect(bobs.items.count == 3 && bobs.leftOut.count == 1)
        #expect(bobs.items.allSatisfy { $0.record["speaker"] == "Bob" })
        let both = try memory.recall(Recall("pottery", limit: 2))
        #expect(both.items.count == 2)
        #expect(try memory.recall(Recall("pottery", owner: "ann", limit: 0)).items.isEmpty)
        let tight = try memory.recall(Recall("pottery", owner: "ann", limit: 5, tokens: 10))
        #expect(tight.items.isEmpty && tight.leftOut.allSatisfy { $0.reason == .overBudget })
    }

    @Test func questionsOfAnyKindAreAnswered() throws {
        let (memory, keys) = try Self.chat()
        let long = String(repeating: "pottery train bicycle ", count: 5_000)
        for question in ["the of and", "?", "陶器", long, "\u{0}", "ann"] {
            let recalled = try memory.recall(Recall(question, owner: "ann", limit: 100))
            #expect(recalled.items.count == keys.count)
            #expect(recalled.items.allSatisfy { $0.score.isFinite })
        }
        // When: what names a day comes before what does not.
        let when = try memory.recall(Recall("When did Ann join the class?", owner: "ann"))
        #expect(when.items.first?.record.reference.key == keys[0])
        #expect(when.items.first?.parts.contains { $0.signal == .answer } == true)
    }

    /// Weights that are given are taken as they are, and signals that are not wanted do not run.
    @Test func weightsAndSignals() throws {
        let (memory, _) = try Self.chat()
        var recall = Recall("pottery class", owner: "ann", weights: RecallWeights([.window: 2]))
        let weighed = try memory.recall(recall)
        #expect(weighed.items.allSatisfy { $0.parts.allSatisfy { $0.signal == .window } })
        #expect(weighed.items.first.map { $0.score > 1 } == true)
        recall.weights = RecallWeights([.window: 1, .text: 1])
        let words = try memory.recall(recall)
        #expect(words.items.first?.parts.map(\.signal) == [.window, .text])
        #expect(words.items.first?.parts.last?.strength == 1)
        recall.weights = nil
        recall.signals = [.window, .meaning]
        let two = try memory.recall(recall)
        #expect(
            two.items.allSatisfy { item in
                item.parts.allSatisfy { [.window, .meaning].contains($0.signal) }
            }
        )
        recall.signals = [.text]
        let text = try memory.recall(recall)
        #expect(text.items.first?.parts.map(\.signal) == [.text])
    }
}
