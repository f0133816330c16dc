// A search by the graph: a walk, and a scan of what is not in the graph yet. Where few are turned
// away the walk is a plain one, and what it came to is taken in order of its codes' scores; where
// too little is left, it is made again, wider, as long as that is cheaper than the other ways.
// Where many are turned away, and to say so is cheap, the walk tests on its way.

internal import CKernels
package import MnemePages

extension VectorIndex {
    /// The nearest by the graph; nil where it cannot say enough, and another way is to be gone.
    ///
    /// - Throws: as `nearest`.
    package func walk(
        to query: borrowing PreparedQuery,
        in scope: VectorScope,
        _ limits: NearestLimits,
        _ choice: NearestChoice,
        view: PageView,
        source: some VectorSource,
        accept: (UInt64) -> Bool
    ) throws(VectorIndexError) -> NearestAnswer? {
        guard let fresh, nodeCount > 0, choice.beam > 0 else { return nil }
        let scratch = GraphScratches.shared.take()
        defer { GraphScratches.shared.give(scratch) }
        var search = ScanSearch(limits: limits)
        do throws(PageError) {
            let head = try graph(in: view)
            let nodes = paged(head, view)
            let gone = try goneCount(in: view) > 0 ? self.gone : nil
            let filter = NodeFilter(nodes: nodes, gone: gone, scope: scope, view: view)
            var beam = choice.beam
            var taken = 0
            while true {
                let wide = NearestLimits(
                    count: limits.count,
                    rescored: max(limits.rescored, beam / GraphChoice.rescoredShare)
                )
                search = ScanSearch(limits: wide)
                let done = try unsafe withUnsafePointer(to: query.codeQuery) {
                    (pointer) throws(PageError) -> GraphWalkCount? in
                    guard choice.testsOnWay else {
                        return try unsafe nodes.walk(
                            to: pointer,
                            beam: beam,
                            from: head.entries,
                            scratch
                        )
                    }
                    return try unsafe nodes.walk(
                        to: pointer,
                        results: beam,
                        from: head.entries,
                        atMost: choice.most,
                        scratch
                    ) { (node) throws(PageError) -> Bool in
                        guard let subject = try filter.subject(node) else { return false }
                        return accept(subject.ordinal)
                    }
                }
                guard let done else { return nil }
                search.walked(past: done.scored)
                if choice.testsOnWay {
                    taken = min(scratch.filled, wide.rescored)
                    for place in 0..<taken { try offer(place, scratch, nodes, &search) }
                    break
                }
                taken = try take(scratch, filter, wide.rescored, &search, accept)
                if taken >= limits.count { break }
                beam *= 4
                guard beam <= GraphChoice.widest,
                    GraphChoice.scores(beam: Double(beam)) < Double(choice.most)
                else { return nil }
            }
            try scan(scope, of: fresh, &search, query, view, accept)
            // A walk with a test ends where it came past everything; whether nobody is left out
            // the other ways say.
            if taken < limits.count { return nil }
        } catch {
            throw .pages(error)
        }
        return try finish(search, query, source)
    }

    /// Takes the best of what a walk came to, as far as it is there and accepted; how many.
    private func take(
        _ scratch: GraphScratch,
        _ filter: NodeFilter,
        _ limit: Int,
        _ search: inout ScanSearch,
        _ accept: (UInt64) -> Bool
    ) throws(PageError) -> Int {
        for place in 0..<min(scratch.filled, limit) {
            try filter.nodes.fetchSubject(GraphScratch.node(unsafe scratch.keys[place]))
        }
        var taken = 0
        for place in 0..<scratch.filled where taken < limit {
            let key = unsafe scratch.keys[place]
            guard let subject = try filter.subject(GraphScratch.node(key)),
                accept(subject.ordinal)
            else { continue }
            search.offer(
                score: GraphScratch.score(key),
                ordinal: subject.ordinal,
                address: subject.address
            )
            taken += 1
        }
        return taken
    }

    /// Takes what a walk came to that tested it.
    private func offer(
        _ place: Int,
        _ scratch: GraphScratch,
        _ nodes: PagedGraph,
        _ search: inout ScanSearch
    ) throws(PageError) {
        let key = unsafe scratch.keys[place]
        let subject = try nodes.subject(GraphScratch.node(key))
        search.offer(
            score: GraphScratch.score(key),
            ordinal: subject.ordinal,
            address: subject.address
        )
    }
}

/// Which nodes are of a scope, and there.
private struct NodeFilter {
    let nodes: PagedGraph
    /// Nodes whose vectors are gone; nil where none is.
    let gone: ColumnTree?
    let scope: VectorScope
    let view: PageView

    /// What a node stands for; nil where it is another's, or not there.
    @inline(__always)
    func subject(_ node: UInt32) throws(PageError) -> GraphSubject? {
        let subject = try nodes.subject(node)
        guard subject.owner != GraphShape.none, scope.contains(subject.owner) else { return nil }
        if let gone, try gone.find(UInt64(node), 0, in: view) != nil { return nil }
        return subject
    }
}
