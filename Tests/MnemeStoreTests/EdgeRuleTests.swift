// Rules of edge types: unique ones join two records once, undirected ones are followed both ways,
// loops are refused where a type does not have them.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct EdgeRuleTests {
    private static let schema = Schema(
        collections: [Collection("nodes", fields: [Field("name", .text)])],
        edgeTypes: [
            EdgeType("plain"),
            EdgeType("one", fields: [Field("weight", .int)], isUnique: true, allowsLoops: false),
            EdgeType("same", fields: [Field("weight", .int)], isUnique: true, isUndirected: true),
            EdgeType("near", isUndirected: true),
        ]
    )

    private static func node(_ number: Int) -> Reference {
        Reference("nodes", .text("n\(number)"))
    }

    private static func link(
        _ type: String,
        _ from: Int,
        _ to: Int,
        _ weight: Int64? = nil,
        mode: Link.Mode = .insert
    ) -> Change {
        .link(
            Link(
                type,
                from: node(from),
                to: node(to),
                fields: weight.map { ["weight": .int($0)] } ?? [:],
                mode: mode
            )
        )
    }

    private func store(_ disk: any Disk = MemoryDisk()) throws -> Store {
        let store = try Store.open("store", options: Kinds.options(disk))
        try store.define(Self.schema)
        _ = try store.commit((0..<5).map { .put(Put("nodes", .text("n\($0)"), ["name": "x"])) })
        return store
    }

    private func weights(_ store: Store, _ node: Int, _ type: String) throws -> [Value] {
        try store.snapshot().edges(of: Self.node(node), .both, types: [type])
            .map { $0.fields["weight"] ?? .null }
    }

    @Test func aUniqueTypeJoinsTwoRecordsOnce() throws {
        let disk = SimulatedDisk()
        let store = try store(disk)
        _ = try store.commit([Self.link("one", 0, 1, 1), Self.link("one", 1, 0, 2)])
        try expectRefusal(.duplicate, "\"one\"", "nodes/n0", "replace", leaving: store) {
            _ = try store.commit([Self.link("one", 0, 1, 3)])
        }
        try expectRefusal(.duplicate, leaving: store) {
            _ = try store.commit([Self.link("one", 2, 3), Self.link("one", 2, 3)])
        }
        _ = try store.commit([Self.link("same", 0, 1, 1)])
        try expectRefusal(.duplicate, leaving: store) {
            _ = try store.commit([Self.link("same", 1, 0, 2)])
        }
        let done = try store.commit([Self.link("same", 1, 0, 5, mode: .replace)])
        guard case .linked(let edge) = done.outcomes[0] else {
            Issue.record("\(done)")
            return
        }
        #expect(try weights(store, 0, "same") == [5])
        #expect(try store.commit([.unlink(edge)]).outcomes == [.unlinked(true)])
        // In one batch: given up, taken, replaced.
        _ = try store.commit([
            Self.link("same", 0, 1, 1), Self.link("same", 0, 1, 2, mode: .replace),
        ])
        #expect(try weights(store, 1, "same") == [2])
        _ = try store.commit([
            .delete(Self.node(1)), .put(Put("nodes", "n1", [:])), Self.link("same", 1, 0, 7),
        ])
        #expect(try weights(store, 0, "same") == [7])
        try expectRefusal(.badRequest, "plain", "unique", leaving: store) {
            _ = try store.commit([Self.link("plain", 0, 1, mode: .replace)])
        }
        for mode in [StoreMode.open, .rebuild] {
            let again = try Store.open(
                "store",
                mode,
                options: Kinds.options(disk.crashKeepingAll())
            )
            #expect(try again.verify().findings == [])
            try expectRefusal(.duplicate, leaving: again) {
                _ = try again.commit([Self.link("same", 0, 1)])
            }
        }
    }

    @Test func loopsAreRefusedWhereATypeHasNone() throws {
        let store = try store()
        try expectRefusal(.checkFailed, "\"one\"", "nodes/n2", leaving: store) {
            _ = try store.commit([Self.link("one", 2, 2)])
        }
        _ = try store.commit([
            Self.link("plain", 2, 2), Self.link("same", 2, 2), Self.link("near", 2, 2),
        ])
        try expectRefusal(.duplicate, leaving: store) {
            _ = try store.commit([Self.link("same", 2, 2)])
        }
        for direction in [Direction.out, .in, .both] {
            let edges = try store.snapshot().edges(of: Self.node(2), direction, types: nil)
            #expect(edges.count == 3, "\(direction)")
        }
    }

    @Test func anUndirectedTypeIsFollowedBothWays() throws {
        let store = try store()
        _ = try store.commit([
            Self.link("near", 0, 1), Self.link("near", 2, 1), Self.link("plain", 2, 3),
            Self.link("plain", 4, 2),
        ])
        func reached(_ direction: Direction, _ types: [String]?, hops: Int = 3) throws -> [String] {
            var walk = Walk(from: [Self.node(0)], types: types)
            walk.direction = direction
            walk.hops = hops
            return try store.snapshot().walk(walk).stops.map(\.reference.key.description)
        }
        for direction in [Direction.out, .in, .both] {
            #expect(try reached(direction, ["near"]) == ["n1", "n2"])
        }
        #expect(try reached(.out, nil) == ["n1", "n2", "n3"])
        #expect(try reached(.in, nil) == ["n1", "n2", "n4"])
        #expect(try reached(.out, ["plain"]) == [])
        let path = try store.snapshot().path(
            from: Self.node(3),
            to: Self.node(0),
            types: nil,
            direction: .in,
            hops: 5
        )
        #expect(path?.count == 3)
        #expect(try store.snapshot().edges(of: Self.node(1), .out, types: nil).count == 2)
        #expect(try store.snapshot().edges(of: Self.node(2), .in, types: ["near"]).count == 1)
    }

    /// Random links, replacements, unlinks and deletes against a set of pairs.
    @Test(arguments: [UInt64(1), 2, RealRandomness().next()])
    func pairsAreThoseOfAPlainModel(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        var disk = SimulatedDisk()
        var store = try store(disk)
        var model: [String: [[Int]: Int64]] = ["one": [:], "same": [:]]
        for step in 0..<300 {
            let (from, to) = (random.below(5), random.below(5))
            let type = random.below(2) == 0 ? "one" : "same"
            let pair = type == "same" ? [min(from, to), max(from, to)] : [from, to]
            let known = model[type]?[pair]
            if random.below(12) == 0 {
                _ = try store.commit([
                    .delete(Self.node(from)), .put(Put("nodes", Self.node(from).key, [:])),
                ])
                for name in model.keys {
                    model[name] = model[name]?.filter { !$0.key.contains(from) }
                }
            } else if random.below(4) == 0, known != nil {
                let edge = try store.snapshot().edges(of: Self.node(from), .both, types: [type])
                    .first {
                        ($0.from, $0.to) == (Self.node(from), Self.node(to))
                            || type == "same"
                                && ($0.to, $0.from) == (Self.node(from), Self.node(to))
                    }
                _ = try store.commit([.unlink(try #require(edge).id)])
                model[type]?.removeValue(forKey: pair)
            } else {
                let mode: Link.Mode = random.below(3) == 0 ? .replace : .insert
                let isLoop = type == "one" && from == to
                let expected: MnemeError.Code? =
                    isLoop ? .checkFailed : known != nil && mode == .insert ? .duplicate : nil
                do throws(MnemeError) {
                    _ = try store.commit([Self.link(type, from, to, Int64(step), mode: mode)])
                    #expect(expected == nil, "seed \(seed), step \(step)")
                    model[type]?[pair] = Int64(step)
                } catch {
                    #expect(error.code == expected, "seed \(seed), step \(step): \(error)")
                }
            }
            if step % 60 == 59 {
                disk = disk.crashKeepingAll()
                store = try Store.open(
                    "store",
                    step % 120 == 59 ? .open : .rebuild,
                    options: Kinds.options(disk)
                )
                #expect(try store.verify().findings == [], "seed \(seed), step \(step)")
            }
            var shown: [String: [[Int]: Int64]] = ["one": [:], "same": [:]]
            for edge in try Picture(store).edges {
                let ends = [edge.from, edge.to].map { Int($0.key.description.dropFirst()) ?? -1 }
                let pair = edge.type == "same" ? ends.sorted() : ends
                shown[edge.type]?[pair] = edge.fields["weight"]?.int
            }
            #expect(shown == model, "seed \(seed), step \(step)")
        }
    }
}
