// The log of slow requests: how each was answered, and nothing of what it was about.

import Mneme
import MnemeBase
import MnemeModel
import Testing

@testable import MnemeServer

@Suite struct SlowRequestTests {
    private static let schema = Schema(
        collections: [
            Collection(
                "notes",
                fields: [Field("text", .text), Field("kind", .text), Field("size", .int)],
                indexes: [Index("byKind", on: ["kind"])]
            )
        ],
        edgeTypes: [EdgeType("cites")]
    )

    private func world(
        _ told: ToldEvents,
        _ slow: SlowRequests?,
        _ change: @escaping (inout ServerOptions) -> Void = { _ in }
    ) throws -> ServerWorld {
        try ServerWorld { options in
            options.report = told.report
            options.slowRequests = slow
            change(&options)
        }
    }

    private static func note(_ key: String, _ kind: String, _ size: Int64) -> Change {
        .put(Put("notes", .text(key), ["text": "zebra", "kind": .text(kind), "size": .int(size)]))
    }

    /// The one event of a verb.
    private func event(_ verb: String, _ told: ToldEvents) throws -> LogEvent {
        let events = told.of(.slowRequest).filter { $0["verb"] == .text(verb) }
        try #require(events.count == 1, "\(verb): \(events.count)")
        return events[0]
    }

    @Test func aFindIsToldWithItsPlanAndTheShapeOfItsFilter() throws {
        let told = ToldEvents()
        let world = try world(told, SlowRequests(microseconds: 0))
        defer { world.remove() }
        let guest = try world.guest(store: "one")
        _ = try guest.perform(.define(Self.schema))
        let changes = (0..<20).map { Self.note("k\($0)", $0 < 3 ? "quokka" : "other", Int64($0)) }
        _ = try guest.perform(.commit(changes, .synced))
        let filter = Filter.and([
            .eq("kind", "quokka"), .compare(field: "size", .gte(-77)),
            .or([
                .compare(field: "text", .prefix("zeb")),
                .compare(field: "text", .isIn(["zebra", "gnu"])),
            ]),
        ])
        var find = Find("notes", owner: nil, where: filter, limit: 7)
        find.order = [Order("size", descending: true)]
        _ = try guest.perform(.find(find))
        let event = try event("find", told)
        #expect(event.store == "one" && event.connection != nil)
        #expect(event["rows"] == 3)
        #expect(try #require(event["bytes"]?.int) > 50)
        #expect(event["asker"] == "test" && event["proven"] == false)
        let plan = try #require(event["plan"]?.text)
        #expect(plan.contains("byKind"), "\(plan)")
        #expect(event["code"] == nil)
        let shape: Value = [
            "collection": "notes", "limit": 7,
            "order": [["field": "size", "descending": true]],
            "where": [
                "and": [
                    ["kind": "?"], ["size": ["gte": "?"]],
                    ["or": [["text": ["prefix": "?"]], ["text": ["in": "(2)"]]]],
                ]
            ],
        ]
        #expect(event["asked"] == shape, "\(String(describing: event["asked"]))")
        for name in ["milliseconds", "waited", "worked"] {
            #expect(try #require(event[name]?.number) >= 0)
        }
        expectNoValues(told)
        // Every request that was asked is there.
        let verbs = told.of(.slowRequest).compactMap { $0["verb"]?.text }
        #expect(verbs == ["define", "commit", "find"])
        #expect(try self.event("commit", told)["rows"] == 20)
    }

    /// Nothing that the tests remember or ask for stands in any line.
    private func expectNoValues(_ told: ToldEvents) {
        for event in told.of(.slowRequest) {
            for format in LogFormat.allCases {
                let line = LogLine.of(event, at: 0, as: format)
                for value in ["zebra", "quokka", "gnu", "zeb", "-77", "ann", "k7"] {
                    #expect(!line.contains(value), "\(value) in \(line)")
                }
            }
        }
    }

    @Test func recallsWalksPatternsAndGetsAreTold() throws {
        let told = ToldEvents()
        let world = try world(told, SlowRequests(microseconds: 0))
        defer { world.remove() }
        let guest = try world.guest(store: "one")
        _ = try guest.perform(.define(Self.schema))
        _ = try guest.perform(
            .remember([
                Remember("The zebra drinks.", owner: "ann"),
                Remember("A quokka sleeps.", owner: "ann"),
            ])
        )
        _ = try guest.perform(.recall(Recall("Who is the zebra?", owner: "ann", limit: 4)))
        let recall = try event("recall", told)
        let plan = try #require(recall["plan"]?.text)
        #expect(plan.contains(" items, ") && plan.contains(", by "), "\(plan)")
        #expect(plan.contains(Signal.meaning.rawValue), "\(plan)")
        #expect(
            recall["asked"]
                == ["question": "(17 characters)", "owner": "(3 characters)", "limit": 4]
        )
        _ = try guest.perform(
            .commit([Self.note("k7", "quokka", 1), Self.note("k8", "quokka", 2)], .synced)
        )
        let (one, two) = (Reference("notes", .text("k7")), Reference("notes", .text("k8")))
        _ = try guest.perform(.commit([.link(Link("cites", from: one, to: two))], .synced))
        _ = try guest.perform(.walk(Walk(from: [one], types: ["cites"], hops: 2)))
        let walk = try event("walk", told)
        #expect(walk["plan"] == "1 reached, at most 1 hops away, the whole of it")
        #expect(walk["asked"] == ["from": "(1)", "types": ["cites"], "hops": 2])
        let pattern = Pattern(
            ["a": PatternNode("notes", where: .eq("kind", "quokka")), "b": PatternNode("notes")],
            [PatternStep("a", to: "b", .edges(["cites"], .out))]
        )
        _ = try guest.perform(.pattern(pattern))
        #expect(try event("pattern", told)["rows"] == 1)
        let order = try #require(event("pattern", told)["plan"]?.text)
        #expect(!order.isEmpty)
        _ = try guest.perform(.get([one, two]))
        #expect(try event("get", told)["rows"] == 2)
        expectNoValues(told)
    }

    @Test func whatFailedIsToldByItsCode() throws {
        let told = ToldEvents()
        let world = try world(told, SlowRequests(microseconds: 0))
        defer { world.remove() }
        let guest = try world.guest(store: "one")
        #expect(throws: MnemeError.self) { try guest.perform(.find(Find("zebra"))) }
        let event = try event("find", told)
        #expect(event["code"] == "unknownCollection")
        #expect(event["rows"] == nil && event["message"] == nil)
    }

    @Test func valuesAreToldWhereThatIsWanted() throws {
        let told = ToldEvents()
        let world = try world(told, SlowRequests(microseconds: 0, showsValues: true))
        defer { world.remove() }
        let guest = try world.guest(store: "one")
        _ = try guest.perform(.define(Self.schema))
        _ = try guest.perform(.find(Find("notes", where: .eq("kind", "quokka"))))
        #expect(
            try event("find", told)["asked"] == [
                "collection": "notes", "where": ["kind": "quokka"],
            ]
        )
    }

    @Test func whatIsNotSlowIsNotTold() throws {
        for slow in [SlowRequests(microseconds: 3_600_000_000), nil] {
            let told = ToldEvents()
            let world = try world(told, slow)
            defer { world.remove() }
            let guest = try world.guest(store: "one")
            _ = try guest.perform(.define(Self.schema))
            _ = try guest.perform(.find(Find("notes")))
            #expect(told.of(.slowRequest).isEmpty)
        }
    }

    @Test func aRequestOfEveryKindHasAShapeWithoutItsValues() throws {
        let requests: [Request] = [
            .count(Count("notes", where: .eq("kind", "quokka"), by: ["kind"])),
            .find(Find("notes", near: Near("near", [0.25, 0.5]), match: Match("text", "zebra"))),
            .forget(Forget(owner: "ann")), .once(key: "zebra", .describe),
            .inside(transaction: 7, .find(Find("notes", where: .eq("text", "zebra")))),
            .find(
                Find(
                    "notes",
                    where: .compare(field: "data", .contains(["zebra": ["quokka": 1]]))
                )
            ),
        ]
        for request in requests {
            let shape = RequestShape(showsValues: false).shape(of: request).json()
            for value in ["zebra", "quokka", "ann", "0.25"] {
                #expect(!shape.contains(value), "\(shape)")
            }
        }
    }
}
