// What owners have, against a plain model: random changes at any point of the way, also while what
// was there before is being counted, ends of the process at any point, and the same from the log
// alone, of which compactions have taken what is not needed.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

/// What the tests of usage and quotas share.
enum OwnedItems {
    static let owners = ["ann", "ann/work", "ann/home/tea", "anna", "bob"]

    static func items(
        _ name: String = "items",
        countsUsage: Bool = false,
        quotas: [Quota]? = nil
    ) -> MnemeModel.Collection {
        var roles = Roles()
        roles.owner = "owner"
        roles.importance = "importance"
        roles.pinned = "pinned"
        roles.time = "at"
        roles.session = "session"
        return Collection(
            name,
            fields: [
                Field("owner", .text), Field("text", .text), Field("importance", .float),
                Field("pinned", .bool), Field("at", .instant), Field("session", .text),
                Field("near", .vector(VectorType(dimension: 3))),
            ],
            indexes: [Index("byOwner", on: ["owner", "at"]), Index("bySession", on: ["session"])],
            roles: roles,
            countsUsage: countsUsage,
            quotas: quotas
        )
    }

    static func schema(countsUsage: Bool = false, quotas: [Quota]? = nil) -> Schema {
        Schema(
            collections: [items(countsUsage: countsUsage, quotas: quotas)],
            edgeTypes: [
                EdgeType("near", fields: [Field("w", .text)], countsUsage: countsUsage),
                EdgeType("far"),
            ]
        )
    }

    /// Bytes of fields that stand in a body: a map of small numbers.
    static func bodyBytes(_ fields: [String: Value]) throws -> Int {
        var count = 1
        for (name, value) in fields where name != "near" { count += 1 + (try value.cbor().count) }
        return count
    }

    static func bytes(_ key: String, _ fields: [String: Value]) throws -> Int {
        try bodyBytes(fields) + key.utf8.count + (fields["near"] == nil ? 0 : 12)
    }

    static func put(_ key: String, _ fields: [String: Value]) -> Change {
        .put(Put("items", .text(key), fields))
    }

    static func item(_ key: String) -> Reference { Reference("items", .text(key)) }

    static func keys(_ store: Store, _ name: String = "items") throws -> [String] {
        Kinds.keys(try store.snapshot().find(Find(name, limit: 10_000))).sorted()
    }

    static func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? MnemeError)?.code
        }
    }
}

/// A suite of quotas over such items, at a time of its own.
protocol QuotaSuite {
    var clock: SimulatedClock { get }
}

extension QuotaSuite {
    func store(_ quotas: [Quota], _ disk: any Disk = MemoryDisk()) throws -> Store {
        var options = BuiltItems.options(disk)
        options.clock = clock
        let store = try Store.open("store", .openOrCreate, options: options)
        try store.define(OwnedItems.schema(quotas: quotas))
        return store
    }

    func put(_ key: String, _ owner: String = "ann", _ more: [String: Value] = [:]) -> Change {
        OwnedItems.put(key, more.merging(["owner": .text(owner)]) { one, _ in one })
    }
}

@Suite struct UsageTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, RealRandomness().next()])
    func whateverIsCommitted(seed: UInt64) throws {
        var run = try UsageRun(seed: seed)
        do { try run.go() } catch { Issue.record("seed \(seed), step \(run.steps): \(error)") }
    }

    @Test func whatDoesNotCountIsRefused() throws {
        let store = try Store.open("store", options: BuiltItems.options(MemoryDisk()))
        try store.define(OwnedItems.schema())
        func code(_ question: UsageQuestion) -> MnemeError.Code? {
            OwnedItems.code { _ = try store.snapshot().usage(question) }
        }
        #expect(code(UsageQuestion()) == .badRequest)
        #expect(code(UsageQuestion(of: ["items"])) == .badRequest)
        #expect(code(UsageQuestion(of: ["far"])) == .badRequest)
        #expect(code(UsageQuestion(of: ["none"])) == .unknownCollection)
        try store.define(OwnedItems.schema(countsUsage: true))
        #expect(code(UsageQuestion(owner: "")) == .badOwner)
        #expect(code(UsageQuestion(owner: "nobody")) == nil)
        let empty = try store.snapshot().usage(UsageQuestion(owner: "nobody", of: ["near"]))
        #expect(empty.edges == ["near": Usage.Amount()] && empty.collections.isEmpty)
    }

    @Test func aSnapshotHasWhatItsCommitMade() throws {
        let store = try Store.open("store", options: BuiltItems.options(MemoryDisk()))
        try store.define(OwnedItems.schema(countsUsage: true))
        var taken: [(snapshot: Snapshot, count: Int)] = []
        for number in 0..<20 {
            _ = try store.commit([OwnedItems.put("k\(number)", ["owner": "ann"])])
            taken.append((store.snapshot(), number + 1))
        }
        for (snapshot, count) in taken {
            let usage = try snapshot.usage(UsageQuestion(owner: "ann"))
            #expect(usage.records == count && usage.sequence == snapshot.sequence)
        }
        try store.drop(.edgeType("near"))
        #expect(try store.snapshot().usage(UsageQuestion()).edges == [:])
        try store.drop(.collection("items"))
        try BuiltItems.drain(store)
        #expect(try store.verify().findings == [])
    }
}

extension BuiltItems {
    /// Goes on until nothing is left of what was dropped.
    static func drain(_ store: Store) throws {
        for _ in 0..<1000 {
            if store.dropped(store.newest.state) == nil { return }
            try store.upkeep([.index])
        }
        Issue.record("what was dropped is never gone")
    }
}

private struct UsageRun {
    struct Line {
        let owner: String?
        let from: String
        let to: String
        let bytes: Int
    }

    let seed: UInt64
    let random: SeededRandomness
    var disk: SimulatedDisk
    var store: Store
    var records: [String: [String: Value]] = [:]
    var edges: [UInt64: Line] = [:]
    var steps = 0
    var busy = 0
    var counts = false

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandomness(seed: seed)
        disk = SimulatedDisk(seed: seed)
        store = try Store.open("store", options: BuiltItems.options(disk, part: 9))
        try store.define(OwnedItems.schema())
    }

    mutating func go() throws {
        for _ in 0..<40 { try change() }
        for round in 0..<5 {
            if round == 1 {
                counts = true
                try store.define(OwnedItems.schema(countsUsage: true), waits: false)
                try check()
            }
            for _ in 0..<30 { try step() }
            try check()
        }
        try BuiltItems.finish(store)
        try check()
        #expect(busy > 0, "seed \(seed): nothing was asked while it was being counted")
        #expect(!edges.isEmpty && !records.isEmpty, "seed \(seed)")
    }

    private mutating func step() throws {
        steps += 1
        switch random.below(12) {
        case 0..<6: try change()
        case 6..<8: try store.upkeep([.index])
        case 8: try store.checkpointNow()
        case 9: _ = try store.eraseNow()
        case 10: try restart()
        default: try check()
        }
    }

    private mutating func restart() throws {
        let cut = random.below(2) == 0 ? disk.crashKeepingAll() : disk.crash(using: random)
        disk = cut
        let mode: StoreMode = random.below(3) == 0 ? .rebuild : .open
        store = try Store.open("store", mode, options: BuiltItems.options(disk, part: 9))
    }

    private mutating func change() throws {
        var changes: [Change] = []
        var lines: [Line?] = []
        for _ in 0..<(1 + random.below(4)) {
            let key = "k\(random.below(60))"
            switch random.below(8) {
            case 0:
                changes.append(.delete(OwnedItems.item(key)))
                lines.append(nil)
                records.removeValue(forKey: key)
                edges = edges.filter { $0.value.from != key && $0.value.to != key }
                lines = lines.map { $0?.from == key || $0?.to == key ? nil : $0 }
            case 1 where !edges.isEmpty:
                let edge = edges.keys.sorted()[random.below(edges.count)]
                changes.append(.unlink(edge))
                lines.append(nil)
                edges.removeValue(forKey: edge)
            case 2, 3:
                let ends = records.keys.sorted()
                guard ends.count > 1 else { continue }
                let (from, to) = (ends[random.below(ends.count)], ends[random.below(ends.count)])
                let fields: [String: Value] =
                    random.below(2) == 0
                    ? [:] : ["w": .text(String(repeating: "w", count: random.below(200)))]
                changes.append(
                    .link(
                        Link(
                            "near",
                            from: OwnedItems.item(from),
                            to: OwnedItems.item(to),
                            fields: fields
                        )
                    )
                )
                lines.append(
                    Line(
                        owner: records[from]?["owner"]?.text,
                        from: from,
                        to: to,
                        bytes: try OwnedItems.bodyBytes(fields) + 16
                    )
                )
            default:
                let fields = self.fields()
                changes.append(OwnedItems.put(key, fields))
                lines.append(nil)
                records[key] = fields
            }
        }
        if changes.isEmpty { return }
        let outcomes = try store.commit(changes).outcomes
        for (outcome, line) in zip(outcomes, lines) {
            if let edge = outcome.madeEdge, let line { edges[edge] = line }
        }
    }

    private func fields() -> [String: Value] {
        var fields: [String: Value] = [
            "text": .text(String(repeating: "tea ", count: random.below(60)))
        ]
        if random.below(5) > 0 {
            fields["owner"] = .text(OwnedItems.owners[random.below(OwnedItems.owners.count)])
        }
        if random.below(2) == 0 { fields["near"] = .vector([1, 0, 0.5]) }
        return fields
    }

    private mutating func check() throws {
        #expect(try store.verify().findings == [], "seed \(seed), step \(steps)")
        guard counts else { return }
        let snapshot = store.snapshot()
        for owner in [nil, "ann", "ann/work", "anna", "bob", "nobody"] as [String?] {
            let usage: Usage
            do {
                usage = try snapshot.usage(UsageQuestion(owner: owner))
            } catch {
                #expect(error.code == .busy)
                #expect(!store.newest.state.roots.building.isEmpty, "seed \(seed)")
                busy += 1
                continue
            }
            func isMeant(_ path: String?) -> Bool {
                guard let owner else { return true }
                return path == owner || path?.hasPrefix(owner + "/") ?? false
            }
            var items = Usage.Amount()
            for (key, fields) in records where isMeant(fields["owner"]?.text) {
                items.count += 1
                items.bytes += try OwnedItems.bytes(key, fields)
            }
            var near = Usage.Amount()
            for line in edges.values where isMeant(line.owner) {
                near.count += 1
                near.bytes += line.bytes
            }
            #expect(
                usage.collections == ["items": items] && usage.edges == ["near": near],
                "seed \(seed), step \(steps), \(owner ?? "all"): \(usage), \(items), \(near)"
            )
        }
    }
}
