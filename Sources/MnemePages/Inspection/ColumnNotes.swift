// Pages of column trees for people who look into them. Format: formats/column-tree.md.

package import MnemeBase

extension InspectedPage {
    /// Whether it is a page of a column tree.
    package var isColumns: Bool {
        kind == ColumnLayout.leafKind || kind == ColumnLayout.branchKind
    }

    /// A page of a column tree of a shape, byte by byte, with at most so many entries; `key` says
    /// what a key means.
    package func columnNotes(
        _ shape: ColumnShape,
        limit: Int,
        key: (UInt64, UInt64) -> String,
        value: (Int, [UInt8]) -> String
    ) -> [ByteNote] {
        let isLeaf = kind == ColumnLayout.leafKind
        var all = head(kindName: isLeaf ? "leaf of a column tree" : "branch of a column tree")
        all.removeAll { $0.field == "own" }
        var notes = ByteNotes(bytes)
        notes.offset = ColumnLayout.level
        notes.number("level", UInt8.self) { "\($0) above the leaves" }
        let count = Int(
            notes.number("count", UInt16.self) { isLeaf ? "\($0) entries" : "\($0) children" }
        )
        notes.offset = ColumnLayout.total
        notes.number("total", UInt64.self) { "of the root: \($0) entries in the tree" }
        let shown = min(count, limit, isLeaf ? shape.capacity : ColumnLayout.branchCapacity)
        for index in 0..<shown {
            notes.offset = ColumnLayout.payload + index * ColumnLayout.keySize
            let (high, low) = (
                number(notes.offset, UInt64.self), number(notes.offset + 8, UInt64.self)
            )
            notes.run("key \(index)", count: 16) { _ in key(high, low) }
            if isLeaf {
                for column in 0..<shape.count {
                    notes.offset = shape.offset(column, index)
                    notes.run("column \(column)", count: shape.size(column)) { value(column, $0) }
                }
            } else {
                notes.offset = ColumnLayout.children + index * 8
                notes.number("child \(index)", UInt64.self) { PageName.text(PageID(bits: $0)) }
            }
        }
        all += notes.notes
        return all
    }
}
