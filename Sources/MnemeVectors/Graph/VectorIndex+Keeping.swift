// What the keeper of a graph reads and writes of its index, beside what `VectorIndex+Graph.swift`
// has for every caller.

internal import MnemePages

extension VectorIndex {
    /// The nodes of the graph as a state has them.
    func paged(_ head: GraphHead, _ view: PageView) -> PagedGraph {
        PagedGraph(
            GraphShape(coder.shape),
            count: head.count,
            codes: view.root.array(head.codeSegments),
            links: view.root.array(head.linkSegments)
        )
    }

    /// Calls `body` with every vector's entry, its owner and its ordinal, in their order.
    ///
    /// - Throws: as `ColumnTree.cursor`.
    func forEachEntry(
        in view: PageView,
        _ body: (ColumnEntry, UInt32, UInt64) -> Void
    ) throws(PageError) {
        try Self.forEach(of: tree, in: view, atMost: .max, body)
    }

    /// Calls `body` with entries that no node has, in their order.
    ///
    /// - Throws: as `ColumnTree.cursor`.
    func forEachFresh(
        in view: PageView,
        atMost limit: Int,
        _ body: (ColumnEntry, UInt32, UInt64) -> Void
    ) throws(PageError) {
        guard let fresh else { return }
        try Self.forEach(of: fresh, in: view, atMost: limit, body)
    }

    private static func forEach(
        of tree: ColumnTree,
        in view: PageView,
        atMost limit: Int,
        _ body: (ColumnEntry, UInt32, UInt64) -> Void
    ) throws(PageError) {
        var left = limit
        var cursor = try tree.cursor(in: view)
        while left > 0, let block = try cursor.next() {
            for index in block.range.prefix(left) {
                let owner = UInt32(truncatingIfNeeded: block.high(index))
                body(block.entry(index), owner, block.low(index))
            }
            left -= min(left, block.range.count)
        }
    }

    /// The nodes whose vectors are gone, ascending.
    ///
    /// - Throws: as `ColumnTree.cursor`.
    func goneNodes(in view: PageView) throws(PageError) -> [UInt32] {
        guard let gone else { return [] }
        var nodes: [UInt32] = []
        var cursor = try gone.cursor(in: view)
        while let block = try cursor.next() {
            for index in block.range { nodes.append(UInt32(truncatingIfNeeded: block.high(index))) }
        }
        return nodes
    }

    /// Takes nodes that were cleared off the list of those that are gone.
    ///
    /// - Throws: as `ColumnTree.remove`.
    func forget(gone nodes: [UInt32], in editor: PageEditor) throws(PageError) {
        guard let gone else { return }
        for node in nodes { try gone.remove(UInt64(node), 0, in: editor) }
    }

    /// Changes pages of the graph and what the head page says of it, which is written down then.
    ///
    /// - Throws: what `body` throws; as `PageEditor.edit`.
    func editGraph(
        in editor: PageEditor,
        _ body: (inout GraphPageEditor, inout GraphHead) throws(PageError) -> Void
    ) throws(PageError) {
        var head = try graph(in: editor)
        var pages = GraphPageEditor(
            GraphShape(coder.shape),
            codeSegments: head.codeSegments,
            linkSegments: head.linkSegments,
            editor
        )
        try body(&pages, &head)
        (head.codeSegments, head.linkSegments) = (pages.codeSegments, pages.linkSegments)
        try setGraph(head, in: editor)
    }
}
