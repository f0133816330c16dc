// Pages of trees for people who look into them. Format: formats/tree.md.

package import MnemeBase
package import MnemePages

extension InspectedPage {
    /// Whether it is a page of a tree.
    package var isTree: Bool { kind == TreeLayout.leafKind || kind == TreeLayout.branchKind }

    /// A page of a tree, byte by byte, with at most so many entries; `key` says what a key means,
    /// `value` what stands under one.
    package func treeNotes(
        limit: Int,
        key: ([UInt8]) -> String,
        value: ([UInt8], [UInt8]) -> String
    ) -> [ByteNote] {
        let isLeaf = kind == TreeLayout.leafKind
        var all = head(kindName: isLeaf ? "leaf of a tree" : "branch of a tree")
        all.removeAll { $0.field == "own" }
        var notes = ByteNotes(bytes)
        notes.offset = TreeLayout.level
        notes.number("level", UInt8.self) { "\($0) above the leaves" }
        let count = Int(notes.number("count", UInt16.self) { "\($0) entries" })
        let prefixCount = Int(
            notes.number("prefix count", UInt16.self) { "\($0) bytes that all keys share" }
        )
        notes.number("heap", UInt16.self) { "the lowest cell starts at \($0)" }
        notes.offset = TreeLayout.total
        notes.number("total", UInt64.self) { "of the root: \($0) entries in the tree" }
        notes.number("live", UInt16.self) { "\($0) bytes of cells in use" }
        notes.number("last", UInt16.self) { "the last entry went in at \($0)" }
        notes.number("run", UInt16.self) { "\($0) before it went in side by side" }
        let prefix = part(bytes.count - prefixCount, prefixCount)
        for index in 0..<min(count, limit, TreeLayout.slotLimit) {
            notes.offset = TreeLayout.slots + index * TreeLayout.slotSize
            let cell = Int(number(notes.offset + 4, UInt16.self))
            let restCount = Int(number(notes.offset + 6, UInt16.self))
            notes.run("slot \(index)", count: TreeLayout.slotSize) { _ in
                "a cell at \(cell), \(restCount) bytes of its key"
            }
            notes.offset = cell
            let valueCount = Int(
                notes.number("value count", UInt16.self) { "\($0) bytes of value" }
            )
            let whole = prefix + part(notes.offset, restCount)
            let isKeyed = isLeaf || index > 0
            if restCount > 0 {
                notes.run("rest", count: restCount) { _ in isKeyed ? key(whole) : "no key" }
            }
            notes.run(isLeaf ? "value" : "child", count: valueCount) { bytes in
                isLeaf ? value(whole, bytes) : Self.child(bytes)
            }
        }
        all += notes.notes
        guard prefixCount > 0 else { return all }
        notes = ByteNotes(prefix, at: bytes.count - prefixCount)
        notes.run("prefix", count: prefixCount) { _ in "of all keys of the page" }
        return all + notes.notes
    }

    /// The children of a branch, in order; none of a leaf.
    package var children: [PageID] {
        guard kind == TreeLayout.branchKind else { return [] }
        let count = min(Int(number(TreeLayout.count, UInt16.self)), TreeLayout.slotLimit)
        return (0..<count).map { index in
            let slot = TreeLayout.slots + index * TreeLayout.slotSize
            let cell = Int(number(slot + 4, UInt16.self))
            let rest = Int(number(slot + 6, UInt16.self))
            return PageID(bits: number(cell + 2 + rest, UInt64.self))
        }
    }

    private static func child(_ bytes: [UInt8]) -> String {
        PageName.text(PageID(bits: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }))
    }
}
