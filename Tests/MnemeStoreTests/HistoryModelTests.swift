// Histories against a plain model: random batches, transactions, cascades, expiry and erasures;
// what each record was, and what was known at random instants, through reopening, crashes,
// rebuilds, compaction and checkpoints.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct HistoryModelTests {
    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func theStoreKnowsWhatItsModelKnows(seed: UInt64) throws {
        var run = try HistoryRun(seed: seed)
        do {
            for _ in 0..<400 { try run.step() }
            try run.finish()
        } catch {
            Issue.record("seed \(seed), step \(run.steps): \(error)")
        }
    }
}

private struct HistoryRun {
    let seed: UInt64
    let dice: StoreDice
    let clock = SimulatedClock(start: Self.start)
    var disk = SimulatedDisk()
    var store: Store
    var model = HistoryModel()
    var steps = 0

    static let start: Int64 = 1_700_000_000_000_000

    static let schema: Schema = {
        var roles = Roles()
        roles.owner = "owner"
        return Schema(collections: [
            Collection(
                "notes",
                fields: [
                    Field("owner", .text), Field("count", .int), Field("body", .text),
                    Field("tags", .array(.text)), Field("data", .json),
                ],
                indexes: [
                    Index("byCount", on: ["count"]),
                    Index("byOwner", on: ["owner", IndexField("count", descending: true)]),
                ],
                roles: roles,
                history: HistoryRule()
            ),
            Collection("hosts", key: .int, fields: [Field("name", .text)], history: HistoryRule()),
            Collection(
                "parts",
                fields: [
                    Field("host", .int), Field("other", .int), Field("count", .int),
                ],
                references: [
                    ReferenceRule("host", ["host"], to: "hosts", onDelete: .cascade),
                    ReferenceRule("other", ["other"], to: "hosts", onDelete: .setNull),
                ],
                history: HistoryRule()
            ),
            Collection("plain", fields: [Field("count", .int)]),
        ])
    }()

    init(seed: UInt64) throws {
        self.seed = seed
        dice = StoreDice(random: SeededRandomness(seed: seed))
        store = try Store.open("store", .openOrCreate, options: Self.options(disk, clock))
        try store.define(Self.schema)
    }

    static func options(_ disk: SimulatedDisk, _ clock: SimulatedClock) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        options.logLimits.smallestSegment = 32 << 10
        options.logLimits.largestSegment = 128 << 10
        return options
    }

    private var place: String { "seed \(seed), step \(steps)" }

    mutating func step() throws {
        steps += 1
        switch dice.random.below(24) {
        case 0: try reopen()
        case 1: try store.upkeep()
        case 2: try store.checkpointNow()
        case 3, 4, 5:
            clock.advance(by: Int64(dice.random.below(20)))
            model.advance(to: clock.now())
        case 6...16: try commit()
        case 17: try transact()
        case 18...20: try askHistory()
        default: try askKnown()
        }
    }

    mutating func finish() throws {
        try compare()
        try store.close()
        store = try Store.open("store", .rebuild, options: Self.options(disk, clock))
        try compare()
    }

    private mutating func reopen() throws {
        let way = dice.random.below(3)
        if way == 0 { try store.close() } else { disk = disk.crashKeepingAll() }
        store = try Store.open(
            "store",
            way == 2 ? .rebuild : .open,
            options: Self.options(disk, clock)
        )
        try compare()
    }

    private func signature() -> Signature {
        dice.chance(2)
            ? Signature()
            : Signature(author: dice.pick([nil, "ann", "bob"]), reason: dice.pick([nil, "so"]))
    }

    private mutating func commit() throws {
        let signature = signature()
        var next = model
        let batch = (0..<(1 + dice.random.below(4))).compactMap { _ in change(&next, signature) }
        _ = try store.commit(batch, dice.pick(Durability.allCases), signature: signature)
        model = next
    }

    /// What a transaction has done came to be when it was committed.
    private mutating func transact() throws {
        let transaction = try store.begin()
        clock.advance(by: 3)
        model.advance(to: clock.now())
        var next = model
        for _ in 0..<2 {
            let signature = signature()
            let batch = (0..<2).compactMap { _ in change(&next, signature, isPlain: true) }
            try transaction.change(batch, signature: signature)
        }
        _ = try transaction.commit(.buffered)
        model = next
    }

    /// A change, made to the model too.
    ///
    /// A plain one asks for nothing that is there.
    private func change(
        _ model: inout HistoryModel,
        _ signature: Signature,
        isPlain: Bool = false
    ) -> Change? {
        let now = clock.now()
        let note = Reference("notes", .text("k\(dice.random.below(10))"))
        switch isPlain ? 0 : dice.random.below(12) {
        case 0...3:
            let fields = noteFields(model.standing(note)?.fields)
            let expiresAt = dice.chance(4) ? now + 1 + Int64(dice.random.below(60)) : nil
            model.put(note, fields, expiresAt: expiresAt ?? .max, at: now, signature)
            return .put(
                Put(
                    "notes",
                    note.key,
                    fields,
                    expiresAt: expiresAt.map { Instant(microseconds: $0) }
                )
            )
        case 4, 5:
            guard let standing = model.standing(note), var fields = standing.fields else {
                return nil
            }
            fields["count"] = .int((fields["count"]?.int ?? 0) + 1)
            fields.removeValue(forKey: "tags")
            model.put(note, fields, expiresAt: standing.expiresAt, at: now, signature)
            return .patch(Patch("notes", note.key, [.increment("count", 1), .unset("tags")]))
        case 6:
            model.end(note, .deleted, at: now, signature)
            return .delete(note)
        case 7:
            guard dice.chance(3) else { return nil }
            model.erase(note)
            return .erase(note)
        case 8:
            let host = Reference("hosts", .int(Int64(dice.random.below(4))))
            let fields: [String: Value] = ["name": .text(dice.text())]
            model.put(host, fields, at: now, signature)
            return .put(Put("hosts", host.key, fields))
        case 9:
            let host = Reference("hosts", .int(Int64(dice.random.below(4))))
            model.endHost(host, at: now, signature)
            return .delete(host)
        default:
            let hosts = model.standing(in: "hosts").map(\.0.key.value)
            guard hosts.count > 1, let host = hosts.first, let other = hosts.last else {
                return nil
            }
            let part = Reference("parts", .text("p\(dice.random.below(5))"))
            let fields: [String: Value] =
                dice.chance(2)
                ? ["host": host, "other": other, "count": 1] : ["host": other, "other": host]
            model.put(part, fields, at: now, signature)
            return .put(Put("parts", part.key, fields))
        }
    }

    private func noteFields(_ old: [String: Value]?) -> [String: Value] {
        var fields: [String: Value] = ["owner": .text(dice.pick(StoreDice.owners))]
        if dice.chance(2) { fields["count"] = .int(Int64(dice.random.below(5))) }
        if dice.chance(3) { fields["tags"] = dice.value("tags") }
        if dice.chance(3) { fields["data"] = ["a": ["b": .int(Int64(dice.random.below(3)))]] }
        // A long text whose middle changes, now and then at a letter of several bytes.
        var body = old?["body"]?.text ?? String(repeating: "lémon \u{1f34b} tea ", count: 20)
        let start = body.index(body.startIndex, offsetBy: dice.random.below(body.count))
        body.replaceSubrange(start..<start, with: dice.pick(["x", "é", "\u{1f375}", ""]))
        if !dice.chance(5) { fields["body"] = .text(body) }
        return fields
    }

    // MARK: Questions

    private func compare() throws {
        for reference in model.references { try expectHistory(reference) }
        for _ in 0..<8 { try askKnown() }
        #expect(try store.verify().findings == [], "\(place)")
        let visible = Set(try store.statistics().records.keys)
        #expect(visible == ["notes", "hosts", "parts", "plain"])
    }

    private func askHistory() throws {
        guard !model.references.isEmpty else { return }
        let reference = dice.pick(model.references)
        try expectHistory(reference)
        // A part of it.
        let all = model.history(reference)
        let limit = dice.random.below(4)
        let before = UInt64(dice.random.below(8))
        let part = try store.snapshot().history(
            VersionQuestion(reference, limit: limit, before: before)
        )
        let wanted = all.filter { $0.number < before }
        #expect(part.versions.map(\.number) == wanted.prefix(limit).map(\.number), "\(place)")
        #expect(part.isComplete == (wanted.count <= limit), "\(place)")
        #expect(part.versions.allSatisfy { $0.record == nil })
    }

    private func expectHistory(_ reference: Reference) throws {
        let history = try store.snapshot().history(
            VersionQuestion(reference, limit: .max, records: true)
        )
        let wanted = model.history(reference)
        #expect(history.versions.count == wanted.count, "\(place): \(reference)")
        for (found, expected) in zip(history.versions, wanted) {
            #expect(found == expected, "\(place): \(reference), version \(expected.number)")
        }
        #expect(history.isComplete)
    }

    private func askKnown() throws {
        let snapshot = store.snapshot()
        let instant = Self.start + Int64(dice.random.below(Int(clock.now() - Self.start) + 1))
        let knownAt = Instant(microseconds: instant)
        let references = (0..<10).map { Reference("notes", .text("k\($0)")) }
        let records = try snapshot.records(Get(references, knownAt: knownAt))
        for (reference, record) in zip(references, records) {
            #expect(
                record?.fields == model.known(reference, at: instant),
                "\(place): \(reference) at +\(instant - Self.start)"
            )
        }
        let collection = dice.pick(["notes", "parts", "hosts"])
        let isNotes = collection == "notes"
        let find = Find(
            collection,
            owner: isNotes && dice.chance(3) ? dice.pick(["ann", "ann/desk", "no"]) : nil,
            where: isNotes && dice.chance(2)
                ? .compare(field: "count", .gte(.int(Int64(dice.random.below(5))))) : nil,
            order: isNotes && dice.chance(2)
                ? [Order("count", descending: dice.chance(2))] : [],
            limit: dice.chance(2) ? .max : dice.random.below(5),
            offset: dice.chance(2) ? 0 : dice.random.below(3),
            knownAt: knownAt
        )
        let found = try snapshot.find(find)
        let rows = found.rows.map(\.record)
        #expect(rows == expected(find, at: instant), "\(place): \(find), \(found.plan)")
        var all = find
        (all.limit, all.offset) = (.max, 0)
        try expectCount(of: expected(all, at: instant), find)
    }

    private func expectCount(of rows: [Record], _ find: Find) throws {
        let count = Count(
            find.collection,
            owner: find.owner,
            where: find.filter,
            by: find.collection == "notes" ? ["count"] : [],
            values: [
                "n": Aggregate(.count), "least": Aggregate(.min, of: .field("$key")),
            ],
            knownAt: find.knownAt
        )
        var groups: [(value: Value, keys: [Value])] = []
        if count.groups.isEmpty { groups.append((.null, [])) }
        for row in rows {
            let value = count.groups.isEmpty ? Value.null : row["count"]
            if let place = groups.firstIndex(where: { $0.value == value }) {
                groups[place].keys.append(row.reference.key.value)
            } else {
                groups.append((value, [row.reference.key.value]))
            }
        }
        groups.sort { Value.compare($0.value, $1.value) < 0 }
        var wanted: [[String: Value]] = []
        for group in groups {
            var row: [String: Value] = ["n": .int(Int64(group.keys.count))]
            if !group.value.isNull { row["count"] = group.value }
            let least = group.keys.min { Value.compare($0, $1) < 0 }
            if let least { row["least"] = least }
            wanted.append(row)
        }
        let counted = try store.snapshot().count(count)
        #expect(counted.rows == wanted, "\(place): \(count)")
    }

    private func expected(_ find: Find, at instant: Int64) -> [Record] {
        var records: [Record] = []
        for reference in model.references where reference.collection == find.collection {
            guard let fields = model.known(reference, at: instant) else { continue }
            if let owner = find.owner {
                let path = fields["owner"]?.text ?? ""
                guard path == owner || path.hasPrefix(owner + "/") else { continue }
            }
            if let filter = find.filter, !filter.holds({ fields[$0] ?? .null }) { continue }
            records.append(Record(reference, fields: fields))
        }
        let sorted = records.sorted { left, right in
            for order in find.order {
                let result = Value.compare(left[order.field], right[order.field])
                if result != 0 { return (result < 0) != order.isDescending }
            }
            return Value.compare(left.reference.key.value, right.reference.key.value) < 0
        }
        return Array(sorted.dropFirst(find.offset).prefix(find.limit))
    }
}
