// The whole of a column tree, held against its invariants.

extension ColumnTree {
    /// Walks every page.
    ///
    /// - Throws: `.corrupt` at the first page that breaks an invariant; as `PageView.page`.
    /// - Complexity: O(pages + entries).
    package func checkStructure(_ view: PageView) throws(PageError) {
        let stated = try ColumnTree.open(root, in: view)
        guard stated.shape == shape else {
            throw .corrupt(id: root.bits, place: 0, reason: "other columns than expected")
        }
        var check = ColumnCheck(tree: self, view: view)
        try check.walk(root, level: nil, from: ColumnKey(0, 0), to: nil)
        guard check.entries == (try count(in: view)) else {
            throw .corrupt(id: root.bits, place: 0, reason: "the count of entries is wrong")
        }
    }
}

private struct ColumnCheck {
    let tree: ColumnTree
    let view: PageView
    var entries = 0
    private var seen: Set<UInt64> = []

    init(tree: ColumnTree, view: PageView) {
        self.tree = tree
        self.view = view
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
}
