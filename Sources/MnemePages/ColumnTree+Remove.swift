// Removing. A page that has become a third full or less is merged with a neighbour under the same
// parent when both fit one page with room to spare; a page that is empty goes; a root with one
// child takes the child's content. What no entry stands at any more is zeroed at once.

extension ColumnTree {
    /// Removes an entry.
    ///
    /// - Returns: whether it was there.
    /// - Throws: as `PageEditor.edit`, `.corrupt`; the editor is then to be discarded.
    /// - Complexity: O(log count + leaf).
    @discardableResult
    package func remove(
        _ high: UInt64,
        _ low: UInt64,
        in editor: PageEditor
    ) throws(PageError)
        -> Bool
    {
        let key = ColumnKey(high, low)
        var path = ColumnPath()
        let node = try descend(key, editor, &path)
        let index = node.lowerBound(key)
        guard node.holds(key, at: index) else { return false }
        let page = try editor.edit(path.id)
        page.moveColumnEntries(shape, from: index + 1, to: index, count: node.count - index - 1)
        page.clearColumnEntries(shape, (node.count - 1)..<node.count)
        page.setColumnCount(node.count - 1)
        try addToTotal(-1, editor)
        if node.count - 1 <= shape.capacity / 3 { try shrink(&path, editor) }
        return true
    }

    /// Puts things right from the page at the path's end upwards.
    private func shrink(_ path: inout ColumnPath, _ editor: PageEditor) throws(PageError) {
        var isEmpty = try node(path.id, editor).count == 0
        while path.depth > 0 {
            let (id, index) = (path.id, path.index)
            path.pop()
            if isEmpty {
                editor.free(id)
                isEmpty = try removeChild(index, of: path.id, editor)
                continue
            }
            let node = try node(id, editor)
            let limit = node.level == 0 ? shape.capacity : ColumnLayout.branchCapacity
            if node.count > limit / 3 {
                break
            } else if try !merge(index, of: path.id, limit: limit * 7 / 8, editor) {
                break
            }
        }
        try lowerRoot(editor)
    }

    /// Merges child `index` with a neighbour; false when none has the room.
    private func merge(
        _ index: Int,
        of parentID: PageID,
        limit: Int,
        _ editor: PageEditor
    )
        throws(PageError) -> Bool
    {
        let parent = try node(parentID, editor)
        for leftIndex in [index - 1, index] where leftIndex >= 0 && leftIndex + 1 < parent.count {
            let leftID = parent.child(leftIndex)
            let rightID = parent.child(leftIndex + 1)
            let right = try node(rightID, editor)
            let left = try node(leftID, editor)
            guard leftID != rightID, left.level == right.level,
                left.count + right.count <= limit
            else { continue }
            let target = try editor.edit(leftID)
            if left.level == 0 {
                target.copyColumnEntries(
                    shape,
                    from: right.page,
                    0,
                    to: left.count,
                    count: right.count
                )
            } else {
                target.copyColumnChildren(
                    from: right.page,
                    0,
                    to: left.count,
                    count: right.count
                )
                target.setColumnKey(parent.key(leftIndex + 1), left.count)
            }
            target.setColumnCount(left.count + right.count)
            editor.free(rightID)
            // The left one stays, so the parent is not empty.
            _ = try removeChild(leftIndex + 1, of: parentID, editor)
            return true
        }
        return false
    }

    /// Takes a child out of a branch.
    ///
    /// A branch without children is no page of a tree: one that loses its only child is left as it
    /// was, for the caller to free; the root becomes an empty leaf.
    ///
    /// - Returns: whether the branch is to be freed.
    private func removeChild(
        _ index: Int,
        of id: PageID,
        _ editor: PageEditor
    )
        throws(PageError) -> Bool
    {
        let node = try node(id, editor)
        if node.count == 1 {
            guard id == root else { return true }
            let page = try editor.edit(id)
            page.setColumnHead(kind: ColumnLayout.leafKind, level: 0, count: 0)
            page.clearColumnPayload()
            return false
        }
        let page = try editor.edit(id)
        page.moveColumnChildren(from: index + 1, to: index, count: node.count - index - 1)
        page.clearColumnChildren((node.count - 1)..<node.count)
        if index == 0 { page.setColumnKey(ColumnKey(0, 0), 0) }
        page.setColumnCount(node.count - 1)
        return false
    }

    /// Takes the content of an only child into the root, as long as there is one.
    private func lowerRoot(_ editor: PageEditor) throws(PageError) {
        while true {
            let node = try node(root, editor)
            guard node.level > 0, node.count == 1 else { return }
            let childID = node.child(0)
            let child = try ColumnNode(
                try editor.page(childID),
                childID,
                level: node.level - 1,
                capacity: shape.capacity
            )
            let page = try editor.edit(root)
            page.copy(
                from: child.page,
                ColumnLayout.payload,
                to: ColumnLayout.payload,
                count: PageLayout.size - ColumnLayout.payload
            )
            page.setColumnHead(
                kind: child.page.kind,
                level: child.level,
                count: child.count
            )
            editor.free(childID)
        }
    }
}
