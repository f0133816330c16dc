// A transaction against a store: what a transaction answers after some changes is what a store
// answers where the same changes were committed, whatever is asked; and after the commit both
// stores are the same.

import MnemeBase
import MnemeLog
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct TransactionTwinTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, RealRandomness().next()])
    func aTransactionShowsWhatACommitWould(seed: UInt64) throws {
        print("transaction twin: seed \(seed)")
        let run = try TwinRun(seed: seed)
        do {
            for _ in 0..<30 { try run.round() }
        } catch {
            Issue.record("seed \(seed): \(error)")
        }
        #expect(try run.store.verify().findings == [], "seed \(seed)")
        try run.store.checkpointNow()
        #expect(try run.store.verify().findings == [], "seed \(seed)")
        #expect(run.store.transactions.gauge.byteCount == 0)
    }
}

/// Two stores with the same commits, one of which makes them in transactions.
private final class TwinRun {
    let seed: UInt64
    let random: SeededRandomness
    let store: Store
    let twin: Store
    /// Whether anybody does anything beside the transactions.
    var isNoisy: Bool { seed / 2 % 2 == 0 }

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandomness(seed: seed)
        var stores: [Store] = []
        for name in ["store", "twin"] {
            var options = StoreTests.options()
            // Every other seed's stores are encrypted, and so are rows that are looked for.
            if seed % 2 == 1 { options.masterKey = Sealed.key }
            options.pageCacheBytes = 64 * 8192
            options.replayBudget = 60
            options.logLimits.largestSegment = 128 << 10
            let store = try Store.open(name, .create, options: options)
            try store.define(Self.schema)
            _ = try store.commit(
                (0..<150).map { number in
                    .put(
                        Put(
                            "noise",
                            .text("n\(number)"),
                            ["n": .int(Int64(number)), "body": "noise of the world"]
                        )
                    )
                }
            )
            stores.append(store)
        }
        (store, twin) = (stores[0], stores[1])
    }

    static let schema = Schema(
        collections: [
            Collection(
                "items",
                fields: [
                    Field("owner", .text), Field("n", .int), Field("slot", .int),
                    Field("body", .text, isSearchable: true),
                    Field("place", .vector(VectorType(dimension: 4))),
                ],
                indexes: [
                    Index("byN", on: ["n"]), Index("bySlot", on: ["slot"], isUnique: true),
                    Index("byOwner", on: ["owner", IndexField("n", descending: true)]),
                ],
                roles: {
                    var roles = Roles()
                    roles.owner = "owner"
                    return roles
                }()
            ),
            Collection(
                "noise",
                fields: [Field("n", .int), Field("body", .text, isSearchable: true)],
                indexes: [Index("byNoise", on: ["n"])]
            ),
        ],
        edgeTypes: [EdgeType("near"), EdgeType("far")]
    )

    private func key() -> Key { .text("k\(random.below(40))") }
    private func item() -> Reference { Reference("items", key()) }
    private func owner() -> String { ["ann", "ann/work", "bob", "eve/home"][random.below(4)] }
    private func words() -> String {
        let words = ["tea", "mill", "bees", "river", "stone", "lamp", "green", "old"]
        return (0...random.below(5)).map { _ in words[random.below(words.count)] }
            .joined(separator: " ")
    }
    private func vector() -> [Float] { (0..<4).map { _ in Float(random.below(9)) - 4 } }

    private func change(_ edges: [UInt64]) -> Change {
        switch random.below(12) {
        case 0..<5:
            var fields: [String: Value] = [
                "owner": .text(owner()), "n": .int(Int64(random.below(20))), "body": .text(words()),
            ]
            if random.below(3) > 0 { fields["place"] = .vector(vector() + []) }
            if random.below(4) == 0 { fields["slot"] = .int(Int64(random.below(6))) }
            return .put(
                Put("items", key(), fields, mode: random.below(5) == 0 ? .insert : .replace)
            )
        case 5, 6: return .delete(item())
        case 7:
            return .patch(
                Patch(
                    "items",
                    key(),
                    [.increment("n", 1), .set("body", .text(words()))],
                    orPut: random.below(2) == 0 ? ["owner": "ann"] : nil,
                    returnsRecord: random.below(2) == 0
                )
            )
        case 8..<11:
            return .link(Link(random.below(2) == 0 ? "near" : "far", from: item(), to: item()))
        default:
            return .unlink(edges.isEmpty ? 999_999 : edges[random.below(edges.count)])
        }
    }

    private func outcomes(
        _ body: () throws -> [Committed.Outcome]
    ) -> Result<[Committed.Outcome], MnemeError> {
        do {
            return .success(try body())
        } catch let error as MnemeError {
            return .failure(error)
        } catch {
            return .failure(MnemeError(.corrupt, "\(error)"))
        }
    }

    func round() throws {
        let transaction = try store.begin()
        var edges: [UInt64] = []
        var told: [Committed.Outcome] = []
        for _ in 0...random.below(6) {
            let changes = (0...random.below(4)).map { _ in change(edges) }
            let mine = outcomes { try transaction.change(changes) }
            // In the twin the same is committed; ordinals are the same, as nobody else commits.
            let theirs = outcomes { try twin.commit(changes).outcomes }
            #expect(mine == theirs, "seed \(seed): \(changes)")
            if case .success(let outcomes) = mine {
                told += outcomes
                for case .linked(let edge) in outcomes { edges.append(edge) }
            }
            for _ in 0..<3 {
                try others()
                try ask(transaction)
            }
        }
        let committed = try transaction.commit(random.below(4) == 0 ? .synced : .buffered)
        #expect(committed.outcomes == told)
        let mine = try store.snapshot().find(Find("items", limit: .max)).rows
        #expect(try twin.snapshot().find(Find("items", limit: .max)).rows == mine)
    }

    /// What goes on beside the transaction and takes no ordinals: commits of others, and the work
    /// behind, which lets go of pages and writes segments again.
    private func others() throws {
        guard isNoisy else { return }
        switch random.below(6) {
        case 0..<3:
            let changes: [Change] = (0...random.below(30)).map { _ in
                .patch(
                    Patch(
                        "noise",
                        .text("n\(random.below(150))"),
                        [.increment("n", 1), .set("body", .text(words()))]
                    )
                )
            }
            _ = try store.commit(changes, .buffered)
        case 3: try store.checkpointNow()
        case 4: try store.upkeep()
        default: break
        }
    }

    private func ask(_ transaction: StoreTransaction) throws {
        let snapshot = twin.snapshot()
        switch random.below(7) {
        case 0:
            let references = (0..<6).map { _ in item() }
            let mine = try transaction.get(references)
            for (reference, record) in zip(references, mine) {
                #expect(try snapshot.record(reference) == record, "seed \(seed)")
            }
        case 1...4:
            let find = question()
            let mine = try transaction.find(find)
            let theirs = try snapshot.find(find)
            if find.match == nil {
                #expect(mine.rows == theirs.rows, "seed \(seed): \(find)")
            } else {
                // Which run a document stands in may put equals in another order; and where others
                // leave dead documents behind, these count for the scores until they are merged.
                func named(_ found: Found) -> Set<String> {
                    Set(
                        found.rows.map { row in
                            "\(row.record.reference)" + (isNoisy ? "" : " \(row.score)")
                        }
                    )
                }
                #expect(named(mine) == named(theirs), "seed \(seed): \(find)")
            }
        case 5:
            let types: [String]? = [nil, ["near"], ["near", "far"]][random.below(3)]
            let start = item()
            guard try snapshot.ordinal(start) != nil else { return }
            let walk = Walk(from: [start], types: types, direction: .both, hops: 3)
            #expect(try transaction.walk(walk).stops == snapshot.walk(walk).stops, "seed \(seed)")
        default:
            let (from, to) = (item(), item())
            guard try snapshot.ordinal(from) != nil, try snapshot.ordinal(to) != nil else {
                return
            }
            let path = Path(from: from, to: to, direction: .both, hops: 5)
            let theirs = try snapshot.path(
                from: from,
                to: to,
                types: nil,
                direction: .both,
                hops: 5
            )
            #expect(try transaction.path(path) == theirs, "seed \(seed)")
        }
    }

    private func question() -> Find {
        let filters: [Filter?] = [
            nil, .compare(field: "n", .gte(.int(Int64(random.below(20))))),
            .compare(field: "slot", .exists(true)),
            .and([
                .compare(field: "n", .lt(15)), .compare(field: "body", .contains("tea")),
            ]),
        ]
        var find = Find(
            "items",
            owner: random.below(2) == 0 ? nil : owner(),
            where: filters[random.below(filters.count)],
            limit: 1 + random.below(50)
        )
        switch random.below(4) {
        case 0: find.near = Near("place", vector())
        case 1:
            find.match = Match("body", words())
            find.limit = .max
        case 2: find.order = [Order("n", descending: random.below(2) == 0), Order("body")]
        default: find.offset = random.below(4)
        }
        return find
    }
}
