// References inside of transactions: each request was held against the rules at its end, and is so
// again when the transaction commits.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct TransactionRuleTests {
    private func store() throws -> Store {
        let store = try Store.open("rules", .create, options: StoreTests.options())
        try store.define(
            Schema(collections: [
                Collection("users", fields: [Field("name", .text)]),
                Collection(
                    "notes",
                    fields: [Field("by", .text), Field("n", .int)],
                    references: [ReferenceRule("by", ["by"], to: "users")]
                ),
            ])
        )
        _ = try store.commit([user("ann"), user("bob")])
        return store
    }

    private func user(_ key: String) -> Change { .put(Put("users", .text(key), ["name": "x"])) }
    private func note(_ key: String, by user: String) -> Change {
        .put(Put("notes", .text(key), ["by": .text(user)]))
    }
    private let note = Reference("notes", "a")
    private let ann = Reference("users", "ann")

    /// That the put went through said that ann is there.
    @Test func whatAPutNamedMustStayThoughTheRecordWent() throws {
        let store = try store()
        let transaction = try store.begin()
        try transaction.change([note("a", by: "ann")])
        try transaction.change([.delete(note)])
        _ = try store.commit([.delete(ann)])
        try expectRefusal(.conflict, "ann") { _ = try transaction.commit(.synced) }
        #expect(try store.verify().findings == [])
    }

    /// In one request nobody was told.
    @Test func oneRequestIsHeldAgainstItsEndAlone() throws {
        let store = try store()
        let transaction = try store.begin()
        try transaction.change([note("a", by: "ann"), .delete(note)])
        try transaction.change([user("eve")])
        _ = try store.commit([.delete(ann)])
        _ = try transaction.commit(.synced)
        #expect(try store.snapshot().record(Reference("users", "eve")) != nil)
        #expect(try store.snapshot().record(note) == nil)
        #expect(try store.verify().findings == [])
    }

    /// A later request changes what an earlier one put, and both are held against what is there.
    @Test func laterRequestsSeeEarlierOnes() throws {
        let store = try store()
        let transaction = try store.begin()
        try transaction.change([user("eve"), note("a", by: "eve")])
        try transaction.change([note("a", by: "bob")])
        try transaction.change([.delete(Reference("users", "eve"))])
        try expectRefusal(.referenced) {
            try transaction.change([.delete(Reference("users", "bob"))])
        }
        try expectRefusal(.missingReference) { try transaction.change([note("b", by: "eve")]) }
        let committed = try transaction.commit(.synced)
        #expect(committed.outcomes.count == 4)
        #expect(try store.snapshot().record(note)?["by"] == "bob")
        #expect(try store.verify().findings == [])
    }

    // MARK: What the store fills in

    private func counted(_ clock: SimulatedClock) throws -> Store {
        var options = StoreTests.options()
        options.clock = clock
        let store = try Store.open("counted", .create, options: options)
        try store.define(
            Schema(collections: [
                Collection(
                    "rows",
                    fields: [
                        Field("n", .int, fill: .next), Field("t", .text),
                        Field("changed", .instant, fill: .changed),
                    ]
                )
            ])
        )
        return store
    }

    private func row(_ key: String) -> Change { .put(Put("rows", .text(key), ["t": "x"])) }

    /// A number that was read must be the one that is kept.
    @Test func aNumberThatWasReadStays() throws {
        let store = try counted(SimulatedClock())
        let a = Reference("rows", "a")
        for reads in [true, false] {
            let transaction = try store.begin()
            try transaction.change([row("a")])
            var told: Value?
            if reads { told = try transaction.get([a])[0]?["n"] }
            _ = try store.commit([row("b")])
            if reads {
                try expectRefusal(.conflict) { _ = try transaction.commit(.synced) }
                #expect(told == 1)
            } else {
                _ = try transaction.commit(.synced)
                #expect(try store.snapshot().record(a)?["n"] == 3)
            }
        }
        let finding = try store.begin()
        try finding.change([row("c")])
        #expect(try finding.find(Find("rows", where: .eq("n", 4))).rows.count == 1)
        _ = try store.commit([row("d")])
        try expectRefusal(.conflict) { _ = try finding.commit(.synced) }
        #expect(try store.verify().findings == [])
    }

    /// What a patch fills in is the instant at which it was asked for, also when it is committed
    /// later.
    @Test func theInstantOfAChangeStays() throws {
        let clock = SimulatedClock()
        let store = try counted(clock)
        let a = Reference("rows", "a")
        _ = try store.commit([row("a")])
        clock.advance(by: 1_000_000)
        let transaction = try store.begin()
        try transaction.change([.patch(Patch("rows", "a", [.set("t", "y")]))])
        let told = try transaction.get([a])[0]
        clock.advance(by: 1_000_000)
        _ = try transaction.commit(.synced)
        #expect(try store.snapshot().record(a)?.fields == told?.fields)
    }

    /// What changes a catalog meanwhile does not shift where requests end.
    @Test func aDefinitionMeanwhileChangesNothing() throws {
        let store = try store()
        let transaction = try store.begin()
        try transaction.change([note("a", by: "ann")])
        try transaction.change([.delete(note)])
        try store.define(Schema(collections: [Collection("more", fields: [])]))
        _ = try store.commit([.delete(ann)])
        let once = try OnceKey("k", of: .commit([], .synced))
        try expectRefusal(.conflict) { _ = try transaction.commit(.synced, once: once) }
        #expect(try store.verify().findings == [])
    }
}
