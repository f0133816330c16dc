// Walks of every way of asking against plain searches, while edges and records come and go.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct PreparedWalkTests {
    /// Records by number and the edges between them, searched in full.
    private struct Model {
        var nodes: Set<Int64> = []
        var edges: [UInt64: (from: Int64, to: Int64)] = [:]

        /// How far each record is that can be reached, itself 0.
        func distances(from start: Int64, hops: Int, _ direction: Direction) -> [Int64: Int] {
            var distances = [start: 0]
            var front = [start]
            for hop in stride(from: 1, through: hops, by: 1) {
                var next: [Int64] = []
                for node in front {
                    for edge in edges.values {
                        let ends = [
                            direction != .in && edge.from == node ? edge.to : nil,
                            direction != .out && edge.to == node ? edge.from : nil,
                        ]
                        for end in ends.compactMap({ $0 }) where distances[end] == nil {
                            distances[end] = hop
                            next.append(end)
                        }
                    }
                }
                front = next
            }
            return distances
        }

        mutating func remove(_ node: Int64) {
            nodes.remove(node)
            edges = edges.filter { $0.value.from != node && $0.value.to != node }
        }
    }

    private func number(_ key: Int64) -> Reference { Reference("numbers", .int(key)) }

    /// One random change, in the store and in the model.
    private func change(
        _ store: Store,
        _ model: inout Model,
        _ randomness: SeededRandomness
    ) throws {
        let node = Int64(randomness.below(12))
        switch randomness.below(6) {
        case 0:
            _ = try store.commit([.put(Put("numbers", .int(node), [:]))])
            model.nodes.insert(node)
        case 1 where model.nodes.contains(node) && randomness.below(3) == 0:
            _ = try store.commit([.delete(number(node))])
            model.remove(node)
        case 2:
            guard let edge = model.edges.keys.min() else { return }
            _ = try store.commit([.unlink(edge)])
            model.edges[edge] = nil
        default:
            let (from, to) = (model.nodes.randomElement(), model.nodes.min())
            guard let from, let to else { return }
            let ends = randomness.below(2) == 0 ? (from, to) : (to, from)
            let link = Link("joins", from: number(ends.0), to: number(ends.1))
            guard let edge = try store.commit([.link(link)]).outcomes.compactMap(\.madeEdge).first
            else { return }
            model.edges[edge] = (ends.0, ends.1)
        }
    }

    /// Holds a snapshot against the model of its time.
    private func expect(
        _ snapshot: Snapshot,
        _ model: Model,
        _ randomness: SeededRandomness
    ) throws {
        guard let from = model.nodes.randomElement(), let to = model.nodes.randomElement() else {
            return
        }
        let direction = Direction.allCases[randomness.below(3)]
        let hops = randomness.below(5)
        let distances = model.distances(from: from, hops: hops, direction)
        let walked = try snapshot.walk(
            Walk(from: [number(from)], direction: direction, hops: hops, countOnly: true)
        )
        #expect(walked.count == distances.count - 1 && walked.isComplete)
        let path = try snapshot.path(
            from: number(from),
            to: number(to),
            types: nil,
            direction: direction,
            hops: hops
        )
        #expect(path?.count == distances[to])
    }

    @Test func everyWayOfAskingSaysWhatASearchSays() throws {
        let seed = RealRandomness().next()
        print("prepared walks: seed \(seed)")
        let randomness = SeededRandomness(seed: seed)
        let store = try Kinds.store()
        let walks = try Direction.allCases.flatMap { direction in
            try (0..<4).map { hops in
                try store.prepare(
                    Walk(from: [], types: ["joins"], direction: direction, hops: hops),
                    from: "numbers"
                )
            }
        }
        var model = Model()
        var kept: (Snapshot, Model) = (store.snapshot(), model)
        for round in 0..<600 {
            try change(store, &model, randomness)
            if randomness.below(20) == 0 { kept = (store.snapshot(), model) }
            try expect(kept.0, kept.1, randomness)
            try expect(store.snapshot(), model, randomness)
            let walk = walks[round % walks.count]
            let start = Int64(randomness.below(12))
            let found = try store.count(walk, from: .int(start))
            guard model.nodes.contains(start) else {
                #expect(found == nil)
                continue
            }
            let (hops, direction) = (walk.walk.hops, walk.walk.direction)
            let distances = model.distances(from: start, hops: hops, direction)
            #expect(found == distances.count - 1)
        }
    }

    @Test func whatExpiresOrIsPutAsideIsNotCounted() throws {
        let clock = SimulatedClock(start: 1_000_000)
        var options = Kinds.options()
        options.clock = clock
        let store = try Kinds.store(options)
        _ = try store.commit((1...4).map { .put(Put("numbers", .int($0), [:])) })
        _ = try store.commit(
            (1..<4).map { .link(Link("joins", from: number($0), to: number($0 + 1))) }
        )
        let walk = try store.prepare(Walk(from: [], hops: 9), from: "numbers")
        #expect(try store.count(walk, from: .int(1)) == 3)
        _ = try store.commit([
            .put(
                Put(
                    "numbers",
                    .int(3),
                    [:],
                    expiresAt: Instant(microseconds: 2_000_000)
                )
            )
        ])
        #expect(try store.count(walk, from: .int(1)) == 3)
        clock.set(3_000_000)
        #expect(try store.count(walk, from: .int(1)) == 1)
        #expect(try store.count(walk, from: .int(3)) == nil)
    }

    @Test func aPreparedWalkIsRefusedAsAWalkIs() throws {
        let store = try Kinds.store()
        try expectRefusal(.unknownCollection, "nothing", leaving: store) {
            _ = try store.prepare(Walk(from: []), from: "nothing")
        }
        try expectRefusal(.unknownEdgeType, "nothing", leaving: store) {
            _ = try store.prepare(Walk(from: [], types: ["nothing"]), from: "numbers")
        }
        try expectRefusal(.badRequest, "hops is -1", leaving: store) {
            _ = try store.prepare(Walk(from: [], hops: -1), from: "numbers")
        }
        try expectRefusal(.badRequest, "leave \"from\" empty", leaving: store) {
            _ = try store.prepare(Walk(from: [number(1)]), from: "numbers")
        }
        let walk = try store.prepare(Walk(from: []), from: "numbers")
        try expectRefusal(.wrongType, "one", leaving: store) {
            _ = try store.count(walk, from: .text("one"))
        }
        // A key that reads as one is one.
        _ = try store.commit([.put(Put("numbers", .int(1), [:]))])
        #expect(try store.count(walk, from: .text("1")) == 0)
    }
}
