// Some of the vectors of an index, spread over all of them: what a measurement of its searches asks
// about where no questions from outside are known.

package import MnemePages

extension VectorIndex {
    /// The ordinals of up to so many vectors, spread over the graph where there is one, and over
    /// the owners else; each once.
    ///
    /// Nodes that are near have numbers that are close (formats/vector-graph.md#nodes), so that
    /// numbers in equal steps lie in all parts of the space.
    ///
    /// - Throws: as `PageView.page`.
    /// - Complexity: O(`count`) of a graph, O(entries) without one.
    package func sample(_ count: Int, in view: PageView) throws(PageError) -> [UInt64] {
        let head = try graph(in: view)
        guard head.count > 0 else { return try sampleOfEntries(count, in: view) }
        let nodes = paged(head, view)
        let wanted = min(count, Int(head.count))
        var found: [UInt64] = []
        for part in 0..<wanted {
            var node = UInt32(Int(head.count) * part / wanted)
            let end = UInt32(Int(head.count) * (part + 1) / wanted)
            // Of each part the first that is there.
            while node < end {
                let subject = try nodes.subject(node)
                let isGone = try gone?.find(UInt64(node), 0, in: view) != nil
                if subject.owner != GraphShape.none, !isGone {
                    found.append(subject.ordinal)
                    break
                }
                node += 1
            }
        }
        return found
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
