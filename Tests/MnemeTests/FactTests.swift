// Facts that live: remembered once, superseded, pinned, asked where they come from, judged, pruned
// and forgotten.

import MnemeBase
import MnemeModel
import MnemeStore
import Testing

@testable import Mneme

@Suite struct FactTests {
    private let clock = TurnedClock()
    private let day: Microseconds = 86_400_000_000

    private func memory(embedsText: Bool = true) throws -> Memory {
        var options = StoreOptions()
        options.disk = MemoryDisk()
        options.clock = clock
        options.worksInBackground = false
        var own = MemoryOptions()
        own.embedsText = embedsText
        return try Memory(
            store: Store.open("facts", .create, options: options),
            options: own
        )
    }

    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do { try body() } catch { return (error as? MnemeError)?.code }
        return nil
    }

    private func fact(
        _ text: String,
        _ key: Key? = nil,
        owner: String = "ann",
        _ onDuplicate: Remember.OnDuplicate? = nil
    ) -> Remember {
        var fact = Remember(text, owner: owner, key: key, kind: .semantic)
        fact.onDuplicate = onDuplicate
        return fact
    }

    private func keys(_ memory: Memory) throws -> Set<Key> {
        Set(try memory.find(Find("memories", limit: 100)).rows.map(\.record.reference.key))
    }

    // MARK: Remember

    @Test func whatIsSaidOfAFactIsKept() throws {
        let memory = try memory()
        var fact = fact("Ann likes green tea.", "tea")
        fact.confidence = 0.75
        fact.validFrom = Instant(microseconds: 1_000_000)
        fact.source = Remember.Source(agent: "scribe", tool: "chat", from: ["talk"])
        fact.layers = [.project, .global]
        _ = try memory.remember([fact])
        let record = try #require(try memory.get(Reference("memories", "tea")))
        #expect(record["confidence"] == 0.75 && record["agent"] == "scribe")
        #expect(record["sources"] == ["talk"] && record["layers"] == ["project", "global"])
        #expect(record["validFrom"] == .instant(Instant(microseconds: 1_000_000)))
        let found = try memory.find(
            Find("memories", where: .compare(field: "layers", .any(["global"])))
        )
        #expect(found.rows.count == 1)
    }

    @Test func numbersOutOfTheirBoundsAreRefused() throws {
        let memory = try memory()
        var wrong: [Remember] = []
        for number in [-0.5, 1.5, .nan] {
            var one = fact("tea")
            one.confidence = number
            wrong.append(one)
            one = fact("tea", nil, .skip)
            one.near = number
            wrong.append(one)
        }
        var backwards = fact("tea")
        backwards.validFrom = Instant(microseconds: 5)
        backwards.validTo = Instant(microseconds: 5)
        var many = fact("tea")
        many.source.from = (0...1024).map { .int($0) }
        // What says how near is nothing without what is to be done then.
        var aimless = fact("tea")
        aimless.near = 0.8
        for one in wrong + [backwards, many, aimless] {
            #expect(code { _ = try memory.remember([one]) } == .badRequest)
        }
        #expect(try keys(memory) == [])
    }

    @Test(arguments: [true, false])
    func duplicatesAreWhatIsWished(_ embedsText: Bool) throws {
        let memory = try memory(embedsText: embedsText)
        _ = try memory.remember([fact("Ann likes green tea.", "tea")])
        _ = try memory.remember([fact("Ann likes green tea.", "bobs", owner: "bob")])
        let same = "ann likes  green TEA."
        let added = try memory.remembering([fact(same, "two", .add)])
        #expect(added.outcomes == [.added] && added.keys == ["two"])
        #expect(added.similar.map { $0.map(\.key) } == [["tea"]])
        #expect((added.similar.first?.first?.score ?? 0) > 0.95)
        _ = try memory.forget(Forget(keys: ["two"]))
        let skipped = try memory.remembering([fact(same, nil, .skip)])
        #expect(skipped.outcomes == [.skipped] && skipped.keys == ["tea"])
        let reinforced = try memory.remembering([fact(same, nil, .reinforce)])
        #expect(reinforced.outcomes == [.reinforced] && reinforced.keys == ["tea"])
        #expect(try memory.why(Why("tea")).access?.count == 1)
        let versioned = try memory.remembering([fact(same, nil, .version)])
        #expect(versioned.outcomes == [.versioned] && versioned.keys == ["tea"])
        #expect(try memory.get(Reference("memories", "tea"))?["text"] == .text(same))
        #expect(try keys(memory) == ["tea", "bobs"])
        // What is not alike is added, and so is what another owner has.
        let other = try memory.remembering([
            fact("The car is in the garage.", "car", .skip),
            fact(same, "carl", owner: "carl", .skip),
        ])
        #expect(other.outcomes == [.added, .added] && other.keys == ["car", "carl"])
    }

    @Test func duplicatesInOneRequestAreToo() throws {
        let memory = try memory()
        let remembered = try memory.remembering([
            fact("Tea is hot.", "a", .skip), fact("tea is hot.", "b", .skip),
            fact("The dog barks at night.", "c", .version),
            fact("the dog barks at night.", "d", .version),
        ])
        #expect(remembered.outcomes == [.added, .skipped, .added, .versioned])
        #expect(remembered.keys == ["a", "a", "c", "c"])
        #expect(try memory.get(Reference("memories", "c"))?["text"] == "the dog barks at night.")
        #expect(try keys(memory) == ["a", "c"])
        // Once is once, whatever is there by then.
        let request = Request.once(key: "k", .remember([fact("Cups are blue.", nil, .skip)]))
        guard case .remembered(let one) = try memory.perform(request),
            case .remembered(let two) = try memory.perform(request)
        else { return #expect(Bool(false)) }
        #expect(one.keys == two.keys && two.isRepeated)
    }

    @Test func otherCollectionsHaveItByTheirRoles() throws {
        let memory = try memory()
        var roles = Roles()
        roles.owner = "user"
        roles.text = "fact"
        roles.confidence = "sure"
        roles.pinned = "kept"
        let fields = [
            Field("user", .text), Field("fact", .text, isSearchable: true), Field("sure", .float),
            Field("kept", .bool), Field("category", .text),
        ]
        try memory.define(
            Schema(collections: [MnemeModel.Collection("facts", fields: fields, roles: roles)])
        )
        var fact = Remember("Ann likes tea.", owner: "ann", key: "f", data: ["category": "taste"])
        fact.collection = "facts"
        fact.confidence = 0.5
        fact.onDuplicate = .skip
        _ = try memory.remember([fact])
        let record = try #require(try memory.get(Reference("facts", "f")))
        #expect(
            record.fields == [
                "user": "ann", "fact": "Ann likes tea.", "sure": 0.5, "category": "taste",
            ]
        )
        fact.key = "g"
        #expect(try memory.remembering([fact]).outcomes == [.skipped])
        try memory.pin(Pin(["f"], in: "facts"))
        #expect(try memory.get(Reference("facts", "f"))?["kept"] == true)
        // What has no place there is refused.
        fact.onDuplicate = nil
        fact.validFrom = Instant(microseconds: 1)
        #expect(code { _ = try memory.remember([fact]) } == .missingRole)
        fact.validFrom = nil
        fact.tags = ["x"]
        #expect(code { _ = try memory.remember([fact]) } == .missingRole)
        #expect(code { _ = try memory.supersede(Revision("f", fact)) } == .missingRole)
        #expect(
            code { _ = try memory.upkeep(Upkeep(.duplicates, in: "facts")) } == .missingRole
        )
    }

    // MARK: Supersede, pin, why

    @Test func aFactTakesAnothersPlace() throws {
        let memory = try memory()
        _ = try memory.remember([
            fact("Ann lives in Lyon.", "lyon"), fact("Ann lives in Lyon with a cat.", "cat"),
            fact("Bob lives in Lyon.", "bob", owner: "bob"),
        ])
        clock.advance(by: day)
        let old = Instant(microseconds: clock.now() - 1)
        var moved = fact("Ann lives in Paris.", "paris")
        moved.source.agent = "scribe"
        let remembered = try memory.supersede(Revision("lyon", moved, reason: "she moved"))
        #expect(remembered.keys == ["paris"] && remembered.outcomes == [.superseded])
        #expect(remembered.similar.first?.contains { $0.key == "lyon" } == false)
        let now = Instant(microseconds: clock.now())
        #expect(try memory.get(Reference("memories", "lyon"))?["validTo"] == .instant(now))
        #expect(try memory.get(Reference("memories", "paris"))?["validFrom"] == .instant(now))
        // Recall has what is true now, each way that it goes.
        for signals in [Set(Signal.allCases), [.text, .meaning]] {
            let items = try memory.recall(
                Recall("Where does Ann live?", owner: "ann", signals: signals)
            ).items.map(\.record.reference.key)
            #expect(items.contains("paris") && !items.contains("lyon"))
        }
        let before = try memory.find(Find("memories", owner: "ann", asOf: old))
        #expect(Set(before.rows.map(\.record.reference.key)).contains("lyon"))
        let edges = try memory.walk(
            Walk(from: [Reference("memories", "paris")], types: ["SUPERSEDES"])
        )
        #expect(edges.stops.map(\.reference.key) == ["lyon"])
        // Not twice, not another's, not what is not there.
        var other = Revision("lyon", moved)
        other.by = "REPLACES"
        #expect(code { _ = try memory.supersede(other) } == .conditionFailed)
        // What is refused leaves no edge type behind.
        #expect(!memory.schema.edgeTypes.contains { $0.name == "REPLACES" })
        // Nor is something true up to before it begins to be.
        var brief = fact("Ann lives in Rome.", "rome")
        brief.validTo = old
        #expect(code { _ = try memory.supersede(Revision("paris", brief)) } == .badRequest)
        #expect(try memory.get(Reference("memories", "paris"))?["validTo"] == .null)
        #expect(code { _ = try memory.supersede(Revision("bob", moved)) } == .notFound)
        #expect(code { _ = try memory.supersede(Revision("none", moved)) } == .notFound)
    }

    @Test func whatIsPinnedDoesNotFade() throws {
        let memory = try memory()
        _ = try memory.remember([fact("Tea is hot.", "tea")])
        #expect(code { try memory.pin(Pin(["tea", "none"])) } == .notFound)
        #expect(code { try memory.pin(Pin([])) } == .badRequest)
        #expect(try memory.get(Reference("memories", "tea"))?["pinned"] ?? .null == .null)
        try memory.pin(Pin(["tea"]))
        clock.advance(by: 100 * day)
        #expect(try recency("tea", memory).strength == 1)
        try memory.pin(Pin(["tea"], isPinned: false))
        #expect(try recency("tea", memory).strength < 0.31)
    }

    private func recency(
        _ key: Key,
        _ memory: Memory,
        signals: Set<Signal> = Set(Signal.allCases)
    ) throws -> Recalled.Part {
        var recall = Recall("hot tea", owner: "ann", signals: signals)
        recall.touches = false
        let item = try #require(
            try memory.recall(recall).items.first { $0.record.reference.key == key }
        )
        return try #require(item.parts.first { $0.signal == .recency })
    }

    @Test func recallCountsFromTheLastUse() throws {
        let memory = try memory()
        _ = try memory.remember([fact("Tea is hot.", "tea"), fact("The dog barks.", "dog")])
        clock.advance(by: 10 * day)
        for signals in [Set(Signal.allCases), [.text, .meaning, .recency]] {
            #expect(abs(try recency("tea", memory, signals: signals).raw - 10) < 0.001)
        }
        try memory.flushTouches()
        #expect(abs(try recency("tea", memory).raw - 10) < 0.001)
        // An answer renews what it has, and nothing else.
        _ = try memory.recall(Recall("hot tea", owner: "ann", limit: 1))
        try memory.flushTouches()
        clock.advance(by: 2 * day)
        for signals in [Set(Signal.allCases), [.text, .meaning, .recency]] {
            let part = try recency("tea", memory, signals: signals)
            #expect(abs(part.raw - 2) < 0.001)
            // Reinforced once: half the rate.
            #expect(abs(part.strength - 0.9048) < 0.001)
        }
        #expect(try memory.why(Why("dog")).access == nil)
        let touched = try memory.touch(Touch(["dog"], reinforcement: 0))
        #expect(touched.accesses.first??.count == 1)
        #expect(touched.accesses.first??.reinforcement == 0)
    }

    @Test func whyGoesBackToTheSource() throws {
        let memory = try memory()
        let session = try memory.openSession(owner: "ann")
        let said = try memory.append(
            to: session.id,
            [Remember("I drink green tea.", owner: "ann", key: "said")]
        )
        var note = fact("Ann drinks green tea.", "note")
        note.source.from = said + ["gone"]
        var summary = fact("Ann likes tea.", "summary")
        summary.source.from = ["note", "memories/said"]
        _ = try memory.remember([note, summary])
        let why = try memory.why(Why("summary"))
        #expect(why.record.reference.key == "summary" && why.isWhole && why.access == nil)
        let steps = why.steps.map { "\($0.of.key)>\($0.reference.key) \($0.by) \($0.depth)" }
        #expect(
            steps == [
                "summary>note sources 1", "summary>said sources 1", "note>gone sources 2",
                "said>\(session.id) session 2",
            ]
        )
        #expect(why.steps.map { $0.record == nil } == [false, false, true, false])
        let near = try memory.why(Why("summary", depth: 1))
        #expect(near.steps.count == 2 && !near.isWhole)
        // A circle ends.
        var circle = fact("I drink green tea.", "said2")
        circle.source.from = ["said2", "circle"]
        var back = fact("Round and round.", "circle")
        back.source.from = ["said2"]
        _ = try memory.remember([circle, back])
        #expect(try memory.why(Why("circle")).steps.map(\.reference.key) == ["said2"])
        #expect(code { _ = try memory.why(Why("none")) } == .notFound)
        for depth in [0, -1, 65] {
            #expect(code { _ = try memory.why(Why("note", depth: depth)) } == .badRequest)
        }
    }
}
