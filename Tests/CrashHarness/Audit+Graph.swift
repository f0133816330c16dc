// Walks and paths against a plain search over the edges that the oracle expects.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore

/// Edges by their ends.
private struct ExpectedGraph {
    private var leaving: [Reference: [Edge]] = [:]
    private var arriving: [Reference: [Edge]] = [:]

    init(_ edges: some Sequence<Edge>) {
        for edge in edges {
            leaving[edge.from, default: []].append(edge)
            arriving[edge.to, default: []].append(edge)
        }
    }

    /// The distance of everything that is reached, the start left out.
    func distances(
        from start: Reference,
        _ types: [String]?,
        _ direction: Direction,
        hops: Int
    ) -> [Reference: Int] {
        var distances = [start: 0]
        var border = [start]
        for hop in 1...max(hops, 1) {
            var next: [Reference] = []
            for node in border {
                for other in neighbours(of: node, types, direction) where distances[other] == nil {
                    distances[other] = hop
                    next.append(other)
                }
            }
            border = next
        }
        distances[start] = nil
        return distances
    }

    private func neighbours(
        of node: Reference,
        _ types: [String]?,
        _ direction: Direction
    ) -> [Reference] {
        let out = direction == .in ? [] : leaving[node] ?? []
        let back = direction == .out ? [] : arriving[node] ?? []
        func wanted(_ edge: Edge) -> Bool { types?.contains(edge.type) ?? true }
        return out.filter(wanted).map(\.to) + back.filter(wanted).map(\.from)
    }
}

extension Audit {
    /// Walks from the records that have edges, and some that have none.
    ///
    /// `every`: one in so many starts is tried with all types and directions.
    /// - Throws: the first difference.
    func checkWalks(_ state: ExpectedState, every: Int) throws(HarnessFailure) {
        let graph = ExpectedGraph(state.edges.values)
        let starts = state.records.keys.sorted { $0.description < $1.description }
        for (index, start) in starts.enumerated() {
            try each { () throws(HarnessFailure) in
                try checkWalk(state, graph, start, nil, .both, hops: 1)
                guard index % every == 0 else { return }
                try checkWalk(state, graph, start, nil, .out, hops: 3)
                for type in state.schema.edgeTypes.map(\.name) {
                    try checkWalk(state, graph, start, [type], .in, hops: 2)
                }
            }
        }
    }

    private func checkWalk(
        _ state: ExpectedState,
        _ graph: ExpectedGraph,
        _ start: Reference,
        _ types: [String]?,
        _ direction: Direction,
        hops: Int
    ) throws(HarnessFailure) {
        let walk = Walk(
            from: [start],
            types: types,
            direction: direction,
            hops: hops,
            limit: limit(state)
        )
        let what = "walk \(direction) from \(start)"
        let walked = try ask(what) { () throws(MnemeError) in try snapshot.walk(walk) }
        let wanted = graph.distances(from: start, types, direction, hops: hops)
        try expect(what, walked.stops.map(\.reference), wanted.keys)
        for stop in walked.stops {
            guard stop.path.count == wanted[stop.reference] else {
                throw HarnessFailure("\(what): \(stop.path.count) edges to \(stop.reference)")
            }
            try check(stop.path, from: start, to: stop.reference, state, what)
        }
    }

    /// The edges are those that are expected, and lead from one end to the other.
    private func check(
        _ path: [Edge],
        from start: Reference,
        to end: Reference,
        _ state: ExpectedState,
        _ what: String
    ) throws(HarnessFailure) {
        var node = start
        for edge in path {
            guard state.edges[edge.id] == edge else {
                throw HarnessFailure(
                    "\(what): edge \(edge.json()), expected "
                        + (state.edges[edge.id]?.json() ?? "none")
                )
            }
            guard edge.from == node || edge.to == node else {
                throw HarnessFailure("\(what): the path to \(end) is broken at \(node)")
            }
            node = edge.from == node ? edge.to : edge.from
        }
        if node != end { throw HarnessFailure("\(what): the path ends in \(node), not in \(end)") }
    }

    func checkPaths(_ state: ExpectedState, _ dice: SeededRandomness) throws(HarnessFailure) {
        let graph = ExpectedGraph(state.edges.values)
        let nodes = state.edges.keys.sorted().compactMap { state.edges[$0]?.from }
        guard !nodes.isEmpty else { return }
        for _ in 0..<3 {
            try each { () throws(HarnessFailure) in
                let start = nodes[dice.below(nodes.count)]
                let end = nodes[dice.below(nodes.count)]
                if start == end { return }
                let wanted = graph.distances(from: start, nil, .both, hops: 8)[end]
                let what = "path from \(start) to \(end)"
                let path = try ask(what) { () throws(MnemeError) in
                    try snapshot.path(from: start, to: end, types: nil, direction: .both, hops: 8)
                }
                guard path?.count == wanted else {
                    throw HarnessFailure(
                        "\(what): \(path?.count ?? -1) edges, expected \(wanted ?? -1)"
                    )
                }
                if let path { try check(path, from: start, to: end, state, what) }
            }
        }
    }
}
