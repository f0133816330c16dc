// A search by the graph: a walk, and a scan of what is not in the graph yet. What the walk came to
// is taken in order of its codes' scores; nodes whose vectors are gone, and what the caller turns
// away, are passed over. Where too little is left, the walk is made again, wider, as long as that
// is cheaper than to scan everything.

internal import CKernels
internal import MnemePages

extension VectorIndex {
    /// The nearest by the graph; nil where it cannot say enough, and all is to be scanned.
    ///
    /// - Throws: as `nearest`.
    func walk(
        to query: borrowing PreparedQuery,
        _ limits: NearestLimits,
        _ view: PageView,
        _ source: some VectorSource,
        _ accept: (UInt64) -> Bool
    ) throws(VectorIndexError) -> NearestAnswer? {
        guard let fresh else { return nil }
        let scratch = GraphScratches.shared.take()
        defer { GraphScratches.shared.give(scratch) }
        var search = ScanSearch(limits: limits)
        do throws(PageError) {
            let head = try graph(in: view)
            let nodes = paged(head, view)
            var beam = GraphChoice.beam(for: limits)
            while true {
                guard limits.rescored <= GraphChoice.widest,
                    GraphChoice.walks(
                        beam: beam,
                        over: Int(head.count),
                        asked: limits.beam != nil
                    )
                else { return nil }
                let wide = NearestLimits(
                    count: limits.count,
                    rescored: max(limits.rescored, beam / 4)
                )
                search = ScanSearch(limits: wide)
                let done = try unsafe withUnsafePointer(to: query.codeQuery) {
                    (pointer) throws(PageError) in
                    try unsafe nodes.walk(to: pointer, beam: beam, from: head.entries, scratch)
                }
                search.walked(past: done.scored)
                let taken = try take(scratch, nodes, wide.rescored, &search, view, accept)
                if taken >= limits.count { break }
                beam *= 4
            }
            try scanAll(of: fresh, &search, query, view, accept)
        } catch {
            throw .pages(error)
        }
        return try finish(search, query, source)
    }

    /// Takes the best of what a walk came to, as far as it is there and accepted; how many.
    private func take(
        _ scratch: GraphScratch,
        _ nodes: PagedGraph,
        _ limit: Int,
        _ search: inout ScanSearch,
        _ view: PageView,
        _ accept: (UInt64) -> Bool
    ) throws(PageError) -> Int {
        let gone = try goneCount(in: view) > 0 ? self.gone : nil
        var taken = 0
        for place in 0..<scratch.filled where taken < limit {
            let key = unsafe scratch.keys[place]
            let node = GraphScratch.node(key)
            if let gone, try gone.find(UInt64(node), 0, in: view) != nil { continue }
            let subject = try nodes.subject(node)
            guard subject.owner != GraphShape.none, accept(subject.ordinal) else { continue }
            search.offer(
                score: GraphScratch.score(key),
                ordinal: subject.ordinal,
                address: subject.address
            )
            taken += 1
        }
        return taken
    }
}
