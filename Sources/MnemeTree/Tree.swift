// An ordered map from byte strings to byte strings, a B+tree over pages.
//
// Keys compare bytewise; `KeyWriter` makes bytes that compare as the values do. The root keeps its
// page id for life: when it splits, what it held moves to a new child. There are no links between
// siblings; cursors keep the way down. Invariants: keys ascend within a leaf and from leaf to leaf;
// child i of a branch holds keys from its separator up to, not including, the next one; all leaves
// are at level 0; no page but the root is empty. Format: formats/tree.md.

package import MnemePages

/// A tree of one page file, by its root.
///
/// It holds no state: pages do.
@frozen
package struct Tree: Sendable, Hashable {
    /// The page of the root; never changes.
    package let root: PageID

    /// The most bytes of a key.
    package static var keyLimit: Int { 1024 }
    /// The most bytes of a value.
    package static var valueLimit: Int { 1024 }

    /// The tree of this root.
    @inlinable
    package init(root: PageID) { self.root = root }

    /// Makes an empty tree of one page.
    package static func create(in editor: PageEditor) -> Tree {
        let (id, page) = editor.allocate(kind: TreeLayout.leafKind)
        page.setTreeEmpty()
        return Tree(root: id)
    }

    /// How many entries there are.
    ///
    /// - Throws: `.pages`, with `.corrupt` when the root states more than a file has room for.
    /// - Complexity: O(1).
    package func count(in view: PageView) throws(TreeError) -> Int {
        try wrapping { () throws(PageError) in
            let total = try view.page(root).load64(TreeLayout.total)
            guard total < TreeLayout.totalLimit else {
                throw .corrupt(
                    id: root.bits,
                    place: 0,
                    reason: "a count of entries that cannot be"
                )
            }
            return Int(total)
        }
    }

    /// The value of a key, nil when there is none.
    ///
    /// - Throws: `.pages`.
    /// - Complexity: O(log count).
    package func value(_ key: [UInt8], in view: PageView) throws(TreeError) -> [UInt8]? {
        try wrapping { () throws(PageError) in
            let node = try leaf(key, view)
            let (index, found) = node.find(key)
            return found ? try node.value(index) : nil
        }
    }

    /// The first eight bytes of a key's value as a little-endian number, zeros where it has none;
    /// nil when there is no such key.
    ///
    /// - Throws: `.pages`.
    /// - Complexity: O(log count), without an allocation.
    package func value64(_ key: [UInt8], in view: PageView) throws(TreeError) -> UInt64? {
        try wrapping { () throws(PageError) in
            let node = try leaf(key, view)
            let (index, found) = node.find(key)
            return found ? node.page.treeValue64(try node.cell(index)) : nil
        }
    }

    /// Whether there is an entry of this key.
    ///
    /// - Throws: `.pages`.
    package func holds(_ key: [UInt8], in view: PageView) throws(TreeError) -> Bool {
        try wrapping { () throws(PageError) in try leaf(key, view).find(key).found }
    }

    private func leaf(_ key: [UInt8], _ view: PageView) throws(PageError) -> TreeNode {
        var node = try TreeNode(try view.page(root), root, level: nil)
        while node.level > 0 {
            let id = try node.child(node.childIndex(key))
            node = try TreeNode(try view.page(id), id, level: node.level - 1)
        }
        return node
    }

    /// Frees every page of the tree, the root too.
    ///
    /// - Throws: `.pages`; the editor is then to be discarded.
    /// - Complexity: O(pages).
    package func destroy(in editor: PageEditor) throws(TreeError) {
        try wrapping { () throws(PageError) in try destroy(root, level: nil, editor) }
    }

    private func destroy(_ id: PageID, level: Int?, _ editor: PageEditor) throws(PageError) {
        let node = try TreeNode(try editor.page(id), id, level: level)
        if node.level > 0 {
            for index in 0..<node.count {
                try destroy(try node.child(index), level: node.level - 1, editor)
            }
        }
        editor.free(id)
    }
}

extension Page {
    /// The first eight bytes of a cell's value.
    func treeValue64(_ cell: TreeCell) -> UInt64 {
        let value = load64(cell.value)
        if cell.valueCount >= 8 { return value }
        return value & ((1 << UInt64(cell.valueCount * 8)) - 1)
    }
}
