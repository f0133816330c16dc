// Some of the vectors of an index, spread over all of them: what a measurement of its searches asks
// about where no questions from outside are known.

package import MnemePages

extension VectorIndex {
    /// The ordinals of up to so many vectors, spread over the graph where there is one, and over
    /// the owners else; each once.
    ///
    /// Of copies of one another no second one is among them as long as there are enough others:
    /// many copies would hide what is found of all else.
    ///
    /// Nodes that are near have numbers that are close (formats/vector-graph.md#nodes), so that
    /// numbers in equal steps lie in all parts of the space.
    ///
    /// - Throws: as `PageView.page`.
    /// - Complexity: O(`count`) of a graph, O(nodes) of one with many copies, O(entries) without
    ///   one.
    package func sample(_ count: Int, in view: PageView) throws(PageError) -> [UInt64] {
        let head = try graph(in: view)
        guard head.count > 0 else { return try sampleOfEntries(count, in: view) }
        let nodes = paged(head, view)
        let wanted = min(count, Int(head.count))
        var found: [UInt64] = []
        for part in 0..<wanted {
            let start = UInt32(Int(head.count) * part / wanted)
            let end = UInt32(Int(head.count) * (part + 1) / wanted)
            // Of each part the first that is there and no copy.
            for node in start..<end {
                guard let ordinal = try ordinal(node, nodes, view) else { continue }
                if try nodes.isHung(node) { continue }
                found.append(ordinal)
                break
            }
        }
        if found.count < wanted { found = try sampleOfMany(wanted, head.count, nodes, view) }
        // All of the graph's may be gone, and there are fresh ones alone.
        return found.isEmpty ? try sampleOfEntries(count, in: view) : found
    }

    /// The node of a vector, as a walk goes around it that is to find the others as a question from
    /// outside does; nil where it has none, and where copies hang below it, which nothing else
    /// leads to.
    ///
    /// - Throws: as `PageView.page`.
    package func node(
        of ordinal: UInt64,
        owner: UInt32,
        in view: PageView
    ) throws(PageError) -> UInt32? {
        guard let entry = try tree.find(UInt64(owner), ordinal, in: view) else { return nil }
        let node = entry.load32(Self.node)
        let nodes = paged(try graph(in: view), view)
        guard node < nodes.count else { return nil }
        let (own, links) = (try nodes.code(node), try unsafe nodes.links(node))
        for place in 0..<GraphShape.degree {
            let other = unsafe links[place]
            if other >= nodes.count { break }
            if try nodes.code(other).isCopy(of: own, nodes.shape.codeByteCount) { return nil }
        }
        return node
    }

    /// Of a graph with parts where nothing is but copies: in equal steps of those that are none,
    /// and copies where these are too few.
    private func sampleOfMany(
        _ wanted: Int,
        _ count: UInt32,
        _ nodes: PagedGraph,
        _ view: PageView
    ) throws(PageError) -> [UInt64] {
        var (roots, copies): ([UInt32], [UInt32]) = ([], [])
        for node in 0..<count where try nodes.subject(node).owner != GraphShape.none {
            if try nodes.isHung(node) { copies.append(node) } else { roots.append(node) }
        }
        var found: [UInt64] = []
        for some in [roots, copies] {
            let left = min(wanted - found.count, some.count)
            for part in 0..<max(left, 0) {
                let node = some[some.count * part / left]
                if let ordinal = try ordinal(node, nodes, view) { found.append(ordinal) }
            }
        }
        return found
    }

    /// The record of a node; nil where it is not there.
    private func ordinal(
        _ node: UInt32,
        _ nodes: PagedGraph,
        _ view: PageView
    ) throws(PageError) -> UInt64? {
        let subject = try nodes.subject(node)
        guard subject.owner != GraphShape.none else { return nil }
        if try gone?.find(UInt64(node), 0, in: view) != nil { return nil }
        return subject.ordinal
    }

    private func sampleOfEntries(
        _ count: Int,
        in view: PageView
    ) throws(PageError) -> [UInt64] {
        let all = try tree.count(in: view)
        let wanted = min(count, all)
        guard wanted > 0 else { return [] }
        var found: [UInt64] = []
        var place = 0
        try forEachEntry(in: view) { (_, _, ordinal) in
            if found.count < wanted, place == all * found.count / wanted { found.append(ordinal) }
            place += 1
        }
        return found
    }
}
