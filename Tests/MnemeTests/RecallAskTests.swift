// What a recall may ask for besides a question: no hints, another fusion, layers, a zone, the rule
// of its collection; and what is told of what was left out.

import MnemeBase
import MnemeModel
import MnemeStore
import Testing

@testable import Mneme

@Suite struct RecallAskTests {
    private let clock = TurnedClock()
    private let disk = MemoryDisk()
    private let day: Microseconds = 86_400_000_000

    private func memory(isThere: Bool = false) throws -> Memory {
        var options = StoreOptions()
        options.disk = disk
        options.clock = clock
        options.worksInBackground = false
        return try Memory(
            store: Store.open("asks", isThere ? .open : .create, options: options),
            options: MemoryOptions()
        )
    }

    private func entry(_ text: String, _ key: String, _ speaker: String? = nil) -> Remember {
        var memory = Remember(text, owner: "ann", key: .text(key))
        memory.speaker = speaker
        memory.session = "chat"
        return memory
    }

    /// A talk in one session, in its order.
    private func talk() throws -> Memory {
        let memory = try memory()
        let lines = [
            entry("I joined a pottery class in Rome on 3 May 2023.", "class", "Ann"),
            entry("How did the pottery go?", "asked", "Bob"),
            entry("It was wonderful, I made a bowl.", "bowl", "Ann"),
            entry("The weather was bad.", "weather", "Bob"),
            entry("We cooked because of the rain.", "cooked", "Ann"),
        ]
        var placed = lines
        for place in placed.indices { placed[place].position = Int64(place) }
        _ = try memory.remember(placed)
        return memory
    }

    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do { try body() } catch { return (error as? MnemeError)?.code }
        return nil
    }

    private func keys(_ recalled: Recalled) -> [Key] {
        recalled.items.map(\.record.reference.key)
    }

    private func expectSums(_ recalled: Recalled) {
        for item in recalled.items {
            #expect(abs(item.parts.reduce(0) { $0 + $1.value } - item.score) < 1e-4)
        }
    }

    @Test func withoutHintsNothingIsGuessed() throws {
        let memory = try talk()
        var recall = Recall("When did Ann go to pottery?", owner: "ann")
        let signals = { (recalled: Recalled) in
            Set(recalled.items.flatMap(\.parts).map(\.signal))
        }
        let with = try memory.recall(recall)
        #expect(signals(with).isSuperset(of: [.answer, .speaker, .dated]))
        recall.hints = false
        let without = try memory.recall(recall)
        #expect(signals(without).isDisjoint(with: Signal.hints))
        #expect(signals(without).isSuperset(of: [.window, .meaning, .recency, .question, .reply]))
        #expect(without.items.count == with.items.count)
        expectSums(without)
        // A question of another wording, but of the same words, is the same one then.
        recall.question = "Pottery when did go Ann?"
        let turned = try memory.recall(recall)
        #expect(keys(turned) == keys(without))
    }

    @Test func fusionsAddUpAlongSessions() throws {
        let memory = try talk()
        var recall = Recall("pottery bowl", owner: "ann")
        recall.hints = false
        recall.fusion = .reciprocalRank
        let ranked = try memory.recall(recall)
        expectSums(ranked)
        let parts = ranked.items.flatMap(\.parts).filter { $0.signal == .window && $0.rank > 0 }
        #expect(parts.count == 5)
        for part in parts {
            #expect(abs(part.strength - 61 / (60 + Double(part.rank))) < 1e-6)
        }
        recall.fusion = .relativeScore
        let stretched = try memory.recall(recall)
        expectSums(stretched)
        let windows = stretched.items.flatMap(\.parts).filter { $0.signal == .window }
        #expect(windows.map(\.strength).max() == 1 && windows.map(\.strength).min() == 0)
        recall.fusion = .weighted
        let weighted = try memory.recall(recall)
        recall.fusion = nil
        #expect(try memory.recall(recall) == weighted)
    }

    @Test func fusionsAddUpAmongCandidates() throws {
        let memory = try talk()
        var recall = Recall("pottery bowl", owner: "ann", signals: [.text, .meaning, .recency])
        for fusion in RecallFusion.allCases {
            recall.fusion = fusion
            let recalled = try memory.recall(recall)
            expectSums(recalled)
            #expect(recalled.items.map(\.score) == recalled.items.map(\.score).sorted(by: >))
            let words = recalled.items.flatMap(\.parts).filter { $0.signal == .text }
            #expect(words.map(\.strength).max() == 1)
            if fusion == .reciprocalRank {
                #expect(words.allSatisfy { $0.strength == 1 || $0.strength >= 61.0 / 65 })
            }
        }
    }

    /// Strengths become other strengths in the same order, equal ones equal ones.
    @Test(arguments: RecallFusion.allCases)
    func strengthsKeepTheirOrder(fusion: RecallFusion) {
        let random = SeededRandomness(seed: 17)
        for count in [0, 1, 2, 7, 300] {
            let values = (0..<count).map { _ in Float(random.below(9)) / 8 }
            let fused = fusion.strengths(values)
            #expect(fused.count == count && fused.allSatisfy { (0...1).contains($0) })
            for left in values.indices {
                for right in values.indices where values[left] <= values[right] {
                    #expect(fused[left] <= fused[right])
                    if values[left] == values[right] { #expect(fused[left] == fused[right]) }
                }
            }
        }
    }

    @Test func layersChoose() throws {
        let memory = try memory()
        var memories: [Remember] = []
        for (key, layers) in [
            ("one", [Remember.Layer.project]), ("two", [.session, .global]), ("three", []),
        ] {
            var memory = Remember("Tea of \(key)", owner: "ann", key: .text(key))
            memory.layers = layers
            memories.append(memory)
        }
        _ = try memory.remember(memories)
        var recall = Recall("tea", owner: "ann")
        #expect(try memory.recall(recall).items.count == 3)
        recall.layers = [.project, .temporal]
        #expect(keys(try memory.recall(recall)) == ["one"])
        recall.layers = [.project, .global]
        recall.filter = .eq("text", "Tea of two")
        #expect(keys(try memory.recall(recall)) == ["two"])
        recall.filter = nil
        recall.signals = [.text]
        #expect(Set(keys(try memory.recall(recall))) == ["one", "two"])
        try memory.define(
            Schema(collections: [Collection("notes", fields: [Field("text", .text)])])
        )
        recall.collection = "notes"
        recall.owner = nil
        #expect(code { _ = try memory.recall(recall) } == .missingRole)
    }

    /// Late in the evening in London it is the next day in Tokyo.
    @Test func askedDaysAreThoseOfTheZone() throws {
        let memory = try memory()
        let now = Instant(microseconds: clock.now())
        let today = try ZoneClock("+00:00").day(of: now).number
        let midnight = Int64(today) * day
        for (key, hours) in [("late", -3), ("early", -15)] {
            var entry = Remember("We met at the harbour", owner: "ann", key: .text(key))
            entry.time = Instant(microseconds: midnight + Int64(hours) * 3_600_000_000)
            entry.text += " \(key)"
            _ = try memory.remember([entry])
        }
        func agreeing(_ zone: String?) throws -> [Key] {
            let date = ZoneClock.utc.day(of: Instant(microseconds: midnight - 1)).description
            var recall = Recall("Whom did I meet on \(date)?", owner: "ann")
            recall.zone = zone
            return try memory.recall(recall).items.filter { item in
                item.parts.contains { $0.signal == .time && $0.strength == 1 }
            }.map(\.record.reference.key)
        }
        #expect(Set(try agreeing(nil)) == ["late", "early"])
        #expect(try agreeing("+09:00") == ["early"])
        #expect(code { _ = try agreeing("Mars/Base") } == .unknownZone)
        let spelled = try Recall(spelling: ["question": "x", "zone": -90])
        #expect(spelled.zone == "-01:30")
        #expect(code { _ = try Recall(spelling: ["zone": 1440]) } == .badRequest)
    }

    @Test func aCollectionsRuleCounts() throws {
        let memory = try talk()
        func define(_ rule: RecallRule) throws {
            try memory.define(
                Schema(collections: [Collection("memories", fields: [], recall: rule)])
            )
        }
        let plain = try memory.recall("pottery bowl", owner: "ann")
        try define(RecallRule(weights: RecallWeights([.window: 2]), hints: false))
        let described = memory.schema.collections.first { $0.name == "memories" }
        #expect(described?.recall?.hints == false)
        #expect(described?.recall?.weights == RecallWeights([.window: 2]))
        let ruled = try memory.recall("pottery bowl", owner: "ann")
        #expect(ruled.items.allSatisfy { $0.parts.map(\.signal) == [.window] })
        // The call counts more.
        var recall = Recall("pottery bowl", owner: "ann")
        recall.weights = RecallWeights([.recency: 1, .window: 1])
        let called = try memory.recall(recall)
        #expect(called.items.allSatisfy { $0.parts.contains { $0.signal == .recency } })
        // One that says nothing of it leaves it, and one of nothing ends it.
        try memory.define(
            Schema(collections: [Collection("memories", fields: [Field("extra", .text)])])
        )
        #expect(try memory.recall("pottery bowl", owner: "ann").items == ruled.items)
        try define(RecallRule(fusion: .relativeScore, minimumSimilarity: 0.999))
        let strict = try memory.recall("pottery bowl", owner: "ann")
        #expect(strict.items.isEmpty)
        #expect(strict.leftOut.contains { $0.reason == .belowSimilarity })
        try define(RecallRule())
        #expect(try memory.recall("pottery bowl", owner: "ann").items == plain.items)
        for rule in [
            RecallRule(weights: RecallWeights([.window: .infinity])),
            RecallRule(minimumSimilarity: .nan), RecallRule(aliases: "no name"),
        ] {
            #expect(code { try define(rule) } == .badSchema)
        }
        #expect(try memory.verify().findings == [])
        // It is there again when the store is.
        try define(RecallRule(fusion: .reciprocalRank, aliases: "alias"))
        try memory.close()
        let again = try self.memory(isThere: true)
        let kept = again.schema.collections.first { $0.name == "memories" }?.recall
        #expect(kept == RecallRule(fusion: .reciprocalRank, aliases: "alias"))
        try again.close()
    }

    @Test func whatIsOverOrSaidTwiceIsTold() throws {
        let memory = try memory()
        let now = clock.now()
        var old = Remember("Ann drinks green tea in the morning", owner: "ann", key: "old")
        old.validTo = Instant(microseconds: now + day)
        var short = Remember("Green tea is cheap this week", owner: "ann", key: "short")
        short.expiresAt = Instant(microseconds: now + day)
        var eves = Remember("Eve sells green tea", owner: "eve", key: "eves")
        eves.validTo = Instant(microseconds: now + day)
        var other = Remember("The roof was mended", owner: "ann", key: "roof")
        other.validTo = Instant(microseconds: now + day)
        _ = try memory.remember([
            old, short, eves, other,
            Remember("Ann drinks black tea now", owner: "ann", key: "new"),
            Remember("ann drinks  BLACK tea now", owner: "ann", key: "again"),
        ])
        var recall = Recall("green tea", owner: "ann")
        recall.touches = false
        let before = try memory.recall(recall)
        #expect(before.items.count == 4 && before.leftOut.map(\.reason) == [.duplicate])
        recall.distinct = false
        #expect(try memory.recall(recall).items.count == 5)
        recall.distinct = true
        clock.advance(by: 2 * day)
        let after = try memory.recall(recall)
        #expect(keys(after).count == 1)
        let told = Dictionary(
            after.leftOut.map { ($0.reference.key, $0.reason) },
            uniquingKeysWith: { first, _ in first }
        )
        #expect(told["old"] == .superseded && told["short"] == .expired)
        #expect(told["eves"] == nil && told["roof"] == nil && told.count == 3)
        #expect(after.leftOut.allSatisfy { $0.score.isFinite })
        // A filter holds for them too, and what is deleted is not told.
        recall.filter = .compare(field: "text", .ne(.text(old.text)))
        #expect(try !memory.recall(recall).leftOut.contains { $0.reference.key == "old" })
        recall.filter = nil
        _ = try memory.forget(Forget(keys: ["old"]))
        #expect(try !memory.recall(recall).leftOut.contains { $0.reference.key == "old" })
        // Among candidates what was found and is not true any more.
        recall.signals = [.text]
        recall.owner = "eve"
        let eve = try memory.recall(recall)
        #expect(eve.items.isEmpty && eve.leftOut.map(\.reason) == [.superseded])
    }

    @Test func namesLeadToEachOther() throws {
        let memory = try memory()
        try memory.define(
            Schema(
                collections: [
                    Collection("memories", fields: [], recall: RecallRule(aliases: "alias")),
                    Collection("people", fields: [Field("name", .text), Field("born", .int)]),
                ],
                edgeTypes: [
                    EdgeType(
                        "alias",
                        fields: [Field("name", .text)],
                        indexes: [Index("names", on: ["name"])]
                    )
                ]
            )
        )
        _ = try memory.commit([
            .put(Put("people", "p1", ["name": "Robert"])),
            .put(Put("people", "p2", ["name": "Wilma"])),
        ])
        _ = try memory.remember([
            Remember("Robert repairs bicycles in Lisbon", owner: "ann", key: "lisbon"),
            Remember("Wilma paints boats", owner: "ann", key: "boats"),
            Remember("The old mill burned down", owner: "ann", key: "mill"),
            Remember("He is called Bob by his friends", owner: "ann", key: "said"),
            Remember("Somebody says Wilma is Bob", owner: "eve", key: "rumour"),
        ])
        func people(_ key: String) -> Reference { Reference("people", .text(key)) }
        func memories(_ key: String) -> Reference { Reference("memories", .text(key)) }
        _ = try memory.relate([
            Link("alias", from: memories("said"), to: people("p1"), fields: ["name": "Bob"]),
            Link("alias", from: memories("rumour"), to: people("p2"), fields: ["name": "Bob"]),
            Link("about", from: memories("mill"), to: people("p1")),
        ])
        for signals in [Set(Signal.allCases), [.text, .graph]] {
            var recall = Recall("What does Bob's shop do?", owner: "ann", signals: signals)
            recall.touches = false
            let recalled = try memory.recall(recall)
            let lisbon = try #require(
                recalled.items.first { $0.record.reference.key == "lisbon" }
            )
            #expect(lisbon.parts.contains { [.window, .text].contains($0.signal) && $0.value > 0 })
            let mill = try #require(recalled.items.first { $0.record.reference.key == "mill" })
            #expect(mill.path.contains { $0.type == "about" })
            // What eve says of names is not for ann.
            let boats = recalled.items.first { $0.record.reference.key == "boats" }
            #expect(boats?.parts.contains { $0.signal == .text } != true)
        }
        let plain = RecallAliases.runs(of: "Is Uncle Bob's here?")
        #expect(plain.contains("Uncle Bob") && plain.contains("uncle") && plain.contains("Bob"))
    }

    @Test func whatCannotRunIsNoted() throws {
        let memory = try memory()
        var roles = Roles()
        roles.owner = "who"
        roles.text = "text"
        roles.session = "room"
        roles.time = "at"
        let fields = [
            Field("who", .text), Field("text", .text, isSearchable: true), Field("room", .text),
            Field("at", .instant),
        ]
        try memory.define(
            Schema(collections: [Collection("turns", fields: fields, roles: roles)])
        )
        let lines = ["Where is the pottery?", "Behind the mill.", "Thank you."]
        for (place, line) in lines.enumerated() {
            let at = Instant(microseconds: clock.now() + Int64(place))
            _ = try memory.commit([
                .put(
                    Put(
                        "turns",
                        .text("t\(place)"),
                        ["who": "ann", "text": .text(line), "room": "r", "at": .instant(at)]
                    )
                )
            ])
        }
        var recall = Recall("pottery", owner: "ann", collection: "turns")
        #expect(try memory.recall(recall).notes.isEmpty)
        recall.weights = RecallWeights([.window: 1, .text: 1])
        let noted = try memory.recall(recall)
        #expect(noted.items.count == 1)
        let note = try #require(noted.notes.first)
        #expect(note.contains(#"{"name": "recall", "fields": ["who", "room", "at"]}"#), "\(note)")
        // What the note says is enough.
        try memory.define(
            Schema(collections: [
                Collection(
                    "turns",
                    fields: [],
                    indexes: [Index("recall", on: ["who", "room", "at"])]
                )
            ])
        )
        let windows = try memory.recall(recall)
        #expect(windows.notes.isEmpty && windows.items.count == 3)
        #expect(windows.items.first?.record.reference.key == "t0")
        #expect(
            windows.items.dropFirst().first?.parts.contains {
                $0.signal == .window && $0.strength > 0.5
            } == true
        )
    }
}
