// What a transaction was told of its own changes, where others make it something else: a record
// that they put too, what follows what was deleted, numbers and values that the store fills in.
// Each was an answer that nobody's order explains.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct TransactionFollowTests {
    // MARK: Records that others put too

    private func items() throws -> Store {
        let store = try Store.open("items", .create, options: StoreTests.options())
        try store.define(
            Schema(
                collections: [Collection("items", fields: [Field("n", .int)])],
                edgeTypes: [EdgeType("near")]
            )
        )
        _ = try store.commit([item("k1"), item("k2"), item("k3")])
        return store
    }

    private func item(_ key: String) -> Change { .put(Put("items", .text(key), ["n": 1])) }
    private func reference(_ key: String) -> Reference { Reference("items", .text(key)) }
    private func link(_ from: String, _ to: String) -> Change {
        .link(Link("near", from: reference(from), to: reference(to)))
    }
    private func reached(_ transaction: StoreTransaction, hops: Int) throws -> [String] {
        try transaction.walk(Walk(from: [reference("k1")], hops: hops)).stops
            .map(\.reference.key.description)
    }

    /// The put takes the place of the other's record, and leaves its edges.
    @Test(arguments: [true, false])
    func aWalkFromARecordThatOthersHavePutToo(isStart: Bool) throws {
        let store = try items()
        let transaction = try store.begin()
        if isStart {
            try transaction.change([item("new"), link("new", "k2")])
            let walked = try transaction.walk(Walk(from: [reference("new")]))
            #expect(walked.stops.map(\.reference) == [reference("k2")])
        } else {
            try transaction.change([item("new"), link("k1", "new")])
            #expect(try reached(transaction, hops: 2) == ["new"])
        }
        _ = try store.commit([item("new"), link("new", "k3")])
        try expectRefusal(.conflict, "new") { _ = try transaction.commit(.synced) }
        #expect(try store.verify().findings == [])
    }

    @Test func aWalkOverOnesOwnRecordsAlone() throws {
        let store = try items()
        let transaction = try store.begin()
        try transaction.change([item("new"), link("k1", "new"), item("other")])
        #expect(try reached(transaction, hops: 2) == ["new"])
        // No walk has come to that one.
        _ = try store.commit([item("other"), link("other", "k3")])
        _ = try transaction.commit(.synced)
        #expect(try store.verify().findings == [])
    }

    // MARK: What follows

    private func notes(_ rule: ReferenceRule.OnDelete) throws -> Store {
        let store = try Store.open("notes", .create, options: StoreTests.options())
        try store.define(
            Schema(
                collections: [
                    Collection("users", fields: []),
                    Collection(
                        "notes",
                        fields: [Field("by", .text), Field("n", .int)],
                        references: [ReferenceRule("by", ["by"], to: "users", onDelete: rule)]
                    ),
                ],
                edgeTypes: [EdgeType("near")]
            )
        )
        _ = try store.commit([
            .put(Put("users", "ann", [:])), .put(Put("users", "bob", [:])),
            note("a", by: "ann", n: 1), note("b", by: "bob", n: 1),
            .link(Link("near", from: Reference("notes", "b"), to: Reference("notes", "a"))),
        ])
        return store
    }

    private func note(_ key: String, by user: String, n: Int64) -> Change {
        .put(Put("notes", .text(key), ["by": .text(user), "n": .int(n)]))
    }
    private let ann = Change.delete(Reference("users", "ann"))
    private let orphans = Find("notes", where: .compare(field: "by", .exists(false)))

    /// What a name is taken out of is what others have made of it, and may be more than there was.
    @Test(arguments: [true, false])
    func whatFollowsADeleteWasReadWithIt(isNew: Bool) throws {
        let store = try notes(.setNull)
        let transaction = try store.begin()
        try transaction.change([ann])
        #expect(try transaction.find(orphans).rows.map { $0.record["n"] } == [1])
        _ = try store.commit([note(isNew ? "c" : "a", by: "ann", n: 5)])
        try expectRefusal(.conflict) { _ = try transaction.commit(.synced) }
        #expect(try store.snapshot().find(orphans).rows.isEmpty)
    }

    /// Who asks nothing behind the delete conflicts with nobody.
    @Test func aDeleteAloneIsNoRead() throws {
        let store = try notes(.setNull)
        let transaction = try store.begin()
        #expect(try transaction.find(orphans).rows.isEmpty)
        try transaction.change([ann])
        _ = try store.commit([note("c", by: "ann", n: 5)])
        _ = try transaction.commit(.synced)
        #expect(try store.snapshot().find(orphans).rows.count == 2)
        #expect(try store.verify().findings == [])
    }

    /// What would have been deleted along with it may have been taken out of its reach.
    @Test func aWalkSeesWhatFollows() throws {
        let store = try notes(.cascade)
        let transaction = try store.begin()
        try transaction.change([ann])
        let walk = Walk(from: [Reference("notes", "b")])
        #expect(try transaction.walk(walk).stops.isEmpty)
        _ = try store.commit([.patch(Patch("notes", "a", [.unset("by")]))])
        try expectRefusal(.conflict) { _ = try transaction.commit(.synced) }
        #expect(try store.snapshot().walk(walk).stops.count == 1)
    }

    // MARK: What the store fills in

    private func filled(_ clock: SimulatedClock) throws -> Store {
        var options = StoreTests.options()
        options.clock = clock
        let store = try Store.open("filled", .create, options: options)
        var roles = Roles()
        (roles.validFrom, roles.validTo) = ("from", "to")
        let fills: [Field] = [
            Field("u", .uuid, fill: .uuid), Field("h", .text, fill: .hex),
            Field("t", .text, fill: .uuid), Field("now", .instant, fill: .now),
            Field("changed", .instant, fill: .changed),
        ]
        try store.define(
            Schema(
                collections: [
                    Collection("rows", fields: fills + [Field("a", .int), Field("b", .int)]),
                    Collection(
                        "facts",
                        key: .uuid,
                        fields: fills + [
                            Field("name", .text), Field("from", .instant), Field("to", .instant),
                        ],
                        indexes: [Index("byName", on: ["name"], isUnique: true)],
                        roles: roles
                    ),
                ],
                // A name of a collection's field, of another type.
                edgeTypes: [
                    EdgeType("was", fields: [Field("u", .text, fill: .hex), Field("a", .int)])
                ]
            )
        )
        _ = try store.commit([
            .put(Put("rows", "old", [:])),
            .put(Put("facts", .uuid(UniqueID(high: 1, low: 1)), ["name": "old"])),
        ])
        return store
    }

    /// What was read inside is what is committed, whatever was defined meanwhile.
    @Test(arguments: [false, true], [false, true])
    func whatTheStoreHasFilledInStays(isDefined: Bool, isOnce: Bool) throws {
        let clock = SimulatedClock()
        let store = try filled(clock)
        let transaction = try store.begin()
        let instant = Instant(microseconds: clock.now() + 1)
        let old = Reference("facts", .uuid(UniqueID(high: 1, low: 1)))
        clock.advance(by: 1_000_000)
        var byName = Patch(
            "facts",
            .text(""),
            [.set("from", .null)],
            orPut: [:]
        )
        byName.by = ["name": "third"]
        let outcomes = try transaction.change([
            .put(Put("rows", "put", [:])),
            .patch(Patch("rows", "patched", [.set("a", 1), .fill("h", "given")], orPut: [:])),
            .patch(Patch("rows", "again", [.unset("u")], orPut: ["t": "own"])),
            .patch(Patch("rows", "old", [.increment("a", 1)])),
            .patch(byName),
            .supersede(Supersede(old, by: "was", in: "facts", nil, ["name": "new"], at: instant)),
            .link(Link("was", from: old, to: Reference("rows", "old"))),
        ])
        try transaction.change([.patch(Patch("rows", "patched", [.set("b", 2)]))])
        let rows = try transaction.find(Find("rows", limit: 10)).rows
        let facts = try transaction.find(Find("facts", limit: 10)).rows
        let edges = try transaction.find(Find(edges: "was", limit: 10)).edges
        #expect(rows.count == 4 && facts.count == 3 && edges.count == 2 && outcomes.count == 7)
        #expect(rows.allSatisfy { $0.record["h"].text != nil && $0.record["now"] != .null })
        clock.advance(by: 1_000_000)
        if isDefined {
            try store.define(Schema(collections: [Collection("more", fields: [])]))
        }
        let once = isOnce ? try OnceKey("k", of: .commit([], .synced)) : OnceKey?.none
        _ = try transaction.commit(.synced, once: once)
        let snapshot = store.snapshot()
        #expect(try snapshot.find(Find("rows", limit: 10)).rows == rows)
        #expect(try snapshot.find(Find("facts", limit: 10)).rows == facts)
        let left = try snapshot.find(Find(edges: "was", limit: 10)).edges
        #expect(left.map(\.fields) == edges.map(\.fields))
        #expect(try store.verify().findings == [])
    }

    /// A field that is gone meanwhile is not asked for by what was drawn for it.
    @Test func aFieldThatIsDroppedMeanwhile() throws {
        let store = try filled(SimulatedClock())
        let transaction = try store.begin()
        try transaction.change([
            .put(Put("rows", "put", [:])), .patch(Patch("rows", "patched", [], orPut: [:])),
        ])
        try store.drop(.field(collection: "rows", name: "h"))
        _ = try transaction.commit(.synced)
        #expect(try store.snapshot().find(Find("rows", limit: 10)).rows.count == 3)
        #expect(try store.verify().findings == [])
    }

    /// A pattern asks of numbers as a question does.
    @Test func aNumberThatAPatternHasRead() throws {
        let store = try Store.open("numbers", .create, options: StoreTests.options())
        try store.define(
            Schema(collections: [Collection("rows", fields: [Field("q", .int, fill: .next)])])
        )
        let transaction = try store.begin()
        try transaction.change([.put(Put("rows", "a", [:]))])
        let pattern = Pattern(["r": PatternNode("rows", where: .eq("q", 1))])
        #expect(try transaction.pattern(pattern).rows.count == 1)
        _ = try store.commit([.put(Put("rows", "b", ["q": 7]))])
        try expectRefusal(.conflict) { _ = try transaction.commit(.synced) }
    }
}
