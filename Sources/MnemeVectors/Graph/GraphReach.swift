// Which nodes a walk can come to at all. A graph is searched from its entries; a node that no link
// leads to, however long the way, is never found. After a build, and after nodes were taken out, all
// nodes are gone through in breadth, and what was not reached is linked in.

internal import CKernels

/// A way through all nodes in breadth, from the first entry.
struct GraphReach: ~Copyable {
    private let graph: FlatGraph
    private var isReached: [Bool]
    /// Nodes in the order in which they were reached.
    private(set) var order: [UInt32] = []
    /// How many nodes had to be linked in.
    private(set) var mended = 0

    init(_ graph: FlatGraph) {
        self.graph = graph
        isReached = [Bool](repeating: false, count: Int(graph.count))
        order.reserveCapacity(Int(graph.count))
    }

    /// Goes through all nodes; afterwards every one is reached from the first entry.
    ///
    /// - Complexity: O(links), and a walk for each node that was not reached.
    mutating func mend(from entries: [UInt32]) {
        guard let first = entries.first else { return }
        spread(from: first)
        var query = GraphQuery(graph.shape)
        let scratch = GraphScratch()
        for node in 0..<graph.count where !isReached[Int(node)] {
            query.become(unsafe graph.code(node))
            query.with { query in
                _ = unsafe graph.walk(
                    to: query,
                    beam: GraphTuning.buildBeam,
                    from: [first],
                    scratch
                )
            }
            link(node, scratch)
            mended += 1
            spread(from: node)
        }
    }

    private mutating func spread(from start: UInt32) {
        isReached[Int(start)] = true
        var next = order.count
        order.append(start)
        while next < order.count {
            let links = unsafe graph.links(order[next])
            for index in 0..<GraphShape.degree {
                let link = unsafe links[index]
                if link >= graph.count { break }
                if isReached[Int(link)] { continue }
                isReached[Int(link)] = true
                order.append(link)
            }
            next += 1
        }
    }

    /// Has the nearest node that was reached and has room lead to one that was not; where none has
    /// room, the nearest gives up its last link.
    private func link(_ node: UInt32, _ scratch: GraphScratch) {
        var nearest: UInt32?
        for place in 0..<scratch.filled {
            let other = GraphScratch.node(unsafe scratch.keys[place])
            guard isReached[Int(other)] else { continue }
            let links = graph.linkList(other)
            if links.count < GraphShape.degree {
                return graph.setLinks(links + [node], of: other)
            }
            nearest = nearest ?? other
        }
        guard let nearest else { return }
        // What the last link led to may be reached by it alone: the new node leads there.
        let links = graph.linkList(nearest)
        var own = graph.linkList(node)
        let given = links[links.count - 1]
        if own.count == GraphShape.degree { own.removeLast() }
        graph.setLinks(own + [given], of: node)
        graph.setLinks(links.dropLast() + [node], of: nearest)
    }
}
