// The edges of one type or of some, wherever they start. They stand by their nodes, so all lists
// are gone through.

package import MnemePages

extension Adjacency {
    /// Calls `body` with every edge of a type and the node that it starts at, by node and edge.
    ///
    /// - Throws: as `ColumnTree.cursor`.
    /// - Complexity: O(edges of all types).
    package func forEach(
        ofType type: UInt16,
        in view: PageView,
        _ body: (_ from: UInt64, Neighbour) -> Void
    ) throws(PageError) {
        guard type < Self.typeLimit else { return }
        let list = Self.low(.out, type, 0)
        let first = ColumnKey(0, 0)
        // Behind these is what was there once.
        let end = ColumnKey(Self.pastNodes, 0)
        var cursor = try tree.cursor(from: first, to: end, in: view)
        while let block = try cursor.next() {
            for index in block.range where block.low(index) & ~(Self.edgeLimit - 1) == list {
                body(block.high(index), Self.neighbour(block, index))
            }
        }
    }

    /// Calls `body` with every edge of some types and the node that it starts at, by node, type and
    /// edge, until it says no.
    ///
    /// - Throws: as `ColumnTree.cursor`.
    /// - Complexity: O(edges of all types).
    package func forEach(
        ofTypes types: [UInt16],
        in view: PageView,
        _ body: (_ from: UInt64, Neighbour) -> Bool
    ) throws(PageError) {
        // What arrives has a number above them all.
        var isWanted = [Bool](repeating: false, count: Int(UInt16.max) + 1)
        for type in types where type < Self.typeLimit { isWanted[Int(type)] = true }
        let first = ColumnKey(0, 0)
        let end = ColumnKey(Self.pastNodes, 0)
        var cursor = try tree.cursor(from: first, to: end, in: view)
        while let block = try cursor.next() {
            for index in block.range where isWanted[Int(block.low(index) >> 48)] {
                guard body(block.high(index), Self.neighbour(block, index)) else { return }
            }
        }
    }
}
