// References one by one: what is refused and in which words, definitions that come late, what more
// follows than a batch holds, and how they come out of a salvage and a restore.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct ReferenceTests {
    private let clock = SimulatedClock(start: 1_000_000)

    private static let users = Collection(
        "users",
        fields: [Field("name", .text), Field("mail", .text)],
        indexes: [Index("byMail", on: ["mail"], isUnique: true)]
    )

    private static func orders(_ rules: ReferenceRule...) -> Collection {
        Collection(
            "orders",
            fields: [
                Field("user", .text), Field("mail", .text), Field("number", .int),
                Field("owner", .text, isRequired: true), Field("many", .array(.text)),
                Field("free", .json), Field("size", .float),
                Field("mood", .oneOf(["u1", "u2"])),
            ],
            indexes: [Index("byNumber", on: ["number", "user"])],
            references: rules
        )
    }

    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        return options
    }

    private func store(
        _ disk: any Disk = MemoryDisk(),
        _ rules: ReferenceRule...
    ) throws -> Store {
        let store = try Store.open("store", options: options(disk))
        var orders = Self.orders()
        orders.references = rules
        try store.define(Schema(collections: [orders, Self.users]))
        return store
    }

    private func user(_ key: String, _ fields: [String: Value] = [:]) -> Change {
        var fields = fields
        if fields["mail"] == nil { fields["mail"] = .text("\(key)@x") }
        return .put(Put("users", .text(key), fields))
    }

    private func order(_ key: String, _ fields: [String: Value]) -> Change {
        .put(Put("orders", .text(key), fields.merging(["owner": "o"]) { own, _ in own }))
    }

    private func fields(_ store: Store, _ name: String) throws -> [String: Value]? {
        let parts = name.split(separator: "/").map(String.init)
        return try store.snapshot().record(Reference(parts[0], .text(parts[1])))?.fields
    }

    // MARK: Definitions

    @Test func badRulesAreRefused() throws {
        let store = try store()
        func refused(_ words: String..., by rule: ReferenceRule) throws {
            do {
                try store.define(Schema(collections: [Self.orders(rule)]))
                Issue.record("\(rule) was not refused")
            } catch {
                #expect(error.code == .badSchema, "\(error)")
                for word in words { #expect(error.message.contains(word), "\(error)") }
            }
            #expect(store.snapshot().schema.collections.flatMap(\.references) == [])
        }
        try refused("people", "users", by: ReferenceRule("r", ["user"], to: "people"))
        try refused("no fields", by: ReferenceRule("r", [], to: "users"))
        try refused("1 to 64", by: ReferenceRule("a b", ["user"], to: "users"))
        try refused("\"who\"", "user", by: ReferenceRule("r", ["who"], to: "users"))
        try refused("2 fields", by: ReferenceRule("r", ["user", "mail"], to: "users"))
        try refused(
            "twice",
            by: ReferenceRule("r", ["user", "user"], to: "users", on: ["name", "mail"])
        )
        try refused("json", by: ReferenceRule("r", ["free"], to: "users"))
        try refused("float", by: ReferenceRule("r", ["size"], to: "users"))
        try refused("an int", "a text", by: ReferenceRule("r", ["number"], to: "users"))
        try refused(
            "required",
            by: ReferenceRule("r", ["owner"], to: "users", onDelete: .setNull)
        )
        try refused("unique index", by: ReferenceRule("r", ["user"], to: "users", on: ["name"]))
        try refused("\"place\"", by: ReferenceRule("r", ["user"], to: "users", on: ["place"]))
        try refused(
            "unique index",
            by: ReferenceRule("r", ["user", "mail"], to: "users", on: ["name", "mail"])
        )
        // Words of a list, and elements of an array, are texts.
        try store.define(
            Schema(collections: [
                Self.orders(
                    ReferenceRule("mood", ["mood"], to: "users"),
                    ReferenceRule("many", ["many"], to: "users", on: ["mail"])
                )
            ])
        )
        try expectRefusal(.schemaConflict, "many", leaving: store) {
            try store.define(
                Schema(collections: [Self.orders(ReferenceRule("many", ["many"], to: "users"))])
            )
        }
        try expectRefusal(.missingReference, "u1", leaving: store) {
            _ = try store.commit([order("a", ["mood": "u1"])])
        }
        _ = try store.commit([user("u1"), order("a", ["mood": "u1"])])
        #expect(try store.verify().findings == [])
    }

    @Test func aRuleThatComesLateHoldsForWhatIsThere() throws {
        let disk = SimulatedDisk()
        let store = try store(disk)
        _ = try store.commit([
            user("u1"), order("a", ["user": "u1", "mail": "u1@x"]), order("b", ["user": "u2"]),
            .put(
                Put(
                    "orders",
                    "c",
                    ["owner": "o", "user": "u9"],
                    expiresAt: Instant(microseconds: 1_000_500)
                )
            ),
        ])
        clock.set(1_001_000)
        let rules = [
            ReferenceRule("user", ["user"], to: "users", onDelete: .cascade),
            ReferenceRule("mail", ["mail"], to: "users", on: ["mail"], onDelete: .setNull),
        ]
        try expectRefusal(.missingReference, "orders/b", "u2", "user", leaving: store) {
            try store.define(Schema(collections: [Self.orders(rules[0], rules[1])]))
        }
        _ = try store.commit([user("u2")])
        try store.define(Schema(collections: [Self.orders(rules[0], rules[1])]))
        #expect(try store.verify().findings == [])
        #expect(try fields(store, "orders/c") == nil)
        for mode in [StoreMode.open, .rebuild] {
            let again = try Store.open("store", mode, options: options(disk.crashKeepingAll()))
            #expect(try again.verify().findings == [])
            _ = try again.commit([.delete(Reference("users", "u1"))])
            #expect(try fields(again, "orders/a") == nil)
            #expect(try again.verify().findings == [])
        }
    }

    @Test func anIndexMayBeAsNewAsWhatNamesIt() throws {
        let disk = SimulatedDisk()
        let store = try Store.open("store", options: options(disk))
        var users = Self.users
        users.indexes = []
        try store.define(Schema(collections: [users, Self.orders()]))
        _ = try store.commit([user("u1"), order("a", ["mail": "u1@x"])])
        let rule = ReferenceRule("mail", ["mail"], to: "users", on: ["mail"])
        try store.define(Schema(collections: [Self.users, Self.orders(rule)]))
        try expectRefusal(.referenced, "orders/a", leaving: store) {
            _ = try store.commit([.delete(Reference("users", "u1"))])
        }
        let again = try Store.open("store", .rebuild, options: options(disk.crashKeepingAll()))
        #expect(try again.verify().findings == [])
    }

    // MARK: Refusals

    @Test func whatIsNamedHasToBeThere() throws {
        let store = try store(
            MemoryDisk(),
            ReferenceRule("user", ["user"], to: "users"),
            ReferenceRule("many", ["many"], to: "users", onDelete: .cascade)
        )
        try expectRefusal(
            .missingReference,
            "orders.user",
            "orders/a",
            "\"u1\"",
            "users",
            leaving: store
        ) { _ = try store.commit([order("a", ["user": "u1"])]) }
        try expectRefusal(.missingReference, "u3", leaving: store) {
            _ = try store.commit([user("u1"), order("a", ["many": ["u1", "u3"]])])
        }
        // The order within a batch does not matter.
        _ = try store.commit([
            order("a", ["user": "u1", "many": ["u2", "u2"]]), user("u1"), user("u2"),
        ])
        try expectRefusal(.referenced, "orders/a", "users/u1", "\"user\"", leaving: store) {
            _ = try store.commit([.delete(Reference("users", "u1"))])
        }
        // What the batch ends before nobody names is not refused.
        _ = try store.commit([
            .delete(Reference("users", "u1")), .delete(Reference("orders", "a")),
        ])
        // Nor what is put again.
        _ = try store.commit([user("u1"), order("a", ["user": "u1"])])
        _ = try store.commit([.delete(Reference("users", "u1")), user("u1")])
        #expect(try fields(store, "orders/a") != nil)
        // What was put after the end of what it names has nothing to follow.
        try expectRefusal(.missingReference, "u5", leaving: store) {
            _ = try store.commit([
                user("u5"), .delete(Reference("users", "u5")), order("b", ["many": ["u5"]]),
            ])
        }
        _ = try store.commit([
            user("u5"), order("b", ["many": ["u5"]]), .delete(Reference("users", "u5")),
        ])
        #expect(try fields(store, "orders/b") == nil)
        #expect(try store.verify().findings == [])
    }

    @Test func aNamedValueStays() throws {
        let store = try store(
            MemoryDisk(),
            ReferenceRule("mail", ["mail"], to: "users", on: ["mail"], onDelete: .cascade)
        )
        _ = try store.commit([user("u1"), order("a", ["mail": "u1@x"])])
        try expectRefusal(.referenced, "orders/a", "mail", leaving: store) {
            _ = try store.commit([user("u1", ["mail": "new"])])
        }
        _ = try store.commit([user("u1", ["name": "Ann"])])
        // Another record may take the name over.
        _ = try store.commit([user("u1", ["mail": "new"]), user("u2", ["mail": "u1@x"])])
        _ = try store.commit([
            order("a", ["mail": "fresh"]), user("u2", ["mail": "fresh"]),
        ])
        _ = try store.commit([.delete(Reference("users", "u2"))])
        #expect(try fields(store, "orders/a") == nil)
        #expect(try store.verify().findings == [])
    }

    @Test func aUniqueIndexRefusesWhatIsNulled() throws {
        let store = try Store.open("store", options: options(MemoryDisk()))
        try store.define(
            Schema(collections: [
                Self.users,
                Collection(
                    "states",
                    fields: [Field("agent", .text), Field("session", .text)],
                    indexes: [Index("one", on: ["agent", "session"], isUnique: true)],
                    references: [
                        ReferenceRule("session", ["session"], to: "users", onDelete: .setNull)
                    ]
                ),
            ])
        )
        func state(_ key: String, _ session: Value) -> Change {
            .put(Put("states", .text(key), ["agent": "x", "session": session]))
        }
        _ = try store.commit([
            user("u1"), user("u2"), state("a", "u1"), state("b", nil),
            .put(
                Put(
                    "users",
                    "u3",
                    ["mail": "u3@x"],
                    expiresAt: Instant(microseconds: 1_000_100)
                )
            ), state("c", "u3"),
        ])
        try expectRefusal(.duplicate, "users/u1", "states/a", "one", leaving: store) {
            _ = try store.commit([.delete(Reference("users", "u1"))])
        }
        // An expiry is refused by nothing.
        clock.set(1_001_000)
        try store.sweep()
        #expect(try fields(store, "states/c") == nil)
        #expect(try fields(store, "states/b") != nil)
        #expect(try store.verify().findings == [])
    }

    // MARK: What follows

    @Test func edgesGoWithWhatFollows() throws {
        let disk = SimulatedDisk()
        let store = try Store.open("store", options: options(disk))
        try store.define(
            Schema(
                collections: [
                    Self.users,
                    Self.orders(
                        ReferenceRule("user", ["user"], to: "users", onDelete: .cascade)
                    ),
                ],
                edgeTypes: [EdgeType("cites", isUnique: true)]
            )
        )
        _ = try store.commit([
            user("u1"), user("u2"), order("a", ["user": "u1"]), order("b", ["user": "u2"]),
            .link(Link("cites", from: Reference("orders", "a"), to: Reference("orders", "b"))),
            .link(Link("cites", from: Reference("orders", "b"), to: Reference("users", "u2"))),
        ])
        let committed = try store.commit([.erase(Reference("users", "u1"))])
        #expect(committed.outcomes == [.deleted(true)])
        #expect(try store.statistics().edges == ["cites": 1])
        #expect(try store.verify().findings == [])
        let last = try #require(try erasures(in: store).last)
        #expect(last == 2, "what follows an erasure is erased")
        let again = try Store.open("store", .rebuild, options: options(disk.crashKeepingAll()))
        #expect(try again.statistics().edges == ["cites": 1])
        #expect(try again.verify().findings == [])
    }

    /// How many erasures each batch has that has any.
    private func erasures(in store: Store) throws -> [Int] {
        var counts: [Int] = []
        try store.log.forEachBatch(through: store.snapshot().sequence) {
            (batch) throws(StoreError) in
            let count = batch.frames.count { StoreFrameType.isErase($0.content.type) }
            if count > 0 { counts.append(count) }
        }
        return counts
    }

    @Test(arguments: [ReferenceRule.OnDelete.cascade, .setNull, .restrict])
    func moreFollowsAnExpiryThanABatchHolds(rule: ReferenceRule.OnDelete) throws {
        let disk = SimulatedDisk()
        var options = options(disk)
        let store = try Store.open("store", options: options)
        try store.define(
            Schema(collections: [
                Self.users,
                Self.orders(
                    ReferenceRule("user", ["user"], to: "users", onDelete: rule),
                    ReferenceRule("many", ["many"], to: "orders", onDelete: .cascade)
                ),
            ])
        )
        func add(_ key: String) throws {
            _ = try store.commit([
                .put(
                    Put(
                        "users",
                        .text(key),
                        ["mail": .text(key)],
                        expiresAt: Instant(microseconds: 1_000_100)
                    )
                )
            ])
            for index in 0..<60 {
                _ = try store.commit([
                    order(
                        "\(key)\(index)",
                        [
                            "user": index % 3 == 0 ? nil : .text(key),
                            "many": index % 3 == 0 ? [] : [.text("\(key)\(index - 1)")],
                        ]
                    )
                ])
            }
        }
        for key in ["u1", "u2", "u3"] { try add(key) }
        try store.close()
        options.logLimits.batch = 8 * PlannedDelete.largestFrameSize(forks: 0) + 50
        clock.set(1_001_000)
        let small = try Store.open("store", .open, options: options)
        try small.sweep()
        #expect(try small.reader().expired(limit: 9) == [])
        let left = try small.snapshot().find(Find("orders", limit: 1000)).rows.map(\.record)
        #expect(left.count == (rule == .cascade ? 60 : 180))
        #expect(left.allSatisfy { $0["user"].isNull })
        #expect(try small.verify().findings == [])
        // Whoever asks for it is told.
        _ = try small.commit([user("u4")])
        for index in 0..<20 { _ = try small.commit([order("x\(index)", ["user": "u4"])]) }
        if rule != .restrict {
            try expectRefusal(.tooLarge, "users/u4", "orders", leaving: small) {
                _ = try small.commit([.delete(Reference("users", "u4"))])
            }
        }
    }

    // MARK: Restores

    /// What was erased does not come back with what named it then, whatever the rule.
    @Test func aRestoreErasesWhateverNamesIt() throws {
        let disk = SimulatedDisk()
        let store = try store(
            disk,
            ReferenceRule("user", ["user"], to: "users"),
            ReferenceRule("owner", ["owner"], to: "users"),
            ReferenceRule("many", ["many"], to: "users", onDelete: .setNull)
        )
        _ = try store.commit([
            user("o"), user("u1"), order("a", ["user": "u1"]),
            order("b", ["owner": "u1"]), order("c", ["many": ["o", "u1"]]),
        ])
        _ = try store.backup(to: "kept/one")
        _ = try store.commit([
            order("a", [:]), order("b", [:]), order("c", [:]), .erase(Reference("users", "u1")),
        ])
        var base = BackupOptions()
        base.base = "kept/one"
        _ = try store.backup(to: "kept/two", base)
        try store.close()
        let point = try Store.verifyBackups(["kept/one"], options: options(disk))[0].sequence
        _ = try Store.restore(
            ["kept/one", "kept/two"],
            to: "new",
            at: .sequence(point),
            options: options(disk)
        )
        let new = try Store.open("new", .open, options: options(disk))
        #expect(try new.verify().findings == [])
        #expect(try fields(new, "users/u1") == nil)
        #expect(try fields(new, "orders/a") == ["owner": "o"])
        #expect(try fields(new, "orders/b") == nil)
        #expect(try fields(new, "orders/c") == ["owner": "o", "many": ["o"]])
    }

    // MARK: Salvage

    @Test func aSalvageTakesOutWhatIsLost() throws {
        let disk = MemoryDisk()
        let store = try store(
            disk,
            ReferenceRule("user", ["user"], to: "users", onDelete: .setNull),
            ReferenceRule("owner", ["owner"], to: "users"),
            ReferenceRule("many", ["many"], to: "orders", onDelete: .setNull)
        )
        _ = try store.commit([user("o"), user("u1"), user("u2")])
        // It names what comes later, and itself.
        _ = try store.commit([
            order("a", ["user": "u1", "many": ["b", "a", "c"]]), order("b", ["user": "u2"]),
            order("c", ["owner": "u1", "many": ["a"]]),
        ])
        _ = try store.commit([user("u2", ["name": "again"]), user("o", ["name": "again"])])
        var place: LogPlace?
        try store.log.forEachBatch(through: store.snapshot().sequence) {
            (batch) throws(StoreError) in
            for frame in batch.frames where frame.content.type == StoreFrameType.put {
                let key = try? PutColumns(frame.content.columns).key
                if key == .text("u1") { place = frame.place }
            }
        }
        let lost = try #require(place)
        try store.close()
        let path = "store/log/" + LogFile.name(lost.segment)
        try disk.flip(path, at: lost.offset + 40)
        let report = try Salvage(of: "store", to: "new", options: options(disk)).run()
        let new = try Store.open("new", .open, options: options(disk))
        #expect(try new.verify().findings == [])
        #expect(try fields(new, "users/u1") == nil)
        #expect(try fields(new, "orders/a") == ["owner": "o", "many": ["b", "a"]])
        #expect(try fields(new, "orders/b") == ["owner": "o", "user": "u2"])
        #expect(try fields(new, "orders/c") == nil)
        #expect(report.records == ["users": 2, "orders": 2])
        #expect(report.leftOut.contains { $0.what == "orders/c" && $0.reason.contains("u1") })
        #expect(report.notes.contains { $0.contains("without those") }, "\(report.notes)")
    }
}
