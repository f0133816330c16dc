import MnemeBase
import MnemePages
import Testing

@testable import MnemeGraph

@Suite struct GraphCopyTests {
    private let every = ReadyChoice(EdgeChoice(types: nil, goesOut: true, goesIn: true))

    /// What a copy counts within some hops of a node.
    private func count(
        _ copy: inout GraphCopy,
        _ world: GraphWorld,
        _ node: UInt64,
        _ bounds: WalkBounds
    ) throws -> Int {
        let source = GraphSource(world.adjacency, world.view)
        return try copy.count(from: node, every, bounds, source, StepJudge(asks: false)).count
    }

    /// A copy that forgets the ends of what changed says what one that knows nothing says.
    @Test func whatChangedIsForgotten() throws {
        let randomness = SeededRandomness(seed: newSeed("copies"))
        for _ in 0..<20 {
            let nodes = 2 + randomness.below(30)
            var model = GraphModel()
            let world = try GraphWorld()
            var copy = GraphCopy(through: 1, capacity: randomness.below(2) == 0 ? 8 : 1 << 20)
            for round in 0..<60 {
                let editor = world.file.edit()
                var ends: [UInt64] = []
                if let edge = model.edges.randomElement(), randomness.below(3) == 0 {
                    #expect(try edge.unlink(world.adjacency, editor))
                    model.edges.remove(edge)
                    ends = [edge.from, edge.to]
                } else {
                    let edge = ModelEdge(
                        edge: UInt64(1000 + round),
                        type: UInt16(randomness.below(70)),
                        from: UInt64(randomness.below(nodes)),
                        to: UInt64(randomness.below(nodes)),
                        birth: UInt64(round)
                    )
                    try edge.link(world.adjacency, editor)
                    model.edges.insert(edge)
                    ends = [edge.from, edge.to]
                }
                world.file.publish(editor)
                for end in ends { copy.forget(end) }
                copy.reach(UInt64(round))
                copy.tidy()
                let start = UInt64(randomness.below(nodes))
                let hops = randomness.below(4)
                let expected = model.distances(
                    from: [start],
                    EdgeChoice(types: nil, goesOut: true, goesIn: true),
                    hops: hops
                ) { _ in true }
                let found = try count(&copy, world, start, WalkBounds(hops: hops))
                #expect(found == expected.count - 1)
            }
        }
    }

    @Test func fanOutBoundsWhatANodeLeadsTo() throws {
        let world = try GraphWorld()
        var model = GraphModel()
        // A node with 20 neighbours, each of which has 20 more.
        for first: UInt64 in 1...20 {
            model.edges.insert(ModelEdge(edge: first, type: 0, from: 0, to: first, birth: 1))
            for second: UInt64 in 0..<20 {
                let node = 100 * first + second
                model.edges.insert(
                    ModelEdge(edge: 10_000 + node, type: 0, from: first, to: node, birth: 1)
                )
            }
        }
        try world.link(model)
        var copy = GraphCopy(through: 1)
        for (fanOut, expected) in [(0, 0), (1, 2), (3, 12), (20, 420), (.max, 420)] {
            let found = try count(&copy, world, 0, WalkBounds(hops: 2, fanOut: fanOut))
            #expect(found == expected)
        }
    }

    @Test func aWalkEndsWhenItIsNotWantedAnyMore() throws {
        let world = try GraphWorld()
        var model = GraphModel()
        for node: UInt64 in 0..<5000 {
            model.edges.insert(
                ModelEdge(edge: 10_000 + node, type: 0, from: node, to: node + 1, birth: 1)
            )
        }
        try world.link(model)
        var copy = GraphCopy(through: 1)
        let source = GraphSource(world.adjacency, world.view)
        let judge = StepJudge(asks: false, goesOn: { false })
        let out = ReadyChoice(EdgeChoice(types: nil, goesOut: true, goesIn: false))
        let bounds = WalkBounds(hops: 9000)
        let walked = try copy.count(from: 0, out, bounds, source, judge)
        #expect(!walked.isComplete && walked.count < 5000)
        let path = try copy.shortestPath(from: 0, to: 5000, out, hops: 9000, source, judge)
        #expect(path == nil)
    }
}
