// Scanning a column tree by leaves.

internal import CKernels

/// Entries of one leaf, neighbours in key order.
///
/// SAFETY: `range` lies within the leaf's count, which was checked. The block is good as long as
/// the cursor's view.
@safe @frozen
@usableFromInline
package struct ColumnBlock: @unchecked Sendable {
    /// The leaf.
    @usableFromInline package let page: Page
    /// Which of its entries are meant; never empty.
    @usableFromInline package let range: Range<Int>
    /// The columns.
    @usableFromInline package let shape: ColumnShape

    @inlinable
    init(page: Page, range: Range<Int>, shape: ColumnShape) {
        self.page = page
        self.range = range
        self.shape = shape
    }

    /// How many entries are meant.
    @inlinable package var count: Int { range.count }

    /// The first half of the key of entry `index` of the leaf.
    @inlinable package func high(_ index: Int) -> UInt64 {
        page.load64(ColumnLayout.payload + index * ColumnLayout.keySize)
    }

    /// The second half of the key of entry `index` of the leaf.
    @inlinable package func low(_ index: Int) -> UInt64 {
        page.load64(ColumnLayout.payload + index * ColumnLayout.keySize + 8)
    }

    /// Entry `index` of the leaf.
    @inlinable package func entry(_ index: Int) -> ColumnEntry {
        ColumnEntry(page: page, index: index, shape: shape)
    }

    /// The values of a column from the first entry of `range` on, `count` times its size.
    @inlinable package func pointer(_ column: Int) -> UnsafeRawPointer {
        unsafe page.base + shape.offset(column, range.lowerBound)
    }

    /// Where the value of entry `index` of the leaf starts.
    @inlinable package func pointer(_ column: Int, _ index: Int) -> UnsafeRawPointer {
        unsafe page.base + shape.offset(column, index)
    }
}

/// Where the entries of a block stand; good as long as the cursor's view.
@frozen
@usableFromInline package struct ColumnRun: Sendable {
    /// The leaf.
    @usableFromInline package let page: Page
    /// Which of its entries are meant; never empty.
    @usableFromInline package let range: Range<Int>

    /// The keys from the first entry of `range` on: two words each.
    @inlinable package var keyPointer: UnsafeRawPointer {
        unsafe page.base + (ColumnLayout.payload + range.lowerBound * ColumnLayout.keySize)
    }
}

/// Goes through the entries of a key range, leaf by leaf.
///
/// SAFETY: pages are of the view that the cursor holds on to.
package struct ColumnCursor {
    private struct Step {
        var page: Page
        var next: Int
        var count: Int
    }

    private let view: PageView
    private let tree: ColumnTree
    private let end: ColumnKey?
    /// Where the last key of a full leaf stands.
    private let lastKey: Int
    /// The lowest branch of the way down, apart from those above it: each leaf asks for it alone.
    private var parent: Step?
    private var above: InlineArray<12, Step?>
    private var depth = 0
    private var run: ColumnRun?
    private var isOpen = true

    init(
        _ tree: ColumnTree,
        from start: ColumnKey,
        to end: ColumnKey?,
        _ view: PageView
    )
        throws(PageError)
    {
        self.tree = tree
        self.view = view
        self.end = end
        above = InlineArray(repeating: nil)
        let capacity = tree.shape.capacity
        lastKey = ColumnLayout.payload + (capacity - 1) * ColumnLayout.keySize
        var node = try ColumnNode(
            try view.page(tree.root),
            tree.root,
            level: nil,
            capacity: capacity
        )
        while node.level > 0 {
            let index = node.childIndex(start)
            let id = node.child(index)
            enter(Step(page: node.page, next: index + 1, count: node.count))
            node = try ColumnNode(
                try view.page(id),
                id,
                level: node.level - 1,
                capacity: capacity
            )
        }
        take(node, from: node.lowerBound(start))
    }

    /// The next block, nil at the end.
    ///
    /// - Throws: `.corrupt`, as `PageView.page`.
    /// - Complexity: O(1) amortized beside the look-up of the leaf's page.
    package mutating func next() throws(PageError) -> ColumnBlock? {
        guard let run = try nextRun() else { return nil }
        return ColumnBlock(page: run.page, range: run.range, shape: tree.shape)
    }

    /// As `next`, without the columns: for scans that know where they stand.
    package mutating func nextRun() throws(PageError) -> ColumnRun? {
        while true {
            if let found = run {
                run = nil
                return found
            }
            guard isOpen else { return nil }
            try advance()
        }
    }

    /// Goes to the next leaf.
    private mutating func advance() throws(PageError) {
        while let step = parent, step.next >= step.count { leave() }
        guard let step = parent else {
            isOpen = false
            return
        }
        let capacity = tree.shape.capacity
        var node = try ColumnNode(step.page, tree.root, level: nil, capacity: capacity)
        var index = step.next
        if let end, node.key(index) >= end {
            isOpen = false
            return
        }
        parent?.next = index + 1
        Self.prefetch(index + 1, of: node, lastKey: lastKey, view)
        while node.level > 0 {
            let id = node.child(index)
            node = try ColumnNode(
                try view.page(id),
                id,
                level: node.level - 1,
                capacity: capacity
            )
            index = 0
            if node.level > 0 { enter(Step(page: node.page, next: 1, count: node.count)) }
        }
        take(node, from: 0)
    }

    /// Goes down into a branch.
    private mutating func enter(_ branch: Step) {
        if let parent {
            above[depth] = parent
            depth += 1
        }
        parent = branch
    }

    /// Goes up to the branch above.
    private mutating func leave() {
        parent = depth > 0 ? above[depth - 1] : nil
        depth = max(0, depth - 1)
    }

    /// Makes the caches ready for the head and the last keys of the leaf after the next.
    @inline(__always)
    private static func prefetch(
        _ index: Int,
        of node: ColumnNode,
        lastKey: Int,
        _ view: PageView
    ) {
        guard node.level == 1, index < node.count, let page = view.pageInMemory(node.child(index))
        else { return }
        unsafe mneme_prefetch(page.base, 64)
        unsafe mneme_prefetch(page.base + lastKey, 64)
    }

    /// Makes a block of the leaf's entries from `first` on.
    private mutating func take(_ node: ColumnNode, from first: Int) {
        var last = node.count
        if let end, last > first, node.key(last - 1) >= end {
            last = max(first, node.lowerBound(end))
            isOpen = false
        }
        if first < last {
            run = ColumnRun(page: node.page, range: first..<last)
        }
    }
}

extension ColumnTree {
    /// A cursor over the keys from `start` up to, not including, `end`; to the last when it is nil.
    ///
    /// - Throws: as `find`.
    /// - Complexity: O(log count).
    package func cursor(
        from start: ColumnKey = ColumnKey(0, 0),
        to end: ColumnKey? = nil,
        in view: PageView
    ) throws(PageError) -> ColumnCursor {
        try ColumnCursor(self, from: start, to: end, view)
    }

    /// A cursor over all entries of one `high`.
    package func cursor(high: UInt64, in view: PageView) throws(PageError) -> ColumnCursor {
        let end = high == .max ? nil : ColumnKey(high + 1, 0)
        return try ColumnCursor(self, from: ColumnKey(high, 0), to: end, view)
    }
}
