// The edges of a node for people who look into them. Format: formats/adjacency.md.

package import MnemeBase
package import MnemePages

/// One entry of a node's lists.
package struct InspectedEdge: Sendable {
    package let side: EdgeSide
    package let neighbour: Neighbour
    /// The entry, byte by byte: its key, then its columns.
    package let notes: [ByteNote]
}

extension Adjacency {
    /// The entries of a node, at most so many: edges that leave it, then those that arrive.
    ///
    /// - Throws: as `ColumnTree.cursor`.
    /// - Complexity: O(log edges + answers).
    package func inspect(
        _ node: UInt64,
        limit: Int,
        in view: PageView
    ) throws(PageError) -> [InspectedEdge] {
        var edges: [InspectedEdge] = []
        let end = Self.end(node, .arriving, nil)
        var cursor = try tree.cursor(from: ColumnKey(node, 0), to: end, in: view)
        while edges.count < limit, let block = try cursor.next() {
            for index in block.range where edges.count < limit {
                let neighbour = Self.neighbour(block, index)
                let low = block.low(index)
                let side: EdgeSide = low >> 63 == 0 ? .out : .arriving
                edges.append(
                    InspectedEdge(
                        side: side,
                        neighbour: neighbour,
                        notes: Self.notes(block.high(index), low, block.entry(index))
                    )
                )
            }
        }
        return edges
    }

    private static func notes(_ high: UInt64, _ low: UInt64, _ entry: ColumnEntry) -> [ByteNote] {
        var writer = ByteWriter()
        writer.put(high)
        writer.put(low)
        for column in 0..<3 { writer.put(entry.bytes(column)) }
        var notes = ByteNotes(writer.bytes)
        notes.number("node", UInt64.self) { "ordinal \($0)" }
        notes.number("side, type, edge", UInt64.self) { bits in
            (bits >> 63 == 0 ? "leaves" : "arrives") + ", type \(bits >> 48 & 0x7fff), edge "
                + "\(bits & (edgeLimit - 1))"
        }
        notes.number("other", UInt64.self) { "ordinal \($0)" }
        notes.number("birth", UInt64.self) { "linked by sequence \($0)" }
        notes.number("linked", UInt64.self) {
            $0 == unstated ? "not kept" : "\(Int64(bitPattern: $0)) µs since 1970"
        }
        return notes.notes
    }
}
