// How a graph in pages changes: nodes are linked in, some together, and nodes that are not there
// any more are taken out. Both are planned on a state that nobody changes, which takes long, and
// made by the writer, which is short. One thread at a time plans; what it planned stays right until
// it has been made, as nobody else changes links.

internal import CKernels
internal import MnemePages

/// A vector that is to be linked in.
struct GraphArrival: Sendable {
    /// The number that it gets, one that no node has.
    let node: UInt32
    let subject: GraphSubject
    let code: [UInt8]
    let scale: Float
    let bias: Float
}

/// Links as they are to be.
struct GraphEdits: Sendable {
    /// Those of nodes that are there, or come.
    var links: [UInt32: [UInt32]] = [:]
    /// Nodes that come and are no copies.
    var roots: [UInt32] = []
}

/// Plans changes of a graph, with memory that is kept from one to the next.
final class GraphPlanner {
    private let shape: GraphShape
    private let scratch = GraphScratch()
    private var query: GraphQuery
    private var pruner: GraphPruner
    private var candidates: [GraphCandidate] = []

    init(_ shape: GraphShape) {
        self.shape = shape
        query = GraphQuery(shape)
        pruner = GraphPruner(shape)
    }

    /// Links vectors in: to what is near in the graph, and to one another; copies of what is there,
    /// and of one another, are hung below it.
    ///
    /// Afterwards a link leads to each of them.
    /// - Complexity: a walk for each, as many scores as there are pairs of them, and a choice of
    ///   links for each neighbour without room.
    func link(
        _ arrivals: [GraphArrival],
        into graph: PagedGraph,
        from entries: [UInt32]
    ) throws(PageError) -> GraphEdits {
        let grown = GrownGraph(graph, arrivals)
        var edited = EditedGraph(grown)
        var firsts: [[UInt8]: UInt32] = [:]
        var roots: [(node: UInt32, near: [GraphCandidate])] = []
        var copies: [(node: UInt32, original: UInt32)] = []
        for arrival in arrivals {
            let code = try grown.code(arrival.node)
            let kind = code.kind(shape.codeByteCount)
            if let first = firsts[kind] {
                copies.append((arrival.node, first))
                continue
            }
            firsts[kind] = arrival.node
            query.become(code)
            try look(graph, from: entries)
            if let known = try original(of: arrival.node, grown) {
                copies.append((arrival.node, known))
            } else {
                roots.append((arrival.node, candidates))
            }
        }
        var wanted: [UInt32: [UInt32]] = [:]
        for (node, near) in roots {
            candidates = near
            let others = roots.lazy.map(\.node).filter { $0 != node }
            candidates += try pruner.score(Array(others), against: node, in: grown)
            let links = try pruner.choose(
                for: node,
                among: &candidates,
                atMost: GraphTuning.forward,
                in: grown
            )
            edited.setLinks(links, of: node)
            for link in links { wanted[link, default: []].append(node) }
        }
        for (target, sources) in wanted {
            var parts = try edited.parted(target)
            parts.others += sources.filter { !parts.others.contains($0) }
            try makeRoom(&parts, of: target, grown)
            edited.setLinks(parts.list, of: target)
        }
        try leadToEach(roots.map(\.node), &edited)
        for (copy, original) in copies {
            let root = try edited.root(of: original)
            // Where no place was found, it is reached when all nodes are gone through.
            if try !edited.hang(copy, below: root, mayDrop: true) {
                edited.setLinks([root], of: copy)
            }
        }
        var edits = edited.edits
        edits.roots = roots.map(\.node)
        return edits
    }

    /// Walks to what the query has become; of copies their roots alone are among the candidates.
    private func look(_ graph: PagedGraph, from entries: [UInt32]) throws(PageError) {
        try query.walk(graph, from: entries, scratch)
        scratch.take(into: &candidates)
        if scratch.metCopies { try EditedGraph(graph).rooted(&candidates) }
    }

    /// The candidate that a node is a copy of.
    private func original(of node: UInt32, _ graph: GrownGraph) throws(PageError) -> UInt32? {
        for candidate in candidates where try graph.isCopy(node, of: candidate.node) {
            return candidate.node
        }
        return nil
    }

    /// Keeps the best of a node's links to others where there is no room for all.
    private func makeRoom<Nodes: GraphNodes>(
        _ parts: inout GraphLinks,
        of target: UInt32,
        _ graph: Nodes
    ) throws(Nodes.Failure) {
        if parts.others.count <= parts.room { return }
        candidates = try pruner.score(parts.others, against: target, in: graph)
        let spare = GraphShape.degree - GraphTuning.kept
        parts.others = try pruner.choose(
            for: target,
            among: &candidates,
            atMost: max(parts.room - spare, 1),
            in: graph
        )
    }

    /// Has a link lead to each arrival that lost all of them to better ones.
    private func leadToEach(
        _ arrivals: [UInt32],
        _ edited: inout EditedGraph<GrownGraph>
    ) throws(PageError) {
        for node in arrivals {
            let own = try edited.links(node)
            if own.contains(where: { edited.edits.links[$0]?.contains(node) ?? false }) {
                continue
            }
            var targets = own[...]
            while let target = targets.popFirst() {
                var parts = try edited.parted(target)
                if parts.hasRoom {
                    parts.others.append(node)
                    edited.setLinks(parts.list, of: target)
                    break
                }
                guard targets.isEmpty, let given = parts.others.popLast() else { continue }
                // None has room: what the last one gives up is reached through the arrival.
                parts.others.append(node)
                edited.setLinks(parts.list, of: target)
                var mine = own.filter { $0 != given }
                if mine.count == GraphShape.degree { mine.removeLast() }
                edited.setLinks(mine + [given], of: node)
            }
        }
    }

    /// Links nodes of some pages of links that lead to nodes which are gone with what those led to,
    /// and copies that hung below such with what takes their place.
    ///
    /// - Complexity: O(nodes of the pages), and a choice of links for each that lost one.
    func mend(
        _ pages: Range<Int>,
        of graph: PagedGraph,
        without leaving: GraphLeaving,
        from entries: [UInt32]
    ) throws(PageError) -> GraphEdits {
        var edits = GraphEdits()
        let first = UInt32(pages.lowerBound * GraphShape.linksPerPage)
        let end = UInt32(min(pages.upperBound * GraphShape.linksPerPage, Int(graph.count)))
        for node in first..<max(first, end) where !leaving.contains(node) {
            let links = try graph.linkList(node)
            guard links.contains(where: leaving.contains) else { continue }
            edits.links[node] = try mended(node, links, graph, leaving, entries)
        }
        return edits
    }

    /// The links of a node of which some led to nodes that are gone.
    private func mended(
        _ node: UInt32,
        _ links: [UInt32],
        _ graph: PagedGraph,
        _ leaving: GraphLeaving,
        _ entries: [UInt32]
    ) throws(PageError) -> [UInt32] {
        let old = try graph.parted(links, of: node)
        var parts = GraphLinks(up: old.up)
        var led = old.others
        for copy in old.copies {
            if !leaving.contains(copy) {
                parts.copies.append(copy)
            } else if let heir = try leaving.heir(of: copy, below: node, in: graph) {
                parts.copies.append(heir)
            }
        }
        if let up = old.up, leaving.contains(up) {
            let own = try leaving.inheritance(of: node, below: up, in: graph)
            parts.up = own.up
            parts.copies += own.copies
            if let root = own.root {
                led += try graph.parted(graph.linkList(root), of: root).others
            }
        }
        parts.copies.removeAll { $0 == parts.up }
        parts.copies = Array(parts.copies.prefix(GraphTuning.mostCopies))
        var wanted = Set<UInt32>()
        for link in led {
            if !leaving.contains(link) {
                wanted.insert(link)
                continue
            }
            if let other = try leaving.other(than: link, in: graph) { wanted.insert(other) }
            for other in try graph.parted(graph.linkList(link), of: link).others
            where !leaving.contains(other) {
                wanted.insert(other)
            }
        }
        if wanted.count < GraphTuning.least, parts.up == nil {
            query.become(try graph.code(node))
            try look(graph, from: entries)
            for candidate in candidates where !leaving.contains(candidate.node) {
                wanted.insert(candidate.node)
            }
        }
        wanted.remove(node)
        for other in wanted where try graph.isCopy(other, of: node) { wanted.remove(other) }
        candidates = try pruner.score(wanted.sorted(), against: node, in: graph)
        parts.others = try pruner.choose(
            for: node,
            among: &candidates,
            atMost: min(GraphTuning.kept, parts.room),
            in: graph
        )
        return parts.list
    }

    /// Links that are to be made so that every node is reached.
    func reachAll(
        of graph: PagedGraph,
        from entries: [UInt32],
        without gone: Set<UInt32>
    ) throws(PageError) -> GraphEdits {
        var reach = GraphReach(graph)
        var missing: [UInt32] = []
        for node in try reach.missing(from: entries) where !gone.contains(node) {
            if try graph.subject(node).owner != GraphShape.none { missing.append(node) }
        }
        return GraphEdits(links: try reach.mend(missing))
    }
}

/// A graph and what is about to come into it.
private struct GrownGraph: GraphNodes {
    private let graph: PagedGraph
    private let arrivals: FlatGraph
    private let places: [UInt32: UInt32]
    /// A bit for each number below the graph's count that an arrival gets.
    private var reused: [UInt64]
    let count: UInt32

    init(_ graph: PagedGraph, _ coming: [GraphArrival]) {
        self.graph = graph
        arrivals = FlatGraph(graph.shape, count: coming.count)
        var places: [UInt32: UInt32] = [:]
        reused = []
        var count = graph.count
        for (place, arrival) in coming.enumerated() {
            places[arrival.node] = UInt32(place)
            count = max(count, arrival.node + 1)
            arrivals.set(UInt32(place), arrival)
            if arrival.node < graph.count {
                if reused.isEmpty {
                    reused = [UInt64](repeating: 0, count: Int(graph.count) / 64 + 1)
                }
                reused[Int(arrival.node / 64)] |= 1 << UInt64(arrival.node % 64)
            }
        }
        self.places = places
        self.count = count
    }

    var shape: GraphShape { graph.shape }

    @inline(__always)
    private func isArrival(_ node: UInt32) -> Bool {
        if node >= graph.count { return true }
        return !reused.isEmpty && reused[Int(node / 64)] >> UInt64(node % 64) & 1 == 1
    }

    @inline(__always)
    func code(_ node: UInt32) throws(PageError) -> GraphCode {
        isArrival(node) ? arrivals.code(places[node] ?? 0) : try graph.code(node)
    }

    func links(_ node: UInt32) throws(PageError) -> UnsafePointer<UInt32> {
        try unsafe isArrival(node) ? arrivals.links(places[node] ?? 0) : graph.links(node)
    }
}

extension FlatGraph {
    /// Fills in a node with what is about to come.
    func set(_ node: UInt32, _ arrival: GraphArrival) {
        let place = shape.codePlace(node)
        let own = unsafe GraphCode(UnsafeRawPointer(codePage(place.page)), place.slot, shape)
        unsafe arrival.code.withUnsafeBufferPointer { code in
            guard let base = code.baseAddress else { return }
            unsafe UnsafeMutablePointer(mutating: own.code)
                .update(from: base, count: min(code.count, shape.codeByteCount))
        }
        unsafe UnsafeMutablePointer(mutating: own.scale).pointee = arrival.scale
        unsafe UnsafeMutablePointer(mutating: own.bias).pointee = arrival.bias
        let (page, slot) = GraphShape.linkPlace(node)
        unsafe linkPage(page).setGraphSubject(arrival.subject, slot)
    }
}
