// The store against a plain model: random batches, questions of every kind, snapshots that are
// kept, schemas that grow, closing, killing, rebuilding.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct ModelTests {
    @Test(arguments: [UInt64(1), 2, 3, 10_786_980_523_097_943_096, RealRandomness().next()])
    func theStoreShowsWhatItsModelShows(seed: UInt64) throws {
        var run = try ModelRun(seed: seed)
        do {
            for _ in 0..<800 { try run.step() }
            try run.finish()
        } catch {
            Issue.record("seed \(seed), step \(run.steps): \(error)")
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, RealRandomness().next()])
    func whatIsDeletedTogetherIsGoneEverywhere(seed: UInt64) throws {
        var run = try ModelRun(seed: seed, deletesTogether: true)
        do {
            for _ in 0..<600 { try run.step() }
            try run.finish()
        } catch {
            Issue.record("seed \(seed), step \(run.steps): \(error)")
        }
    }
}

/// One run: a store, its model, and snapshots of both.
private struct ModelRun {
    let seed: UInt64
    let dice: StoreDice
    let clock = SimulatedClock(start: 1000)
    var disk = SimulatedDisk()
    var store: Store
    var model = StoreModel()
    var kept: [(snapshot: Snapshot, model: StoreModel)] = []
    var indexes: [Index] = []
    var steps = 0
    /// Whether all that a filter holds for is deleted now and then, and what is left is compacted.
    let deletesTogether: Bool

    static let indexes = [
        Index("byRank", on: ["rank"]), Index("bySize", on: [IndexField("size", descending: true)]),
        Index("byOwner", on: ["owner", IndexField("rank", descending: true), "name"]),
        Index("byName", on: ["name"]), Index("byDay", on: ["flag", "day"]),
        Index("bySlot", on: ["slot"], isUnique: true),
    ]

    init(seed: UInt64, deletesTogether: Bool = false) throws {
        self.seed = seed
        self.deletesTogether = deletesTogether
        dice = StoreDice(random: SeededRandomness(seed: seed))
        store = try Store.open("store", options: Self.options(disk, clock, seed))
        model.now = 1000
        try store.define(Self.schema([]))
    }

    static func options(
        _ disk: SimulatedDisk,
        _ clock: SimulatedClock,
        _ seed: UInt64
    ) -> StoreOptions {
        var options = Kinds.options(disk)
        // Every other seed's store is encrypted.
        if seed % 2 == 1 { options.masterKey = Sealed.key }
        options.clock = clock
        options.logLimits.smallestSegment = 32 << 10
        options.logLimits.largestSegment = 128 << 10
        options.replayBudget = 60
        options.pageCacheBytes = 64 * 8192
        return options
    }

    static func schema(_ indexes: [Index]) -> Schema {
        var roles = Roles()
        roles.owner = "owner"
        return Schema(
            collections: [
                Collection(
                    "items",
                    fields: [
                        Field("rank", .int), Field("size", .float), Field("name", .text),
                        Field("flag", .bool), Field("day", .date), Field("tags", .array(.text)),
                        Field("owner", .text), Field("slot", .int),
                        Field("body", .text, isSearchable: true),
                        Field(
                            "place",
                            .vector(VectorType(dimension: StoreDice.dimension, metric: .l2))
                        ),
                    ],
                    indexes: indexes,
                    roles: roles
                )
            ],
            edgeTypes: [EdgeType("likes"), EdgeType("knows")]
        )
    }

    mutating func step() throws {
        steps += 1
        if deletesTogether, dice.chance(12) { return try deleteTogether() }
        if deletesTogether, dice.chance(25) {
            try store.checkpointNow()
            try store.compactAll()
        }
        switch dice.random.below(40) {
        case 0: try reopen()
        case 1: try store.upkeep()
        case 2: try store.checkpointNow()
        case 3: try define()
        case 4, 5:
            clock.advance(by: Int64(dice.random.below(12)))
            model.advance(to: clock.now())
        case 6, 7: kept.append((store.snapshot(), model))
        case 8...20: try commit()
        default: try ask(store.snapshot(), model)
        }
        if !kept.isEmpty, dice.chance(4) {
            let place = dice.random.below(kept.count)
            try ask(kept[place].snapshot, kept[place].model)
            if kept.count > 6 { kept.remove(at: place) }
        }
    }

    mutating func finish() throws {
        try compare()
        for (snapshot, model) in kept { try ask(snapshot, model) }
        kept = []
        try store.close()
        store = try Store.open("store", .rebuild, options: Self.options(disk, clock, seed))
        try compare()
    }

    private mutating func commit() throws {
        let batch = (0..<(1 + dice.random.below(6))).map { _ in
            dice.change(model.edges.keys.sorted(), now: model.now)
        }
        var next = model
        var links: [StoreModel.Line?] = []
        var refusal: MnemeError.Code?
        for change in batch where refusal == nil { refusal = next.apply(change, &links) }
        let before = store.snapshot().sequence
        do {
            let committed = try store.commit(batch, dice.pick(Durability.allCases))
            #expect(refusal == nil, "seed \(seed), step \(steps)")
            let numbers = committed.outcomes.compactMap {
                if case .linked(let number) = $0 { number } else { nil }
            }
            // Those whose end was deleted later in the batch are nil, and gone again.
            for (number, line) in zip(numbers, links) { next.edges[number] = line }
            model = next
            model.advance(to: clock.now())
        } catch {
            #expect(error.code == refusal, "seed \(seed), step \(steps): \(error)")
            #expect(store.snapshot().sequence == before)
        }
    }

    private mutating func deleteTogether() throws {
        let owner = dice.chance(3) ? dice.pick(["ann", "ann/desk", "bob", "no"]) : nil
        let filter = dice.filter()
        let keys = model.matching(Find("items", owner: owner, where: filter))
        let delete = DeleteWhere("items", owner: owner, where: filter)
        let deleted = try store.deleteWhere(delete, dice.pick(Durability.allCases))
        #expect(deleted.count == keys.count, "seed \(seed), step \(steps): \(delete)")
        for key in keys { model.remove(key) }
        model.advance(to: clock.now())
        try compare()
    }

    private mutating func define() throws {
        guard let index = Self.indexes.first(where: { !indexes.contains($0) }) else { return }
        let slots = model.items.values.map { $0.fields["slot"] ?? .null }
        let isRefused = index.isUnique && Set(slots).count < slots.count
        do {
            try store.define(Self.schema([index]))
            #expect(!isRefused, "seed \(seed), step \(steps)")
            indexes.append(index)
            if index.isUnique { model.hasUnique = true }
        } catch {
            #expect(isRefused && error.code == .duplicate, "seed \(seed): \(error)")
        }
    }

    private mutating func reopen() throws {
        let way = dice.random.below(3)
        kept = []
        if way == 0 { try store.close() } else { disk = disk.crashKeepingAll() }
        store = try Store.open(
            "store",
            way == 2 ? .rebuild : .open,
            options: Self.options(disk, clock, seed)
        )
        try compare()
    }

    /// Everything at once, and every index against the log.
    private func compare() throws {
        let snapshot = store.snapshot()
        let rows = try snapshot.find(Find("items", limit: .max)).rows
        #expect(
            rows.map(\.record.reference.key.description) == model.items.keys.sorted(),
            "seed \(seed), step \(steps)"
        )
        for row in rows {
            #expect(isSame(row.record.fields, model.items[row.record.reference.key.description]))
            let edges = try snapshot.edges(of: row.record.reference, .out, types: nil)
            for edge in edges {
                let line = StoreModel.Line(
                    type: edge.type,
                    from: edge.from.key.description,
                    to: edge.to.key.description
                )
                #expect(model.edges[edge.id] == line, "seed \(seed), step \(steps)")
            }
        }
        let statistics = try store.statistics()
        #expect(statistics.records["items"] == model.items.count, "seed \(seed), step \(steps)")
        #expect(
            statistics.edges.values.reduce(0, +) == model.edges.count,
            "seed \(seed), step \(steps)"
        )
        #expect(try store.verify().findings == [], "seed \(seed), step \(steps)")
    }

    private func isSame(_ fields: [String: Value], _ item: StoreModel.Item?) -> Bool {
        guard let item, fields.count == item.fields.count else { return false }
        return fields.allSatisfy { name, value in
            item.fields[name].map { Comparison.eq($0).holds(for: value) } ?? false
        }
    }

    private func ask(_ snapshot: Snapshot, _ model: StoreModel) throws {
        switch dice.random.below(4) {
        case 0: try askRows(snapshot, model)
        case 1: try askNear(snapshot, model)
        case 2: try askWords(snapshot, model)
        default: try walk(snapshot, model)
        }
    }

    private func question() -> Find {
        Find(
            "items",
            owner: dice.chance(3) ? dice.pick(["ann", "ann/desk", "bob", "no", "caf\u{e9}"]) : nil,
            where: dice.chance(4) ? nil : dice.filter(),
            limit: dice.chance(2) ? .max : dice.random.below(8),
            offset: dice.chance(3) ? dice.random.below(5) : 0,
            select: dice.chance(2) ? nil : .fields(dice.select())
        )
    }

    /// The rows have the fields that were asked for, as they were put.
    private func expectFields(_ found: Found, _ find: Find, _ model: StoreModel) {
        for row in found.rows {
            let key = row.record.reference.key.description
            let fields = model.items[key]?.fields.filter { name, value in
                !value.isNull && find.select?.contains(.field(name)) ?? true
            }
            let names = Set(row.record.fields.keys)
            let isSame = fields.map { fields in
                names == Set(fields.keys)
                    && names.allSatisfy { "\(row.record[$0])" == "\(fields[$0] ?? .null)" }
            }
            #expect(isSame == true, "seed \(seed), step \(steps): \(find), \(row.record)")
        }
    }

    private func askRows(_ snapshot: Snapshot, _ model: StoreModel) throws {
        var find = question()
        find.order = dice.order()
        let found = try snapshot.find(find)
        let all = Set(model.matching(find))
        let keys = found.rows.map(\.record.reference.key.description)
        let wanted = min(max(0, all.count - find.offset), find.limit)
        #expect(keys.count == wanted, "seed \(seed), step \(steps): \(find), \(found.plan)")
        #expect(Set(keys).count == keys.count && all.isSuperset(of: keys), "seed \(seed): \(find)")
        // Among equals any may come first: what is compared is the values in their places.
        func values(_ key: String) -> [Value] {
            find.order.map { model.items[key]?.fields[$0.field] ?? .null }
        }
        let sorted = all.sorted { left, right in
            for (index, order) in find.order.enumerated() {
                let result = Value.compare(values(left)[index], values(right)[index])
                if result != 0 { return (result < 0) != order.isDescending }
            }
            return left < right
        }.dropFirst(find.offset).prefix(find.limit)
        for (key, expected) in zip(keys, sorted) {
            let isEqual = zip(values(key), values(expected)).allSatisfy {
                Value.compare($0, $1) == 0
            }
            #expect(isEqual, "seed \(seed), step \(steps): \(find), \(found.plan)")
        }
        if find.order.isEmpty { #expect(keys == Array(sorted), "seed \(seed): \(find)") }
        expectFields(found, find, model)
    }

    private func askNear(_ snapshot: Snapshot, _ model: StoreModel) throws {
        var find = question()
        let target = dice.vector()
        find.near = Near("place", target, isExact: dice.chance(2))
        let found = try snapshot.find(find)
        let scores = model.matching(find).compactMap { key -> Float? in
            guard case .vector(let vector)? = model.items[key]?.fields["place"] else { return nil }
            return -zip(vector, target).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }.sorted(by: >)
        // Fewer than twenty candidates are always scored exactly.
        let expected = Array(scores.dropFirst(find.offset).prefix(find.limit))
        #expect(found.rows.map(\.score) == expected, "seed \(seed), step \(steps): \(find)")
        expectFields(found, find, model)
    }

    private func askWords(_ snapshot: Snapshot, _ model: StoreModel) throws {
        var find = question()
        let words = Set((0..<(1 + dice.random.below(2))).map { _ in dice.pick(StoreDice.words) })
        find.match = Match("body", words.sorted().joined(separator: " "))
        let found = try snapshot.find(find)
        let all = model.matching(find).filter { key in
            let body = model.items[key]?.fields["body"]?.text ?? ""
            return !words.isDisjoint(with: body.split(separator: " ").map(String.init))
        }
        let keys = found.rows.map(\.record.reference.key.description)
        let wanted = min(max(0, all.count - find.offset), find.limit)
        #expect(keys.count == wanted, "seed \(seed), step \(steps): \(find)")
        #expect(Set(all).isSuperset(of: keys) && Set(keys).count == keys.count, "seed \(seed)")
        #expect(found.rows.map(\.score) == found.rows.map(\.score).sorted(by: >))
        expectFields(found, find, model)
    }

    private func walk(_ snapshot: Snapshot, _ model: StoreModel) throws {
        guard let start = model.items.keys.sorted().first(where: { _ in dice.chance(4) }) else {
            return
        }
        let types = dice.pick([nil, ["likes"], ["knows", "likes"]])
        let direction = dice.pick(Direction.allCases)
        let hops = dice.pick([0, 1, 2, 3, Int.max])
        let from = Reference("items", .text(start))
        let walked = try snapshot.walk(
            Walk(from: [from], types: types, direction: direction, hops: hops, limit: .max)
        )
        let expected = model.reached(from: start, types, direction, hops: hops)
        let reached = Dictionary(
            uniqueKeysWithValues: walked.stops.map {
                ($0.reference.key.description, $0.path.count)
            }
        )
        #expect(reached == expected, "seed \(seed), step \(steps): \(start) \(direction) \(hops)")
        let to = Reference("items", .text(dice.pick(model.items.keys.sorted())))
        let path = try snapshot.path(
            from: from,
            to: to,
            types: types,
            direction: direction,
            hops: hops
        )
        let length = to == from ? 0 : expected[to.key.description]
        #expect(path?.count == length, "seed \(seed), step \(steps)")
    }
}
