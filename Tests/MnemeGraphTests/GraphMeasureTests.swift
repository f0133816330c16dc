// Measures of whole graphs against plain computations of the same.

import MnemeBase
import Testing

@testable import MnemeGraph

@Suite struct GraphMeasureTests {
    private struct PlainEdge {
        var from: Int
        var to: Int
        var weight: Double
    }

    private static func edges(
        _ nodes: Int,
        _ count: Int,
        _ random: SeededRandomness
    ) -> [PlainEdge] {
        (0..<count).map { _ in
            PlainEdge(
                from: random.below(nodes),
                to: random.below(nodes),
                weight: Double(random.below(5)) / 2
            )
        }
    }

    private static func graph(
        _ nodes: Int,
        _ edges: [PlainEdge],
        isWeighed: Bool,
        out: Bool = true,
        arriving: Bool = true
    ) -> MeasuredGraph {
        var gathering = GraphGathering(
            nodes: (0..<UInt64(nodes)).map { $0 * 7 + 3 },
            goesOut: out,
            goesIn: arriving
        )
        for edge in edges {
            gathering.add(
                from: UInt64(edge.from) * 7 + 3,
                to: UInt64(edge.to) * 7 + 3,
                weight: isWeighed ? edge.weight : nil,
                isBothWays: false
            )
        }
        return gathering.graph(all: true)
    }

    @Test func nodesThatNoEdgeJoinsAreThereWhereAllAre() {
        func gathering() -> GraphGathering {
            var gathering = GraphGathering(nodes: [2, 5, 9, 11], goesOut: true, goesIn: false)
            gathering.add(from: 9, to: 2, weight: nil, isBothWays: false)
            gathering.add(from: 9, to: 4, weight: nil, isBothWays: false)
            gathering.add(from: 11, to: 2, weight: nil, isBothWays: true)
            return gathering
        }
        #expect(gathering().edgeCount == 2)
        #expect(gathering().joins(2, 5) && !gathering().joins(2, 4))
        #expect(gathering().graph(all: true).ordinals == [2, 5, 9, 11])
        #expect(gathering().graph(all: true).degrees().values == [1, 0, 1, 1])
        #expect(gathering().graph(all: false).ordinals == [2, 9, 11])
        #expect(gathering().graph(all: false).degrees().values == [1, 1, 1])
    }

    @Test func degreesAreWhatEdgesComeTo() {
        let random = SeededRandomness(seed: newSeed("degrees"))
        for _ in 0..<50 {
            let nodes = 1 + random.below(20)
            let edges = Self.edges(nodes, random.below(60), random)
            var plain = [Double](repeating: 0, count: nodes)
            var weighed = plain
            for edge in edges {
                plain[edge.from] += 1
                plain[edge.to] += 1
                weighed[edge.to] += edge.weight
            }
            #expect(Self.graph(nodes, edges, isWeighed: false).degrees().values == plain)
            let graph = Self.graph(nodes, edges, isWeighed: true, out: false)
            #expect(graph.degrees().values == weighed)
        }
    }

    @Test func componentsAreThoseOfALabelThatSpreads() throws {
        let random = SeededRandomness(seed: newSeed("components"))
        for _ in 0..<80 {
            let nodes = 1 + random.below(40)
            let edges = Self.edges(nodes, random.below(nodes * 2), random)
            var labels = Array(0..<nodes)
            var isStill = false
            while !isStill {
                isStill = true
                for edge in edges where labels[edge.from] != labels[edge.to] {
                    let lower = min(labels[edge.from], labels[edge.to])
                    (labels[edge.from], labels[edge.to]) = (lower, lower)
                    isStill = false
                }
            }
            // The largest first; of those as large that with the lowest node.
            let groups = Dictionary(grouping: labels.indices) { labels[$0] }
            let order = groups.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
            var wanted = [Double](repeating: 0, count: nodes)
            for (rank, group) in order.enumerated() {
                for node in group.value { wanted[node] = Double(rank + 1) }
            }
            let found = try #require(Self.graph(nodes, edges, isWeighed: false).components())
            #expect(found.values == wanted)
            #expect(found.groupCount == groups.count)
        }
    }

    @Test func pageRankIsThatOfAMatrix() throws {
        let random = SeededRandomness(seed: newSeed("page rank"))
        for round in 0..<40 {
            let nodes = 1 + random.below(15)
            let edges = Self.edges(nodes, random.below(40), random)
            let isWeighed = round % 2 == 0
            var matrix = [[Double]](repeating: .init(repeating: 0, count: nodes), count: nodes)
            for edge in edges { matrix[edge.from][edge.to] += isWeighed ? edge.weight : 1 }
            for node in 0..<nodes {
                let sum = matrix[node].reduce(0, +)
                for other in 0..<nodes {
                    matrix[node][other] = sum > 0 ? matrix[node][other] / sum : 1 / Double(nodes)
                }
            }
            var ranks = [Double](repeating: 1 / Double(nodes), count: nodes)
            for _ in 0..<400 {
                ranks = (0..<nodes).map { node in
                    let come = (0..<nodes).reduce(0) { $0 + ranks[$1] * matrix[$1][node] }
                    return 0.15 / Double(nodes) + 0.85 * come
                }
            }
            let graph = Self.graph(nodes, edges, isWeighed: isWeighed, arriving: false)
            let found = try #require(graph.pageRank(damping: 0.85, mostRounds: 1000))
            #expect(abs(found.values.reduce(0, +) - 1) < 1e-12)
            #expect(found.isSettled)
            for (one, other) in zip(found.values, ranks) { #expect(abs(one - other) < 1e-7) }
        }
    }

    @Test func roundsEndPageRank() throws {
        let edges = [PlainEdge(from: 0, to: 1, weight: 1), PlainEdge(from: 1, to: 2, weight: 1)]
        let graph = Self.graph(3, edges, isWeighed: false, arriving: false)
        let found = try #require(graph.pageRank(damping: 0.85, mostRounds: 2))
        #expect(found.rounds == 2 && !found.isSettled)
        let whole = try #require(graph.pageRank(damping: 0, mostRounds: 100))
        #expect(whole.values.allSatisfy { abs($0 - 1 / 3.0) < 1e-12 })
    }

    /// Groups of as many nodes each, with many edges within and few between them.
    private static func planted(
        _ groups: Int,
        of size: Int,
        _ random: SeededRandomness
    ) -> [PlainEdge] {
        var edges: [PlainEdge] = []
        for one in 0..<groups * size {
            for other in 0..<one {
                let isWithin = one / size == other / size
                if random.below(100) < (isWithin ? 50 : 2) {
                    edges.append(PlainEdge(from: one, to: other, weight: 1))
                }
            }
        }
        return edges
    }

    @Test func plantedCommunitiesAreFound() throws {
        let random = SeededRandomness(seed: 20)
        let edges = Self.planted(5, of: 24, random)
        let graph = Self.graph(120, edges, isWeighed: false)
        for seed in 0..<5 {
            let found = try #require(graph.communities(seed: UInt64(seed), mostRounds: 100))
            #expect(found.groupCount == 5 && found.isSettled)
            for group in 0..<5 {
                let labels = Set(found.values[group * 24..<(group + 1) * 24])
                #expect(labels.count == 1, "group \(group), seed \(seed)")
            }
            let again = try #require(graph.communities(seed: UInt64(seed), mostRounds: 100))
            #expect(again.values == found.values && again.modularity == found.modularity)
        }
    }

    @Test func modularityIsWhatItsDefinitionSays() throws {
        let random = SeededRandomness(seed: newSeed("modularity"))
        for _ in 0..<30 {
            let nodes = 2 + random.below(20)
            let edges = Self.edges(nodes, 1 + random.below(50), random)
            let graph = Self.graph(nodes, edges, isWeighed: true)
            let found = try #require(graph.communities(seed: random.next(), mostRounds: 100))
            // 1/2m · Σ (A − k·k/2m) over pairs of one community.
            var matrix = [[Double]](repeating: .init(repeating: 0, count: nodes), count: nodes)
            for edge in edges {
                matrix[edge.from][edge.to] += edge.weight
                matrix[edge.to][edge.from] += edge.weight
            }
            let sums = matrix.map { $0.reduce(0, +) }
            let total = sums.reduce(0, +)
            var wanted = 0.0
            var apart = 0.0
            for one in 0..<nodes where total > 0 {
                for other in 0..<nodes {
                    let part = matrix[one][other] / total - sums[one] * sums[other] / total / total
                    if found.values[one] == found.values[other] { wanted += part }
                    if one == other { apart += part }
                }
            }
            let modularity = try #require(found.modularity)
            #expect(abs(modularity - wanted) < 1e-9)
            // No worse than each node by itself.
            #expect(modularity >= apart - 1e-9)
        }
    }

    @Test func nothingIsFoundOutOfNothing() throws {
        let graph = Self.graph(0, [], isWeighed: false)
        #expect(graph.degrees().values.isEmpty)
        #expect(try #require(graph.components()).groupCount == 0)
        #expect(try #require(graph.pageRank(damping: 0.85, mostRounds: 9)).values.isEmpty)
        #expect(try #require(graph.communities(seed: 1, mostRounds: 9)).groupCount == 0)
        let apart = Self.graph(3, [], isWeighed: false)
        #expect(try #require(apart.communities(seed: 1, mostRounds: 9)).values == [1, 2, 3])
    }

    @Test func whoEndsAMeasureGetsNothing() {
        let random = SeededRandomness(seed: 4)
        let graph = Self.graph(50, Self.edges(50, 200, random), isWeighed: false)
        #expect(graph.components { _ in false }?.values == nil)
        #expect(graph.pageRank(damping: 0.85, mostRounds: 9) { _ in false }?.values == nil)
        #expect(graph.communities(seed: 1, mostRounds: 9) { _ in false }?.values == nil)
    }
}
