// One suite for every door: what is said here of a store holds whichever way one came to it.

import Doors
import Mneme
import MnemeClient
import MnemeModel
import Testing

@Suite struct Conformance {
    // MARK: Every verb

    @Test(arguments: DoorKind.allCases)
    func everyVerbOfMemoriesIsAnswered(kind: DoorKind) async throws {
        try await kind.withDoor { door in
            #expect(try await door.remember(Sample.memories) == ["bees", "roof", "train"])
            let chosen = try await door.remember("Tea is in the tin", owner: "ann")
            let tea = try await door.get(Reference("memories", chosen))
            #expect(tea?["text"] == "Tea is in the tin" && tea?["kind"] == "episodic")

            let best = try await door.recall("Who keeps beehives?", owner: "ann", limit: 1)
            #expect(best.items.map(\.record.reference.key) == ["bees"])
            #expect(best.leftOut.allSatisfy { $0.reason == .overLimit })
            let around = Recall("", owner: "ann", around: ["bees"], hops: 1)
            #expect(try await door.recall(around).items.isEmpty)
            let edges = try await door.relate([
                Link(
                    "near",
                    from: Reference("memories", "bees"),
                    to: Reference("memories", "roof")
                )
            ])
            #expect(edges.count == 1)
            let reached = try await door.recall(around).items
            #expect(reached.map(\.record.reference.key) == ["roof"])
            #expect(reached.first?.path.map(\.id) == edges)

            #expect(try await door.forget(Forget(keys: ["train"], owner: "ann")) == 0)
            #expect(try await door.forget(Forget(keys: ["train"])) == 1)
            #expect(try await door.forget(Forget(owner: "ann")) == 3)
            #expect(try await door.recall("mill").items.isEmpty)
            #expect(try await door.statistics().records["memories"] == 0)
            #expect(try await door.verify().findings == [])
        }
    }

    @Test(arguments: DoorKind.allCases)
    func everyVerbOfRecordsIsAnswered(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let schema = try await door.describe()
            #expect(schema.collections.map(\.name).contains("things"))
            #expect(
                schema.collections.first { $0.name == "things" }
                    == Sample.schema.collections.first
            )
            #expect(schema.edgeTypes == Sample.schema.edgeTypes)
            let committed = try await door.commit([
                put("a", ["count": 1]), put("b", ["count": 2]), join("a", "b"),
                .put(Put("numbers", nil, ["text": "one"])), .delete(thing("c")), .unlink(999_999),
            ])
            guard committed.outcomes.count == 6, case .linked(let edge) = committed.outcomes[2]
            else {
                Issue.record("\(committed)")
                return
            }
            #expect(
                committed.outcomes == [
                    .put(thing("a")), .put(thing("b")), .linked(edge),
                    .put(Reference("numbers", 1)), .deleted(false), .unlinked(false),
                ]
            )
            let records = try await door.get([thing("a"), thing("c"), Reference("numbers", 1)])
            #expect(records.map { $0?.fields } == [["count": 1], nil, ["text": "one"]])
            let found = try await door.find(Find("things", where: .eq("count", 2)))
            #expect(found.rows.map(\.record.reference) == [thing("b")])
            #expect(found.isExact && found.sequence == committed.sequence)
            let walked = try await door.walk(Walk(from: [thing("a")]))
            #expect(walked.stops.map(\.reference) == [thing("b")])
            let path = try await door.path(Path(from: thing("a"), to: thing("b")))
            #expect(path == [Edge(id: edge, type: "joins", from: thing("a"), to: thing("b"))])
            let statistics = try await door.statistics()
            #expect(statistics.sequence == committed.sequence)
            #expect(statistics.records["things"] == 2 && statistics.edges["joins"] == 1)
            #expect(statistics.upkeepFailure == nil)
            let verification = try await door.verify()
            #expect(verification.findings == [])
            #expect(verification.records == 3 && verification.edges == 1)
            _ = try await door.commit([.delete(thing("b"))])
            let gone = Request.path(Path(from: thing("a"), to: thing("b")))
            #expect(await door.refusal(gone) == .notFound)
            #expect(try await door.statistics().edges["joins"] == 0)
        }
    }

    // MARK: Sessions

    @Test(arguments: DoorKind.allCases)
    func sessionsGoOnUntilTheyEnd(kind: DoorKind) async throws {
        try await kind.withDoor { door in
            let session = try await door.openSession(owner: "ann")
            #expect(session.isNew && session.entryCount == 0 && session.endedAt == nil)
            let entries = [
                Remember("Hello", owner: "", key: "one"), Remember("Bye", owner: "ann"),
            ]
            let keys = try await door.append(to: session.id, entries)
            #expect(keys.count == 2 && keys.first == "one")
            let records = try await door.get(keys.map { Reference("memories", $0) })
            #expect(records.map { $0?["position"] } == [1, 2])
            #expect(records.allSatisfy { $0?["session"] == .text(session.id) })
            #expect(records.allSatisfy { $0?["owner"] == "ann" })
            let again = try await door.openSession(owner: "ann")
            #expect(again.id == session.id && !again.isNew && again.entryCount == 2)
            #expect(try await door.openSession(owner: "bob").id != session.id)
            let ended = try await door.endSession(session.id, summary: "They met.")
            #expect(ended.endedAt != nil && ended.summary == "They met.")
            let twice = try await door.endSession(session.id, summary: "Another.")
            #expect(twice.summary == "They met." && twice.endedAt == ended.endedAt)
            let late = Request.appendToSession(id: session.id, entries: entries)
            #expect(await door.refusal(late) == .sessionEnded)
            let next = try await door.openSession(owner: "ann")
            #expect(next.isNew && next.id != session.id)
        }
    }

    // MARK: The end

    @Test(arguments: DoorKind.allCases)
    func whatIsClosedRefusesEverything(kind: DoorKind) async throws {
        let house = try House(kind)
        let door = try await house.open()
        try await door.define(Sample.schema)
        _ = try await door.commit([put("a", ["count": 1])])
        try await door.close()
        let reference = thing("a")
        let requests: [Request] = [
            .describe, .get([reference]), .get([]), .find(Find("things")), .commit([], .synced),
            .remember([]), .relate([]), .walk(Walk(from: [])), .forget(Forget()),
            .commit([put("b")], .none), .remember(Sample.memories), .forget(Forget(owner: "ann")),
            .openSession(owner: "ann", idleMinutes: 1), .statistics, .verify,
            .walk(Walk(from: [reference])), .path(Path(from: reference, to: reference)),
            .recall(Recall("mill")), .define(Schema()),
            .relate([Link("joins", from: reference, to: reference)]),
            .appendToSession(id: "s", entries: []), .endSession(id: "s", summary: nil),
            .watch(Watch(after: 0)), .watch(Watch(after: 1 << 40, waitMilliseconds: 60_000)),
        ]
        for request in requests {
            #expect(await door.refusal(request) == .closed, "\(request)")
        }
        // Closing what is closed is no error, and changes nothing.
        try await door.close()
        #expect(await door.refusal(.describe) == .closed)
        if kind != .inMemory {
            let again = try await house.open()
            #expect(try await again.get(reference)?["count"] == 1)
            #expect(try await again.get(thing("b")) == nil)
            try await again.close()
        }
        await house.remove()
    }

    @Test(arguments: [DoorKind.directory, .client, .blockingClient])
    func everyDurabilityIsThereAfterClosing(kind: DoorKind) async throws {
        let house = try House(kind)
        let door = try await house.open()
        try await door.define(Sample.schema)
        for durability in Durability.allCases {
            let committed = try await door.commit([put(durability.rawValue)], durability)
            #expect(committed.outcomes == [.put(thing(durability.rawValue))])
            #expect(try await door.get(thing(durability.rawValue)) != nil)
        }
        try await door.close()
        let again = try await house.open()
        #expect(try await again.keys(Find("things")) == ["buffered", "none", "synced"])
        try await again.close()
        await house.remove()
    }
}

extension DoorKind: CustomTestStringConvertible {
    /// The name of the door.
    public var testDescription: String { rawValue }
}
