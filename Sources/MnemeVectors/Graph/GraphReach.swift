// Which nodes a walk can come to at all. A graph is searched from its entries; a node that no link
// leads to, however long the way, is never found. After a build, and after nodes came and went, all
// nodes are gone through in breadth, and what was not reached is linked in. As walks do, the way
// goes on from a copy to copies alone.

internal import CKernels

/// A way through all nodes in breadth, from the first entry.
struct GraphReach<Nodes: GraphNodes>: ~Copyable {
    private let graph: Nodes
    /// What is known of each node.
    private var reached: [Reached]
    /// Nodes in the order in which they were reached.
    private(set) var order: [UInt32] = []
    /// The graph with the links that are to be others than they are.
    private var edited: EditedGraph<Nodes>

    private enum Reached: UInt8 {
        case not
        /// As a copy: walks go on from it to copies alone.
        case hung
        case whole
    }

    init(_ graph: Nodes) {
        self.graph = graph
        edited = EditedGraph(graph)
        reached = [Reached](repeating: .not, count: Int(graph.count))
        order.reserveCapacity(Int(graph.count))
    }

    /// Goes through all nodes; those that are not reached from the first entry, ascending.
    ///
    /// - Complexity: O(links).
    mutating func missing(from entries: [UInt32]) throws(Nodes.Failure) -> [UInt32] {
        guard let first = entries.first, first < graph.count else { return [] }
        try spread(from: first)
        return (0..<graph.count).filter { reached[Int($0)] == .not }
    }

    /// The links to be made so that these are reached too.
    ///
    /// - Precondition: `missing` was asked, and these are of its answer, ascending.
    /// - Complexity: a walk for each that no other one leads to, and O(links).
    mutating func mend(_ nodes: [UInt32]) throws(Nodes.Failure) -> [UInt32: [UInt32]] {
        var query = GraphQuery(graph.shape)
        let scratch = GraphScratch()
        var near: [GraphCandidate] = []
        var linked: [[UInt8]: UInt32] = [:]
        for node in nodes where reached[Int(node)] == .not {
            let code = try graph.code(node)
            let kind = code.kind(graph.shape.codeByteCount)
            if let original = linked[kind], try hang(node, below: original) { continue }
            query.become(code)
            try query.walk(graph, from: [order[0]], scratch)
            scratch.take(into: &near)
            if scratch.metCopies { try edited.rooted(&near) }
            if try hang(node, among: near) { continue }
            linked[kind] = node
            try link(node, near)
            try spread(from: node)
        }
        return edited.edits.links
    }

    /// Goes on from a node in breadth; from copies when all else is done.
    private mutating func spread(from start: UInt32) throws(Nodes.Failure) {
        let bytes = graph.shape.codeByteCount
        var open: [UInt32] = [start]
        var copies: [UInt32] = []
        if reached[Int(start)] == .not { order.append(start) }
        reached[Int(start)] = .whole
        var next = 0
        while next < open.count {
            let node = open[next]
            next += 1
            let code = try graph.code(node)
            for (place, link) in try edited.links(node).enumerated()
            where reached[Int(link)] != .whole {
                // A first link leads up, from a copy too.
                let like = try graph.code(link).isCopy(of: code, bytes)
                let isCopy = place > 0 && like
                if reached[Int(link)] == .not {
                    order.append(link)
                    if isCopy { copies.append(link) }
                } else if isCopy {
                    continue
                }
                reached[Int(link)] = isCopy ? .hung : .whole
                if !isCopy { open.append(link) }
            }
        }
        try spread(below: copies)
    }

    /// Goes on from copies to those below them.
    private mutating func spread(below copies: [UInt32]) throws(Nodes.Failure) {
        var open = copies
        var next = 0
        while next < open.count {
            let node = open[next]
            next += 1
            for link in try edited.links(node) where reached[Int(link)] == .not {
                guard try graph.isCopy(link, of: node) else { continue }
                reached[Int(link)] = .hung
                order.append(link)
                open.append(link)
            }
        }
    }

    /// Hangs a node below a copy of it that a walk came to; false where there is none.
    private mutating func hang(
        _ node: UInt32,
        among near: [GraphCandidate]
    ) throws(Nodes.Failure) -> Bool {
        for candidate in near where try graph.isCopy(candidate.node, of: node) {
            if try hang(node, below: candidate.node) { return true }
        }
        return false
    }

    /// Hangs a node that was not reached below the root of its copies; false where that was not
    /// reached either, or has no room.
    private mutating func hang(
        _ node: UInt32,
        below copy: UInt32
    ) throws(Nodes.Failure) -> Bool {
        let root = try edited.root(of: copy)
        guard reached[Int(root)] == .whole, root != node else { return false }
        guard try edited.hang(node, below: root, mayDrop: false) else { return false }
        reached[Int(node)] = .hung
        order.append(node)
        try spread(below: [node])
        return true
    }

    /// Has the nearest node that was reached and has room lead to one that was not; where none has
    /// room, the nearest gives up its last link.
    private mutating func link(_ node: UInt32, _ near: [GraphCandidate]) throws(Nodes.Failure) {
        var nearest: UInt32?
        for candidate in near where reached[Int(candidate.node)] == .whole {
            if try graph.isCopy(candidate.node, of: node) { continue }
            var parts = try edited.parted(candidate.node)
            if parts.hasRoom {
                parts.others.append(node)
                return edited.setLinks(parts.list, of: candidate.node)
            }
            if !parts.others.isEmpty { nearest = nearest ?? candidate.node }
        }
        guard let nearest = nearest ?? order.first else { return }
        // What the last link led to may be reached by it alone: the new node leads there.
        var parts = try edited.parted(nearest)
        var own = try edited.parted(node)
        if !parts.hasRoom, let given = parts.others.popLast() {
            own.others.removeAll { $0 == given }
            if !own.hasRoom, !own.others.isEmpty { own.others.removeLast() }
            own.others.append(given)
            edited.setLinks(own.list, of: node)
        }
        parts.others.append(node)
        edited.setLinks(parts.list, of: nearest)
    }
}
