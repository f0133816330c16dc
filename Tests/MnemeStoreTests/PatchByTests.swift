// A patch that names its record by a unique index: it gets or makes it, whoever else asks at the
// same time, in a batch of several, and in transactions.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct PatchByTests {
    private static func store(_ clock: any Clock = RealClock()) throws -> Store {
        var options = Kinds.options(MemoryDisk())
        options.clock = clock
        let store = try Store.open("store", options: options)
        let fields = [
            Field("mail", .text), Field("number", .int), Field("team", .text), Field("calls", .int),
        ]
        let indexes = [
            Index("mail", on: ["mail"], isUnique: true, hasDistinctNulls: true),
            Index(
                "seat",
                on: ["team", IndexField("number", descending: true)],
                isUnique: true,
                hasDistinctNulls: true
            ),
            Index("small", on: ["number"], isUnique: true, where: try Expression("number < 5")),
            Index("plain", on: ["calls"]),
        ]
        try store.define(
            Schema(collections: [
                Collection("users", key: .int, fields: fields, indexes: indexes),
                Collection("named", fields: fields, indexes: indexes),
            ])
        )
        return store
    }

    private func patched(_ store: Store, _ patch: Patch) throws -> Committed.Patched {
        let outcome = try store.commit([.patch(patch)]).outcomes.first
        guard case .patched(let patched)? = outcome else { throw MnemeError(.badRequest, "none") }
        return patched
    }

    private static func asked(_ mail: String, in collection: String = "users") -> Patch {
        Patch(
            collection,
            by: ["mail": .text(mail)],
            [.increment("calls", 1)],
            orPut: ["calls": 10, "number": 100],
            returns: .new
        )
    }

    @Test func theFirstMakesItAndTheNextGetIt() throws {
        let store = try Self.store()
        _ = try store.commit([.put(Put("users", 7, ["mail": "ann", "number": 1]))])
        let ann = try patched(store, Self.asked("ann"))
        #expect(!ann.isNew && ann.reference == Reference("users", 7))
        #expect(ann.record?.fields == ["mail": "ann", "number": 1, "calls": 1])
        let bob = try patched(store, Self.asked("bob"))
        #expect(bob.isNew && bob.reference == Reference("users", 8))
        #expect(bob.record?.fields == ["mail": "bob", "number": 100, "calls": 11])
        let again = try patched(store, Self.asked("bob"))
        #expect(!again.isNew && again.reference == bob.reference)
        #expect(again.record?.fields["calls"] == 12)
        // Keys of texts are generated too.
        let named = try patched(store, Self.asked("eve", in: "named"))
        #expect(named.isNew && named.record?.reference == named.reference)
        #expect(try patched(store, Self.asked("eve", in: "named")).reference == named.reference)
        // Several fields, in any order, one of them descending.
        let seat: [String: Value] = ["number": 3, "team": "red"]
        let put = try patched(store, Patch("users", by: seat, orPut: [:], returns: .new))
        #expect(put.isNew && put.record?.fields == seat)
        #expect(try !patched(store, Patch("users", by: seat, [.set("calls", 1)])).isNew)
        #expect(try store.snapshot().count(Count("users")).rows == [["count": 3]])
        #expect(try store.verify().findings == [])
    }

    @Test func itSeesWhatTheBatchHasDone() throws {
        let store = try Self.store()
        let outcomes = try store.commit([
            .patch(Self.asked("ann")), .patch(Self.asked("ann")),
            .patch(Patch("users", by: ["mail": "ann"], [.set("mail", "anna")])),
            .patch(Self.asked("ann")), .delete(Reference("users", 1)),
            .patch(Self.asked("anna")),
        ]).outcomes
        let made = outcomes.compactMap { outcome -> Committed.Patched? in
            if case .patched(let patched) = outcome { patched } else { nil }
        }
        #expect(made.map(\.isNew) == [true, false, false, true, true])
        #expect(made.map(\.reference.key) == [1, 1, 1, 2, 3])
        #expect(try store.verify().findings == [])
    }

    @Test func whatHasExpiredIsMadeAnew() throws {
        let clock = SimulatedClock(start: 1_000_000)
        let store = try Self.store(clock)
        let end = Instant(microseconds: 2_000_000)
        _ = try store.commit([.put(Put("users", 1, ["mail": "ann"], expiresAt: end))])
        #expect(try !patched(store, Self.asked("ann")).isNew)
        clock.set(3_000_000)
        let ann = try patched(store, Self.asked("ann"))
        #expect(ann.isNew && ann.reference.key == 2)
    }

    @Test func whatNamesNoRecordIsRefused() throws {
        let store = try Self.store()
        func refused(
            _ code: MnemeError.Code,
            _ words: String,
            _ by: [String: Value],
            orPut: [String: Value]? = [:],
            if condition: Filter? = nil,
            version: UInt64? = nil
        ) throws {
            let patch = Patch(
                "users",
                by: by,
                [.set("calls", 1)],
                if: condition,
                orPut: orPut,
                version: version
            )
            try expectRefusal(code, words, leaving: store) { _ = try store.commit([.patch(patch)]) }
        }
        _ = try store.commit([.put(Put("users", 1, ["mail": "ann", "team": "red", "number": 9]))])
        try refused(.unknownField, "size", ["size": 1])
        try refused(.wrongType, "mail", ["mail": 1])
        try refused(.wrongType, "null", ["mail": .null])
        try refused(.badRequest, "team + number", ["team": "red", "calls": 1])
        try refused(.badRequest, "no unique index", ["number": 1])
        try refused(.badRequest, "no unique index", ["calls": 1])
        try refused(.badRequest, "leave the field out", ["mail": "a"], orPut: ["mail": "b"])
        try refused(.notFound, "has mail", ["mail": "bob"], orPut: nil)
        try refused(.conditionFailed, "users/1", ["mail": "ann"], if: .eq("team", "blue"))
        try refused(.conditionFailed, "version", ["mail": "ann"], version: 1 << 40)
        try refused(.duplicate, "seat", ["mail": "bob"], orPut: ["team": "red", "number": 9])
    }

    @Test func inTransactionsOneOfThoseWhoAskMakesIt() throws {
        let store = try Self.store()
        let first = try store.begin()
        let second = try store.begin()
        let made = try first.change([.patch(Self.asked("ann"))])
        _ = try first.change([.patch(Self.asked("ann"))])
        _ = try second.change([.patch(Self.asked("ann"))])
        let committed = try first.commit(.synced)
        #expect(committed.outcomes.first == made.first)
        do throws(MnemeError) {
            _ = try second.commit(.synced)
            Issue.record("two made it")
        } catch {
            #expect(error.code == .conflict)
        }
        let ann = try #require(try store.snapshot().find(Find("users")).rows.first).record
        #expect(ann.fields == ["mail": "ann", "number": 100, "calls": 12])
        // One that was there is patched as it is at the commit.
        let third = try store.begin()
        _ = try third.change([
            .patch(Patch("users", by: ["mail": "ann"], [.increment("calls", 1)]))
        ])
        _ = try store.commit([.patch(Patch("users", ann.reference.key, [.increment("calls", 5)]))])
        _ = try third.commit(.synced)
        #expect(try store.snapshot().record(ann.reference)?["calls"] == 18)
        // One that has given the value up is not what was meant.
        let fourth = try store.begin()
        _ = try fourth.change([
            .patch(Patch("users", by: ["mail": "ann"], [.increment("calls", 1)]))
        ])
        _ = try store.commit([.patch(Patch("users", ann.reference.key, [.set("mail", "anna")]))])
        do throws(MnemeError) {
            _ = try fourth.commit(.synced)
            Issue.record("another record was patched")
        } catch {
            #expect(error.code == .conflict)
        }
    }
}
