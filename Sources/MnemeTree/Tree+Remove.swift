// Removing. A page that has become a third full or less is merged with a neighbour under the same
// parent when both fit one page with room to spare; a page that is empty goes; a root with one
// child takes the child's content. What no entry stands at any more is zeroed at once, and a
// separator that was made from the key that goes is made anew from one that stays.

package import MnemePages

extension Tree {
    /// Removes an entry.
    ///
    /// - Returns: whether it was there.
    /// - Throws: `.pages`, and then the editor is to be discarded.
    /// - Complexity: O(log count + page).
    @discardableResult
    package func remove(_ key: [UInt8], in editor: PageEditor) throws(TreeError) -> Bool {
        try wrapping { () throws(PageError) in try take(key, editor) }
    }

    private func take(_ key: [UInt8], _ editor: PageEditor) throws(PageError) -> Bool {
        var path = TreePath()
        let node = try descend(key, editor, &path)
        let (index, found) = node.find(key)
        guard found else { return false }
        try editor.edit(node.id).removeTreeEntry(node, index)
        try addToTotal(-1, editor)
        if try self.node(node.id, editor).used <= TreeLayout.capacity / 3 {
            try shrink(&path, editor)
        }
        if index == 0 || index == node.count - 1 { try mendSeparator(beside: key, editor) }
        return true
    }

    /// Makes the separator beside a key that was removed anew where it was made from that key.
    ///
    /// A separator begins the first key that is not below it, or is the shortest key that follows
    /// the last one below it: then its bytes are those of a key that is there. It was so before
    /// the removal, so one that the removed key says nothing about is left as it is.
    private func mendSeparator(
        beside key: [UInt8],
        _ editor: PageEditor
    ) throws(PageError) {
        var path = TreePath()
        let leaf = try descend(key, editor, &path)
        let index = leaf.find(key).index
        let isFirst = index == 0
        guard isFirst || index == leaf.count else { return }
        while path.depth > 0 {
            let taken = path.index
            path.pop()
            let node = try node(path.id, editor)
            let entry = isFirst ? taken : taken + 1
            guard entry > 0, entry < node.count else { continue }
            let separator = try node.key(entry)
            let shared = TreePlan.common(key, separator)
            guard shared >= separator.count - (isFirst ? 0 : 1) else { return }
            // Beside a page that cannot be read it stays; `checkStructure` says so.
            guard let above = try? edge(node, entry, last: false, editor),
                !above.starts(with: separator),
                let below = try? edge(node, entry - 1, last: true, editor)
            else { return }
            return try replaceSeparator(of: node, entry, after: below, editor)
        }
    }

    /// The first or the last key below a child.
    private func edge(
        _ parent: TreeNode,
        _ entry: Int,
        last: Bool,
        _ editor: PageEditor
    ) throws(PageError) -> [UInt8] {
        var (node, entry) = (parent, entry)
        while node.level > 0 {
            let id = try node.child(entry)
            node = try TreeNode(try editor.page(id), id, level: node.level - 1)
            entry = last ? node.count - 1 : 0
        }
        guard node.count > 0 else {
            throw .corrupt(id: node.id.bits, place: 0, reason: "an empty page")
        }
        return try node.key(entry)
    }

    /// Puts the shortest key that follows `below` in the place of a separator.
    ///
    /// It is never longer than the separator, so it finds its room: either it has the page's prefix
    /// too, or the prefix itself separates, which then begins the key above.
    private func replaceSeparator(
        of node: TreeNode,
        _ entry: Int,
        after below: [UInt8],
        _ editor: PageEditor
    ) throws(PageError) {
        let before = try node.key(entry)
        guard var separator = TreePlan.successor(of: below, upTo: before) else {
            throw .corrupt(id: node.id.bits, place: 0, reason: "keys out of order")
        }
        let prefix = before.prefix(node.prefixCount)
        if node.count > 2, !separator.starts(with: prefix) { separator = Array(prefix) }
        guard separator != before else { return }
        let plan = try TreePlan(
            [
                .cells(node, 0..<entry), .entry(key: separator, value: try node.value(entry)),
                .cells(node, (entry + 1)..<node.count),
            ],
            level: node.level
        )
        guard plan.fits else {
            throw .corrupt(id: node.id.bits, place: 0, reason: "a page too full to be one")
        }
        try plan.write(to: try editor.edit(node.id), scratch: editor.scratch)
    }

    /// Puts things right from the page at the path's end upwards.
    private func shrink(_ path: inout TreePath, _ editor: PageEditor) throws(PageError) {
        while path.depth > 0 {
            let (id, index) = (path.id, path.index)
            path.pop()
            let node = try node(id, editor)
            if node.count == 0 {
                editor.free(id)
                try removeChild(index, of: path.id, editor)
            } else if node.used > TreeLayout.capacity / 3 {
                break
            } else if try !merge(index, of: path.id, editor) {
                break
            }
        }
        try lowerRoot(editor)
    }

    /// Merges child `index` with a neighbour; false when none has the room.
    private func merge(
        _ index: Int,
        of parentID: PageID,
        _ editor: PageEditor
    )
        throws(PageError) -> Bool
    {
        let parent = try node(parentID, editor)
        for leftIndex in [index - 1, index] where leftIndex >= 0 && leftIndex + 1 < parent.count {
            let left = try node(try parent.child(leftIndex), editor)
            let right = try node(try parent.child(leftIndex + 1), editor)
            guard left.id != right.id, left.level == right.level else { continue }
            var pieces: [TreePiece] = [.cells(left, 0..<left.count)]
            if right.isBranch {
                pieces.append(
                    .entry(key: try parent.key(leftIndex + 1), value: try right.value(0))
                )
                pieces.append(.cells(right, 1..<right.count))
            } else {
                pieces.append(.cells(right, 0..<right.count))
            }
            let plan = try TreePlan(pieces, level: left.level)
            guard plan.size <= TreeLayout.capacity * 7 / 8 else { continue }
            try plan.write(to: try editor.edit(left.id), scratch: editor.scratch)
            editor.free(right.id)
            try removeChild(leftIndex + 1, of: parentID, editor)
            return true
        }
        return false
    }

    /// Takes a child out of a branch.
    ///
    /// One that is left with none is the next to go, or, if it is the root, an empty leaf.
    private func removeChild(
        _ index: Int,
        of id: PageID,
        _ editor: PageEditor
    )
        throws(PageError)
    {
        let node = try node(id, editor)
        let page = try editor.edit(id)
        if node.count > 1 {
            try page.removeTreeEntry(node, index)
        } else {
            page.setTreeEmpty()
        }
    }

    /// Takes the content of an only child into the root, as long as there is one.
    private func lowerRoot(_ editor: PageEditor) throws(PageError) {
        while true {
            let node = try node(root, editor)
            guard node.level > 0, node.count == 1 else { return }
            let childID = try node.child(0)
            let child = try TreeNode(try editor.page(childID), childID, level: node.level - 1)
            try editor.edit(root).copyTreeContent(of: child)
            editor.free(childID)
        }
    }
}
