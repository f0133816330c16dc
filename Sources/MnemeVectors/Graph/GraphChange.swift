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

    /// Links vectors in: to what is near in the graph, and to one another.
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
        var edits = GraphEdits()
        var wanted: [UInt32: [UInt32]] = [:]
        var first: [[UInt8]: UInt32] = [:]
        for arrival in arrivals {
            try query.become(grown.code(arrival.node))
            try query.walk(graph, from: entries, scratch)
            scratch.take(into: &candidates)
            let known = first[arrival.code] ?? candidates.first?.node
            first[arrival.code] = first[arrival.code] ?? arrival.node
            if let known, try hang(arrival, near: known, grown, &edits) { continue }
            let others = arrivals.lazy.map(\.node).filter { $0 != arrival.node }
            candidates += try pruner.score(Array(others), against: arrival.node, in: grown)
            let links = try pruner.choose(
                for: arrival.node,
                among: &candidates,
                atMost: GraphTuning.forward,
                in: grown
            )
            edits.links[arrival.node] = links
            for link in links { wanted[link, default: []].append(arrival.node) }
        }
        for (target, sources) in wanted {
            var links = edits.links[target] ?? []
            if links.isEmpty { links = try grown.linkList(target) }
            let more = sources.filter { !links.contains($0) }
            edits.links[target] = try withRoom(links + more, of: target, grown)
        }
        leadToEach(arrivals, &edits)
        return edits
    }

    /// Hangs a copy of a node below it, or below another copy with room; false where the node is
    /// another's, or none was found that has room.
    private func hang(
        _ arrival: GraphArrival,
        near known: UInt32,
        _ graph: GrownGraph,
        _ edits: inout GraphEdits
    ) throws(PageError) -> Bool {
        let count = shape.codeByteCount
        var node = known
        guard try graph.code(arrival.node).isSame(as: graph.code(node), count) else { return false }
        for step in 0..<GraphTuning.copySteps {
            var links = edits.links[node] ?? []
            if links.isEmpty { links = try graph.linkList(node) }
            var copies: [UInt32] = []
            for link in links where link != arrival.node {
                if try graph.code(link).isSame(as: graph.code(node), count) { copies.append(link) }
            }
            if copies.count < GraphCopies.branches, links.count < GraphShape.degree {
                edits.links[node] = links + [arrival.node]
                edits.links[arrival.node] = [node] + links.prefix(2)
                return true
            }
            guard !copies.isEmpty else { return false }
            // Any of them, and another one for each arrival.
            let chance = (UInt64(arrival.node) &+ UInt64(step)) &* 0x9e37_79b9_7f4a_7c15
            node = copies[Int(chance >> 40) % copies.count]
        }
        return false
    }

    /// The links of a node, the best of them where there is no room for all.
    private func withRoom(
        _ links: [UInt32],
        of target: UInt32,
        _ graph: GrownGraph
    ) throws(PageError) -> [UInt32] {
        if links.count <= GraphShape.degree { return links }
        candidates = try pruner.score(links, against: target, in: graph)
        return try pruner.choose(
            for: target,
            among: &candidates,
            atMost: GraphTuning.kept,
            in: graph
        )
    }

    /// Has a link lead to each arrival that lost all of them to better ones.
    private func leadToEach(
        _ arrivals: [GraphArrival],
        _ edits: inout GraphEdits
    ) {
        for arrival in arrivals {
            let own = edits.links[arrival.node] ?? []
            if own.contains(where: { edits.links[$0]?.contains(arrival.node) ?? false }) {
                continue
            }
            var targets = own[...]
            while let target = targets.popFirst() {
                var links = edits.links[target] ?? []
                if links.count < GraphShape.degree {
                    edits.links[target] = links + [arrival.node]
                    break
                }
                guard targets.isEmpty else { continue }
                // None has room: what the last one gives up is reached through the arrival.
                let given = links.removeLast()
                edits.links[target] = links + [arrival.node]
                var mine = own.filter { $0 != given }
                if mine.count == GraphShape.degree { mine.removeLast() }
                edits.links[arrival.node] = mine + [given]
            }
        }
    }

    /// Links nodes of some pages of links that lead to nodes which are gone with what those led to.
    ///
    /// - Complexity: O(nodes of the pages), and a choice of links for each that lost one.
    func mend(
        _ pages: Range<Int>,
        of graph: PagedGraph,
        without gone: Set<UInt32>,
        from entries: [UInt32]
    ) throws(PageError) -> GraphEdits {
        var edits = GraphEdits()
        let first = UInt32(pages.lowerBound * GraphShape.linksPerPage)
        let end = UInt32(min(pages.upperBound * GraphShape.linksPerPage, Int(graph.count)))
        for node in first..<max(first, end) where !gone.contains(node) {
            let links = try graph.linkList(node)
            guard links.contains(where: gone.contains) else { continue }
            var wanted = Set<UInt32>()
            for link in links {
                if !gone.contains(link) {
                    wanted.insert(link)
                    continue
                }
                for other in try graph.linkList(link) where other != node {
                    if !gone.contains(other) { wanted.insert(other) }
                }
            }
            var found = Array(wanted)
            if found.count < GraphTuning.least {
                found += try near(node, graph, entries).filter {
                    $0 != node && !gone.contains($0) && !wanted.contains($0)
                }
            }
            candidates = try pruner.score(found, against: node, in: graph)
            edits.links[node] = try pruner.choose(
                for: node,
                among: &candidates,
                atMost: GraphTuning.kept,
                in: graph
            )
        }
        return edits
    }

    /// Nodes near to one of them.
    private func near(
        _ node: UInt32,
        _ graph: PagedGraph,
        _ entries: [UInt32]
    ) throws(PageError) -> [UInt32] {
        try query.become(graph.code(node))
        try query.walk(graph, from: entries, scratch)
        scratch.take(into: &candidates)
        return candidates.map(\.node)
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
