import MnemeBase
import MnemePages
import Testing

@testable import MnemeGraph

/// Pages in memory and empty lists in them.
struct GraphWorld {
    let file: PageFile
    let adjacency: Adjacency

    init() throws {
        file = try PageFile.create(
            MemoryDisk(),
            path: "pages",
            identity: StoreIdentity(high: 7, low: 11)
        )
        let editor = file.edit()
        adjacency = Adjacency.create(in: editor)
        file.publish(editor)
    }

    /// Enters the edges of a model and publishes them.
    func link(_ model: GraphModel) throws {
        let editor = file.edit()
        for edge in model.edges { try edge.link(adjacency, editor) }
        file.publish(editor)
    }

    var view: PageView { file.root.view }

    /// One list of a node.
    func list(
        _ node: UInt64,
        _ side: EdgeSide,
        type: UInt16? = nil,
        in view: PageView
    ) throws -> [Neighbour] {
        var found: [Neighbour] = []
        try adjacency.forEach(of: node, side, type: type, in: view) { found.append($0) }
        return found
    }
}

extension Adjacency {
    /// Copies that know nothing, one of which keeps no list; each is asked twice.
    private static func copies() -> [GraphCopy] {
        [GraphCopy(through: 1), GraphCopy(through: 1, capacity: 0)]
    }

    /// What a copy answers; each the same, whatever it knows.
    func walk(
        from starts: [UInt64],
        _ choice: EdgeChoice,
        hops: Int,
        limit: Int,
        in view: PageView,
        accepts: (EdgeStep) -> Bool
    ) throws -> (reached: [Reached], isComplete: Bool) {
        try withoutActuallyEscaping(accepts) { accepts in
            let (ready, source) = (ReadyChoice(choice), GraphSource(self, view))
            let bounds = WalkBounds(hops: hops, limit: limit)
            let judge = StepJudge(accepts: accepts)
            var answers: [(reached: [Reached], isComplete: Bool)] = []
            for var copy in Self.copies() {
                for _ in 0..<2 {
                    answers.append(try copy.walk(from: starts, ready, bounds, source, judge))
                    let counted = try copy.count(from: starts, ready, bounds, source, judge)
                    #expect(counted.count == answers[0].reached.count)
                    #expect(counted.isComplete == answers[0].isComplete)
                }
            }
            for answer in answers { #expect(answer == answers[0]) }
            return answers[0]
        }
    }

    /// As above.
    func shortestPath(
        from: UInt64,
        to: UInt64,
        _ choice: EdgeChoice,
        hops: Int,
        in view: PageView,
        accepts: (EdgeStep) -> Bool
    ) throws -> [UInt64]? {
        try withoutActuallyEscaping(accepts) { accepts in
            let (ready, source) = (ReadyChoice(choice), GraphSource(self, view))
            let judge = StepJudge(accepts: accepts)
            var answers: [[UInt64]?] = []
            for var copy in Self.copies() {
                for _ in 0..<2 {
                    answers.append(
                        try copy.shortestPath(
                            from: from,
                            to: to,
                            ready,
                            hops: hops,
                            source,
                            judge
                        )
                    )
                }
            }
            for answer in answers { #expect(answer == answers[0]) }
            return answers[0]
        }
    }
}

/// An edge of the model.
struct ModelEdge: Hashable {
    var edge: UInt64
    var type: UInt16
    var from: UInt64
    var to: UInt64
    var birth: UInt64

    func link(_ adjacency: Adjacency, _ editor: PageEditor) throws {
        try adjacency.link(
            edge: edge,
            type: type,
            from: from,
            to: to,
            birth: birth,
            in: editor
        )
    }

    func unlink(_ adjacency: Adjacency, _ editor: PageEditor) throws -> Bool {
        try adjacency.unlink(edge: edge, type: type, from: from, to: to, in: editor)
    }
}

/// A list of edges, searched in full.
struct GraphModel {
    var edges: Set<ModelEdge> = []

    /// A graph of random edges, loops and parallel ones among them.
    static func random(
        nodes: Int,
        edges: Int,
        types: Int,
        _ randomness: SeededRandomness
    ) -> GraphModel {
        var model = GraphModel()
        for number in 0..<edges {
            model.edges.insert(
                ModelEdge(
                    edge: UInt64(1000 + number),
                    type: UInt16(randomness.below(types)),
                    from: UInt64(randomness.below(nodes)),
                    to: UInt64(randomness.below(nodes)),
                    birth: UInt64(number)
                )
            )
        }
        return model
    }

    /// The list of a node as the room should give it.
    func list(_ node: UInt64, _ side: EdgeSide, type: UInt16? = nil) -> [Neighbour] {
        edges.filter { (side == .out ? $0.from : $0.to) == node }
            .filter { type == nil || $0.type == type }
            .sorted { ($0.type, $0.edge) < ($1.type, $1.edge) }
            .map {
                Neighbour(
                    edge: $0.edge,
                    type: $0.type,
                    node: side == .out ? $0.to : $0.from,
                    birth: $0.birth
                )
            }
    }

    /// Every step that may be taken, by the node that it leaves.
    func steps(
        _ choice: EdgeChoice,
        accepts: (EdgeStep) -> Bool
    ) -> [UInt64: [(to: UInt64, edge: UInt64, isAgainst: Bool)]] {
        var steps: [UInt64: [(to: UInt64, edge: UInt64, isAgainst: Bool)]] = [:]
        for edge in edges where choice.types.map({ $0.contains(edge.type) }) ?? true {
            let isBoth = choice.bothWays.contains(edge.type)
            for isAgainst in [false, true]
            where isBoth || (isAgainst ? choice.goesIn : choice.goesOut) {
                let (from, to) = isAgainst ? (edge.to, edge.from) : (edge.from, edge.to)
                if accepts(EdgeStep(edge: edge.edge, type: edge.type, node: to)) {
                    steps[from, default: []].append((to, edge.edge, isAgainst))
                }
            }
        }
        return steps
    }

    /// How far every node is from the nearest start, as far as `hops` goes.
    func distances(
        from starts: [UInt64],
        _ choice: EdgeChoice,
        hops: Int,
        accepts: (EdgeStep) -> Bool
    ) -> [UInt64: Int] {
        let steps = self.steps(choice, accepts: accepts)
        var distances: [UInt64: Int] = [:]
        for start in starts { distances[start] = 0 }
        var frontier = Set(starts)
        for hop in stride(from: 1, through: hops, by: 1) {
            var next: Set<UInt64> = []
            for node in frontier {
                for step in steps[node] ?? [] where distances[step.to] == nil {
                    distances[step.to] = hop
                    next.insert(step.to)
                }
            }
            frontier = next
        }
        return distances
    }
}

extension EdgeChoice {
    /// Any directions but none, some types or all.
    static func random(types: Int, _ randomness: SeededRandomness) -> EdgeChoice {
        let directions = 1 + randomness.below(3)
        var chosen: [UInt16]?
        if randomness.below(2) == 0 {
            chosen = (0..<randomness.below(types + 1)).map { _ in UInt16(randomness.below(types)) }
        }
        return EdgeChoice(
            types: chosen,
            goesOut: directions & 1 != 0,
            goesIn: directions & 2 != 0,
            bothWays: (0..<UInt16(types)).filter { _ in randomness.below(4) == 0 }
        )
    }
}

/// A seed for this run, printed so that a failure can be had again.
func newSeed(_ name: String) -> UInt64 {
    let seed = RealRandomness().next()
    print("\(name): seed \(seed)")
    return seed
}
