import MnemeBase
import MnemePages
import Testing

@testable import MnemeGraph

@Suite struct AdjacencyTests {
    @Test func listsAreKeptBySideAndType() throws {
        let world = try GraphWorld()
        var model = GraphModel()
        model.edges = [
            ModelEdge(edge: 9, type: 2, from: 1, to: 5, birth: 3),
            ModelEdge(edge: 4, type: 2, from: 1, to: 6, birth: 4),
            ModelEdge(edge: 7, type: 1, from: 1, to: 5, birth: 5),
            ModelEdge(edge: 8, type: 2, from: 5, to: 1, birth: 6),
        ]
        try world.link(model)
        let out = try world.list(1, .out, in: world.view)
        #expect(out.map(\.edge) == [7, 4, 9])
        #expect(
            out[2] == Neighbour(edge: 9, type: 2, node: 5, birth: 3)
        )
        #expect(try world.list(1, .out, type: 2, in: world.view).map(\.edge) == [4, 9])
        #expect(try world.list(1, .arriving, in: world.view).map(\.edge) == [8])
        #expect(try world.list(5, .arriving, in: world.view).map(\.edge) == [7, 9])
        #expect(try world.list(5, .arriving, type: 3, in: world.view).isEmpty)
        #expect(try world.list(2, .out, in: world.view).isEmpty)
    }

    @Test func loopsStandInBothLists() throws {
        let world = try GraphWorld()
        let loop = ModelEdge(edge: 1, type: 0, from: 3, to: 3, birth: 1)
        let editor = world.file.edit()
        try loop.link(world.adjacency, editor)
        for side in [EdgeSide.out, .arriving] {
            #expect(
                try world.list(3, side, in: editor.view)
                    == [Neighbour(edge: 1, type: 0, node: 3, birth: 1)]
            )
        }
        #expect(try loop.unlink(world.adjacency, editor))
        #expect(try world.list(3, .out, in: editor.view).isEmpty)
        #expect(try world.list(3, .arriving, in: editor.view).isEmpty)
        #expect(try !loop.unlink(world.adjacency, editor))
        world.file.publish(editor)
    }

    @Test func parallelEdgesAreTakenOutOneByOne() throws {
        let world = try GraphWorld()
        let editor = world.file.edit()
        let edges = (1...3).map { ModelEdge(edge: $0, type: 4, from: 8, to: 9, birth: $0) }
        for edge in edges { try edge.link(world.adjacency, editor) }
        #expect(try world.list(8, .out, in: editor.view).count == 3)
        #expect(try edges[1].unlink(world.adjacency, editor))
        #expect(try world.list(8, .out, in: editor.view).map(\.edge) == [1, 3])
        #expect(try world.list(9, .arriving, in: editor.view).map(\.edge) == [1, 3])
        // Of another type or between other nodes it is another edge.
        var other = edges[0]
        other.type = 5
        #expect(try !other.unlink(world.adjacency, editor))
        world.file.publish(editor)
    }

    @Test func theGreatestNumbersHaveTheirPlace() throws {
        let world = try GraphWorld()
        let lastType = Adjacency.typeLimit - 1
        // Above are those of the past.
        let last = UInt64.max >> 1
        var model = GraphModel()
        model.edges = [
            ModelEdge(
                edge: Adjacency.edgeLimit - 1,
                type: lastType,
                from: last,
                to: last,
                birth: 1
            ),
            ModelEdge(edge: 0, type: lastType, from: last - 1, to: last, birth: .max),
            ModelEdge(edge: 1, type: 0, from: 0, to: last - 1, birth: 0),
            ModelEdge(edge: 2, type: lastType - 1, from: last, to: last - 1, birth: 0),
        ]
        try world.link(model)
        for node: UInt64 in [0, 1, last - 1, last] {
            for side in [EdgeSide.out, .arriving] {
                for type: UInt16? in [nil, 0, lastType - 1, lastType] {
                    #expect(
                        try world.list(node, side, type: type, in: world.view)
                            == model.list(node, side, type: type)
                    )
                }
            }
        }
        // Types that no edge can have are none, not those of the other side.
        for type in [Adjacency.typeLimit, Adjacency.typeLimit + 1, .max] {
            #expect(try world.list(.max, .out, type: type, in: world.view).isEmpty)
            #expect(try world.list(.max, .arriving, type: type, in: world.view).isEmpty)
        }
    }

    @Test func behavesAsAListOfEdgesAndOldRootsKeepTheirAnswers() throws {
        let randomness = SeededRandomness(seed: newSeed("adjacency"))
        let world = try GraphWorld()
        var model = GraphModel()
        var kept: [(root: PageRoot, model: GraphModel)] = []
        var next: UInt64 = 1
        for round in 0..<25 {
            let editor = world.file.edit()
            let before = model
            for _ in 0..<randomness.below(200) {
                if randomness.below(100) < (round < 15 ? 30 : 60), let edge = model.edges.first {
                    model.edges.remove(edge)
                    #expect(try edge.unlink(world.adjacency, editor))
                } else {
                    let edge = ModelEdge(
                        edge: next,
                        type: UInt16(randomness.below(4)),
                        from: UInt64(randomness.below(12)),
                        to: UInt64(randomness.below(12)),
                        birth: next * 3
                    )
                    next += 1
                    model.edges.insert(edge)
                    try edge.link(world.adjacency, editor)
                }
            }
            if randomness.below(4) == 0 {
                world.file.discard(editor)
                model = before
            } else {
                kept.append((world.file.publish(editor), model))
            }
            if kept.count > 4 { kept.remove(at: randomness.below(4)) }
            for (root, model) in kept + [(world.file.root, model)] {
                for node: UInt64 in 0..<13 {
                    let side: EdgeSide = randomness.below(2) == 0 ? .out : .arriving
                    let type = randomness.below(2) == 0 ? nil : UInt16(randomness.below(5))
                    let list = model.list(node, side, type: type)
                    #expect(try world.list(node, side, type: type, in: root.view) == list)
                    // Every one is found alone, and one that is elsewhere is not.
                    let absent = model.edges.first { edge in
                        !list.contains { $0.edge == edge.edge }
                    }
                    for edge in list.map({ ($0.edge, $0.type) })
                        + [(absent?.edge ?? next, type ?? absent?.type ?? 0)]
                    {
                        #expect(
                            try world.adjacency.neighbour(
                                of: node,
                                side,
                                type: edge.1,
                                edge: edge.0,
                                in: root.view
                            ) == model.list(node, side, type: edge.1).first { $0.edge == edge.0 }
                        )
                    }
                }
            }
        }
        try world.adjacency.tree.checkStructure(world.view, andSlack: true)
    }
}
