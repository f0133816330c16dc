import Testing

@testable import MnemeBench

@Suite struct PlainGraphTests {
    /// 0 → 1 → 2 → 0 by "a", 2 → 3 by "b", 4 alone, 3 → 3 and 0 → 3 by "b".
    private var graph: PlainGraph {
        var graph = PlainGraph(nodeCount: 5)
        for (from, to, type) in [
            (0, 1, "a"), (1, 2, "a"), (2, 0, "a"), (2, 3, "b"), (3, 3, "b"), (0, 3, "b"),
        ] { graph.add(from: from, to: to, type: type) }
        return graph
    }

    @Test func hopsCountDistinctNodes() {
        #expect((0...3).map { graph.countWithin(hops: $0, of: 1) } == [0, 1, 3, 3])
        #expect(graph.countWithin(hops: 3, of: 4) == 0)
        #expect(graph.countWithin(hops: 2, of: 3) == 0)
    }

    @Test func pathsRunBothWaysAlongOneType() {
        #expect(graph.distance(from: 0, to: 2, type: "a") == 1)
        #expect(graph.distance(from: 2, to: 3, type: "a") == -1)
        #expect(graph.distance(from: 3, to: 0, type: "b") == 1)
        #expect(graph.distance(from: 4, to: 4, type: "a") == 0)
        #expect(graph.distance(from: 0, to: 1, type: "c") == -1)
    }

    @Test func incomingEdgesAreOfOneType() {
        #expect(graph.countInto(3, type: "b") == 2)
        #expect(graph.countInto(3, type: "a") == 0)
        #expect(graph.countInto(0, type: "c") == 0)
    }
}
