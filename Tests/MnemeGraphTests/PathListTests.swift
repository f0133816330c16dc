// All shortest paths and the cheapest ones against every path that there is.

import MnemeBase
import Testing

@testable import MnemeGraph

@Suite struct PathListTests {
    /// Every path of at most so many edges that comes to no node twice.
    private static func all(
        _ from: UInt64,
        _ to: UInt64,
        hops: Int,
        _ steps: [UInt64: [(to: UInt64, edge: UInt64, isAgainst: Bool)]]
    ) -> [[UInt64]] {
        var found: [[UInt64]] = []
        func go(_ node: UInt64, _ seen: Set<UInt64>, _ path: [UInt64]) {
            if node == to { return found.append(path) }
            if path.count == hops { return }
            for step in steps[node] ?? [] where !seen.contains(step.to) {
                go(step.to, seen.union([step.to]), path + [step.edge])
            }
        }
        go(from, [from], [])
        return found
    }

    /// Some edges cost nothing, and some have no cost and cannot be taken.
    private static func cost(_ edge: UInt64) -> Double? {
        edge % 11 == 0 ? nil : Double(edge % 5)
    }

    @Test func pathsAreThoseOfASearchOfAll() throws {
        let randomness = SeededRandomness(seed: newSeed("path lists"))
        var count = 0
        for _ in 0..<80 {
            let nodes = 2 + randomness.below(6)
            let model = GraphModel.random(
                nodes: nodes,
                edges: nodes + randomness.below(8),
                types: 2,
                randomness
            )
            let world = try GraphWorld()
            try world.link(model)
            let source = GraphSource(world.adjacency, world.view)
            for _ in 0..<6 {
                let choice = EdgeChoice.random(types: 2, randomness)
                let refused = UInt64(randomness.below(nodes * 2))
                let accepts: (EdgeStep) -> Bool = { $0.node != refused }
                let steps = model.steps(choice, accepts: accepts)
                let (from, to) = (UInt64(randomness.below(nodes)), UInt64(randomness.below(nodes)))
                let hops = randomness.below(6)
                let limit = [1, 3, 1000][randomness.below(3)]
                let every = Self.all(from, to, hops: hops, steps)
                var copy = GraphCopy(through: 1, capacity: randomness.below(2) == 0 ? 0 : 1 << 20)
                let shortest = try copy.shortestPaths(
                    from: from,
                    to: to,
                    ReadyChoice(choice),
                    PathBounds(hops: hops, limit: limit),
                    source,
                    StepJudge(accepts: accepts)
                )
                let fewest = every.map(\.count).min()
                expect(shortest, every.filter { $0.count == fewest }, limit) { Double($0.count) }
                let payable = every.filter { $0.allSatisfy { Self.cost($0) != nil } }
                let cheapest = try copy.cheapestPaths(
                    from: from,
                    to: to,
                    ReadyChoice(choice),
                    PathBounds(hops: hops, limit: limit),
                    source,
                    StepJudge(accepts: accepts)
                ) { Self.cost($0.edge) }
                expect(cheapest, payable, limit) { $0.reduce(0) { $0 + (Self.cost($1) ?? 0) } }
                count += cheapest.paths.count
            }
        }
        #expect(count > 100)
    }

    /// The first of all by what they come to, then by how many edges they have, then by these.
    private func expect(
        _ list: PathList,
        _ all: [[UInt64]],
        _ limit: Int,
        _ cost: ([UInt64]) -> Double
    ) {
        let sorted = all.sorted { left, right in
            let (first, second) = (cost(left), cost(right))
            if first != second { return first < second }
            if left.count != right.count { return left.count < right.count }
            return left.lexicographicallyPrecedes(right)
        }
        #expect(list.paths == Array(sorted.prefix(limit)))
        #expect(list.costs == list.paths.map(cost))
        if all.count > limit { #expect(!list.isComplete) }
        if all.count < limit { #expect(list.isComplete) }
    }

    @Test func boundsEndASearch() throws {
        let world = try GraphWorld()
        var model = GraphModel()
        // Four ways from 0 to 2, of which each has two edges.
        for edge: UInt64 in 1...2 {
            model.edges.insert(ModelEdge(edge: edge, type: 0, from: 0, to: 1, birth: 1))
            model.edges.insert(ModelEdge(edge: 10 + edge, type: 0, from: 1, to: 2, birth: 1))
        }
        try world.link(model)
        let source = GraphSource(world.adjacency, world.view)
        let out = ReadyChoice(EdgeChoice(types: nil, goesOut: true, goesIn: false))
        var copy = GraphCopy(through: 1)
        for (edges, expected) in [(8, 4), (7, 3), (2, 1), (1, 0)] {
            let bounds = PathBounds(hops: 9, limit: 100, edges: edges)
            let judge = StepJudge(asks: false)
            let shortest = try copy.shortestPaths(from: 0, to: 2, out, bounds, source, judge)
            #expect(shortest.paths.count == expected && shortest.isComplete == (expected == 4))
            let cheapest = try copy.cheapestPaths(from: 0, to: 2, out, bounds, source, judge) {
                Double($0.edge)
            }
            #expect(cheapest.paths.count == expected && cheapest.isComplete == (expected == 4))
        }
        let none = PathBounds(hops: 9, limit: 0)
        let asked = StepJudge(asks: false)
        #expect(try copy.shortestPaths(from: 0, to: 2, out, none, source, asked).paths.isEmpty)
        let ended = StepJudge(asks: false, goesOn: { false })
        let whole = PathBounds(hops: 9, limit: 9)
        // What is short is never asked about.
        let short = try copy.shortestPaths(from: 0, to: 2, out, whole, source, ended)
        #expect(short.paths.count == 4)
    }

    @Test func heapsGiveTheCheapestFirst() {
        let randomness = SeededRandomness(seed: newSeed("label heap"))
        var heap = LabelHeap()
        var model: [(cost: Double, hops: Int, place: Int)] = []
        for place in 0..<2000 {
            let (cost, hops) = (Double(randomness.below(20)), randomness.below(4))
            heap.push(place, cost: cost, hops: hops)
            model.append((cost, hops, place))
            guard randomness.below(3) == 0, let least = model.min(by: <) else { continue }
            #expect(heap.pop() == least.place)
            model.removeAll { $0.place == least.place }
        }
        for least in model.sorted(by: <) { #expect(heap.pop() == least.place) }
        #expect(heap.pop() == nil)
    }
}
