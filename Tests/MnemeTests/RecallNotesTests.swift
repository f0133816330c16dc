// What a recall says that it could not do, and when it says nothing; and names that many owners
// use, which are found by an index alone.

import MnemeBase
import MnemeModel
import MnemeStore
import Testing

@testable import Mneme

@Suite struct RecallNotesTests {
    private let clock = TurnedClock()

    private func memory(recordsAtOnce: Int = 4096) throws -> Memory {
        var options = StoreOptions()
        options.recordsAtOnce = recordsAtOnce
        options.disk = MemoryDisk()
        options.clock = clock
        options.worksInBackground = false
        return try Memory(
            store: Store.open("notes", .create, options: options),
            options: MemoryOptions()
        )
    }

    // MARK: Windows

    private func turns(_ indexes: [Index] = []) -> Schema {
        var roles = Roles()
        roles.owner = "who"
        roles.text = "text"
        roles.time = "at"
        return Schema(collections: [
            Collection(
                "turns",
                fields: [
                    Field("who", .text), Field("text", .text, isSearchable: true),
                    Field("at", .instant),
                ],
                indexes: indexes,
                roles: roles
            )
        ])
    }

    private func put(_ number: Int) -> Change {
        let at = Instant(microseconds: clock.now() + Int64(number))
        return .put(
            Put(
                "turns",
                .text("t\(number)"),
                ["who": "ann", "text": .text("pottery \(number)"), "at": .instant(at)]
            )
        )
    }

    @Test func whatHasNoWordsSaysSo() throws {
        let memory = try memory()
        try memory.define(Schema(collections: [Collection("plain", fields: [Field("a", .text)])]))
        _ = try memory.commit([.put(Put("plain", "x", ["a": "pottery"]))])
        let plain = try memory.recall(Recall("pottery", collection: "plain"))
        #expect(plain.items.isEmpty && plain.notes.contains { $0.contains("role text") })
        #expect(try memory.recall(Recall("", collection: "plain")).notes.isEmpty)
        #expect(try memory.recall(Recall("pottery")).notes.isEmpty)
    }

    @Test func windowsAreMissedByWhoAsksForThem() throws {
        let memory = try memory()
        try memory.define(turns())
        _ = try memory.commit((0..<3).map(put))
        var recall = Recall("pottery", owner: "ann", collection: "turns")
        recall.touches = false
        func notes(_ change: (inout Recall) -> Void) throws -> [String] {
            var recall = recall
            change(&recall)
            return try memory.recall(recall).notes
        }
        // Signals that were switched off are none that somebody left out.
        #expect(try notes { _ in } == [])
        #expect(try notes { $0.hints = false } == [])
        #expect(try notes { $0.weights = RecallWeights([.text: 1]) } == [])
        for ask: (inout Recall) -> Void in [
            { $0.signals = [.window, .text] }, { $0.weights = RecallWeights([.window: 1]) },
            { ($0.hints, $0.signals) = (false, [.window, .text, .time]) },
        ] {
            let told = try notes(ask)
            #expect(told.count == 1 && told[0].contains("define its index"), "\(told)")
        }
    }

    @Test func aListThatIsBuiltIsToldApartFromOneThatIsMissing() throws {
        // More than are listed at once.
        let memory = try memory(recordsAtOnce: 10)
        try memory.define(turns())
        _ = try memory.commit((0..<30).map(put))
        let list = turns([Index("recall", on: ["who", "at"])])
        try memory.store.define(list, waits: false)
        var recall = Recall("pottery", owner: "ann", collection: "turns", limit: 3)
        recall.signals = [.window, .text]
        recall.touches = false
        let meanwhile = try memory.recall(recall)
        #expect(meanwhile.notes.count == 1 && meanwhile.items.count == 3)
        #expect(meanwhile.notes.allSatisfy { $0.contains("is being built") })
        try memory.define(list)
        let behind = try memory.recall(recall)
        #expect(behind.notes == [])
        #expect(behind.items.allSatisfy { $0.parts.contains { $0.signal == .window } })
    }

    // MARK: Names

    private func people(_ fields: [Field], _ indexes: [Index] = []) -> Schema {
        Schema(
            collections: [
                Collection("memories", fields: [], recall: RecallRule(aliases: "alias")),
                Collection("people", fields: [Field("name", .text)]),
            ],
            edgeTypes: [EdgeType("alias", fields: fields, indexes: indexes)]
        )
    }

    private let text = Field("name", .text)

    /// An owner whose memory says that somebody is called so.
    private func say(_ name: String, _ owner: String, _ real: String, _ memory: Memory) throws {
        _ = try memory.commit([.put(Put("people", .text(real), ["name": .text(real)]))])
        let said = Key.text("said \(owner)")
        _ = try memory.remember([
            Remember("She says so.", owner: owner, key: said),
            Remember("\(real) bakes bread", owner: owner, key: .text("bread \(owner)")),
        ])
        _ = try memory.relate([
            Link(
                "alias",
                from: Reference("memories", said),
                to: Reference("people", .text(real)),
                fields: ["name": .text(name)]
            )
        ])
    }

    private func recall(
        _ owner: String,
        _ memory: Memory
    ) throws -> (first: Key?, notes: [String]) {
        var recall = Recall("What does Mom make?", owner: owner)
        recall.signals = [.text]
        recall.touches = false
        let recalled = try memory.recall(recall)
        return (recalled.items.first?.record.reference.key, recalled.notes)
    }

    @Test func anEdgeTypeWithoutNamesEndsNoRecall() throws {
        for field in [Field("called", .text), Field("name", .int)] {
            let memory = try memory()
            try memory.define(people([field]))
            _ = try memory.remember([Remember("Mom bakes bread", owner: "ann", key: "bread")])
            let told = try recall("ann", memory)
            #expect(told.first == "bread")
            #expect(told.notes.count == 1 && told.notes[0].contains("no text property \"name\""))
        }
    }

    @Test func withoutAnIndexNoEdgesAreRead() throws {
        let memory = try memory()
        try memory.define(people([text]))
        try say("Mom", "ann", "Wilma", memory)
        let told = try recall("ann", memory)
        #expect(told.first == nil)
        // What the note says is enough.
        let note = try #require(told.notes.first)
        let schema = try Schema(json: String(note[try #require(note.firstIndex(of: "{"))...]))
        try memory.define(schema)
        let found = try recall("ann", memory)
        #expect(found.first == "bread ann" && found.notes == [])
    }

    @Test func manyOwnersMayUseOneName() throws {
        let memory = try memory()
        try memory.define(people([text], [Index("names", on: ["name"])]))
        for number in 0..<80 { try say("Mom", "o\(number)", "Wilma\(number)", memory) }
        for number in [0, 40, 79] {
            let told = try recall("o\(number)", memory)
            #expect(told.first == .text("bread o\(number)") && told.notes == [], "\(told)")
        }
        // Nobody reads on for ever.
        let others = Link(
            "alias",
            from: Reference("memories", "said o1"),
            to: Reference("people", "Wilma1"),
            fields: ["name": "Mom"]
        )
        _ = try memory.relate(Array(repeating: others, count: 4100))
        _ = try memory.remember([Remember("Mom makes jam", owner: "zoe", key: "jam")])
        let told = try recall("zoe", memory)
        #expect(told.first == "jam")
        #expect(told.notes.count == 1 && told.notes[0].contains("more than 4096"), "\(told)")
    }
}
