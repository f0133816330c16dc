// Inserting. A full page on the way is split, one step at a time: the root hands its content to a
// new child, or a page whose parent has room gives its upper part to a new sibling; then the way
// down is taken again.

extension ColumnTree {
    /// Inserts an entry or replaces its values.
    ///
    /// `values`: the columns one after another, without gaps.
    /// - Returns: whether the key was there.
    /// - Throws: as `slot`.
    /// - Precondition: `values` has `shape.valueSize` bytes.
    @discardableResult
    package func insert(
        _ high: UInt64,
        _ low: UInt64,
        values: [UInt8],
        in editor: PageEditor
    ) throws(PageError) -> Bool {
        precondition(values.count == shape.valueSize)
        let slot = try slot(high, low, in: editor)
        unsafe values.withUnsafeBytes { source in
            var start = 0
            for column in 0..<shape.count {
                let size = shape.size(column)
                if let base = source.baseAddress {
                    unsafe slot.pointer(column).copyMemory(from: base + start, byteCount: size)
                }
                start += size
            }
        }
        return !slot.isNew
    }

    /// The entry of a key for writing; made when it was not there, with all values zero.
    ///
    /// It may be written until the next edit of the tree.
    ///
    /// - Throws: as `PageEditor.edit`, `.corrupt`; the editor is then to be discarded.
    /// - Complexity: O(log count + leaf).
    package func slot(
        _ high: UInt64,
        _ low: UInt64,
        in editor: PageEditor
    ) throws(PageError)
        -> ColumnSlot
    {
        let key = ColumnKey(high, low)
        while true {
            var path = ColumnPath()
            let node = try descend(key, editor, &path)
            let index = node.lowerBound(key)
            if node.holds(key, at: index) {
                let page = try editor.edit(path.id)
                return ColumnSlot(page: page, index: index, shape: shape, isNew: false)
            }
            if node.count < shape.capacity {
                let page = try editor.edit(path.id)
                page.moveColumnEntries(
                    shape,
                    from: index,
                    to: index + 1,
                    count: node.count - index
                )
                page.setColumnKey(key, index)
                page.setColumnCount(node.count + 1)
                for column in 0..<shape.count {
                    page.clear(shape.offset(column, index), shape.size(column))
                }
                try addToTotal(1, editor)
                return ColumnSlot(page: page, index: index, shape: shape, isNew: true)
            }
            try split(&path, at: cut(of: node, for: key, index), key, editor)
        }
    }

    /// The entry of a key for writing, nil when there is none.
    ///
    /// - Throws: as `slot`.
    package func slotIfPresent(
        _ high: UInt64,
        _ low: UInt64,
        in editor: PageEditor
    )
        throws(PageError) -> ColumnSlot?
    {
        let key = ColumnKey(high, low)
        var path = ColumnPath()
        let node = try descend(key, editor, &path)
        let index = node.lowerBound(key)
        guard node.holds(key, at: index) else { return nil }
        return ColumnSlot(
            page: try editor.edit(path.id),
            index: index,
            shape: shape,
            isNew: false
        )
    }

    /// The leaf that a key belongs to; `path` is left on it.
    func descend(
        _ key: ColumnKey,
        _ editor: PageEditor,
        _ path: inout ColumnPath
    )
        throws(PageError) -> ColumnNode
    {
        var id = root
        var node = try ColumnNode(
            try editor.page(id),
            id,
            level: nil,
            capacity: shape.capacity
        )
        path.start(id)
        while node.level > 0 {
            let index = node.childIndex(key)
            id = node.child(index)
            path.push(id, index)
            node = try ColumnNode(
                try editor.page(id),
                id,
                level: node.level - 1,
                capacity: shape.capacity
            )
        }
        return node
    }

    func addToTotal(_ difference: Int, _ editor: PageEditor) throws(PageError) {
        let page = try editor.edit(root)
        let total = page.page.load64(ColumnLayout.total)
        page.store(total &+ UInt64(bitPattern: Int64(difference)), ColumnLayout.total)
    }

    /// Where a full leaf is cut for a new key at `index`.
    ///
    /// Appending leaves full leaves behind: at the end of the leaf nothing is moved, and a run of
    /// one `high` that fills a good part of the leaf is cut where it ends, for its next entries
    /// will come there. Anything else is halved.
    private func cut(of node: ColumnNode, for key: ColumnKey, _ index: Int) -> Int {
        if index == node.count { return index }
        let isRun =
            index >= node.count / 2 && node.high(index) != key.high
            && node.high(index - 1) == key.high
            && node.high(index - max(node.count / 4, 1)) == key.high
        return isRun ? index : node.count / 2
    }

    /// One step towards room for `key` in the page at the path's end.
    private func split(
        _ path: inout ColumnPath,
        at cut: Int,
        _ key: ColumnKey,
        _ editor: PageEditor
    ) throws(PageError) {
        if path.depth == 0 { return try growRoot(editor) }
        let (index, id) = (path.index, path.id)
        path.pop()
        let parent = try node(path.id, editor)
        if parent.count == ColumnLayout.branchCapacity {
            // The last child splits most often while appending: leave the left branch full.
            let isLast = index == parent.count - 1
            let cut = isLast ? parent.count - 1 : parent.count / 2
            return try split(&path, at: cut, key, editor)
        }
        let (rightID, separator) = try cutOff(id, at: cut, key, editor)
        let page = try editor.edit(path.id)
        page.moveColumnChildren(
            from: index + 1,
            to: index + 2,
            count: parent.count - index - 1
        )
        page.setColumnKey(separator, index + 1)
        page.setColumnChild(rightID, index + 1)
        page.setColumnCount(parent.count + 1)
    }

    /// Moves what stands from `cut` on to a new page; `key` separates when nothing does.
    private func cutOff(
        _ id: PageID,
        at cut: Int,
        _ key: ColumnKey,
        _ editor: PageEditor
    )
        throws(PageError) -> (PageID, ColumnKey)
    {
        let left = try editor.edit(id)
        let node = try node(id, editor)
        let kind = node.level == 0 ? ColumnLayout.leafKind : ColumnLayout.branchKind
        let separator = cut < node.count ? node.key(cut) : key
        let (rightID, right) = editor.allocate(kind: kind)
        let moved = node.count - cut
        right.setColumnHead(kind: kind, level: node.level, count: moved)
        if node.level == 0 {
            right.copyColumnEntries(shape, from: left.page, cut, to: 0, count: moved)
            left.clearColumnEntries(shape, cut..<node.count)
        } else {
            right.copyColumnChildren(from: left.page, cut, to: 0, count: moved)
            right.setColumnKey(ColumnKey(0, 0), 0)
            left.clearColumnChildren(cut..<node.count)
        }
        left.setColumnCount(cut)
        return (rightID, separator)
    }

    /// Gives what the root holds to a new child, its only one.
    private func growRoot(_ editor: PageEditor) throws(PageError) {
        let page = try editor.edit(root)
        let node = try node(root, editor)
        guard node.level + 1 < ColumnLayout.levelLimit else {
            throw .corrupt(id: root.bits, place: 0, reason: "a column tree too high to be one")
        }
        let (childID, child) = editor.allocate(kind: page.page.kind)
        child.setColumnHead(kind: page.page.kind, level: node.level, count: node.count)
        child.copy(
            from: page.page,
            ColumnLayout.payload,
            to: ColumnLayout.payload,
            count: PageLayout.size - ColumnLayout.payload
        )
        page.setColumnHead(kind: ColumnLayout.branchKind, level: node.level + 1, count: 1)
        page.clearColumnPayload()
        page.setColumnChild(childID, 0)
    }

    func node(_ id: PageID, _ editor: PageEditor) throws(PageError) -> ColumnNode {
        try ColumnNode(try editor.page(id), id, level: nil, capacity: shape.capacity)
    }
}

/// The way from the root to a page: which pages, and which child was taken.
struct ColumnPath {
    private var ids = InlineArray<12, UInt64>(repeating: 0)
    private var indices = InlineArray<12, Int>(repeating: 0)
    /// Steps below the root.
    private(set) var depth = 0

    mutating func start(_ root: PageID) { ids[0] = root.bits }

    mutating func push(_ id: PageID, _ index: Int) {
        depth += 1
        ids[depth] = id.bits
        indices[depth] = index
    }

    mutating func pop() { depth -= 1 }

    /// The page at the end.
    var id: PageID { PageID(bits: ids[depth]) }

    /// Which child of its parent it is.
    var index: Int { indices[depth] }
}

/// An entry for writing, until the tree is edited again.
@frozen
@usableFromInline
package struct ColumnSlot {
    /// Its leaf, the editor's own copy.
    @usableFromInline package let page: MutablePage
    /// Its place among the leaf's entries.
    @usableFromInline package let index: Int
    /// The columns.
    @usableFromInline package let shape: ColumnShape
    /// Whether the key was not there before.
    @usableFromInline package let isNew: Bool

    @inlinable
    init(page: MutablePage, index: Int, shape: ColumnShape, isNew: Bool) {
        self.page = page
        self.index = index
        self.shape = shape
        self.isNew = isNew
    }

    /// The entry for reading.
    @inlinable package var entry: ColumnEntry {
        ColumnEntry(page: page.page, index: index, shape: shape)
    }

    @inlinable package func store(_ value: UInt8, _ column: Int) {
        page.store(value, shape.offset(column, index))
    }

    @inlinable package func store(_ value: UInt16, _ column: Int) {
        page.store(value, shape.offset(column, index))
    }

    @inlinable package func store(_ value: UInt32, _ column: Int) {
        page.store(value, shape.offset(column, index))
    }

    @inlinable package func store(_ value: UInt64, _ column: Int) {
        page.store(value, shape.offset(column, index))
    }

    /// Copies a value's bytes in.
    ///
    /// - Precondition: as many as the column has.
    package func store(_ bytes: [UInt8], _ column: Int) {
        precondition(bytes.count == shape.size(column))
        page.store(bytes, shape.offset(column, index))
    }

    /// Where the value starts; `shape.size(column)` bytes may be written there.
    @inlinable package func pointer(_ column: Int) -> UnsafeMutableRawPointer {
        unsafe page.base + shape.offset(column, index)
    }
}
