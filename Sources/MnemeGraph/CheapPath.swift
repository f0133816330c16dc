// A path of a search for the cheapest, with what its edges cost one after another.

/// A path that was found.
struct CheapPath {
    var edges: [UInt64]
    /// The nodes on the way, both ends among them.
    var nodes: [Int]
    /// What the edges cost, one after another.
    var costs: [Double]
    /// Up to which edge it is a part of the path that it was made of.
    var rootCount = 0

    var cost: Double { costs.reduce(0, +) }

    init(edges: [UInt64], nodes: [Int], costs: [Double]) {
        self.edges = edges
        self.nodes = nodes
        self.costs = costs
    }

    /// The beginning of a path up to a place, and another way on from there.
    init(root: CheapPath, _ place: Int, _ rest: CheapPath) {
        edges = root.edges[..<place] + rest.edges
        nodes = root.nodes[..<place] + rest.nodes
        costs = root.costs[..<place] + rest.costs
        rootCount = place
    }

    static func comesFirst(_ left: CheapPath, _ right: CheapPath) -> Bool {
        if left.cost != right.cost { return left.cost < right.cost }
        if left.edges.count != right.edges.count { return left.edges.count < right.edges.count }
        return left.edges.lexicographicallyPrecedes(right.edges)
    }
}
