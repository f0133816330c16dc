// References by a record's own key: one record for each that is named, under its key.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct KeyReferenceTests {
    private static func schema(_ onDelete: ReferenceRule.OnDelete = .cascade) -> Schema {
        Schema(collections: [
            Collection("users", key: .int, fields: [Field("name", .text)]),
            Collection(
                "settings",
                key: .int,
                fields: [Field("dark", .bool)],
                references: [
                    ReferenceRule("user", [PseudoField.key], to: "users", onDelete: onDelete)
                ]
            ),
        ])
    }

    private func user(_ key: Int64) -> Change {
        .put(Put("users", .int(key), ["name": .text("n\(key)")]))
    }

    private func settings(_ key: Int64, _ dark: Bool = true) -> Change {
        .put(Put("settings", .int(key), ["dark": .bool(dark)]))
    }

    private func code(_ body: () throws -> Void) -> MnemeError.Code? { OwnedItems.code(body) }

    @Test func settingsAreOfAUserWhoIsThere() throws {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        try store.define(Self.schema())
        #expect(code { _ = try store.commit([settings(1)]) } == .missingReference)
        _ = try store.commit([settings(1), user(1), user(2), settings(2)])
        _ = try store.commit([settings(1, false)])
        // With the user they go, and nobody else's.
        _ = try store.commit([.delete(Reference("users", .int(1)))])
        #expect(try OwnedItems.keys(store, "settings") == ["2"])
        // An end of them is nobody else's end.
        _ = try store.commit([.delete(Reference("settings", .int(2)))])
        #expect(try OwnedItems.keys(store, "users") == ["2"])
        // A transaction loses against the end of what its key names.
        let transaction = try store.begin()
        _ = try transaction.change([settings(2)])
        _ = try store.commit([.delete(Reference("users", .int(2)))])
        #expect(code { _ = try transaction.commit(.synced) } != nil)
        #expect(try store.verify().findings == [])
    }

    @Test func theEndOfWhatIsNamedIsRestricted() throws {
        let disk = SimulatedDisk()
        let store = try Store.open("store", options: Kinds.options(disk))
        try store.define(Self.schema(.restrict))
        _ = try store.commit([user(1), settings(1), user(2)])
        do {
            _ = try store.commit([.delete(Reference("users", .int(1)))])
            Issue.record("it went")
        } catch {
            #expect(error.code == .referenced)
            #expect(error.message.contains("settings.$key is int 1"), "\(error.message)")
        }
        _ = try store.commit([.delete(Reference("users", .int(2)))])
        let again = try Store.open(
            "store",
            .rebuild,
            options: Kinds.options(disk.crashKeepingAll())
        )
        #expect(
            code { _ = try again.commit([.delete(Reference("users", .int(1)))]) } == .referenced
        )
        // Both may go together.
        _ = try again.commit([
            .delete(Reference("users", .int(1))), .delete(Reference("settings", .int(1))),
        ])
        #expect(try again.verify().findings == [])
    }

    @Test func aRuleMayComeLater() throws {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        var plain = Self.schema()
        plain.collections[1].references = []
        try store.define(plain)
        _ = try store.commit([user(1), settings(1), settings(7)])
        #expect(code { try store.define(Self.schema()) } == .missingReference)
        _ = try store.commit([user(7)])
        try store.define(Self.schema())
        _ = try store.commit([.delete(Reference("users", .int(7)))])
        #expect(try OwnedItems.keys(store, "settings") == ["1"])
        #expect(try store.verify().findings == [])
    }

    @Test func rulesAreChecked() throws {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        #expect(code { try store.define(Self.schema(.setNull)) } == .badSchema)
        var other = Self.schema()
        other.collections[1].key = .text
        #expect(code { try store.define(other) } == .badSchema)
        var twice = Self.schema()
        twice.collections[1].references[0].fields = [PseudoField.key, PseudoField.key]
        #expect(code { try store.define(twice) } == .badSchema)
    }

    /// A step of a pattern leads along it both ways.
    @Test func patternsFollowIt() throws {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        try store.define(Self.schema())
        _ = try store.commit([user(1), user(2), settings(2)])
        let pattern = try Request(
            json: """
                {"pattern": {"nodes": {"s": {"collection": "settings"},
                    "u": {"collection": "users"}},
                    "steps": [{"from": "s", "to": "u", "reference": "user"}],
                    "select": ["u.name"]}}
                """
        )
        guard case .pattern(let asked) = pattern else {
            Issue.record("it is read as something else")
            return
        }
        let matched = try store.snapshot().pattern(asked)
        #expect(matched.rows == [["u.name": "n2"]])
    }
}
