// The whole of a column tree, held against its invariants.

extension ColumnTree {
    /// Walks every page.
    ///
    /// `andSlack`: bytes that no entry stands at must be zero, as this program leaves them.
    /// - Throws: `.corrupt` at the first page that breaks an invariant; as `PageView.page`.
    /// - Complexity: O(pages + entries); with the slack O(bytes).
    package func checkStructure(
        _ view: PageView,
        andSlack: Bool = false
    ) throws(PageError) {
        let stated = try ColumnTree.open(root, in: view)
        guard stated.shape == shape else {
            throw .corrupt(id: root.bits, place: 0, reason: "other columns than expected")
        }
        var check = ColumnCheck(tree: self, view: view, andSlack: andSlack)
        try check.walk(root, level: nil, from: ColumnKey(0, 0), to: nil)
        guard check.entries == (try count(in: view)) else {
            throw .corrupt(id: root.bits, place: 0, reason: "the count of entries is wrong")
        }
    }
}

private struct ColumnCheck {
    let tree: ColumnTree
    let view: PageView
    let andSlack: Bool
    var entries = 0
    private var seen: Set<UInt64> = []

    init(tree: ColumnTree, view: PageView, andSlack: Bool) {
        self.tree = tree
        self.view = view
        self.andSlack = andSlack
    }

    mutating func walk(
        _ id: PageID,
        level: Int?,
        from start: ColumnKey,
        to end: ColumnKey?
    )
        throws(PageError)
    {
        guard seen.insert(id.bits).inserted else {
            throw .corrupt(id: id.bits, place: 0, reason: "a page stands in the tree twice")
        }
        let node = try ColumnNode(
            try view.page(id),
            id,
            level: level,
            capacity: tree.shape.capacity
        )
        guard node.count > 0 || id == tree.root else {
            throw .corrupt(id: id.bits, place: 0, reason: "an empty page")
        }
        let first = node.level == 0 ? 0 : 1
        for index in first..<max(node.count, first) {
            let key = node.key(index)
            let isAscending = index == first || node.key(index - 1) < key
            guard isAscending, key >= start, end.map({ key < $0 }) ?? true else {
                throw .corrupt(id: id.bits, place: 0, reason: "keys out of order")
            }
        }
        if andSlack, !hasZeroSlack(node, isRoot: id == tree.root) {
            throw .corrupt(id: id.bits, place: 0, reason: "bytes of no entry are not zero")
        }
        if node.level == 0 {
            entries += node.count
            return
        }
        for index in 0..<node.count {
            try walk(
                node.child(index),
                level: node.level - 1,
                from: index == 0 ? start : node.key(index),
                to: index + 1 < node.count ? node.key(index + 1) : end
            )
        }
    }

    /// Whether everything is zero that is neither the head's nor an entry's.
    private func hasZeroSlack(_ node: ColumnNode, isRoot: Bool) -> Bool {
        let (page, shape) = (node.page, tree.shape)
        let (keys, children) = (ColumnLayout.payload, ColumnLayout.children)
        // Where something starts, and where what is used of it ends.
        var parts = [(start: keys, end: keys + node.count * ColumnLayout.keySize)]
        if node.level > 0 {
            parts.append((children, children + 8 * node.count))
        } else {
            for column in 0..<shape.count {
                parts.append((shape.offset(column, 0), shape.offset(column, node.count)))
            }
        }
        let ends = parts.dropFirst().map(\.start) + [PageLayout.size]
        for (part, next) in zip(parts, ends) where !page.isZero(part.end, next - part.end) {
            return false
        }
        let head =
            isRoot
            ? [(ColumnLayout.columns + 2, ColumnLayout.sizes)]
                + [(ColumnLayout.sizes + 2 * shape.count, ColumnLayout.payload)]
            : [(ColumnLayout.total, ColumnLayout.payload)]
        for (start, end) in head + [(20, 24)] where !page.isZero(start, end - start) {
            return false
        }
        return node.level == 0 || node.key(0) == ColumnKey(0, 0)
    }
}
