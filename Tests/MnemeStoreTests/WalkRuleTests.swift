// What walks and paths choose, by example: what is refused, and what transactions see of it.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct WalkRuleTests {
    private func store(validity: Bool = false) throws -> Store {
        let store = try Store.open("store", .openOrCreate, options: Kinds.options(MemoryDisk()))
        var type = EdgeType(
            "cites",
            fields: [
                Field("weight", .float), Field("note", .text), Field("since", .instant),
            ]
        )
        if validity { type.validFrom = "since" }
        try store.define(
            Schema(
                collections: [
                    Collection("notes", fields: [Field("state", .text)]),
                    Collection("users", fields: [Field("name", .text)]),
                ],
                edgeTypes: [type, EdgeType("plain")]
            )
        )
        _ = try store.commit(
            ["a", "b", "c", "d"].map {
                .put(Put("notes", .text($0), ["state": .text($0 == "b" ? "shut" : "open")]))
            } + [.put(Put("users", "u", [:]))]
        )
        return store
    }

    private func note(_ key: String) -> Reference { Reference("notes", .text(key)) }

    private func link(_ from: String, _ to: String, _ weight: Double) -> Change {
        .link(Link("cites", from: note(from), to: note(to), fields: ["weight": .float(weight)]))
    }

    private var open: [NodeChoice] {
        [NodeChoice("notes", where: .compare(field: "state", .eq("open")))]
    }

    private func reached(_ store: Store, _ walk: Walk) throws(MnemeError) -> [String] {
        try store.snapshot().walk(walk).stops.map { $0.reference.description }
    }

    @Test func aWalkGoesThroughWhatItMayAndTellsOfWhatItShould() throws {
        let store = try store()
        _ = try store.commit([
            link("a", "b", 0.5), link("b", "c", 0.5), link("a", "d", 0.1), link("d", "c", 0.9),
        ])
        var walk = Walk(from: [note("a")], types: ["cites"], hops: 3)
        walk.through = open
        #expect(try reached(store, walk) == ["notes/d", "notes/c"])
        let path = try #require(try store.snapshot().walk(walk).stops.last?.path)
        #expect(path.map(\.to) == [note("d"), note("c")])
        walk.through = nil
        walk.only = open
        #expect(try Set(reached(store, walk)) == ["notes/d", "notes/c"])
        walk.limit = 1
        #expect(try store.snapshot().walk(walk).isComplete == false)
        walk.limit = 2
        #expect(try store.snapshot().walk(walk).isComplete)
        walk.only = [NodeChoice("users")]
        #expect(try reached(store, walk) == [])
        var between = Path(from: note("a"), to: note("b"), types: ["cites"])
        between.through = [NodeChoice("users")]
        // An end may be another record.
        #expect(try store.snapshot().path(between)?.count == 1)
        between.to = note("c")
        #expect(try store.snapshot().path(between) == nil)
    }

    @Test func aFanOutTakesTheStrongestOrTheNewest() throws {
        let store = try store()
        _ = try store.commit([
            link("a", "b", 0.5), link("a", "c", 0.9), link("a", "d", 0.1), link("a", "a", 1),
        ])
        _ = try store.commit([.link(Link("cites", from: note("a"), to: Reference("users", "u")))])
        var walk = Walk(from: [note("a")], types: ["cites"])
        walk.fanOut = FanOut(2)
        // The newest but one leads back to the start.
        #expect(try reached(store, walk) == ["users/u"])
        walk.fanOut = FanOut(3, strongest: "weight")
        #expect(try reached(store, walk) == ["notes/c", "notes/b"])
        walk.direction = .both
        #expect(try reached(store, walk) == ["notes/c", "notes/b"])
        var path = Path(from: note("a"), to: note("d"), types: ["cites"])
        path.fanOut = FanOut(3, strongest: "weight")
        #expect(try store.snapshot().path(path) == nil)
        path.fanOut = FanOut(4, strongest: "weight")
        #expect(try store.snapshot().path(path)?.count == 1)
        var paths = Paths(from: note("a"), to: note("d"), types: ["cites"], by: .cost("weight"))
        #expect(try store.snapshot().paths(paths).paths.count == 1)
        paths.fanOut = FanOut(3, strongest: "weight")
        #expect(try store.snapshot().paths(paths).paths.isEmpty)
    }

    @Test func whatIsTrueAtAnInstantIsFollowed() throws {
        let store = try store(validity: true)
        func since(_ second: Int64) -> [String: Value] {
            ["since": .instant(Instant(microseconds: second * 1_000_000))]
        }
        _ = try store.commit([
            .link(Link("cites", from: note("a"), to: note("b"), fields: since(10))),
            .link(Link("cites", from: note("b"), to: note("c"))),
        ])
        var walk = Walk(from: [note("a")], types: ["cites"], hops: 2)
        #expect(try reached(store, walk).count == 2)
        walk.asOf = Instant(microseconds: 9_999_999)
        #expect(try reached(store, walk).isEmpty)
        walk.asOf = Instant(microseconds: 10_000_000)
        #expect(try reached(store, walk).count == 2)
        walk.types = ["plain"]
        try expectRefusal(.badRequest, "validFrom or validTo", leaving: store) {
            _ = try reached(store, walk)
        }
    }

    @Test func edgesWithoutTimesAreNotFollowedAsIfTheyWereTrue() throws {
        let store = try store(validity: true)
        var roles = Roles()
        roles.validFrom = "at"
        // That records have times says nothing of edges.
        try store.define(
            Schema(collections: [
                Collection("facts", fields: [Field("at", .instant)], roles: roles)
            ])
        )
        _ = try store.commit([
            .link(Link("cites", from: note("a"), to: note("b"))),
            .link(Link("plain", from: note("a"), to: note("c"))),
        ])
        func refuse(_ types: [String]) throws {
            let instant = Instant(microseconds: 1)
            var walk = Walk(from: [note("a")], types: types)
            walk.asOf = instant
            var path = Path(from: note("a"), to: note("c"), types: types)
            path.asOf = instant
            var paths = Paths(from: note("a"), to: note("c"), types: types)
            paths.asOf = instant
            try expectRefusal(.badRequest, "\"plain\" have no validFrom", leaving: store) {
                _ = try reached(store, walk)
            }
            try expectRefusal(.badRequest, "\"plain\" have no validFrom", leaving: store) {
                _ = try store.snapshot().path(path)
            }
            try expectRefusal(.badRequest, "\"plain\" have no validFrom", leaving: store) {
                _ = try store.snapshot().paths(paths)
            }
        }
        try refuse(["plain"])
        try refuse(["cites", "plain"])
        var walk = Walk(from: [note("a")])
        #expect(try Set(reached(store, walk)) == ["notes/b", "notes/c"])
        walk.asOf = Instant(microseconds: 1)
        #expect(try reached(store, walk) == ["notes/b"])
    }

    @Test func whereNoTypeHasTimesNothingWasTrue() throws {
        let store = try store()
        var walk = Walk(from: [note("a")])
        walk.asOf = Instant(microseconds: 1)
        try expectRefusal(.badRequest, "no edge type has validFrom", leaving: store) {
            _ = try reached(store, walk)
        }
    }

    @Test func validityMayBeSaidLater() throws {
        let store = try store()
        var type = try #require(store.snapshot().catalog.schema.edgeTypes.first)
        type.validFrom = "since"
        try store.define(Schema(edgeTypes: [type]))
        #expect(try store.snapshot().catalog.edgeType("cites").type.validFrom == "since")
        type.validFrom = "weight"
        try expectRefusal(.badSchema, "no property that is an instant", leaving: store) {
            try store.define(Schema(edgeTypes: [type]))
        }
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let store = try store()
        func refuse(
            _ code: MnemeError.Code,
            _ words: String,
            _ change: (inout Walk) -> Void
        ) throws {
            var walk = Walk(from: [note("a")], types: ["cites"])
            change(&walk)
            try expectRefusal(code, words, leaving: store) { _ = try reached(store, walk) }
            walk.from = []
            try expectRefusal(code, words, leaving: store) {
                _ = try store.prepare(walk, from: "notes")
            }
        }
        try refuse(.badRequest, "names no collection") { $0.through = [] }
        try refuse(.badRequest, "twice") { $0.only = [NodeChoice("notes"), NodeChoice("notes")] }
        try refuse(.unknownCollection, "nobody") { $0.through = [NodeChoice("nobody")] }
        try refuse(.unknownField, "colour") {
            $0.only = [NodeChoice("notes", where: .compare(field: "colour", .eq("red")))]
        }
        try refuse(.badRequest, "give 1 or more") { $0.fanOut = FanOut(0) }
        try refuse(.unknownField, "strength") { $0.fanOut = FanOut(1, strongest: "strength") }
        try refuse(.badRequest, "no number") { $0.fanOut = FanOut(1, strongest: "note") }
        try refuse(.badRequest, "validFrom") { $0.asOf = Instant(microseconds: 1) }
    }

    @Test func aTransactionHasReadWhatItsWalkWasHeldAgainst() throws {
        let store = try store()
        _ = try store.commit([link("a", "b", 0.5), link("a", "c", 0.5)])
        var walk = Walk(from: [note("a")], types: ["cites"])
        walk.through = open
        for disturbs in [false, true] {
            let transaction = try store.begin()
            #expect(try transaction.walk(walk).stops.map(\.reference) == [note("c")])
            try transaction.change([.put(Put("users", "v", [:]))])
            let changed: Put =
                disturbs ? Put("notes", "c", ["state": "shut"]) : Put("users", "w", [:])
            _ = try store.commit([.put(changed)])
            if disturbs {
                try expectRefusal(.conflict, "notes/c") { _ = try transaction.commit(.synced) }
            } else {
                _ = try transaction.commit(.synced)
            }
        }
        let transaction = try store.begin()
        walk.knownAt = Instant(microseconds: 1)
        try expectRefusal(.badRequest, "outside of it") { _ = try transaction.walk(walk) }
        try transaction.rollback()
    }
}
