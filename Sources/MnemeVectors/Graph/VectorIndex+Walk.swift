// A search by the graph: a walk, and a scan of what is not in the graph yet. What the walk came to is
// taken in order of its codes' scores; nodes whose vectors are gone, and what the caller turns away,
// are passed over. Where too little is left, the walk is made again, wider, as long as that is
// cheaper than to scan everything.

internal import CKernels
package import MnemePages
internal import Synchronization

extension VectorIndex {
    /// The nearest by the graph; nil where it cannot say enough, and all is to be scanned.
    ///
    /// - Throws: as `nearest`.
    func walk(
        to query: borrowing PreparedQuery,
        limits: NearestLimits,
        view: PageView,
        source: some VectorSource,
        accept: (UInt64) -> Bool
    ) throws(VectorIndexError) -> NearestAnswer? {
        guard nodeCount > 0, let fresh, let gone else { return nil }
        let scratch = GraphScratches.shared.take()
        defer { GraphScratches.shared.give(scratch) }
        do throws(PageError) {
            let head = try graph(in: view)
            let nodes = PagedGraph(
                GraphShape(coder.shape),
                count: head.count,
                codes: view.root.array(head.codeSegments),
                links: view.root.array(head.linkSegments)
            )
            let hasGone = try gone.count(in: view) > 0
            var beam = GraphChoice.beam(for: limits)
            while GraphChoice.walks(beam: beam, over: Int(head.count)) {
                let wide = NearestLimits(
                    count: limits.count,
                    rescored: max(limits.rescored, beam / 4)
                )
                var search = ScanSearch(limits: wide)
                let done = try nodes.walk(to: query, beam: beam, from: head.entries, scratch)
                search.walked(past: done.scored)
                var taken = 0
                for place in 0..<scratch.filled where taken < wide.rescored {
                    let key = unsafe scratch.keys[place]
                    let node = GraphScratch.node(key)
                    if hasGone, try gone.find(UInt64(node), 0, in: view) != nil { continue }
                    let subject = try nodes.subject(node)
                    guard subject.owner != GraphShape.none, accept(subject.ordinal) else { continue }
                    search.offer(
                        score: GraphScratch.score(key),
                        ordinal: subject.ordinal,
                        address: subject.address
                    )
                    taken += 1
                }
                if taken >= min(limits.count, scratch.filled) || taken >= limits.rescored {
                    try scanAll(of: fresh, freshLayout, &search, query, view, accept)
                    return try finish(search, query, source)
                }
                beam *= 4
            }
            return nil
        } catch {
            throw .pages(error)
        }
    }
}
