// Reading a graph for a job: all edges of the chosen types in one pass along the adjacency, of one
// state, with the records that can be seen of those that they join. Afterwards nothing of the state
// is needed any more.

internal import MnemeGraph
internal import MnemeModel
internal import MnemePages

/// Edges as they stand in the adjacency.
private struct RawEdges {
    var from: [UInt64] = []
    var to: [UInt64] = []
    var types: [UInt16] = []
    /// Their ordinals, where they are weighed.
    var edges: [UInt64] = []
}

extension StateReader {
    /// The graph of a run, and how many edges it has.
    ///
    /// `goesOn`: asked now and then; where it says no, nil comes back.
    /// - Throws: `.refused` where an edge has a weight that is none; what reading throws.
    /// - Complexity: O(edges of all types + records).
    func measuredGraph(
        _ run: GraphRun,
        _ goesOn: () -> Bool
    ) throws(StoreError) -> (graph: MeasuredGraph, edgeCount: Int)? {
        let types = try onRequest { () throws(MnemeError) in
            try state.catalog.followedTypes(run)
        }
        let isWeighed = run.weight != nil
        guard let raw = try rawEdges(types, isWeighed: isWeighed, goesOn) else { return nil }
        var nodes: [UInt64]
        if let name = run.collection {
            let collection = try onRequest { () throws(MnemeError) in
                try state.catalog.collection(name)
            }
            nodes = try ordinals(under: StoreKeys.records(collection.number))
        } else {
            nodes = raw.from + raw.to
        }
        nodes.sort()
        guard let seen = try seen(nodes, run, goesOn) else { return nil }
        guard seen.count <= Int(Int32.max) else {
            throw .refused(
                MnemeError(
                    .tooLarge,
                    "the graph has \(seen.count) records, and a job takes \(Int32.max); choose "
                        + "fewer types, or an owner"
                )
            )
        }
        let direction = run.followed
        var gathering = GraphGathering(
            nodes: seen,
            goesOut: direction != .in,
            goesIn: direction != .out
        )
        let bothWays = Set(state.catalog.undirectedTypes)
        // Each is asked for once.
        let weights = run.weight.map { EdgeNumbers($0, self, keeps: false) }
        for place in raw.from.indices {
            if place % 4096 == 0, !goesOn() { return nil }
            let ends = (raw.from[place], raw.to[place])
            var weight: Double?
            if let weights {
                guard gathering.joins(ends.0, ends.1),
                    let known = try weights.number(of: raw.edges[place], ofType: raw.types[place])
                else { continue }
                guard known >= 0, known.isFinite else {
                    throw .refused(
                        MnemeError(
                            .badJob,
                            "edge \(raw.edges[place]) weighs \(known); weights are 0 or more"
                        )
                    )
                }
                weight = known
            }
            gathering.add(
                from: ends.0,
                to: ends.1,
                weight: weight,
                isBothWays: bothWays.contains(raw.types[place])
            )
        }
        let edgeCount = gathering.edgeCount
        return (gathering.graph(all: run.collection != nil), edgeCount)
    }

    private func rawEdges(
        _ types: [EdgeTypeEntry],
        isWeighed: Bool,
        _ goesOn: () -> Bool
    ) throws(StoreError) -> RawEdges? {
        var raw = RawEdges()
        var isWanted = true
        let numbers = types.map(\.number)
        try onPages { () throws(PageError) in
            try state.adjacency.forEach(ofTypes: numbers, in: view) { from, edge in
                raw.from.append(from)
                raw.to.append(edge.node)
                raw.types.append(edge.type)
                if isWeighed { raw.edges.append(edge.edge) }
                if raw.from.count % 4096 == 0 { isWanted = goesOn() }
                return isWanted
            }
        }
        return isWanted ? raw : nil
    }

    /// Those of some records that can be seen and are meant, each once; `nodes` are ascending.
    private func seen(
        _ nodes: [UInt64],
        _ run: GraphRun,
        _ goesOn: () -> Bool
    ) throws(StoreError) -> [UInt64]? {
        let scope = try scope(run.owner)
        let sight = Sight()
        var seen: [UInt64] = []
        var last: UInt64?
        for (place, node) in nodes.enumerated() {
            if place % 4096 == 0, !goesOn() { return nil }
            if node == last { continue }
            last = node
            guard let entry = try visibleEntry(node), scope.contains(entry.owner),
                try sees(node: entry, sight)
            else { continue }
            seen.append(node)
        }
        return seen
    }
}

/// What a request is refused for, where something is read.
private func onRequest<Result>(
    _ body: () throws(MnemeError) -> Result
) throws(StoreError) -> Result {
    do throws(MnemeError) { return try body() } catch { throw .refused(error) }
}
