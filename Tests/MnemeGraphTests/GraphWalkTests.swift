import MnemeBase
import MnemePages
import Testing

@testable import MnemeGraph

@Suite struct GraphWalkTests {
    private static func everything(_ neighbour: EdgeStep) -> Bool { true }

    /// A graph, thin to dense, and what refuses some of its nodes and edges.
    private static func random(
        _ randomness: SeededRandomness
    ) -> (
        model: GraphModel, nodes: Int, accepts: (EdgeStep) -> Bool
    ) {
        let nodes = 2 + randomness.below(40)
        let model = GraphModel.random(
            nodes: nodes,
            edges: nodes * (1 + randomness.below(6)) / 2,
            types: 3,
            randomness
        )
        let refusesNodes = UInt64(randomness.below(3))
        let refusesEdges = UInt64(randomness.below(2))
        return (
            model, nodes,
            { neighbour in
                (refusesNodes == 0 || neighbour.node % (2 + refusesNodes * 2) != 1)
                    && (refusesEdges == 0 || neighbour.edge % 7 != 3)
            }
        )
    }

    // MARK: Walks

    @Test func walksReachWhatASearchOfAllEdgesReaches() throws {
        let randomness = SeededRandomness(seed: newSeed("walks"))
        for _ in 0..<60 {
            let (model, nodes, accepts) = Self.random(randomness)
            let world = try GraphWorld()
            try world.link(model)
            for _ in 0..<8 {
                let choice = EdgeChoice.random(types: 3, randomness)
                let starts = (0..<(1 + randomness.below(3))).map { _ in
                    UInt64(randomness.below(nodes))
                }
                let hops = randomness.below(6)
                let expected = model.distances(
                    from: starts,
                    choice,
                    hops: hops,
                    accepts: accepts
                )
                let found = try world.adjacency.walk(
                    from: starts,
                    choice,
                    hops: hops,
                    limit: .max,
                    in: world.view,
                    accepts: accepts
                )
                #expect(found.isComplete)
                var distances = Dictionary(
                    found.reached.map { ($0.node, $0.hops) },
                    uniquingKeysWith: { _, _ in -1 }
                )
                for start in Set(starts) {
                    #expect(distances[start] == nil)
                    distances[start] = 0
                }
                #expect(distances == expected)
                try expectWays(found.reached, starts, model.steps(choice, accepts: accepts))
                try expectLimits(world, starts, choice, hops, found.reached, accepts, randomness)
            }
        }
    }

    /// Whether every node was reached by a step from the one before it.
    private func expectWays(
        _ reached: [Reached],
        _ starts: [UInt64],
        _ steps: [UInt64: [(to: UInt64, edge: UInt64, isAgainst: Bool)]]
    ) throws {
        for (index, step) in reached.enumerated() {
            if let previous = step.previous {
                #expect(previous < index && reached[previous].hops == step.hops - 1)
                #expect(reached[previous].start == step.start)
            } else {
                #expect(step.hops == 1 && starts.contains(step.start))
            }
            let before = step.previous.map { reached[$0].node } ?? step.start
            #expect(
                steps[before]?.contains {
                    $0.to == step.node && $0.edge == step.edge && $0.isAgainst == step.isAgainst
                } ?? false
            )
        }
        #expect(reached.map(\.hops) == reached.map(\.hops).sorted())
    }

    /// A limit gives the first of the same answer, and says so.
    private func expectLimits(
        _ world: GraphWorld,
        _ starts: [UInt64],
        _ choice: EdgeChoice,
        _ hops: Int,
        _ whole: [Reached],
        _ accepts: (EdgeStep) -> Bool,
        _ randomness: SeededRandomness
    ) throws {
        for limit in [0, randomness.below(whole.count + 1), whole.count, whole.count + 1] {
            let found = try world.adjacency.walk(
                from: starts,
                choice,
                hops: hops,
                limit: limit,
                in: world.view,
                accepts: accepts
            )
            #expect(found.reached == Array(whole.prefix(limit)))
            #expect(found.isComplete == (limit >= whole.count))
        }
    }

    @Test func aRefusedNodeIsNotWalkedThrough() throws {
        let world = try GraphWorld()
        var model = GraphModel()
        model.edges = [
            ModelEdge(edge: 1, type: 0, from: 1, to: 2, birth: 1),
            ModelEdge(edge: 2, type: 0, from: 2, to: 3, birth: 1),
            ModelEdge(edge: 3, type: 0, from: 2, to: 2, birth: 1),
        ]
        try world.link(model)
        let out = EdgeChoice(types: nil, goesOut: true, goesIn: false)
        let all = try world.adjacency.walk(
            from: [1],
            out,
            hops: 9,
            limit: 9,
            in: world.view,
            accepts: Self.everything
        )
        #expect(all.reached.map(\.node) == [2, 3] && all.reached.map(\.hops) == [1, 2])
        let none = try world.adjacency.walk(
            from: [1],
            out,
            hops: 9,
            limit: 9,
            in: world.view
        ) { $0.node != 2 }
        #expect(none.reached.isEmpty && none.isComplete)
        let nowhere = try world.adjacency.walk(
            from: [1],
            EdgeChoice(types: [], goesOut: true, goesIn: true),
            hops: 9,
            limit: 9,
            in: world.view,
            accepts: Self.everything
        )
        #expect(nowhere.reached.isEmpty)
        let noStart = try world.adjacency.walk(
            from: [],
            out,
            hops: 9,
            limit: 9,
            in: world.view,
            accepts: Self.everything
        )
        #expect(noStart.reached.isEmpty && noStart.isComplete)
    }

    @Test func typesNamedTwiceGiveEveryNodeOnce() throws {
        let world = try GraphWorld()
        var model = GraphModel()
        model.edges = [
            ModelEdge(edge: 1, type: 2, from: 1, to: 2, birth: 1),
            ModelEdge(edge: 2, type: 1, from: 1, to: 3, birth: 1),
        ]
        try world.link(model)
        let found = try world.adjacency.walk(
            from: [1, 1],
            EdgeChoice(types: [2, 1, 2], goesOut: true, goesIn: true),
            hops: 3,
            limit: 9,
            in: world.view,
            accepts: Self.everything
        )
        #expect(found.reached.map(\.node) == [3, 2])
    }

    // MARK: Paths

    @Test func pathsAreShortestAndConnect() throws {
        let randomness = SeededRandomness(seed: newSeed("paths"))
        var counts = (paths: 0, none: 0)
        for _ in 0..<60 {
            let (model, nodes, accepts) = Self.random(randomness)
            let world = try GraphWorld()
            try world.link(model)
            for _ in 0..<20 {
                let choice = EdgeChoice.random(types: 3, randomness)
                let from = UInt64(randomness.below(nodes))
                let to = UInt64(randomness.below(nodes))
                let hops = randomness.below(9)
                let distance = model.distances(
                    from: [from],
                    choice,
                    hops: hops,
                    accepts: accepts
                )[to]
                let path = try world.adjacency.shortestPath(
                    from: from,
                    to: to,
                    choice,
                    hops: hops,
                    in: world.view,
                    accepts: accepts
                )
                #expect(path?.count == distance, "\(from) to \(to), \(hops) hops, \(choice)")
                guard let path else {
                    counts.none += 1
                    continue
                }
                counts.paths += 1
                let steps = model.steps(choice, accepts: accepts)
                let end = path.reduce(into: from as UInt64?) { node, edge in
                    node = node.flatMap { steps[$0]?.first { $0.edge == edge }?.to }
                }
                #expect(end == to, "\(path) from \(from) does not lead to \(to)")
            }
        }
        #expect(counts.paths > 100 && counts.none > 100)
    }

    @Test func pathsOfAChain() throws {
        let world = try GraphWorld()
        var model = GraphModel()
        for node: UInt64 in 0..<50 {
            model.edges.insert(
                ModelEdge(edge: 100 + node, type: 0, from: node, to: node + 1, birth: 1)
            )
        }
        try world.link(model)
        let out = EdgeChoice(types: nil, goesOut: true, goesIn: false)
        let against = EdgeChoice(types: nil, goesOut: false, goesIn: true)
        func path(
            _ from: UInt64,
            _ to: UInt64,
            _ choice: EdgeChoice,
            _ hops: Int
        ) throws
            -> [UInt64]?
        {
            try world.adjacency.shortestPath(
                from: from,
                to: to,
                choice,
                hops: hops,
                in: world.view,
                accepts: Self.everything
            )
        }
        let whole = Array(UInt64(100)..<150)
        #expect(try path(0, 50, out, 50) == whole)
        #expect(try path(0, 50, out, 49) == nil)
        #expect(try path(50, 0, against, 50) == whole.reversed())
        #expect(try path(50, 0, out, 99) == nil)
        #expect(try path(0, 51, out, 99) == nil)
        #expect(try path(7, 7, out, 0) == [])
        #expect(try path(7, 8, out, 0) == nil)
        #expect(try path(7, 8, out, 1) == [107])
    }

    /// What is asked does not hang on the side that the search went from.
    @Test func aRefusedEndIsNotReachedAndARefusedStartIsLeft() throws {
        let out = EdgeChoice(types: nil, goesOut: true, goesIn: false)
        for fanOut in [1, 5] {
            for fanIn in [1, 5] {
                let world = try GraphWorld()
                var model = GraphModel()
                var edge: UInt64 = 1
                func add(_ from: UInt64, _ to: UInt64) {
                    model.edges.insert(
                        ModelEdge(edge: edge, type: 0, from: from, to: to, birth: 1)
                    )
                    edge += 1
                }
                add(1, 2)
                add(2, 3)
                for leaf in 1..<fanOut { add(1, UInt64(10 + leaf)) }
                for leaf in 1..<fanIn { add(UInt64(20 + leaf), 3) }
                try world.link(model)
                let cases: [(UInt64, [UInt64]?)] = [(1, [1, 2]), (2, nil), (3, nil)]
                for (refused, expected) in cases {
                    let path = try world.adjacency.shortestPath(
                        from: 1,
                        to: 3,
                        out,
                        hops: 9,
                        in: world.view
                    ) { $0.node != refused }
                    #expect(path == expected, "\(refused) refused, \(fanOut) out, \(fanIn) in")
                }
            }
        }
    }
}
