// How long records are kept: by their time, with exceptions by owner and by filter, but for what is
// pinned; behind the commits, and by a rule that may change.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct RetentionTests {
    private let clock = SimulatedClock(start: 1000 * Series.day)

    private func options(_ disk: any Disk = MemoryDisk()) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        return options
    }

    private static func schema(_ rule: RetentionRule?) -> Schema {
        var roles = Roles()
        roles.owner = "owner"
        roles.time = "at"
        roles.pinned = "keep"
        return Schema(collections: [
            Collection(
                "calls",
                fields: [
                    Field("owner", .text), Field("tier", .text), Field("at", .instant),
                    Field("keep", .bool), Field("made", .instant),
                ],
                indexes: [Index("byTime", on: ["at"])],
                roles: roles,
                retention: rule
            )
        ])
    }

    private func put(
        _ key: String,
        _ owner: String,
        day: Int?,
        _ more: [String: Value] = [:]
    ) -> Change {
        var fields: [String: Value] = ["owner": .text(owner)]
        if let day { fields["at"] = .instant(Series.instant(day)) }
        fields.merge(more) { $1 }
        return .put(Put("calls", .text(key), fields))
    }

    /// What is there once the upkeep has looked.
    private func kept(_ store: Store) throws -> Set<String> {
        try store.upkeep()
        #expect(store.newest.state.roots.withdrawn.isEmpty)
        #expect(try store.verify().findings == [])
        let rows = try store.snapshot().find(Find("calls", limit: .max)).rows
        return Set(rows.map(\.record.reference.key.description))
    }

    @Test func theFirstExceptionThatARecordIsOfCounts() throws {
        let disk = SimulatedDisk()
        let rule = RetentionRule(
            days: 365,
            exceptions: [
                RetentionRule.Exception(owner: "acme/lab", days: 10),
                RetentionRule.Exception(where: .eq("tier", "premium")),
                RetentionRule.Exception(owner: "acme", where: .eq("tier", "trial"), days: 30),
            ]
        )
        let store = try Store.open("store", options: options(disk))
        try store.define(Self.schema(rule))
        _ = try store.commit([
            put("old", "bob", day: 600), put("young", "bob", day: 700),
            put("pinned", "bob", day: 1, ["keep": true]),
            put("unpinned", "bob", day: 1, ["keep": false]),
            put("timeless", "bob", day: nil),
            put("premium", "bob", day: 1, ["tier": "premium"]),
            put("lab", "acme/lab/x", day: 980, ["tier": "premium"]),
            put("labFresh", "acme/lab", day: 995),
            put("trial", "acme", day: 900, ["tier": "trial"]),
            put("trialElsewhere", "acmes", day: 900, ["tier": "trial"]),
            put("plain", "acme", day: 900),
        ])
        let wanted: Set = [
            "young", "pinned", "timeless", "premium", "labFresh", "trialElsewhere", "plain",
        ]
        #expect(try kept(store) == wanted)
        // It is not looked again before an hour has passed.
        let interval = store.options.retentionInterval
        #expect(interval == 3600 * 1_000_000)
        _ = try store.commit([put("late", "acme/lab", day: 980)])
        #expect(try kept(store) == wanted.union(["late"]))
        clock.advance(by: interval)
        #expect(try kept(store) == wanted)
        clock.advance(by: 6 * Series.day)
        #expect(try kept(store) == wanted.subtracting(["labFresh"]))
        try store.close()
        // The rule is known after a reopening, which looks at once.
        clock.advance(by: 60 * Series.day)
        let again = try Store.open("store", .rebuild, options: options(disk))
        #expect(
            try kept(again) == ["pinned", "timeless", "premium", "trialElsewhere", "plain"]
        )
    }

    private func found(_ disk: any Disk) throws -> [String] {
        let store = try Store.open("store", options: options(disk))
        defer { try? store.close() }
        return try store.snapshot().find(Find("calls", limit: .max)).rows
            .map(\.record.reference.key.description)
    }

    /// A store that is open for one request at a time, as a program has it.
    @Test func anOpeningThatIsShortLooksAsItEnds() throws {
        let disk = MemoryDisk()
        let store = try Store.open("store", options: options(disk))
        try store.define(Self.schema(RetentionRule(days: 10)))
        _ = try store.commit([put("old", "ann", day: 980), put("young", "ann", day: 995)])
        try store.close()
        #expect(try found(disk) == ["old", "young"])
        var behind = options(disk)
        behind.worksInBackground = true
        try Store.open("store", options: behind).close()
        #expect(try found(disk) == ["young"])
        clock.advance(by: 20 * Series.day)
        try Store.open("store", options: behind).close()
        #expect(try found(disk) == [])
    }

    @Test func whatIsCompactedIsNotKeptPastItsTime() throws {
        let disk = MemoryDisk()
        let store = try Store.open("store", options: options(disk))
        try store.define(Self.schema(RetentionRule(days: 10)))
        _ = try store.commit([put("young", "ann", day: 995)])
        #expect(try kept(store) == ["young"])
        _ = try store.commit([put("old", "ann", day: 980)])
        // Nobody would look again before an hour has passed.
        #expect(try kept(store) == ["old", "young"])
        #expect(try store.eraseNow())
        let proof = try store.erasureProof(of: Reference("calls", "old"))
        #expect(proof.isErased, "\(proof)")
        #expect(try kept(store) == ["young"])
    }

    @Test func aRuleMayChange() throws {
        let store = try Store.open("store", options: options())
        try store.define(Self.schema(nil))
        _ = try store.commit(
            (0..<20).map { number in
                let made = Value.instant(Series.instant(1000 - number))
                return put("c\(number)", "ann", day: 980 + number, ["made": made])
            }
        )
        #expect(try kept(store).count == 20)
        try store.define(Self.schema(RetentionRule(days: 15)))
        #expect(try kept(store).count == 15)
        // A definition that says nothing of it ends no retention.
        try store.define(Self.schema(nil))
        #expect(store.snapshot().schema.collections[0].retention == RetentionRule(days: 15))
        // By another time: 985 was made on 995, 999 on 981.
        try store.define(Self.schema(RetentionRule(days: 10, field: "made")))
        #expect(try kept(store).count == 6)
        try store.define(Self.schema(RetentionRule()))
        clock.set(2000 * Series.day)
        #expect(try kept(store).count == 6)
    }

    /// Where each record needs its own delete; nothing refuses that, as nothing refuses an expiry.
    @Test func whatIsNamedOrHasAHistoryGoesToo() throws {
        var schema = Self.schema(RetentionRule(days: 10))
        schema.collections[0].history = HistoryRule()
        schema.collections.append(
            Collection(
                "notes",
                fields: [Field("call", .text)],
                indexes: [Index("byCall", on: ["call"])],
                references: [ReferenceRule("call", ["call"], to: "calls", onDelete: .restrict)]
            )
        )
        let store = try Store.open("store", options: options())
        try store.define(schema)
        _ = try store.commit((0..<600).map { put("c\($0)", "ann", day: 980) })
        _ = try store.commit([
            put("young", "ann", day: 995), .put(Put("notes", "n", ["call": "c7"])),
        ])
        #expect(try kept(store) == ["young"])
        #expect(try store.snapshot().record(Reference("notes", "n"))?["call"] == .null)
        let question = VersionQuestion(Reference("calls", "c9"))
        #expect(try store.snapshot().history(question).versions.first?.kind == .deleted)
    }

    @Test func aRuleThatMakesNoSenseIsRefused() throws {
        let store = try Store.open("store", options: options())
        try store.define(Self.schema(nil))
        for (rule, code) in [
            (RetentionRule(days: 0), MnemeError.Code.badSchema),
            (RetentionRule(days: 1_000_001), .badSchema),
            (RetentionRule(days: 1, field: "tier"), .badSchema),
            (RetentionRule(days: 1, field: "no"), .badSchema),
            (RetentionRule(exceptions: [RetentionRule.Exception(days: 1)]), .badSchema),
            (RetentionRule(exceptions: [RetentionRule.Exception(owner: "a//b")]), .badOwner),
            (
                RetentionRule(exceptions: [RetentionRule.Exception(where: .eq("no", 1))]),
                .badSchema
            ),
            (
                RetentionRule(
                    exceptions: [
                        RetentionRule.Exception(where: .compare(field: "keep", .gt("x")))
                    ]
                ),
                .badFilter
            ),
        ] {
            try expectRefusal(code, "retention", leaving: store) {
                try store.define(Self.schema(rule))
            }
        }
        var schema = Self.schema(RetentionRule(days: 1))
        schema.collections[0].roles.time = nil
        try expectRefusal(.badSchema, "field") { try store.define(schema) }
    }

    /// Against a plain model: random rules, records and days.
    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func whatIsKeptIsWhatTheRuleKeeps(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let store = try Store.open("store", options: options())
        let owners = ["a", "a/b", "a/b/c", "ab", "x"]
        let tiers = ["free", "premium", "trial"]
        func pick<T>(_ all: [T]) -> T { all[random.below(all.count)] }
        struct Call {
            var owner: String
            var tier: String
            var day: Int?
            var isPinned: Bool
        }
        var calls: [String: Call] = [:]
        var rule = RetentionRule()
        var today = 1000
        for round in 0..<40 {
            if random.below(3) == 0 {
                rule = RetentionRule(
                    days: random.below(2) == 0 ? nil : 1 + random.below(60),
                    exceptions: (0..<random.below(4)).map { _ in
                        let owner = random.below(2) == 0 ? nil : pick(owners)
                        let filter: Filter? =
                            owner != nil && random.below(2) == 0
                            ? nil : .eq("tier", .text(pick(tiers)))
                        return RetentionRule.Exception(
                            owner: owner,
                            where: filter,
                            days: random.below(3) == 0 ? nil : 1 + random.below(60)
                        )
                    }
                )
                try store.define(Self.schema(rule))
            } else if round == 0 {
                try store.define(Self.schema(nil))
            }
            for _ in 0..<20 {
                let key = "k\(random.below(200))"
                let call = Call(
                    owner: pick(owners),
                    tier: pick(tiers),
                    day: random.below(9) == 0 ? nil : today - random.below(70),
                    isPinned: random.below(6) == 0
                )
                calls[key] = call
                let more: [String: Value] = [
                    "tier": .text(call.tier), "keep": .bool(call.isPinned),
                ]
                _ = try store.commit([put(key, call.owner, day: call.day, more)])
            }
            today += random.below(12)
            clock.advance(by: max(3600 * 1_000_000, Int64(today) * Series.day - clock.now()))
            calls = calls.filter { _, call in
                let part = rule.exceptions.first { part in
                    let owns =
                        part.owner.map { call.owner == $0 || call.owner.hasPrefix($0 + "/") }
                        ?? true
                    let holds = part.filter?.holds { _ in .text(call.tier) } ?? true
                    return owns && holds
                }
                let days = part.map(\.days) ?? rule.days
                guard let days, let day = call.day, !call.isPinned else { return true }
                return Int64(day + days) * Series.day >= clock.now()
            }
            #expect(try kept(store) == Set(calls.keys), "seed \(seed), round \(round): \(rule)")
        }
    }
}
