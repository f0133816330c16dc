// Walks of earlier instants, by example.

import MnemeBase
import MnemeGraph
import MnemeModel
import MnemePages
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct PastWalkTests {
    let clock = SimulatedClock(start: 1_700_000_000_000_000)

    static func schema(
        _ rule: HistoryRule? = HistoryRule(),
        notes: HistoryRule? = nil
    ) -> Schema {
        Schema(
            collections: [
                Collection("people", key: .int, fields: [Field("owner", .text)]),
                Collection(
                    "notes",
                    fields: [Field("gone", .instant)],
                    roles: {
                        var roles = Roles()
                        roles.deletedAt = "gone"
                        return roles
                    }(),
                    history: notes
                ),
            ],
            edgeTypes: [
                EdgeType("knows", fields: [Field("weight", .float)], history: rule),
                EdgeType("likes", isUnique: true, isUndirected: true, history: rule),
            ]
        )
    }

    func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        return options
    }

    func store(
        _ schema: Schema = Self.schema(),
        _ disk: any Disk = MemoryDisk()
    ) throws -> Store {
        let store = try Store.open("store", .openOrCreate, options: options(disk))
        try store.define(schema)
        clock.advance(by: 10)
        return store
    }

    func person(_ key: Int64) -> Reference { Reference("people", .int(key)) }

    func put(_ keys: [Int64]) -> [Change] {
        keys.map { .put(Put("people", .int($0), [:])) }
    }

    /// The instant of what was committed last; whatever follows is later.
    func instant() -> Instant {
        defer { clock.advance(by: 10) }
        return Instant(microseconds: clock.now())
    }

    func link(
        _ store: Store,
        _ from: Int64,
        _ to: Int64,
        weight: Double? = nil
    ) throws -> UInt64 {
        let fields: [String: Value] = weight.map { ["weight": .float($0)] } ?? [:]
        let link = Link("knows", from: person(from), to: person(to), fields: fields)
        let made = try store.commit([.link(link)]).outcomes.compactMap(\.madeEdge)
        return try #require(made.first)
    }

    func reached(_ store: Store, _ walk: Walk) throws(MnemeError) -> [Reference] {
        try store.snapshot().walk(walk).stops.map(\.reference)
    }

    @Test func whatWasUnlinkedIsThereAtTheInstantsBefore() throws {
        let disk = MemoryDisk()
        let store = try store(Self.schema(), disk)
        _ = try store.commit(put([1, 2, 3]))
        let before = instant()
        let first = try link(store, 1, 2, weight: 0.5)
        _ = try link(store, 2, 3)
        let both = instant()
        _ = try store.commit([.unlink(first)])
        let after = instant()
        let walk = Walk(from: [person(1)], types: ["knows"], hops: 3)
        #expect(try reached(store, walk.known(at: before)) == [])
        #expect(try reached(store, walk.known(at: both)) == [person(2), person(3)])
        #expect(try reached(store, walk.known(at: after)) == [])
        #expect(try reached(store, walk) == [])
        let stops = try store.snapshot().walk(walk.known(at: both)).stops
        #expect(stops[1].path.map(\.id).first == first)
        #expect(stops[1].path.first?.fields == ["weight": 0.5])
        var heavy = walk.known(at: both)
        heavy.filter = .compare(field: "weight", .gt(0.25))
        #expect(try reached(store, heavy) == [person(2)])
        let path = try store.snapshot().path(
            from: person(1),
            to: person(3),
            types: ["knows"],
            direction: .out,
            hops: 4,
            knownAt: both
        )
        #expect(path?.count == 2)
        let paths = Paths(from: person(1), to: person(2), types: ["knows"], by: .cost("weight"))
        #expect(try store.snapshot().paths(paths.known(at: both)).paths.map(\.cost) == [0.5])
        #expect(try store.snapshot().paths(paths).paths.isEmpty)
        #expect(try store.verify().findings == [])
        try store.close()
        for mode in [StoreMode.open, .rebuild] {
            let again = try Store.open("store", mode, options: options(disk))
            #expect(try reached(again, walk.known(at: both)) == [person(2), person(3)])
            #expect(try again.verify().findings == [])
            try again.close()
        }
    }

    /// A cold segment has frames of several commits in one batch.
    @Test func compactionKeepsWhenEdgesWereLinked() throws {
        let disk = MemoryDisk()
        let store = try store(Self.schema(), disk)
        _ = try store.commit(put([1, 2, 3]))
        let before = instant()
        _ = try link(store, 1, 2)
        let first = instant()
        _ = try link(store, 2, 3)
        let both = instant()
        _ = try store.commit(put([4]))
        _ = try store.commit([.erase(person(4))])
        #expect(try store.eraseNow())
        try store.checkpointNow()
        try store.compactAll()
        #expect(!store.newest.state.roots.cold.isEmpty)
        try store.close()
        let walk = Walk(from: [person(1)], types: ["knows"], hops: 3)
        for mode in [StoreMode.open, .rebuild] {
            let again = try Store.open("store", mode, options: options(disk))
            #expect(try reached(again, walk.known(at: before)) == [])
            #expect(try reached(again, walk.known(at: first)) == [person(2)])
            #expect(try reached(again, walk.known(at: both)) == [person(2), person(3)])
            #expect(try again.verify().findings == [])
            try again.close()
        }
    }

    @Test func recordsThatWereDeletedAreComeTo() throws {
        let store = try store()
        _ = try store.commit(put([1, 2, 3]))
        _ = try link(store, 1, 2)
        _ = try link(store, 2, 3)
        let both = instant()
        _ = try store.commit([.delete(person(2))])
        _ = instant()
        let walk = Walk(from: [person(1)], types: ["knows"], hops: 3)
        #expect(try reached(store, walk) == [])
        #expect(try reached(store, walk.known(at: both)) == [person(2), person(3)])
        // Who has the key now is another one.
        _ = try store.commit(put([2]))
        #expect(try reached(store, walk.known(at: both)) == [person(2), person(3)])
        let other = Walk(from: [person(2)], types: ["knows"], direction: .both)
        #expect(try reached(store, other.known(at: both)) == [])
        #expect(try store.verify().findings == [])
    }

    @Test func whatExpiresIsGoneFromItsExpiryOn() throws {
        let store = try store()
        let end = Instant(microseconds: clock.now() + 1000)
        _ = try store.commit(
            put([1, 3]) + [.put(Put("people", .int(2), [:], expiresAt: end))]
        )
        _ = try link(store, 1, 2)
        _ = try link(store, 2, 3)
        let both = instant()
        clock.advance(by: 5000)
        let late = Instant(microseconds: end.microseconds + 100)
        let walk = Walk(from: [person(1)], types: ["knows"], hops: 3)
        for isSwept in [false, true] {
            if isSwept { try store.sweep() }
            #expect(try reached(store, walk.known(at: both)) == [person(2), person(3)])
            #expect(try reached(store, walk.known(at: end)) == [])
            #expect(try reached(store, walk.known(at: late)) == [])
        }
        #expect(try store.verify().findings == [])
    }

    @Test func whatWasPutAsideThenIsNotSeen() throws {
        func note(_ key: String) -> Reference { Reference("notes", .text(key)) }
        func run(_ notes: HistoryRule?) throws -> (Store, Instant) {
            let store = try self.store(Self.schema(notes: notes))
            _ = try store.commit(
                put([1]) + [.put(Put("notes", "a", [:])), .put(Put("notes", "b", [:]))]
            )
            for key in ["a", "b"] {
                _ = try store.commit([.link(Link("knows", from: person(1), to: note(key)))])
            }
            _ = try store.commit([.mark(Mark(.delete, note("a")))])
            let aside = instant()
            _ = try store.commit([.mark(Mark(.restore, note("a")))])
            _ = instant()
            return (store, aside)
        }
        let walk = Walk(from: [person(1)], types: ["knows"])
        let (store, aside) = try run(HistoryRule())
        #expect(try reached(store, walk) == [note("a"), note("b")])
        #expect(try reached(store, walk.known(at: aside)) == [note("b")])
        #expect(
            try reached(store, walk.known(at: aside).seeing(deleted: .include))
                == [note("a"), note("b")]
        )
        // Where that is not kept nobody knows.
        let (other, then) = try run(nil)
        try expectRefusal(.noHistory, "notes", leaving: other) {
            _ = try reached(other, walk.known(at: then))
        }
    }

    @Test func anEraseTakesWhatWasKept() throws {
        let store = try store()
        _ = try store.commit(put([1, 2, 3]))
        let first = try link(store, 1, 2)
        _ = try link(store, 1, 3)
        let both = instant()
        _ = try store.commit([.unlink(first)])
        _ = instant()
        _ = try store.commit([.erase(person(2))])
        let walk = Walk(from: [person(1)], types: ["knows"])
        #expect(try reached(store, walk.known(at: both)) == [person(3)])
        // One that ends in the same batch is not kept either.
        let last = try link(store, 1, 3)
        let three = instant()
        _ = try store.commit([.unlink(last), .erase(person(3))])
        #expect(try reached(store, walk.known(at: three)) == [])
        #expect(try store.verify().findings == [])
        #expect(store.snapshot().catalog.pastRows.count == 2)
    }

    @Test func whatIsTooLongAgoIsLetGoOf() throws {
        let day: Int64 = 86_400_000_000
        let store = try store(Self.schema(HistoryRule(days: 2)))
        _ = try store.commit(put([1, 2]))
        let edge = try link(store, 1, 2)
        let linked = instant()
        _ = try store.commit([.unlink(edge)])
        clock.advance(by: day)
        let walk = Walk(from: [person(1)], types: ["knows"])
        #expect(try reached(store, walk.known(at: linked)) == [person(2)])
        clock.advance(by: 2 * day)
        try store.sweep()
        try expectRefusal(.noHistory, "earliest instant", leaving: store) {
            _ = try reached(store, walk.known(at: linked))
        }
        #expect(try store.verify().findings == [])
        let entries = try store.snapshot().reading { state throws(StoreError) in
            try onPages { () throws(PageError) in
                try state.state.adjacency.tree.count(in: state.view)
            }
        }
        #expect(entries == 0)
    }

    @Test func aHistoryThatBeginsLaterKnowsWhatThereWasThen() throws {
        let disk = MemoryDisk()
        let store = try store(Self.schema(nil), disk)
        _ = try store.commit(put([1, 2, 3]))
        let edge = try link(store, 1, 2)
        let before = instant()
        let walk = Walk(from: [person(1)], types: ["knows"])
        try expectRefusal(.noHistory, "knows", leaving: store) {
            _ = try reached(store, walk.known(at: before))
        }
        try store.define(Schema(edgeTypes: [EdgeType("knows", history: HistoryRule())]))
        let begun = instant()
        _ = try store.commit([.unlink(edge)])
        _ = instant()
        #expect(try reached(store, walk.known(at: begun)) == [person(2)])
        #expect(try reached(store, walk) == [])
        try expectRefusal(.noHistory, "earliest instant", leaving: store) {
            _ = try reached(store, walk.known(at: before))
        }
        // All types are followed where none is named.
        try expectRefusal(.noHistory, "likes", leaving: store) {
            _ = try reached(store, Walk(from: [person(1)]).known(at: begun))
        }
        try store.drop(.edgeType("knows"))
        try store.upkeep()
        #expect(try store.verify().findings == [])
        try store.close()
        let again = try Store.open("store", .rebuild, options: options(disk))
        #expect(try again.verify().findings == [])
    }

    @Test func theRuleIsHeld() throws {
        let store = try store()
        try expectRefusal(.badSchema, "no versions", leaving: store) {
            try store.define(
                Schema(edgeTypes: [EdgeType("other", history: HistoryRule(versions: 3))])
            )
        }
        try expectRefusal(.badSchema, "0 is no bound", leaving: store) {
            try store.define(
                Schema(edgeTypes: [EdgeType("other", history: HistoryRule(days: 0))])
            )
        }
        try expectRefusal(.notFound, "was not there", leaving: store) {
            let now = Instant(microseconds: clock.now())
            _ = try reached(store, Walk(from: [person(9)], types: ["knows"]).known(at: now))
        }
    }
}
