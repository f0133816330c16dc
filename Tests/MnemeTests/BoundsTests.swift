// Numbers out of their bounds are refused by the door, whoever calls; a refused call changes
// nothing.

import Mneme
import Testing

@Suite struct BoundsTests {
    private static let wrong: [(String, @Sendable (inout Remember) -> Void)] = [
        ("importance", { $0.importance = -0.1 }),
        ("importance", { $0.importance = 1.5 }),
        ("importance", { $0.importance = .nan }),
        ("decayRate", { $0.decayRate = -0.1 }),
        ("decayRate", { $0.decayRate = .infinity }),
        ("decayRate", { $0.decayRate = .nan }),
    ]

    private func message(_ body: () throws -> Void) -> String? {
        let error = #expect(throws: MnemeError.self) { try body() }
        #expect(error?.code == .badRequest)
        return error?.message
    }

    @Test func memoriesHaveNumbersInTheirBounds() throws {
        let memory = try Memory.inMemory()
        let session = try memory.openSession(owner: "ann")
        for (name, spoil) in Self.wrong {
            var bad = Remember("tea", owner: "ann", links: [MemoryLink("mentions", to: "x")])
            spoil(&bad)
            let both = [Remember("milk", owner: "ann"), bad]
            let said = message { _ = try memory.remember(both) }
            #expect(said?.hasPrefix("memory 2 of 2: the \(name) is ") == true, "\(said ?? "")")
            let appended = message { _ = try memory.append(to: session.id, [bad]) }
            #expect(appended?.hasPrefix("the \(name) is ") == true, "\(appended ?? "")")
        }
        #expect(try memory.statistics().records["memories"] == 0)
        #expect(memory.schema.edgeTypes.isEmpty)
        #expect(try memory.session(session.id).entryCount == 0)
        for edge in [0.0, 1.0] {
            _ = try memory.remember([
                Remember("tea", owner: "ann", importance: edge, decayRate: edge)
            ])
        }
    }

    @Test func tasksAreHeldToThemToo() async throws {
        let memory: any Door = try Memory.inMemory()
        for (name, spoil) in Self.wrong {
            var bad = Remember("tea", owner: "ann")
            spoil(&bad)
            let memories = [bad]
            let error = await #expect(throws: MnemeError.self) {
                _ = try await memory.remember(memories)
            }
            #expect(error?.message.hasPrefix("the \(name) is ") == true)
        }
    }

    @Test func questionsHaveNumbersInTheirBounds() throws {
        let memory = try Memory.inMemory()
        try memory.remember("tea", owner: "ann")
        var weights = RecallWeights.standard
        weights[.graph] = .nan
        var endless = RecallWeights.standard
        endless[.text] = -.infinity
        var huge = RecallWeights.standard
        huge[.text] = .greatestFiniteMagnitude
        huge[.meaning] = .greatestFiniteMagnitude
        for (part, recall) in [
            ("limit is -1", Recall("tea", limit: -1)), ("hops is -1", Recall("tea", hops: -1)),
            ("tokens is -5", Recall("tea", tokens: -5)),
            ("minimumSimilarity is nan", Recall("tea", minimumSimilarity: .nan)),
            ("the weight of graph is nan", Recall("tea", weights: weights)),
            ("the weight of text is -inf", Recall("tea", weights: endless)),
            ("the weights add up beyond", Recall("tea", weights: huge)),
            ("around names memories", Recall("tea", around: ["x"], hops: 0)),
            ("around names memories", Recall("tea", around: ["x"], signals: [.text])),
        ] {
            let said = message { _ = try memory.recall(recall) }
            #expect(said?.hasPrefix(part) == true, "\(said ?? "")")
        }
        #expect(try memory.recall(Recall("tea", limit: 0, tokens: 0)).items.isEmpty)
    }

    @Test func entriesAgreeWithTheirSession() throws {
        let memory = try Memory.inMemory()
        let session = try memory.openSession(owner: "ann/work")
        let wrong = [
            ("the owner is \"bob\"", Remember("x", owner: "bob")),
            ("the owner is \"ann\"", Remember("x", owner: "ann")),
            ("the session is \"other\"", Remember("x", owner: "", session: "other")),
            ("the position is 7", Remember("x", owner: "", position: 7)),
        ]
        for (part, entry) in wrong {
            let said = message {
                _ = try memory.append(to: session.id, [Remember("a", owner: ""), entry])
            }
            #expect(said?.hasPrefix("entry 2 of 2: \(part)") == true, "\(said ?? "")")
        }
        #expect(try memory.session(session.id).entryCount == 0)
        let same = Remember("x", owner: "ann/work", session: session.id, position: 2)
        let keys = try memory.append(to: session.id, [Remember("a", owner: "", session: ""), same])
        let records = try memory.get(keys.map { Reference("memories", $0) })
        #expect(records.map { $0?["position"] } == [1, 2])
        #expect(records.allSatisfy { $0?["owner"] == "ann/work" })
        // Without an owner also where it is spelled.
        let json =
            "{\"session.append\": {\"id\": \"\(session.id)\", \"entries\": [{\"text\": \"y\"}]}}"
        guard case .remembered(let remembered) = try memory.perform(Request(json: json)) else {
            Issue.record("another answer")
            return
        }
        #expect(try memory.get(Reference("memories", remembered.keys[0]))?["owner"] == "ann/work")
    }
}
