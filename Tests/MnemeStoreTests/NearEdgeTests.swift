// The edges of nearness: vectors that are no vectors, tens of thousands that are all the same, and
// numbers of hits and widths of beams beyond all bounds; with a graph and without one.

import MnemeBase
import MnemeModel
import MnemePages
import SimulatedWorld
import Testing

@testable import MnemeStore
@testable import MnemeVectors

@Suite struct NearEdgeTests {
    private static func schema(_ metric: MnemeModel.VectorMetric) -> Schema {
        var roles = Roles()
        roles.owner = "owner"
        let type = VectorType(dimension: 8, metric: metric)
        return Schema(collections: [
            Collection(
                "points",
                key: .int,
                fields: [Field("owner", .text), Field("even", .bool), Field("at", .vector(type))],
                indexes: [Index("byEven", on: ["even"])],
                roles: roles
            )
        ])
    }

    private static func put(_ key: Int, _ vector: [Float]) -> Change {
        .put(
            Put(
                "points",
                .int(Int64(key)),
                [
                    "owner": .text("o\(key % 10)"), "even": .bool(key % 2 == 0),
                    "at": .vector(vector),
                ]
            )
        )
    }

    private static func store(
        _ metric: MnemeModel.VectorMetric,
        graphLeast: Int
    ) throws -> Store {
        var options = StoreTests.options(SimulatedDisk())
        options.graphLeast = graphLeast
        let store = try Store.open("store", options: options)
        try store.define(schema(metric))
        return store
    }

    private static func index(_ store: Store) throws -> (index: VectorIndex, root: PageRoot) {
        let state = store.newest.state
        let field = try store.snapshot().catalog.collection("points").vector("at")
        let head = try #require(state.roots.vectors[field.number])
        return (try VectorIndex.open(field.coder, head, in: state.root.view), state.root)
    }

    /// How many nodes the graph has; all of them are reached from where walks begin.
    private static func expectReached(_ store: Store, _ note: String) throws -> Int {
        let (index, root) = try index(store)
        let head = try index.graph(in: root.view)
        let graph = index.paged(head, root.view)
        var reach = GraphReach(graph)
        var missing = 0
        for node in try reach.missing(from: head.entries)
        where try graph.subject(node).owner != GraphShape.none { missing += 1 }
        #expect(missing == 0, "\(note)")
        return Int(head.used)
    }

    private func find(
        _ store: Store,
        _ vector: [Float],
        owner: String? = nil,
        where filter: Filter? = nil,
        beam: Int? = nil,
        limit: Int = 10
    ) throws -> Found {
        let near = Near("at", vector, beam: beam)
        let find = Find("points", owner: owner, where: filter, near: near, limit: limit)
        return try store.snapshot().find(find)
    }

    @Test(arguments: [MnemeModel.VectorMetric.cosine, .l2])
    func copiesWithoutNumberLeaveAllOthersToBeFound(metric: MnemeModel.VectorMetric) throws {
        let random = SeededRandomness(seed: 5)
        let store = try Self.store(metric, graphLeast: 200)
        let same = [Float](repeating: 0.5, count: 8)
        // Of 12,000 all are the same but every fortieth.
        var others: [Int: [Float]] = [:]
        for first in stride(from: 0, to: 12_000, by: 1_000) {
            var changes: [Change] = []
            for key in first..<first + 1_000 {
                if key % 40 == 7 {
                    others[key] = (0..<8).map { _ in Float(random.below(2001)) / 1000 - 1 }
                }
                changes.append(Self.put(key, others[key] ?? same))
            }
            _ = try store.commit(changes)
        }
        try store.settleGraphs()
        #expect(try Self.expectReached(store, "built") == 12_000)
        #expect(try store.verify().findings == [])
        try expectFound(store, same, others)
        // Some more of the same come, and some go, those walks begin with among them.
        for first in stride(from: 12_000, to: 12_600, by: 200) {
            _ = try store.commit((first..<first + 200).map { Self.put($0, same) })
            try store.settleGraphs()
        }
        #expect(try Self.expectReached(store, "grown") == 12_600)
        let gone = (0..<12_600).filter { $0 % 9 == 0 && others[$0] == nil }
        _ = try store.commit(gone.map { .delete(Reference("points", .int(Int64($0)))) })
        try store.settleGraphs()
        #expect(try Self.expectReached(store, "shrunk") == 12_600 - gone.count)
        try expectFound(store, same, others)
        #expect(try store.verify().findings == [])
        try store.close()
    }

    /// Ten of the copies come back, and each of the others for itself, in and out of one owner.
    private func expectFound(
        _ store: Store,
        _ same: [Float],
        _ others: [Int: [Float]]
    ) throws {
        for owner in [nil, "o1"] {
            for filter in [nil, Filter.eq("even", false)] {
                let found = try find(store, same, owner: owner, where: filter, beam: 40)
                #expect(found.rows.count == 10)
                let scores = Set(found.rows.map(\.score))
                #expect(scores.count == 1)
            }
        }
        var missed = 0
        for (key, vector) in others {
            let found = try find(store, vector, beam: 64, limit: 1)
            #expect(found.plan.contains("on a walk"), "\(found.plan)")
            if found.rows.first?.record.reference.key != .int(Int64(key)) { missed += 1 }
            let owned = try find(store, vector, owner: "o\(key % 10)", limit: 1)
            #expect(owned.rows.first?.record.reference.key == .int(Int64(key)))
        }
        #expect(missed <= others.count / 50, "\(missed) of \(others.count)")
    }

    @Test(arguments: [20, Int.max])
    func whatIsNoVectorIsRefused(graphLeast: Int) throws {
        let store = try Self.store(.cosine, graphLeast: graphLeast)
        _ = try store.commit(
            (0..<60).map { Self.put($0, (0..<8).map { Float($0 + 1) }) }
        )
        try store.settleGraphs()
        let (index, _) = try Self.index(store)
        #expect((index.nodeCount > 0) == (graphLeast == 20))
        let zero = [Float](repeating: 0, count: 8)
        var none = [Float](repeating: 1, count: 8)
        none[3] = .nan
        var endless = none
        endless[3] = .infinity
        for vector in [zero, none, endless, [], [1, 2], [Float](repeating: 1, count: 9)] {
            try expectRefusal(.badVector, "points", "at", leaving: store) {
                _ = try store.commit([Self.put(100, vector)])
            }
            for owner in [nil, "o1", "nobody"] {
                for filter in [nil, Filter.eq("even", true), .eq("even", .null)] {
                    for limit in [0, 5] {
                        try expectRefusal(.badVector, "points", "at", leaving: store) {
                            _ = try find(store, vector, owner: owner, where: filter, limit: limit)
                        }
                    }
                }
            }
        }
        // So it is with those that are very short or long, whatever direction they have.
        for factor: Float in [.leastNonzeroMagnitude, 1e-20, 1e20] {
            let vector = (0..<8).map { factor * Float($0 + 1) }
            try expectRefusal(.badVector, "points.at", "1e-18 and 1e18", leaving: store) {
                _ = try store.commit([Self.put(100, vector)])
            }
            try expectRefusal(.badVector, "points.at", "1e-18 and 1e18") {
                _ = try find(store, vector, limit: 60)
            }
        }
        for factor: Float in [1e-18, 1e16] {
            let found = try find(store, (0..<8).map { factor * Float($0 + 1) }, limit: 60)
            #expect(found.rows.count == 60)
            for row in found.rows { #expect(abs(row.score - 1) < 1e-4) }
        }
        try store.close()
    }

    @Test func whatWasAskedForIsTold() throws {
        let store = try Self.store(.l2, graphLeast: 100)
        let random = SeededRandomness(seed: 2)
        _ = try store.commit(
            (0..<400).map { key in
                Self.put(key, (0..<8).map { _ in Float(random.below(1000)) })
            }
        )
        try store.settleGraphs()
        func told(_ find: Find) throws -> Explanation {
            var find = find
            find.isExplained = true
            return try #require(try store.snapshot().find(find).explanation)
        }
        let near = Near("at", [Float](repeating: 500, count: 8), beam: 30)
        let walk = try told(Find("points", near: near))
        #expect(walk.way == "nearest by at, walk")
        #expect(walk.considered.map(\.way) == ["scan", "walk"])
        #expect(walk.entries > 30 && walk.matched == 10 && walk.read == 0)
        let owned = try told(Find("points", owner: "o3", near: near))
        #expect(owned.way == "nearest by at, scan")
        #expect(owned.entries == 40 && owned.expected == 40)
        let key = Filter.compare(field: PseudoField.key, .isIn([1, 2, 3, 5_000]))
        let few = try told(Find("points", where: key, near: near))
        #expect(few.way.hasPrefix("nearest by at, survivors of "))
        #expect(few.considered.map(\.way) == ["scan", "survivors", "walk"])
        #expect(few.entries == 3 && few.matched == 3)
        #expect(few.answered == [key] && few.held == [])
        // Few are all compared in full precision.
        #expect(try store.snapshot().find(Find("points", where: key, near: near)).isExact)
        #expect(try !store.snapshot().find(Find("points", near: near)).isExact)
        let exact = Near("at", near.vector, isExact: true, beam: 30)
        #expect(try store.snapshot().find(Find("points", near: exact)).isExact)
        try store.close()
    }
}
