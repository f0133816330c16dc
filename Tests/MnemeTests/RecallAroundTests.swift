// Recall of more owners than are looked at record by record: what is proposed is looked at with its
// neighbours, and says why.

import MnemeModel
import Testing

@testable import Mneme

@Suite struct RecallAroundTests {
    private static let lines = [
        ("Ann", "Good morning to you."), ("Bob", "How did the evening go?"),
        ("Ann", "It was wonderful, I made a bowl."), ("Bob", "My train was late again."),
        ("Ann", "Trains are late every day here."), ("Bob", "The bus is no better."),
    ]

    /// Seventy owners' sessions; one of them speaks of pottery before the bowl.
    private static func team() throws -> (memory: Memory, keys: [[Key]]) {
        let memory = try Memory.inMemory()
        var keys: [[Key]] = []
        for number in 0..<70 {
            let owner = "team/\(number)"
            let session = try memory.openSession(owner: owner)
            let entries = lines.enumerated().map { (place, line) in
                var text = line.1
                if number == 41, place == 1 { text = "How did the pottery evening go?" }
                var entry = Remember(text, owner: owner)
                entry.speaker = line.0
                return entry
            }
            keys.append(try memory.append(to: session.id, entries))
        }
        return (memory, keys)
    }

    @Test func neighboursSpeakForWhatIsProposed() throws {
        let (memory, keys) = try Self.team()
        let recalled = try memory.recall(
            Recall("What did Ann make at the pottery evening?", owner: "team", limit: 60)
        )
        let found = recalled.items.map(\.record.reference.key)
        #expect(found.prefix(3).contains(keys[41][2]))
        for item in recalled.items {
            #expect(abs(item.parts.reduce(0) { $0 + $1.value } - item.score) < 1e-5)
            #expect(item.parts.contains { $0.signal == .window })
        }
        let bowl = try #require(recalled.items.first { $0.record.reference.key == keys[41][2] })
        #expect(bowl.parts.contains { $0.signal == .reply && $0.strength > 0 })
        // The same bowls of others have nothing of the pottery beside them.
        let others = recalled.items.filter {
            $0.record["text"] == bowl.record["text"] && $0.record.reference != bowl.record.reference
        }
        #expect(!others.isEmpty && others.allSatisfy { $0.score < bowl.score })
    }

    @Test func windowsAloneFindToo() throws {
        let (memory, keys) = try Self.team()
        var recall = Recall("pottery evening", owner: "team", limit: 3)
        recall.signals = [.window]
        let recalled = try memory.recall(recall)
        #expect(recalled.items.first?.record.reference.key == keys[41][1])
        #expect(recalled.notes == [])
        for item in recalled.items {
            #expect(item.parts.map(\.signal) == [.window] && item.score > 0)
        }
    }

    @Test func whatIsOverIsTold() throws {
        let (memory, _) = try Self.team()
        var over = Remember("The pottery evening is on Monday.", owner: "team/3", key: "over")
        over.validTo = Instant(microseconds: 1_600_000_000_000_000)
        _ = try memory.remember([over])
        let recalled = try memory.recall(Recall("pottery evening", owner: "team", limit: 5))
        #expect(!recalled.items.contains { $0.record.reference.key == "over" })
        let told = recalled.leftOut.filter { $0.reference.key == "over" }
        #expect(told.map(\.reason) == [.superseded])
    }

    @Test func scopeFilterSightAndEndsHold() throws {
        let (memory, keys) = try Self.team()
        _ = try memory.remember([Remember("The pottery evening of others.", owner: "eve")])
        func found(_ recall: Recall) throws -> [Key] {
            try memory.recall(recall).items.map(\.record.reference.key)
        }
        let question = "pottery evening"
        let all = try found(Recall(question, owner: "team", limit: 30))
        #expect(all.first == keys[41][1] && all.count == 30)
        #expect(Set(all).isSubset(of: keys.joined()))
        let anns = try memory.recall(
            Recall(question, owner: "team", where: .eq("speaker", "Ann"), limit: 8)
        )
        #expect(anns.items.count == 8)
        #expect(anns.items.allSatisfy { $0.record["speaker"] == "Ann" })
        _ = try memory.forget(Forget(keys: [keys[41][1]]))
        #expect(try !found(Recall(question, owner: "team", limit: 400)).contains(keys[41][1]))
        #expect(try found(Recall(question, owner: "team", limit: 0)).isEmpty)
        // More are wanted than are looked at with their neighbours.
        #expect(try found(Recall(question, owner: "team", limit: 100_000)).count == 419)
    }

    @Test func edgesBringWhatNobodyProposed() throws {
        let (memory, _) = try Self.team()
        let far = try memory.remember([Remember("Unlike anything.", owner: "team/3")])[0]
        var near = Remember("A pottery of another town.", owner: "team/4")
        near.links = [MemoryLink("mentions", to: far)]
        _ = try memory.remember([near])
        let recalled = try memory.recall(Recall("pottery", owner: "team", limit: 60))
        let item = try #require(recalled.items.first { $0.record.reference.key == far })
        #expect(item.path.count == 1)
        #expect(item.parts.contains { $0.signal == .graph && $0.strength > 0 })
    }
}
