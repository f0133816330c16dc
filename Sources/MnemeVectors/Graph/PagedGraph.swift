// A graph in the pages of a state: what walks look at, and what the thread that changes it plans
// on. Format: formats/vector-graph.md#nodes.

internal import MnemePages

/// The nodes of a graph as one state has them.
struct PagedGraph: GraphNodes {
    let shape: GraphShape
    let count: UInt32
    private let codePages: ArrayPages
    private let linkPages: ArrayPages

    init(_ shape: GraphShape, count: UInt32, codes: ArrayPages, links: ArrayPages) {
        self.shape = shape
        self.count = count
        codePages = codes
        linkPages = links
    }

    @inline(__always)
    func code(_ node: UInt32) throws(PageError) -> GraphCode {
        let (page, slot) = shape.codePlace(node)
        return unsafe GraphCode(try codePages.page(page).base, slot, shape)
    }

    @inline(__always)
    func links(_ node: UInt32) throws(PageError) -> UnsafePointer<UInt32> {
        let (page, slot) = GraphShape.linkPlace(node)
        return try unsafe linkPages.page(page).base.graphLinks(slot)
    }

    /// What a node stands for.
    func subject(_ node: UInt32) throws(PageError) -> GraphSubject {
        let (page, slot) = GraphShape.linkPlace(node)
        return try unsafe linkPages.page(page).base.graphSubject(slot)
    }
}
