// Deletes of all that a condition holds for where each record needs its own: named by others, with
// a history, erased. All of them or none, by one commit.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct DeleteOneByOneTests {
    private static func fields(_ more: Field...) -> [Field] { [Field("n", .int)] + more }

    private static func named(_ rule: ReferenceRule.OnDelete) -> Schema {
        Schema(collections: [
            Collection("users", fields: fields()),
            Collection(
                "notes",
                fields: fields(Field("user", .text)),
                indexes: [Index("byUser", on: ["user"])],
                references: [ReferenceRule("author", ["user"], to: "users", onDelete: rule)]
            ),
        ])
    }

    private func store(
        _ schema: Schema,
        _ options: StoreOptions = Kinds.options()
    ) throws -> Store {
        let store = try Store.open("store", options: options)
        try store.define(schema)
        _ = try store.commit(
            (0..<10).map { .put(Put("users", .text("u\($0)"), ["n": .int(Int64($0))])) }
        )
        guard schema.collections.contains(where: { $0.name == "notes" }) else { return store }
        _ = try store.commit(
            (0..<10).map {
                .put(
                    Put(
                        "notes",
                        .text("n\($0)"),
                        ["n": .int(Int64($0)), "user": .text("u\($0)")]
                    )
                )
            }
        )
        return store
    }

    private let few = DeleteWhere("users", where: .compare(field: "n", .lt(4)))

    private func counts(_ store: Store) throws -> [String: Int] {
        #expect(try store.verify().findings == [])
        return try store.statistics().records
    }

    @Test func whatNamesThemFollows() throws {
        let store = try store(Self.named(.cascade))
        let before = store.snapshot().sequence
        #expect(try store.deleteWhere(few) == DeletedWhere(count: 4, sequence: before + 9))
        #expect(try counts(store) == ["users": 6, "notes": 6])
        // Those that name others are withdrawn.
        let notes = DeleteWhere("notes", where: .compare(field: "n", .lt(7)))
        #expect(try store.deleteWhere(notes).count == 3)
        #expect(store.newest.state.roots.withdrawn.count == 3)
        #expect(try counts(store) == ["users": 6, "notes": 3])
        // What is withdrawn names nobody any more.
        let users = DeleteWhere("users", where: .compare(field: "n", .lt(7)))
        #expect(try store.deleteWhere(users).count == 3)
        #expect(try counts(store) == ["users": 3, "notes": 3])
        try store.upkeep()
        #expect(try counts(store) == ["users": 3, "notes": 3])
    }

    @Test func whatNamesThemLosesTheName() throws {
        let store = try store(Self.named(.setNull))
        #expect(try store.deleteWhere(few).count == 4)
        #expect(try counts(store) == ["users": 6, "notes": 10])
        let nameless = Find("notes", where: .eq("user", .null), limit: .max)
        #expect(try store.snapshot().find(nameless).rows.count == 4)
    }

    @Test func whatIsNeededRefusesAllOfIt() throws {
        let store = try store(Self.named(.restrict))
        _ = try store.commit([.delete(Reference("notes", "n0"))])
        try expectRefusal(.referenced, leaving: store) { try store.deleteWhere(few) }
        let notes = DeleteWhere("notes", where: .compare(field: "n", .lt(4)))
        #expect(try store.deleteWhere(notes).count == 3)
        #expect(try store.deleteWhere(few).count == 4)
        #expect(try counts(store) == ["users": 6, "notes": 6])
    }

    @Test func aHistoryHasThem() throws {
        var schema = Self.named(.cascade)
        schema.collections.removeLast()
        schema.collections[0].history = HistoryRule()
        let store = try store(schema)
        #expect(try store.deleteWhere(few).count == 4)
        #expect(store.newest.state.roots.withdrawn.isEmpty)
        let question = VersionQuestion(Reference("users", "u1"))
        let history = try store.snapshot().history(question)
        #expect(history.versions.first?.kind == .deleted)
        #expect(try counts(store)["users"] == 6)
    }

    @Test func aHistoryBeginsWithoutThem() throws {
        var schema = Self.named(.cascade)
        schema.collections.removeLast()
        let store = try store(schema)
        #expect(try store.deleteWhere(few).count == 4)
        #expect(store.newest.state.roots.withdrawn.count == 4)
        schema.collections[0].history = HistoryRule()
        try store.define(schema)
        #expect(store.newest.state.roots.withdrawn.isEmpty)
        #expect(try counts(store)["users"] == 6)
    }

    @Test func whatIsErasedStaysErased() throws {
        let disk = SimulatedDisk()
        let options = Kinds.options(disk)
        var schema = Self.named(.cascade)
        schema.collections.removeLast()
        let store = try store(schema, options)
        _ = try store.backup(to: "kept/full")
        var erase = few
        erase.erases = true
        #expect(try store.deleteWhere(erase).count == 4)
        let rest = DeleteWhere("users", where: .compare(field: "n", .lt(6)))
        #expect(try store.deleteWhere(rest).count == 2)
        var increment = BackupOptions()
        increment.base = "kept/full"
        _ = try store.backup(to: "kept/next", increment)
        try store.close()
        // Beside the later backup, the first one brings back what was deleted, and not what was
        // erased.
        _ = try Store.restore(["kept/full"], to: "restored", options: options)
        let restored = try Store.open("restored", .open, options: options)
        #expect(try counts(restored)["users"] == 6)
    }
}
