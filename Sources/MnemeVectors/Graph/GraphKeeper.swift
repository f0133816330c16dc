// What is to be done for the graph of an index, one step after another: it is made when there are
// enough vectors, takes in what is fresh, lets go of what is gone, and sees to it that everything
// is reached. A step is planned on a state that nobody changes, which may take long; what it
// changes is made in a turn of the writer, which is short. Whatever is left half done by an end of
// the process is taken up by what the head page says: a graph that never answered is taken away and
// begun anew.

package import MnemePages

/// A change that was planned, to be made in one turn of the writer.
package struct GraphStep: Sendable {
    /// Makes it.
    package let make: @Sendable (VectorIndex, PageEditor) throws(PageError) -> Void
}

/// Keeps the graph of one index; used by one thread at a time, which alone changes the graph.
package final class GraphKeeper {
    /// How many vectors an index has at least for a graph to be made.
    private let least: Int
    private let shape: GraphShape
    private let threadCount: Int
    private let planner: GraphPlanner
    private var work = Work.looking
    /// Numbers below the count that no node has; nil before they were looked for.
    private var free: [UInt32]?
    /// Nothing changed since every node was found to be reached.
    private var isReached = false
    /// Links that are to be made, some at a time.
    private var edits: [(node: UInt32, links: [UInt32])] = []
    /// The keeper prepared the graph that does not answer yet.
    private var isOwn = false
    /// How many nodes came and went since the keeper began.
    package private(set) var changeCount = 0

    private enum Work {
        case looking
        case installing(GraphInstalling)
        case ending(GraphEnded)
        case mending(Mending)
    }

    /// Nodes that are being taken out.
    private struct Mending {
        let gone: GraphLeaving
        var page = 0
        var left: [UInt32]
    }

    /// Pages that are written in one turn; nodes that are linked in together, or cleared.
    static let pagesPerTurn = 64
    private static let nodesPerTurn = 64
    static let adoptedPerTurn = 512
    /// Link pages that are gone through for one turn.
    private static let mendedPages = 4

    /// Below so many vectors a scan is as fast as a walk.
    package static var usualLeast: Int { 30_000 }

    /// A keeper that knows nothing yet.
    package init(_ coder: VectorCoder, least: Int = GraphKeeper.usualLeast, threadCount: Int = 1) {
        self.least = max(least, 2)
        self.threadCount = threadCount
        shape = GraphShape(coder.shape)
        planner = GraphPlanner(shape)
    }

    /// What is to be done next for an index as a state has it; nil when nothing is.
    ///
    /// It has to be made before the next one is asked for. `isDue`: what can wait is done too, few
    /// nodes that are gone are taken out, and all are looked for that are not reached. `goesOn` is
    /// told how many of how many nodes a new graph has, and may end the building.
    /// - Throws: as `PageView.page`.
    package func next(
        _ index: VectorIndex,
        _ view: PageView,
        isDue: Bool,
        goesOn: (Int, Int) -> Bool
    ) throws(PageError) -> GraphStep? {
        switch work {
        case .looking: break
        case .installing(let installing): return install(installing)
        case .ending(let ending):
            if !ending.isDone { return end(ending) }
            work = .looking
        case .mending(let mending): return try mend(mending, index, view)
        }
        guard index.fresh != nil else {
            guard try index.tree.count(in: view) >= least else { return nil }
            isOwn = true
            return GraphStep { (index, editor) throws(PageError) in
                _ = try index.prepareGraph(in: editor)
            }
        }
        let head = try index.graph(in: view)
        if head.count == 0 {
            guard isOwn else { return begin(.ending(GraphEnded())) }
            return try build(index, view, goesOn)
        }
        return try keep(index, head, view, isDue: isDue)
    }

    private func begin(_ next: Work) -> GraphStep? {
        work = next
        switch next {
        case .ending(let ending): return end(ending)
        case .installing(let installing): return install(installing)
        case .looking, .mending: return nil
        }
    }

    // MARK: - A new graph

    /// Builds a graph of all vectors of a state.
    private func build(
        _ index: VectorIndex,
        _ view: PageView,
        _ goesOn: (Int, Int) -> Bool
    ) throws(PageError) -> GraphStep? {
        let count = try index.tree.count(in: view)
        guard (2...GraphShape.nodeLimit).contains(count) else {
            return begin(.ending(GraphEnded()))
        }
        let graph = FlatGraph(shape, count: count)
        let order = SpreadOrder(count)
        var place = 0
        try index.forEachEntry(in: view) { (entry, owner, ordinal) in
            guard place < count else { return }
            graph.set(
                order[place],
                unsafe GraphCode(
                    entry.pointer(VectorIndex.code),
                    scale: entry.pointer(VectorIndex.scale),
                    bias: entry.pointer(VectorIndex.bias)
                ),
                GraphSubject(
                    owner: owner,
                    ordinal: ordinal,
                    address: entry.load64(VectorIndex.address)
                )
            )
            place += 1
        }
        let builder = GraphBuilder(graph, threadCount: threadCount)
        guard let built = builder.build({ goesOn($0, count) }) else { return nil }
        return begin(.installing(GraphInstalling(graph: built.graph, entries: built.entries)))
    }

    /// Takes a graph that was built on its way into pages; then it answers.
    private func install(_ installing: GraphInstalling) -> GraphStep {
        var next = installing
        if let step = next.goOn(shape) {
            work = .installing(next)
            return step
        }
        work = .looking
        isOwn = false
        isReached = true
        free = []
        return next.answer
    }

    /// Takes a graph away, a part at a time.
    private func end(_ ending: GraphEnded) -> GraphStep {
        free = nil
        isOwn = false
        edits = []
        return GraphStep { (index, editor) throws(PageError) in
            try ending.goOn(index, editor)
        }
    }

    // MARK: - A graph that is there

    private func keep(
        _ index: VectorIndex,
        _ head: GraphHead,
        _ view: PageView,
        isDue: Bool
    ) throws(PageError) -> GraphStep? {
        let graph = index.paged(head, view)
        if !edits.isEmpty { return makeEdits() }
        let fresh = try index.freshCount(in: view)
        let gone = try index.goneCount(in: view)
        // So many are faster built anew; and so few are as fast scanned.
        if fresh > max(4 * Self.adoptedPerTurn, Int(head.used) / 2)
            || Int(head.used) - gone + fresh < least / 4
        {
            return begin(.ending(GraphEnded()))
        }
        if gone > max(Self.nodesPerTurn, Int(head.used) / 32) {
            return try beginMending(index, view, graph)
        }
        if fresh > 0 { return try link(index, head, view, graph) }
        if gone > 0, isDue { return try beginMending(index, view, graph) }
        guard !isReached, isDue else { return nil }
        let reached = try planner.reachAll(of: graph, from: head.entries, without: [])
        isReached = true
        edits = reached.links.map { ($0.key, $0.value) }
        return edits.isEmpty ? nil : makeEdits()
    }

    /// Makes some of the links that are to be made.
    private func makeEdits() -> GraphStep {
        let some = Array(edits.suffix(Self.nodesPerTurn))
        edits.removeLast(some.count)
        return GraphStep { (index, editor) throws(PageError) in
            try index.editGraph(in: editor) { (pages, _) throws(PageError) in
                for (node, links) in some { try pages.setLinks(links, of: node) }
            }
        }
    }

    /// Links some of the fresh vectors in.
    private func link(
        _ index: VectorIndex,
        _ head: GraphHead,
        _ view: PageView,
        _ graph: PagedGraph
    ) throws(PageError) -> GraphStep {
        var free = try freeNumbers(graph, head)
        var count = head.count
        var arrivals: [GraphArrival] = []
        try index.forEachFresh(in: view, atMost: Self.nodesPerTurn) { (entry, owner, ordinal) in
            let node = free.popLast() ?? count
            if node == count { count += 1 }
            arrivals.append(
                GraphArrival(
                    node: node,
                    subject: GraphSubject(
                        owner: owner,
                        ordinal: ordinal,
                        address: entry.load64(VectorIndex.address)
                    ),
                    code: entry.bytes(VectorIndex.code),
                    scale: Float(bitPattern: entry.load32(VectorIndex.scale)),
                    bias: Float(bitPattern: entry.load32(VectorIndex.bias))
                )
            )
        }
        let planned = try planner.link(arrivals, into: graph, from: head.entries)
        self.free = free
        changeCount += arrivals.count
        isReached = false
        return GraphStep { [arrivals, count] (index, editor) throws(PageError) in
            try index.editGraph(in: editor) { (pages, head) throws(PageError) in
                for arrival in arrivals {
                    try pages.set(arrival, planned.links[arrival.node] ?? [])
                }
                for (node, links) in planned.links { try pages.setLinks(links, of: node) }
                head.count = count
                head.used += UInt32(arrivals.count)
                let room = GraphTuning.entryCount - min(head.entries.count, GraphTuning.entryCount)
                head.entries += planned.roots.prefix(room)
            }
            try index.adopt(
                nodes: arrivals.map {
                    ($0.subject.owner, $0.subject.ordinal, $0.node, $0.subject.address)
                },
                in: editor
            )
        }
    }

    /// Numbers below the count that no node has.
    private func freeNumbers(_ graph: PagedGraph, _ head: GraphHead) throws(PageError) -> [UInt32] {
        if let free { return free }
        var found: [UInt32] = []
        if head.used < head.count {
            for node in 0..<head.count where try graph.subject(node).owner == GraphShape.none {
                found.append(node)
            }
        }
        free = found
        return found
    }

    // MARK: - Nodes that are gone

    private func beginMending(
        _ index: VectorIndex,
        _ view: PageView,
        _ graph: PagedGraph
    ) throws(PageError) -> GraphStep? {
        let gone = try index.goneNodes(in: view).filter { $0 < graph.count }
        let mending = Mending(gone: GraphLeaving(Set(gone)), left: gone)
        work = .mending(mending)
        return try mend(mending, index, view)
    }

    /// Has some nodes lead elsewhere than to what is gone; then clears what is gone.
    private func mend(
        _ mending: Mending,
        _ index: VectorIndex,
        _ view: PageView
    ) throws(PageError) -> GraphStep? {
        var next = mending
        let head = try index.graph(in: view)
        let graph = index.paged(head, view)
        let pages = GraphShape.linkPages(Int(graph.count))
        while next.page < pages {
            let part = next.page..<min(next.page + Self.mendedPages, pages)
            let planned = try planner.mend(
                part,
                of: graph,
                without: mending.gone,
                from: head.entries
            )
            next.page = part.upperBound
            work = .mending(next)
            if planned.links.isEmpty { continue }
            return GraphStep { (index, editor) throws(PageError) in
                try index.editGraph(in: editor) { (pages, _) throws(PageError) in
                    for (node, links) in planned.links { try pages.setLinks(links, of: node) }
                }
            }
        }
        let some = Array(next.left.suffix(Self.nodesPerTurn))
        next.left.removeLast(some.count)
        changeCount += some.count
        work = next.left.isEmpty ? .looking : .mending(next)
        isReached = false
        free = try freeNumbers(graph, head) + some
        let entries = try entries(head, graph, without: mending.gone.gone)
        return GraphStep { (index, editor) throws(PageError) in
            try index.editGraph(in: editor) { (pages, head) throws(PageError) in
                for node in some { try pages.clear(node) }
                head.used -= min(UInt32(some.count), head.used)
                head.entries = entries
            }
            try index.forget(gone: some, in: editor)
        }
    }

    /// Nodes to begin with, none of which is gone.
    private func entries(
        _ head: GraphHead,
        _ graph: PagedGraph,
        without gone: Set<UInt32>
    ) throws(PageError) -> [UInt32] {
        var entries = head.entries.filter { !gone.contains($0) }
        let wanted = GraphTuning.entryCount
        if entries.count >= wanted / 2 { return entries }
        var copy: UInt32?
        let step = max(1, graph.count / UInt32(4 * wanted))
        for node in stride(from: 0, to: graph.count, by: Int(step)) where entries.count < wanted {
            if gone.contains(node) || entries.contains(node) { continue }
            if try graph.subject(node).owner == GraphShape.none { continue }
            if try graph.isHung(node) {
                copy = node
            } else {
                entries.append(node)
            }
        }
        // Where all of them are copies, the way up leads to what is none.
        if entries.isEmpty, let copy { entries = [try EditedGraph(graph).root(of: copy)] }
        return entries
    }
}
