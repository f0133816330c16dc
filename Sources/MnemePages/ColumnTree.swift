// An ordered map from pairs of 64-bit numbers to a few fixed-size columns.
//
// A leaf holds its keys in one run and every column in a run of its own, so that a kernel can score
// all entries of a leaf in one call. The root keeps its page id for life: when it splits, what it
// held moves to a new child. There are no links between siblings; scans keep the way down.
// Invariants: keys ascend within a leaf and from leaf to leaf; child i of a branch holds keys from
// its separator up to, not including, the next one; all leaves are at level 0; no page but the root
// is empty. Format: formats/column-tree.md.

/// A column tree of one page file, by its root.
///
/// It holds no state: pages do.
@frozen
package struct ColumnTree: Sendable, Equatable {
    /// The page of the root; never changes.
    package let root: PageID
    /// The columns.
    package let shape: ColumnShape

    /// A tree whose root and shape are known from elsewhere; `open` reads the shape instead.
    package init(root: PageID, shape: ColumnShape) {
        self.root = root
        self.shape = shape
    }

    /// Makes an empty tree of one page.
    package static func create(_ shape: ColumnShape, in editor: PageEditor) -> ColumnTree {
        let (id, page) = editor.allocate(kind: ColumnLayout.leafKind)
        page.store(UInt16(shape.count), ColumnLayout.columns)
        for column in 0..<shape.count {
            page.store(UInt16(shape.size(column)), ColumnLayout.sizes + column * 2)
        }
        return ColumnTree(root: id, shape: shape)
    }

    /// The tree of this root, with the shape that its root page states.
    ///
    /// - Throws: `.corrupt` when the page is no root of a column tree; as `PageView.page`.
    package static func open(_ root: PageID, in view: PageView) throws(PageError) -> ColumnTree {
        let page = try view.page(root)
        let count = Int(page.load16(ColumnLayout.columns))
        var sizes: [Int] = []
        for column in 0..<min(count, ColumnShape.limit) {
            sizes.append(Int(page.load16(ColumnLayout.sizes + column * 2)))
        }
        guard count <= ColumnShape.limit, let shape = ColumnShape(checking: sizes) else {
            throw .corrupt(id: root.bits, place: 0, reason: "no columns of a column tree")
        }
        _ = try ColumnNode(page, root, level: nil, capacity: shape.capacity)
        return ColumnTree(root: root, shape: shape)
    }

    /// How many entries there are.
    ///
    /// - Throws: `.corrupt` when the root states more than a file has room for; as `PageView.page`.
    /// - Complexity: O(1).
    package func count(in view: PageView) throws(PageError) -> Int {
        try stated(try view.page(root))
    }

    /// How many entries the root states.
    ///
    /// - Throws: `.corrupt` when no file has room for as many.
    func stated(_ page: Page) throws(PageError) -> Int {
        let total = page.load64(ColumnLayout.total)
        guard total < ColumnLayout.totalLimit else {
            throw .corrupt(id: root.bits, place: 0, reason: "a count of entries that cannot be")
        }
        return Int(total)
    }

    /// The entry of a key, nil when there is none.
    ///
    /// - Throws: `.corrupt` when a page on the way is not what it should be; as `PageView.page`.
    /// - Complexity: O(log count).
    package func find(
        _ high: UInt64,
        _ low: UInt64,
        in view: PageView
    ) throws(PageError)
        -> ColumnEntry?
    {
        let key = ColumnKey(high, low)
        var node = try ColumnNode(
            try view.page(root),
            root,
            level: nil,
            capacity: shape.capacity
        )
        while node.level > 0 {
            let id = node.child(node.childIndex(key))
            node = try ColumnNode(
                try view.page(id),
                id,
                level: node.level - 1,
                capacity: shape.capacity
            )
        }
        let index = node.lowerBound(key)
        guard node.holds(key, at: index) else { return nil }
        return ColumnEntry(page: node.page, index: index, shape: shape)
    }

    /// Frees every page of the tree, the root too.
    ///
    /// - Throws: as `PageEditor.page`; the editor is then to be discarded.
    /// - Complexity: O(pages).
    package func destroy(in editor: PageEditor) throws(PageError) {
        try destroy(root, level: nil, editor)
    }

    private func destroy(_ id: PageID, level: Int?, _ editor: PageEditor) throws(PageError) {
        let node = try ColumnNode(
            try editor.page(id),
            id,
            level: level,
            capacity: shape.capacity
        )
        if node.level > 0 {
            for index in 0..<node.count {
                try destroy(node.child(index), level: node.level - 1, editor)
            }
        }
        editor.free(id)
    }
}

/// An entry that was found.
@frozen
@usableFromInline
package struct ColumnEntry: Sendable {
    /// Its leaf.
    @usableFromInline package let page: Page
    /// Its place among the leaf's entries.
    @usableFromInline package let index: Int
    /// The columns.
    @usableFromInline package let shape: ColumnShape

    @inlinable
    init(page: Page, index: Int, shape: ColumnShape) {
        self.page = page
        self.index = index
        self.shape = shape
    }

    @inlinable package func byte(_ column: Int) -> UInt8 {
        page.byte(shape.offset(column, index))
    }

    @inlinable package func load16(_ column: Int) -> UInt16 {
        page.load16(shape.offset(column, index))
    }

    @inlinable package func load32(_ column: Int) -> UInt32 {
        page.load32(shape.offset(column, index))
    }

    @inlinable package func load64(_ column: Int) -> UInt64 {
        page.load64(shape.offset(column, index))
    }

    /// The value's bytes.
    package func bytes(_ column: Int) -> [UInt8] {
        page.copy(shape.offset(column, index), shape.size(column))
    }

    /// Where the value starts; `shape.size(column)` bytes may be read there.
    @inlinable package func pointer(_ column: Int) -> UnsafeRawPointer {
        unsafe page.base + shape.offset(column, index)
    }
}
