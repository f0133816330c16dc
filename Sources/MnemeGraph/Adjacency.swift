// Adjacency: for every node the edges that leave it and those that arrive, each edge once in either
// list, grouped by type. The lists are entries of one column tree: a node's edges are neighbours
// there, and so are those of one direction and type. Format: formats/adjacency.md.

package import MnemePages

/// Which list of a node.
package enum EdgeSide: UInt8, Sendable {
    /// Edges that start in the node.
    case out = 0
    /// Edges that end in it.
    case arriving = 1
}

/// One entry of a list: an edge as one of its ends sees it.
@frozen
package struct Neighbour: Equatable, Sendable {
    /// The ordinal of the edge.
    package let edge: UInt64
    /// The number of its type.
    package let type: UInt16
    /// The ordinal of the node at the other end.
    package let node: UInt64
    /// The sequence of the edge's link frame; 0 of one that has ended.
    package let birth: UInt64
    /// When the edge was there, as far as that is kept.
    package let times: EdgeTimes

    @inlinable
    package init(
        edge: UInt64,
        type: UInt16,
        node: UInt64,
        birth: UInt64,
        times: EdgeTimes = .always
    ) {
        self.edge = edge
        self.type = type
        self.node = node
        self.birth = birth
        self.times = times
    }
}

/// The lists of all nodes.
package struct Adjacency: Sendable {
    /// Node at the other end; birth and link of an edge that lives, link and end of one that does
    /// not.
    package static let shape = ColumnShape(columns: [8, 8, 8])
    /// Edge ordinals are below this.
    package static let edgeLimit: UInt64 = 1 << 48
    /// Type numbers are below this.
    package static let typeLimit: UInt16 = 1 << 15
    /// Stands where it is not said when an edge was linked.
    static let unstated = UInt64.max

    package let tree: ColumnTree

    /// Lists that stand under a root page.
    package init(root: PageID) { tree = ColumnTree(root: root, shape: Self.shape) }

    /// Makes empty lists.
    package static func create(in editor: PageEditor) -> Adjacency {
        Adjacency(root: ColumnTree.create(shape, in: editor).root)
    }

    static func low(_ side: EdgeSide, _ type: UInt16, _ edge: UInt64) -> UInt64 {
        UInt64(side.rawValue) << 63 | UInt64(type) << 48 | edge
    }

    /// Enters an edge into the lists of both its ends.
    ///
    /// `linked`: when that was, for edges whose past is kept.
    ///
    /// - Precondition: `edge` and `type` are below their limits.
    /// - Throws: as `ColumnTree.slot`.
    package func link(
        edge: UInt64,
        type: UInt16,
        from: UInt64,
        to: UInt64,
        birth: UInt64,
        linked: Int64? = nil,
        in editor: PageEditor
    ) throws(PageError) {
        precondition(edge < Self.edgeLimit && type < Self.typeLimit)
        let stated = linked.map { UInt64(bitPattern: $0) } ?? Self.unstated
        try enter(from, Self.low(.out, type, edge), to, birth, stated, editor)
        try enter(to, Self.low(.arriving, type, edge), from, birth, stated, editor)
    }

    /// Takes an edge out of both lists; false when it was not in both.
    ///
    /// - Throws: as `ColumnTree.remove`.
    @discardableResult
    package func unlink(
        edge: UInt64,
        type: UInt16,
        from: UInt64,
        to: UInt64,
        in editor: PageEditor
    ) throws(PageError) -> Bool {
        let left = try tree.remove(from, Self.low(.out, type, edge), in: editor)
        let arrived = try tree.remove(to, Self.low(.arriving, type, edge), in: editor)
        return left && arrived
    }

    /// Writes an entry.
    func enter(
        _ node: UInt64,
        _ low: UInt64,
        _ other: UInt64,
        _ first: UInt64,
        _ second: UInt64,
        _ editor: PageEditor
    ) throws(PageError) {
        let slot = try tree.slot(node, low, in: editor)
        slot.store(other, 0)
        slot.store(first, 1)
        slot.store(second, 2)
    }

    /// Calls `body` with every edge of a node on one side, of one type or of all, by type and edge.
    ///
    /// - Throws: as `ColumnTree.cursor`.
    /// - Complexity: O(log edges + answers).
    package func forEach(
        of node: UInt64,
        _ side: EdgeSide,
        type: UInt16? = nil,
        in view: PageView,
        _ body: (Neighbour) -> Void
    ) throws(PageError) {
        if let type, type >= Self.typeLimit { return }
        let start = ColumnKey(node, Self.low(side, type ?? 0, 0))
        var cursor = try tree.cursor(from: start, to: Self.end(node, side, type), in: view)
        while let block = try cursor.next() {
            for index in block.range { body(Self.neighbour(block, index)) }
        }
    }

    /// One edge as a node sees it on one side, nil when it is not in that list.
    ///
    /// - Throws: as `ColumnTree.find`.
    /// - Complexity: O(log edges).
    package func neighbour(
        of node: UInt64,
        _ side: EdgeSide,
        type: UInt16,
        edge: UInt64,
        in view: PageView
    ) throws(PageError) -> Neighbour? {
        guard edge < Self.edgeLimit, type < Self.typeLimit,
            let entry = try tree.find(node, Self.low(side, type, edge), in: view)
        else { return nil }
        return Neighbour(
            edge: edge,
            type: type,
            node: entry.load64(0),
            birth: entry.load64(1),
            times: EdgeTimes(linked: entry.load64(2))
        )
    }

    /// The key after the last of a list, nil when there is none.
    static func end(_ node: UInt64, _ side: EdgeSide, _ type: UInt16?) -> ColumnKey? {
        if let type, type + 1 < typeLimit { return ColumnKey(node, low(side, type + 1, 0)) }
        if side == .out { return ColumnKey(node, 1 << 63) }
        return node == .max ? nil : ColumnKey(node + 1, 0)
    }

    static func neighbour(_ block: ColumnBlock, _ index: Int) -> Neighbour {
        let low = block.low(index)
        let entry = block.entry(index)
        let isPast = block.high(index) >= pastNodes
        return Neighbour(
            edge: low & (edgeLimit - 1),
            type: UInt16(truncatingIfNeeded: low >> 48) & 0x7fff,
            node: entry.load64(0),
            birth: isPast ? 0 : entry.load64(1),
            times: isPast
                ? EdgeTimes(linked: entry.load64(1), ended: entry.load64(2))
                : EdgeTimes(linked: entry.load64(2))
        )
    }
}
