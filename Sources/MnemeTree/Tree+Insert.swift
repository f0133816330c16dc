// Inserting. When a page has no room it is split, one step at a time: the root hands its content to
// a new child, or a page whose parent has room gives its upper part to a new sibling; then the way
// down is taken again.

package import MnemePages

extension Tree {
    /// Inserts an entry or replaces its value.
    ///
    /// - Returns: the value that was there, nil when the key was not.
    /// - Throws: `.keyTooLong`, `.valueTooLong` before anything is changed; `.pages`, and then the
    ///   editor is to be discarded.
    /// - Complexity: O(log count + page).
    @discardableResult
    package func insert(
        _ key: [UInt8],
        _ value: [UInt8],
        in editor: PageEditor
    )
        throws(TreeError) -> [UInt8]?
    {
        guard key.count <= Tree.keyLimit else { throw .keyTooLong(byteCount: key.count) }
        guard value.count <= Tree.valueLimit else {
            throw .valueTooLong(byteCount: value.count)
        }
        return try wrapping { () throws(PageError) in try put(key, value, editor) }
    }

    private func put(
        _ key: [UInt8],
        _ value: [UInt8],
        _ editor: PageEditor
    )
        throws(PageError) -> [UInt8]?
    {
        var before: [UInt8]?
        while true {
            var path = TreePath()
            var node = try descend(key, editor, &path)
            let (index, found) = node.find(key)
            if found {
                let cell = try node.cell(index)
                before = try node.value(index)
                let page = try editor.edit(node.id)
                if cell.valueCount == value.count {
                    page.store(value, cell.value)
                    return before
                }
                try page.removeTreeEntry(node, index)
                node = try self.node(node.id, editor)
            }
            if try put(key, value, node, index, editor) {
                if before == nil { try addToTotal(1, editor) }
                return before
            }
            try split(&path, at: try cut(of: node, index), key, editor)
        }
    }

    /// Puts an entry into a page; false when it is too full.
    private func put(
        _ key: [UInt8],
        _ value: [UInt8],
        _ node: TreeNode,
        _ index: Int,
        _ editor: PageEditor
    ) throws(PageError) -> Bool {
        let cellSize = 2 + key.count - node.prefixCount + value.count
        if node.gap >= cellSize + TreeLayout.slotSize, node.comparePrefix(key) == 0 {
            try editor.edit(node.id).insertTreeEntry(node, index, key, value)
            return true
        }
        let plan = try TreePlan(
            [
                .cells(node, 0..<index), .entry(key: key, value: value),
                .cells(node, index..<node.count),
            ],
            level: node.level
        )
        // A page that would be almost full again is split rather than put in order every time.
        let limit = node.count < 8 ? TreeLayout.capacity : TreeLayout.capacity * 15 / 16
        guard plan.size <= limit else { return false }
        try plan.write(to: try editor.edit(node.id), scratch: editor.scratch)
        return true
    }

    /// The leaf that a key belongs to; `path` is left on it.
    func descend(
        _ key: [UInt8],
        _ editor: PageEditor,
        _ path: inout TreePath
    )
        throws(PageError) -> TreeNode
    {
        var node = try TreeNode(try editor.page(root), root, level: nil)
        path.start(root)
        while node.level > 0 {
            let index = node.childIndex(key)
            let id = try node.child(index)
            path.push(id, index)
            node = try TreeNode(try editor.page(id), id, level: node.level - 1)
        }
        return node
    }

    func node(_ id: PageID, _ editor: PageEditor) throws(PageError) -> TreeNode {
        try TreeNode(try editor.page(id), id, level: nil)
    }

    func addToTotal(_ difference: Int, _ editor: PageEditor) throws(PageError) {
        let page = try editor.edit(root)
        let total = page.page.load64(TreeLayout.total)
        page.store(total &+ UInt64(bitPattern: Int64(difference)), TreeLayout.total)
    }

    /// Where a full leaf is cut for a new key at `index`.
    ///
    /// Keys in order leave full leaves behind: at the end of the leaf nothing is moved, and where
    /// keys have been coming in side by side, each after or each before the last, the cut is made
    /// where the next one will come.
    private func cut(of node: TreeNode, _ index: Int) throws(PageError) -> Int {
        if index == node.count { return index }
        let last = Int(node.page.load16(TreeLayout.last))
        let isNext = index >= node.count / 2 ? last + 1 == index : last == index
        let isRun =
            isNext && Int(node.page.load16(TreeLayout.run)) >= max(1, min(8, node.count / 4))
        return isRun ? index : try half(of: node)
    }

    /// The entry that leaves about as many bytes before as after it.
    private func half(of node: TreeNode) throws(PageError) -> Int {
        guard node.count > 1 else {
            throw .corrupt(id: node.id.bits, place: 0, reason: "a page too full to be split")
        }
        var sum = 0
        var sums: [Int] = []
        for index in 0..<node.count {
            sum += try node.cell(index).size + TreeLayout.slotSize
            sums.append(sum)
        }
        let index = sums.firstIndex { $0 * 2 >= sum } ?? node.count - 1
        return min(max(index + 1, 1), node.count - 1)
    }

    /// One step towards room for `key` in the page at the path's end.
    private func split(
        _ path: inout TreePath,
        at cut: Int,
        _ key: [UInt8],
        _ editor: PageEditor
    ) throws(PageError) {
        if path.depth == 0 { return try growRoot(editor) }
        let (index, id) = (path.index, path.id)
        path.pop()
        let node = try node(id, editor)
        let separator = try separator(of: node, at: cut, key)
        let (rightID, right) = editor.allocate(kind: TreeLayout.leafKind)
        right.setTreeEmpty()
        let parent = try self.node(path.id, editor)
        if try !put(separator, Self.bytes(rightID), parent, index + 1, editor) {
            editor.free(rightID)
            let isLast = index == parent.count - 1 && parent.count > 1
            let cut = isLast ? parent.count - 1 : try half(of: parent)
            return try split(&path, at: cut, separator, editor)
        }
        if cut == node.count { return }
        let plan = try TreePlan([.cells(node, cut..<node.count)], level: node.level)
        try plan.write(to: right, scratch: editor.scratch)
        let rest = try TreePlan([.cells(node, 0..<cut)], level: node.level)
        try rest.write(to: try editor.edit(id), scratch: editor.scratch)
    }

    /// The shortest key that is above everything before the cut and not above what follows; of a
    /// branch, the key that stands there.
    private func separator(
        of node: TreeNode,
        at cut: Int,
        _ key: [UInt8]
    ) throws(PageError)
        -> [UInt8]
    {
        let above = cut < node.count ? try node.key(cut) : key
        if node.isBranch { return above }
        // Where everything goes to the right, the key stands before it, alone.
        let below = cut > 0 ? try node.key(cut - 1) : key
        let shared = TreePlan.common(below, above)
        guard shared < above.count else {
            throw .corrupt(id: node.id.bits, place: 0, reason: "keys out of order")
        }
        return Array(above.prefix(shared + 1))
    }

    /// Gives what the root holds to a new child, its only one.
    private func growRoot(_ editor: PageEditor) throws(PageError) {
        let page = try editor.edit(root)
        let node = try node(root, editor)
        guard node.level + 1 < TreeLayout.levelLimit else {
            throw .corrupt(id: root.bits, place: 0, reason: "a tree too high to be one")
        }
        let (childID, child) = editor.allocate(kind: page.page.kind)
        child.copyTreeContent(of: node)
        page.setTreeEmpty()
        page.setTreeHead(level: node.level + 1, count: 0, prefixCount: 0, heap: PageLayout.size)
        let plan = try TreePlan(
            [.entry(key: [], value: Self.bytes(childID))],
            level: node.level + 1
        )
        try plan.write(to: page, scratch: editor.scratch)
    }

    static func bytes(_ id: PageID) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: id.bits >> UInt64($0 * 8)) }
    }
}

extension MutablePage {
    /// Copies everything of another page but its id and its total.
    func copyTreeContent(of node: TreeNode) {
        setTreeHead(
            level: node.level,
            count: node.count,
            prefixCount: node.prefixCount,
            heap: node.heap
        )
        copy(
            from: node.page,
            TreeLayout.live,
            to: TreeLayout.live,
            count: PageLayout.size - TreeLayout.live
        )
    }
}

/// The way from the root to a page: which pages, and which child was taken.
struct TreePath {
    private var ids = InlineArray<32, UInt64>(repeating: 0)
    private var indices = InlineArray<32, UInt16>(repeating: 0)
    /// Steps below the root.
    private(set) var depth = 0

    mutating func start(_ root: PageID) { ids[0] = root.bits }

    mutating func push(_ id: PageID, _ index: Int) {
        depth += 1
        ids[depth] = id.bits
        indices[depth] = UInt16(index)
    }

    mutating func pop() { depth -= 1 }

    /// The page at the end.
    var id: PageID { PageID(bits: ids[depth]) }

    /// Which child of its parent it is.
    var index: Int { Int(indices[depth]) }
}
