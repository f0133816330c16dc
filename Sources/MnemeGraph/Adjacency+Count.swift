// Whether a node has many edges, without going through them all.

package import MnemePages

extension Adjacency {
    /// Whether a node has more entries in both its lists than a number, of edges that live or not.
    ///
    /// - Throws: as `ColumnTree.cursor`.
    /// - Complexity: O(log edges + limit).
    package func hasMore(
        than limit: Int,
        of node: UInt64,
        in view: PageView
    ) throws(PageError) -> Bool {
        var count = 0
        for side in [EdgeSide.out, .arriving] {
            let start = ColumnKey(node, Self.low(side, 0, 0))
            var cursor = try tree.cursor(from: start, to: Self.end(node, side, nil), in: view)
            while let block = try cursor.next() {
                count += block.range.count
                if count > limit { return true }
            }
        }
        return false
    }
}
