// A graph as arrays, of which something is found out about every node: what the jobs over a whole
// graph work with. Nodes are numbered from 0 on by their ordinals, so that the same edges make the
// same arrays, and every measure of them comes to the same.

/// Arcs between nodes: an edge that is followed both ways is two of them.
package struct MeasuredGraph: Sendable {
    /// The ordinals of the nodes, ascending.
    package let ordinals: [UInt64]
    /// The arcs of node `n` stand from `starts[n]` up to, not including, `starts[n + 1]`.
    let starts: [Int]
    /// The nodes that they lead to.
    let targets: [UInt32]
    /// What each counts; empty where each counts 1.
    let weights: [Double]

    /// How many nodes there are.
    package var nodeCount: Int { ordinals.count }
    /// How many arcs there are.
    package var arcCount: Int { targets.count }

    /// What an arc counts.
    @inline(__always)
    func weight(_ arc: Int) -> Double { weights.isEmpty ? 1 : weights[arc] }

    /// A graph of arcs.
    ///
    /// `weights`: one for each arc, or none.
    /// - Precondition: what `from` and `to` name are below `ordinals.count`, and there is room for
    ///   that in 32 bits.
    /// - Complexity: O(nodes + arcs).
    init(ordinals: [UInt64], from: [UInt32], to: [UInt32], weights: [Double]) {
        precondition(from.count == to.count)
        precondition(weights.isEmpty || weights.count == from.count)
        self.ordinals = ordinals
        var starts = [Int](repeating: 0, count: ordinals.count + 1)
        for node in from { starts[Int(node) + 1] += 1 }
        for node in ordinals.indices { starts[node + 1] += starts[node] }
        var next = starts
        var targets = [UInt32](repeating: 0, count: to.count)
        var placed = [Double](repeating: 0, count: weights.count)
        for arc in from.indices {
            let node = Int(from[arc])
            targets[next[node]] = to[arc]
            if !weights.isEmpty { placed[next[node]] = weights[arc] }
            next[node] += 1
        }
        self.starts = starts
        self.targets = targets
        self.weights = placed
    }
}

/// Edges as they are come by, of which a graph is made.
package struct GraphGathering {
    /// The numbers of the nodes by their ordinals.
    private let nodes: OrdinalMap
    private let ordinals: [UInt64]
    private let goesOut: Bool
    private let goesIn: Bool
    private var from: [UInt32] = []
    private var to: [UInt32] = []
    private var weights: [Double] = []
    private var isJoined: [Bool]
    /// How many edges were taken.
    package private(set) var edgeCount = 0

    /// Begins with the nodes that may be joined.
    ///
    /// `goesOut`: along edges; `goesIn`: against them.
    /// - Precondition: `nodes` are ascending, each once, and no more than 2³¹.
    package init(nodes: [UInt64], goesOut: Bool, goesIn: Bool) {
        precondition(nodes.count <= Int(Int32.max))
        var map = OrdinalMap(capacity: nodes.count)
        for (number, ordinal) in nodes.enumerated() { _ = map.insert(ordinal, Int32(number)) }
        self.nodes = map
        ordinals = nodes
        self.goesOut = goesOut
        self.goesIn = goesIn
        isJoined = [Bool](repeating: false, count: nodes.count)
    }

    /// Takes an edge, if both its ends are among the nodes.
    ///
    /// `weight`: what it counts, nil where nothing is weighed; of all edges or of none.
    package mutating func add(
        from start: UInt64,
        to end: UInt64,
        weight: Double?,
        isBothWays: Bool
    ) {
        guard let first = nodes.value(start), let last = nodes.value(end) else { return }
        edgeCount += 1
        (isJoined[Int(first)], isJoined[Int(last)]) = (true, true)
        if goesOut || isBothWays { addArc(UInt32(first), UInt32(last), weight) }
        if goesIn || isBothWays { addArc(UInt32(last), UInt32(first), weight) }
    }

    private mutating func addArc(_ first: UInt32, _ last: UInt32, _ weight: Double?) {
        from.append(first)
        to.append(last)
        if let weight { weights.append(weight) }
    }

    /// Whether both ends of an edge are among the nodes.
    package func joins(_ start: UInt64, _ end: UInt64) -> Bool {
        nodes.value(start) != nil && nodes.value(end) != nil
    }

    /// The graph of what was taken; `all`: also nodes that no edge joins.
    ///
    /// - Complexity: O(nodes + edges).
    package consuming func graph(all: Bool) -> MeasuredGraph {
        if all { return MeasuredGraph(ordinals: ordinals, from: from, to: to, weights: weights) }
        var numbers = [UInt32](repeating: 0, count: ordinals.count)
        var joined: [UInt64] = []
        for (node, ordinal) in ordinals.enumerated() where isJoined[node] {
            numbers[node] = UInt32(joined.count)
            joined.append(ordinal)
        }
        return MeasuredGraph(
            ordinals: joined,
            from: from.map { numbers[Int($0)] },
            to: to.map { numbers[Int($0)] },
            weights: weights
        )
    }
}
