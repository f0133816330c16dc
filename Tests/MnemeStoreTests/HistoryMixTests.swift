// Histories beside what else a batch can have and a store can do: versions, idempotency keys,
// claims, drops, indexes that are built behind, and all that a question can ask.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct HistoryMixTests {
    private static func schema(_ rule: HistoryRule?, indexes: [Index] = []) -> Schema {
        var roles = Roles()
        roles.validFrom = "from"
        roles.validTo = "to"
        return Schema(
            collections: [
                Collection(
                    "facts",
                    fields: [
                        Field("n", .int), Field("text", .text), Field("from", .instant),
                        Field("to", .instant), Field("v", .vector(VectorType(dimension: 2))),
                    ],
                    indexes: [Index("byN", on: ["n"])] + indexes,
                    roles: roles,
                    history: rule
                )
            ],
            edgeTypes: [EdgeType("replaces")]
        )
    }

    private let clock = SimulatedClock(start: 1_000_000)

    private func options(_ disk: any Disk) -> StoreOptions {
        var options = BuiltItems.options(disk)
        options.clock = clock
        return options
    }

    private func store(
        _ disk: any Disk = MemoryDisk(),
        _ rule: HistoryRule? = HistoryRule()
    ) throws -> Store {
        let store = try Store.open("facts", .openOrCreate, options: options(disk))
        try store.define(Self.schema(rule))
        return store
    }

    private func fact(_ key: String) -> Reference { Reference("facts", .text(key)) }

    private func put(_ key: String, _ number: Int64) -> Change {
        .put(Put("facts", .text(key), ["n": .int(number), "text": .text("t\(number)")]))
    }

    private func patch(_ key: String) -> Change {
        .patch(Patch("facts", .text(key), [.increment("n", 1)], orPut: ["n": 0]))
    }

    private func history(_ store: Store, _ key: String) throws -> [History.Version] {
        let question = VersionQuestion(fact(key), limit: .max, records: true)
        return try store.snapshot().history(question).versions
    }

    // MARK: Writing

    /// Rows of the history stand between the changes of a batch: what is told of versions, and what
    /// is kept under a key, is that of the records all the same.
    @Test(arguments: [UInt64(1), 2, RealRandomness().next()])
    func versionsAreThoseOfTheRecords(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let rule = HistoryRule(versions: random.below(2) == 0 ? 2 : nil)
        let store = try store(MemoryDisk(), rule)
        for round in 0..<60 {
            var changes: [Change] = []
            for place in 0..<(1 + random.below(5)) {
                let key = "f\(random.below(4))"
                switch random.below(6) {
                case 0, 1: changes.append(put(key, Int64(random.below(9))))
                case 2, 3: changes.append(patch(key))
                case 4: changes.append(.delete(fact(key)))
                default:
                    changes.append(put("open", 1))
                    changes.append(
                        .supersede(
                            Supersede(
                                fact("open"),
                                by: "replaces",
                                in: "facts",
                                .text("s\(round)-\(place)"),
                                ["n": 7],
                                at: Instant(microseconds: 5)
                            )
                        )
                    )
                }
            }
            let signature = Signature(author: random.below(2) == 0 ? "ann" : nil)
            let once: OnceKey? =
                random.below(2) == 0
                ? try OnceKey("k\(round)", of: .signed(signature, changes, .synced)) : nil
            let committed = try store.commit(changes, signature: signature, once: once)
            clock.advance(by: 10)
            #expect(committed.sequence == store.snapshot().sequence)
            // Only the last change of a record in a batch is seen from outside.
            var newest: [Reference: UInt64] = [:]
            for (index, outcome) in committed.outcomes.enumerated() {
                let version = committed.versions.isEmpty ? 0 : committed.versions[index]
                switch outcome {
                case .put(let reference): newest[reference] = version
                case .patched(let patched): newest[patched.reference] = version
                case .superseded(let superseded):
                    newest.removeValue(forKey: fact("open"))
                    newest[superseded.reference] = version
                    #expect(superseded.edge != nil)
                case .deleted:
                    guard case .delete(let reference) = changes[index] else { continue }
                    newest[reference] = 0
                    #expect(version == 0)
                default: break
                }
            }
            for (reference, version) in newest {
                let found = try store.snapshot().versions(of: [reference])
                #expect(found == [version], "seed \(seed), round \(round), \(reference)")
            }
            if let once {
                var again = try store.commit(changes, signature: signature, once: once)
                #expect(again.isRepeated)
                again.isRepeated = false
                #expect(again == committed, "seed \(seed), round \(round)")
            }
        }
        #expect(try store.verify().findings == [])
    }

    @Test func signaturesStayWithTheirRequests() throws {
        let store = try store()
        // The first key has its collection defined in the same batch.
        let transaction = try store.begin()
        try transaction.change([put("a", 1), put("b", 1)], signature: Signature(author: "ann"))
        try transaction.change([put("c", 1), put("a", 2)], signature: Signature(author: "bob"))
        let once = try OnceKey("k", of: .commitTransaction(transaction.id, .synced))
        _ = try transaction.commit(.synced, once: once)
        #expect(try history(store, "a").map(\.signature.author) == ["bob", "ann"])
        #expect(try history(store, "b").map(\.signature.author) == ["ann"])
        #expect(try history(store, "c").map(\.signature.author) == ["bob"])
        let changes = [put("d", 1)]
        let (ann, bob) = (Signature(author: "ann"), Signature(author: "bob"))
        let key = try OnceKey("d", of: .signed(ann, changes, .synced))
        _ = try store.commit(changes, signature: ann, once: key)
        try expectRefusal(.keyReused, "\"d\"", leaving: store) {
            let other = try OnceKey("d", of: .signed(bob, changes, .synced))
            _ = try store.commit(changes, signature: bob, once: other)
        }
        #expect(try history(store, "d").map(\.signature) == [ann])
    }

    @Test func claimsAndTermsKeepHistories() throws {
        let store = try store()
        _ = try store.commit((0..<6).map { put("f\($0)", Int64($0)) })
        clock.advance(by: 10)
        let claim = Claim(
            "facts",
            where: .compare(field: "n", .lt(.int(50))),
            order: [Order("n")],
            limit: 2,
            edits: [.set("n", 99)],
            returns: .old
        )
        let once = try OnceKey("w", of: .claim(claim))
        let claimed = try store.claim(claim, once: once)
        #expect(claimed.references == [fact("f0"), fact("f1")])
        #expect(try store.snapshot().versions(of: claimed.references) == claimed.versions)
        var again = try store.claim(claim, once: once)
        #expect(again.isRepeated)
        again.isRepeated = false
        #expect(again == claimed)
        #expect(try history(store, "f1").map { $0.record?["n"] } == [99, 1])
        let version = try #require(claimed.versions.last)
        let patch = Patch("facts", "f1", [.set("n", 5)], version: version, returns: .old)
        let committed = try store.commit([.patch(patch)])
        guard case .patched(let patched) = committed.outcomes[0] else {
            Issue.record("\(committed)")
            return
        }
        #expect(patched.record?["n"] == 99)
        try expectRefusal(.conditionFailed, leaving: store) {
            _ = try store.commit([.patch(patch)])
        }
        #expect(try history(store, "f1").map { $0.record?["n"] } == [5, 99, 1])
        #expect(try store.verify().findings == [])
    }

    // MARK: Definitions

    @Test func aDropTakesTheHistoryWithIt() throws {
        let disk = SimulatedDisk(seed: 5)
        var store = try store(disk)
        for round in 0..<3 {
            _ = try store.commit((0..<300).map { put("f\($0)", Int64(round)) })
            clock.advance(by: 10)
        }
        #expect(try history(store, "f7").count == 3)
        try store.drop(.collection("facts"))
        #expect(store.newest.state.catalog.histories.isEmpty)
        try expectRefusal(.unknownCollection, "facts") { _ = try history(store, "f7") }
        try store.upkeep([.index])
        for mode in [StoreMode.open, .rebuild] {
            let disk = disk.crashKeepingAll()
            let again = try Store.open("facts", mode, options: options(disk))
            #expect(again.snapshot().schema.collections == [])
            #expect(try again.verify().findings == [])
        }
        // What takes the name has a history of its own, while the old one is still on its way.
        try store.define(Self.schema(HistoryRule()))
        _ = try store.commit([put("f7", 7)])
        #expect(try history(store, "f7").map(\.number) == [1])
        for _ in 0..<100 where store.dropped(store.newest.state) != nil {
            try store.upkeep([.index])
        }
        #expect(store.dropped(store.newest.state) == nil)
        // The record, and the marker of its history.
        #expect(store.newest.state.roots.counts.values.reduce(0, +) == 2)
        _ = try store.commit([put("f7", 8)])
        #expect(try history(store, "f7").map(\.number) == [2, 1])
        #expect(try store.verify().findings == [])
        try store.close()
        store = try Store.open("facts", .rebuild, options: options(disk))
        #expect(try history(store, "f7").map(\.number) == [2, 1])
        #expect(try store.verify().findings == [])
    }

    @Test func hiddenCollectionsAreHidden() throws {
        let store = try store()
        _ = try store.commit([put("a", 1)], once: OnceKey("k", of: .describe))
        for name in ["$once", "facts$history"] {
            try expectRefusal(.unknownCollection) { try store.drop(.collection(name)) }
            try expectRefusal(.unknownCollection) {
                _ = try store.commit([.put(Put(name, nil, [:]))])
            }
            try expectRefusal(.unknownCollection) { _ = try store.snapshot().count(Count(name)) }
            try expectRefusal(.badSchema, leaving: store) {
                try store.define(Schema(collections: [Collection(name, fields: [])]))
            }
        }
        #expect(store.snapshot().schema == Self.schema(HistoryRule()))
        #expect(try store.statistics().records == ["facts": 1])
    }

    @Test func indexesAreBuiltBesideHistories() throws {
        let disk = SimulatedDisk(seed: 6)
        let store = try store(disk, nil)
        _ = try store.commit((0..<200).map { put("f\($0)", Int64($0 % 10)) })
        clock.advance(by: 10)
        // A history and an index that is built behind, in one definition.
        let byText = Index("byText", on: ["text"])
        let more = Self.schema(HistoryRule(), indexes: [byText])
        try store.define(more, waits: false)
        #expect(store.newest.state.roots.building.count == 1)
        let begun = store.snapshot().instant
        clock.advance(by: 10)
        _ = try store.commit((0..<50).map { put("f\($0)", 77) })
        _ = try store.commit([.delete(fact("f60"))])
        clock.advance(by: 10)
        func known() throws -> [String] {
            let find = Find(
                "facts",
                where: .eq("text", "t3"),
                limit: .max,
                knownAt: begun
            )
            return Kinds.keys(try store.snapshot().find(find)).sorted()
        }
        let wanted = (0..<200).filter { $0 % 10 == 3 }.map { "f\($0)" }.sorted()
        #expect(try known() == wanted)
        try BuiltItems.finish(store)
        #expect(try known() == wanted)
        #expect(try history(store, "f3").map { $0.record?["n"] } == [77, 3])
        try store.drop(.index(collection: "facts", name: "byText"))
        #expect(try known() == wanted)
        try BuiltItems.finish(store)
        #expect(try known() == wanted)
        #expect(try store.verify().findings == [])
    }

    // MARK: Questions

    @Test func whatWasKnownIsAskedByKeyAndComputed() throws {
        let store = try store()
        for number in 0..<8 {
            let fields: [String: Value] = ["n": .int(Int64(number)), "v": .vector([1, 2])]
            _ = try store.commit([.put(Put("facts", .text("f\(number)"), fields))])
        }
        clock.advance(by: 10)
        let then = store.snapshot().instant
        clock.advance(by: 10)
        let select: [Projection] = [
            "$key", "v", .computed("twice", try Expression("n * 2")),
        ]
        func find(_ knownAt: Instant?) throws -> [[String: Value]] {
            let find = Find(
                "facts",
                where: .compare(field: "$key", .gte("f2")),
                order: [Order("$key", descending: true)],
                limit: 3,
                offset: 1,
                select: select,
                knownAt: knownAt
            )
            return try store.snapshot().find(find).rows.map(\.record.fields)
        }
        let wanted = [6, 5, 4].map { number in
            ["$key": Value.text("f\(number)"), "twice": .int(Int64(number * 2))]
        }
        #expect(try find(then) == wanted)
        _ = try store.commit([put("f5", 50), .delete(fact("f6")), put("f9", 9)])
        #expect(try find(then) == wanted)
        #expect(try find(nil).map { $0["$key"] } == ["f7", "f5", "f4"])
        #expect(try find(nil).map { $0["twice"] } == [14, 100, 8])
        let byN = Find("facts", order: [Order("n"), Order("$key")], limit: 100, knownAt: then)
        #expect(Kinds.keys(try store.snapshot().find(byN)) == (0..<8).map { "f\($0)" })
        var refused: [Find] = []
        refused.append(Find("facts", after: "x", knownAt: then))
        refused.append(Find("facts", explained: true, knownAt: then))
        refused.append(Find("facts", order: [Order("$version")], knownAt: then))
        refused.append(Find("facts", select: ["$version"], knownAt: then))
        refused.append(
            Find("facts", where: .compare(field: "$version", .gt(3)), knownAt: then)
        )
        refused.append(Find("facts", near: Near("v", [1, 2]), knownAt: then))
        var edges = Find("", knownAt: then)
        edges.edges = "replaces"
        refused.append(edges)
        (edges.knownAt, edges.asOf) = (nil, then)
        refused.append(edges)
        for find in refused {
            try expectRefusal(.badRequest) { _ = try store.snapshot().find(find) }
        }
        let counted = try store.snapshot().count(Count("facts", knownAt: then)).rows
        #expect(counted == [["count": 8]])
        var counts = [Count("facts", explained: true, knownAt: then)]
        counts.append(Count("facts", by: ["$version"], knownAt: then))
        var joined = Count("", knownAt: then)
        joined.edges = "replaces"
        counts.append(joined)
        for count in counts {
            try expectRefusal(.badRequest) { _ = try store.snapshot().count(count) }
        }
        let plain = Count("plain", knownAt: then)
        let transaction = try store.begin()
        try expectRefusal(.badRequest) { _ = try transaction.count(plain) }
    }

    @Test func whatWasTrueIsCountedAndComesInParts() throws {
        let store = try store()
        let random = SeededRandomness(seed: 3)
        for number in 0..<60 {
            let from = Int64(random.below(20))
            let fields: [String: Value] = [
                "n": .int(Int64(random.below(5))), "from": .instant(Instant(microseconds: from)),
                "to": .instant(Instant(microseconds: from + Int64(random.below(12)))),
            ]
            _ = try store.commit([.put(Put("facts", .text("f\(number)"), fields))])
        }
        let snapshot = store.snapshot()
        for time in stride(from: Int64(0), to: 30, by: 3) {
            let asOf = Instant(microseconds: time)
            for order in [[], [Order("n")], [Order("n", descending: true), Order("$key")]] {
                var find = Find("facts", order: order, limit: .max, explained: true, asOf: asOf)
                let whole = Kinds.keys(try snapshot.find(find))
                let count = try snapshot.count(Count("facts", asOf: asOf))
                #expect(count.rows == [["count": .int(Int64(whole.count))]])
                find.limit = 4
                var parts: [String] = []
                var isOver = false
                while !isOver {
                    let found = try snapshot.find(find)
                    #expect(found.explanation != nil)
                    parts += Kinds.keys(found)
                    find.after = found.next
                    isOver = found.next == nil
                }
                #expect(parts.sorted() == whole.sorted() && Set(parts).count == parts.count)
            }
            let groups = Count("facts", by: ["n"], asOf: asOf)
            let rows = try snapshot.count(groups).rows
            let found = try snapshot.find(Find("facts", limit: .max, asOf: asOf)).rows
            for row in rows {
                let same = found.filter { $0.record["n"] == row["n"] }
                #expect(row["count"] == .int(Int64(same.count)))
            }
            #expect(rows.count == Set(found.map { $0.record["n"] }).count)
        }
        // A cursor belongs to the instant that was asked of.
        var find = Find("facts", limit: 1, asOf: Instant(microseconds: 6))
        find.after = try snapshot.find(find).next
        #expect(find.after != nil)
        find.asOf = Instant(microseconds: 7)
        try expectRefusal(.badCursor) { _ = try snapshot.find(find) }
        try expectRefusal(.badRequest, "asOf") {
            _ = try snapshot.count(Count(edges: "replaces", asOf: find.asOf))
        }
    }
}

extension Count {
    fileprivate init(edges: String, asOf: Instant?) {
        self.init(edges: edges)
        self.asOf = asOf
    }
}
