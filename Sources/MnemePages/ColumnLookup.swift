// Entries of a column tree that are looked up together: first the way down to the leaves of all of
// them, whose branches are mostly at hand, then the keys of the leaves, which are not: their memory
// is asked for before any of it is looked at, and is waited for once instead of once a key.

internal import CKernels

/// Looks some keys of a tree up at once.
package struct ColumnLookup {
    /// So many keys at most are looked up together.
    package static let most = 32

    private let tree: ColumnTree
    private let view: PageView
    private var leaves: [ColumnNode] = []
    /// Where the entries stand, in the order of the keys; nil for a key that is not there.
    package private(set) var runs: [ColumnRun?] = []

    /// Nothing was looked up yet.
    package init(_ tree: ColumnTree, in view: PageView) {
        self.tree = tree
        self.view = view
        leaves.reserveCapacity(Self.most)
        runs.reserveCapacity(Self.most)
    }

    /// Looks keys up; `runs` says where they are.
    ///
    /// - Throws: as `ColumnTree.find`.
    /// - Precondition: at most `most` keys.
    /// - Complexity: O(keys · log count).
    package mutating func find(_ keys: ArraySlice<ColumnKey>) throws(PageError) {
        precondition(keys.count <= Self.most)
        leaves.removeAll(keepingCapacity: true)
        runs.removeAll(keepingCapacity: true)
        let capacity = tree.shape.capacity
        let keyBytes = capacity * ColumnLayout.keySize
        let root = try ColumnNode(
            try view.page(tree.root),
            tree.root,
            level: nil,
            capacity: capacity
        )
        for key in keys {
            var node = root
            while node.level > 1 { node = try child(node, key, capacity) }
            if node.level == 1 {
                // The leaf's head is asked for, and looked at below.
                let id = node.child(node.childIndex(key))
                if let page = view.pageInMemory(id) {
                    unsafe mneme_prefetch(page.base, ColumnLayout.payload + keyBytes)
                }
            }
            leaves.append(node)
        }
        for (place, key) in keys.enumerated() {
            var node = leaves[place]
            if node.level > 0 { node = try child(node, key, capacity) }
            let index = node.lowerBound(key)
            guard node.holds(key, at: index) else {
                runs.append(nil)
                continue
            }
            runs.append(ColumnRun(page: node.page, range: index..<index + 1))
        }
    }

    private func child(
        _ node: ColumnNode,
        _ key: ColumnKey,
        _ capacity: Int
    ) throws(PageError) -> ColumnNode {
        let id = node.child(node.childIndex(key))
        return try ColumnNode(
            try view.page(id),
            id,
            level: node.level - 1,
            capacity: capacity
        )
    }
}
