// References against their plain model: random batches over rules of every kind, with records that
// expire, closing, killing and rebuilding.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct ReferenceModelTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 1_276_049_069_081_642_727, RealRandomness().next()])
    func theStoreShowsWhatTheRulesSay(seed: UInt64) throws {
        var run = try ReferenceRun(seed: seed)
        do {
            for _ in 0..<700 { try run.step() }
            try run.reopen(.rebuild)
            // The fixed seeds go each way that a batch can go.
            guard seed <= 4 else { return }
            let codes: [MnemeError.Code?] = [nil, .duplicate, .referenced, .missingReference]
            for code in codes { #expect(run.outcomes[code, default: 0] > 3, "seed \(seed)") }
            #expect(run.followers > 10, "seed \(seed)")
        } catch {
            Issue.record("seed \(seed), step \(run.steps): \(error)")
        }
    }

    /// Keys that are references themselves, among the others.
    @Test(arguments: [UInt64(1), 2, 3, 4, RealRandomness().next()])
    func keysNameRecords(seed: UInt64) throws {
        var run = try ReferenceRun(seed: seed, hasKeys: true)
        do {
            for _ in 0..<700 { try run.step() }
            try run.reopen(.rebuild)
            #expect(run.followers > 10, "seed \(seed)")
        } catch {
            Issue.record("seed \(seed), step \(run.steps): \(error)")
        }
    }

    /// Where nobody sweeps, what has expired goes on the way; when all is swept, nothing hangs.
    @Test(arguments: [UInt64(5), 6, RealRandomness().next()])
    func nothingHangsWhateverHasExpired(seed: UInt64) throws {
        var run = try ReferenceRun(seed: seed)
        do {
            for _ in 0..<600 { try run.stepUnswept() }
            try run.store.sweep()
            #expect(try run.store.verify().findings == [], "seed \(seed)")
        } catch {
            Issue.record("seed \(seed), step \(run.steps): \(error)")
        }
    }
}

/// One run: a store and its model.
private struct ReferenceRun {
    /// Keys name records: one that goes with it, one by another's field, one that restricts the
    /// end of one that itself is named so.
    static let keyed = [
        Collection(
            "settings",
            fields: [Field("dark", .bool)],
            references: [
                ReferenceRule("user", [PseudoField.key], to: "users", onDelete: .cascade)
            ]
        ),
        Collection(
            "mailboxes",
            fields: [Field("chat", .int)],
            references: [
                ReferenceRule("mail", [PseudoField.key], to: "users", on: ["email"]),
                ReferenceRule("chat", ["chat"], to: "chats", onDelete: .setNull),
            ]
        ),
        Collection(
            "themes",
            fields: [Field("name", .int)],
            references: [
                ReferenceRule("settings", [PseudoField.key], to: "settings"),
                ReferenceRule(
                    "place",
                    [PseudoField.key, "name"],
                    to: "places",
                    on: ["user", "name"],
                    onDelete: .cascade
                ),
            ]
        ),
    ]
    static let plain = Schema(collections: [
        Collection(
            "users",
            fields: [Field("name", .text), Field("email", .text), Field("boss", .text)],
            indexes: [Index("byEmail", on: ["email"], isUnique: true)],
            references: [ReferenceRule("boss", ["boss"], to: "users", onDelete: .setNull)]
        ),
        Collection(
            "chats",
            key: .int,
            fields: [Field("user", .text, isRequired: true), Field("before", .int)],
            references: [
                ReferenceRule("user", ["user"], to: "users", onDelete: .cascade),
                ReferenceRule("before", ["before"], to: "chats", onDelete: .cascade),
            ]
        ),
        Collection(
            "messages",
            key: .uuid,
            fields: [
                Field("chat", .int), Field("author", .text, isRequired: true),
                Field("mail", .text), Field("again", .uuid),
            ],
            references: [
                ReferenceRule("chat", ["chat"], to: "chats", onDelete: .cascade),
                ReferenceRule("author", ["author"], to: "users"),
                ReferenceRule("mail", ["mail"], to: "users", on: ["email"], onDelete: .setNull),
                ReferenceRule("again", ["again"], to: "messages"),
            ]
        ),
        Collection(
            "places",
            fields: [
                Field("user", .text, isRequired: true), Field("name", .int, isRequired: true),
            ],
            indexes: [
                Index(
                    "one",
                    on: [IndexField("name", descending: true), "user"],
                    isUnique: true
                )
            ],
            references: [ReferenceRule("user", ["user"], to: "users", onDelete: .cascade)]
        ),
        Collection(
            "visits",
            fields: [
                Field("user", .text), Field("place", .int), Field("seen", .array(.uuid)),
                Field("with", .array(.text)),
            ],
            references: [
                ReferenceRule(
                    "place",
                    ["user", "place"],
                    to: "places",
                    on: ["user", "name"],
                    onDelete: .setNull
                ),
                ReferenceRule("seen", ["seen"], to: "messages", onDelete: .setNull),
                ReferenceRule("with", ["with"], to: "users"),
            ]
        ),
        Collection(
            "albums",
            fields: [Field("user", .text), Field("places", .array(.int))],
            references: [
                ReferenceRule(
                    "places",
                    ["user", "places"],
                    to: "places",
                    on: ["user", "name"],
                    onDelete: .cascade
                )
            ]
        ),
    ])

    let seed: UInt64
    let random: SeededRandomness
    let clock = SimulatedClock(start: 1000)
    var disk = SimulatedDisk()
    var store: Store
    let schema: Schema
    var model: ReferenceModel
    var steps = 0
    /// How many batches were refused with what, and how many records went beside those that were
    /// asked for.
    var outcomes: [MnemeError.Code?: Int] = [:]
    var followers = 0

    init(seed: UInt64, hasKeys: Bool = false) throws {
        self.seed = seed
        schema = Schema(collections: Self.plain.collections + (hasKeys ? Self.keyed : []))
        model = ReferenceModel(schema)
        random = SeededRandomness(seed: seed)
        store = try Store.open("store", options: Self.options(disk, clock))
        model.now = 1000
        try store.define(schema)
    }

    static func options(_ disk: SimulatedDisk, _ clock: SimulatedClock) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 64 << 10
        return options
    }

    mutating func step() throws {
        steps += 1
        switch random.below(40) {
        case 0, 1:
            clock.set(model.now + Int64(random.below(30)))
            model.now = clock.now()
            try store.sweep()
            model.sweep()
        case 2: try reopen(.open)
        case 3 where random.below(3) == 0: try reopen(.rebuild)
        case 4: try store.upkeep()
        case 5 where random.below(4) == 0:
            #expect(try store.eraseNow(), "seed \(seed), step \(steps)")
        default: try commit()
        }
        try compare()
        if steps % 25 == 0 {
            #expect(try store.verify().findings == [], "seed \(seed), step \(steps)")
        }
    }

    mutating func stepUnswept() throws {
        steps += 1
        if random.below(8) == 0 {
            clock.set(model.now + Int64(random.below(30)))
            model.now = clock.now()
        }
        let changes = (0..<(1 + random.below(4))).map { _ in change() }
        do {
            _ = try store.commit(changes)
        } catch {
            let expected: Set<MnemeError.Code> = [.missingReference, .referenced, .duplicate]
            #expect(expected.contains(error.code), "seed \(seed), step \(steps): \(error)")
        }
        if steps % 50 == 0 {
            let findings = try store.verify().findings
            #expect(findings == [], "seed \(seed), step \(steps)")
        }
    }

    private mutating func commit() throws {
        let changes = (0..<(1 + random.below(4))).map { _ in change() }
        var next = model
        let expected = next.apply(changes)
        do {
            _ = try store.commit(changes)
            #expect(expected == nil, "seed \(seed), step \(steps): \(changes) went through")
        } catch {
            #expect(error.code == expected, "seed \(seed), step \(steps): \(error) of \(changes)")
        }
        outcomes[expected, default: 0] += 1
        guard expected == nil else { return }
        let (before, asked) = (Set(model.items.keys), Set(changes.compactMap(Self.deleted)))
        followers += before.subtracting(next.items.keys).subtracting(asked).count
        model = next
    }

    private static func deleted(_ change: Change) -> Reference? {
        switch change {
        case .delete(let reference), .erase(let reference): reference
        default: nil
        }
    }

    mutating func reopen(_ mode: StoreMode) throws {
        // Of synced commits a power cut takes nothing, whatever else it takes.
        switch random.below(3) {
        case 0: disk = disk.crashKeepingAll()
        case 1: disk = disk.crash(using: random)
        default: try store.close()
        }
        store = try Store.open("store", mode, options: Self.options(disk, clock))
        // A sweep waits for no sync: what a power cut took of it is done again.
        try store.sweep()
        try compare()
        #expect(try store.verify().findings == [], "seed \(seed), step \(steps)")
    }

    private func compare() throws {
        var shown: [Reference: [String: Value]] = [:]
        let snapshot = store.snapshot()
        for collection in schema.collections {
            for row in try snapshot.find(Find(collection.name, limit: .max)).rows {
                shown[row.record.reference] = row.record.fields
            }
        }
        guard shown != model.visible else { return }
        for key in Set(shown.keys).union(model.visible.keys) where shown[key] != model.visible[key]
        {
            Issue.record(
                """
                seed \(seed), step \(steps): \(key) is \(String(describing: shown[key])), \
                not \(String(describing: model.visible[key]))
                """
            )
        }
        throw MnemeError(.corrupt, "the store differs from its model")
    }

    // MARK: Changes

    private func key(_ collection: String, _ number: Int) -> Key {
        switch collection {
        case "chats": .int(Int64(number))
        case "messages": .uuid(UniqueID(high: UInt64(number), low: 9))
        case "settings", "themes": .text("u\(number)")
        case "mailboxes": .text(random.below(3) == 0 ? "m\(number)" : "u\(number)")
        default: .text("\(collection.prefix(1))\(number)")
        }
    }

    /// A key, most likely of a record that is there.
    private func anyKey(_ collection: String) -> Key {
        let known = model.items.keys.filter { $0.collection == collection }
            .map(\.key.description).sorted()
        let number = random.below(6)
        guard !known.isEmpty, random.below(5) > 0 else { return key(collection, number) }
        let wanted = known[random.below(known.count)]
        return (0..<6).map { key(collection, $0) }.first { $0.description == wanted }
            ?? key(collection, number)
    }

    private func maybe(_ value: Value) -> Value { random.below(4) == 0 ? Value.null : value }

    private func some(_ value: () -> Value) -> Value {
        .array((0..<random.below(4)).map { _ in value() })
    }

    private func place() -> [String: Value] {
        let known = model.items.filter { $0.key.collection == "places" }
            .sorted { $0.key.description < $1.key.description }
        guard !known.isEmpty, random.below(6) > 0 else {
            return ["user": anyKey("users").value, "place": .int(Int64(random.below(3)))]
        }
        let fields = known[random.below(known.count)].value.fields
        return ["user": fields["user"] ?? .null, "place": fields["name"] ?? .null]
    }

    private func change() -> Change {
        let names = schema.collections.map(\.name)
        let name = names[random.below(names.count)]
        if random.below(3) == 0 {
            let reference = Reference(name, anyKey(name))
            return random.below(5) == 0 ? .erase(reference) : .delete(reference)
        }
        let key = key(name, random.below(6))
        var fields: [String: Value] = [:]
        switch name {
        case "users":
            fields["name"] = .text("n\(random.below(100))")
            fields["email"] = .text("\(random.below(4) == 0 ? "m\(random.below(6))" : "\(key)")")
            fields["boss"] = maybe(anyKey("users").value)
        case "chats":
            fields["user"] = anyKey("users").value
            fields["before"] = maybe(anyKey("chats").value)
        case "messages":
            fields["chat"] = maybe(anyKey("chats").value)
            fields["author"] = anyKey("users").value
            fields["mail"] = maybe(anyKey("users").value)
            fields["again"] = maybe(anyKey("messages").value)
        case "places":
            fields["user"] = anyKey("users").value
            fields["name"] = .int(Int64(random.below(3)))
        case "visits":
            fields = place()
            fields["seen"] = maybe(some { anyKey("messages").value })
            fields["with"] = some { anyKey("users").value }
        case "settings": fields["dark"] = .bool(random.below(2) == 0)
        case "mailboxes": fields["chat"] = maybe(anyKey("chats").value)
        case "themes": fields["name"] = maybe(.int(Int64(random.below(3))))
        default:
            let place = place()
            fields["user"] = place["user"] ?? .null
            fields["places"] = .array(
                random.below(4) == 0 ? [] : [place["place"] ?? 0, place["place"] ?? 0]
            )
        }
        let expires = random.below(6) == 0
        return .put(
            Put(
                name,
                key,
                fields,
                mode: random.below(12) == 0 ? .insert : .replace,
                expiresAt: expires
                    ? Instant(microseconds: model.now + 1 + Int64(random.below(60))) : nil
            )
        )
    }
}
