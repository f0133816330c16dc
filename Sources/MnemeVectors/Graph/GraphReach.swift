// Which nodes a walk can come to at all. A graph is searched from its entries; a node that no link
// leads to, however long the way, is never found. After a build, and after nodes came and went, all
// nodes are gone through in breadth, and what was not reached is linked in.

internal import CKernels

/// A way through all nodes in breadth, from the first entry.
struct GraphReach<Nodes: GraphNodes>: ~Copyable {
    private let graph: Nodes
    private var isReached: [Bool]
    /// Nodes in the order in which they were reached.
    private(set) var order: [UInt32] = []
    /// Links that are to be others than they are.
    private var edits: [UInt32: [UInt32]] = [:]

    init(_ graph: Nodes) {
        self.graph = graph
        isReached = [Bool](repeating: false, count: Int(graph.count))
        order.reserveCapacity(Int(graph.count))
    }

    /// Goes through all nodes; those that are not reached from the first entry, ascending.
    ///
    /// - Complexity: O(links).
    mutating func missing(from entries: [UInt32]) throws(Nodes.Failure) -> [UInt32] {
        guard let first = entries.first, first < graph.count else { return [] }
        try spread(from: first)
        return (0..<graph.count).filter { !isReached[Int($0)] }
    }

    /// The links to be made so that these are reached too.
    ///
    /// - Precondition: `missing` was asked, and these are of its answer, ascending.
    /// - Complexity: a walk for each that no other one leads to, and O(links).
    mutating func mend(_ nodes: [UInt32]) throws(Nodes.Failure) -> [UInt32: [UInt32]] {
        var query = GraphQuery(graph.shape)
        let scratch = GraphScratch()
        var near: [GraphCandidate] = []
        for node in nodes where !isReached[Int(node)] {
            try query.become(graph.code(node))
            try query.walk(graph, from: [order[0]], scratch)
            scratch.take(into: &near)
            try link(node, near)
            try spread(from: node)
        }
        return edits
    }

    private func links(_ node: UInt32) throws(Nodes.Failure) -> [UInt32] {
        if let edited = edits[node] { return edited }
        return try graph.linkList(node)
    }

    private mutating func spread(from start: UInt32) throws(Nodes.Failure) {
        isReached[Int(start)] = true
        var next = order.count
        order.append(start)
        while next < order.count {
            for link in try links(order[next]) where !isReached[Int(link)] {
                isReached[Int(link)] = true
                order.append(link)
            }
            next += 1
        }
    }

    /// Has the nearest node that was reached and has room lead to one that was not; where none has
    /// room, the nearest gives up its last link.
    private mutating func link(_ node: UInt32, _ near: [GraphCandidate]) throws(Nodes.Failure) {
        var nearest: UInt32?
        for candidate in near where isReached[Int(candidate.node)] && candidate.node != node {
            let links = try links(candidate.node)
            if links.count < GraphShape.degree {
                edits[candidate.node] = links + [node]
                return
            }
            nearest = nearest ?? candidate.node
        }
        guard let nearest = nearest ?? order.first else { return }
        // What the last link led to may be reached by it alone: the new node leads there.
        var links = try links(nearest)
        var own = try self.links(node)
        if links.count == GraphShape.degree {
            if own.count == GraphShape.degree { own.removeLast() }
            own.append(links.removeLast())
        }
        edits[node] = own
        edits[nearest] = links + [node]
    }
}
