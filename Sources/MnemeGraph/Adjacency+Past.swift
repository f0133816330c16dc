// Edges that were there once: their entries stand in the same tree behind all others, under their
// nodes with the top bit set, so that lists of what is there are not longer for what was.
// Format: formats/adjacency.md#the-past.

package import MnemePages

extension Adjacency {
    /// In the key of an entry of the past: set besides the node.
    static let pastNodes: UInt64 = 1 << 63

    /// Keeps an edge that has ended, at both ends.
    ///
    /// - Precondition: `edge` and `type` are below their limits.
    /// - Throws: as `ColumnTree.slot`.
    package func enterPast(
        edge: UInt64,
        type: UInt16,
        from: UInt64,
        to: UInt64,
        _ times: EdgeTimes,
        in editor: PageEditor
    ) throws(PageError) {
        precondition(edge < Self.edgeLimit && type < Self.typeLimit)
        let ended = UInt64(bitPattern: times.ended)
        let linked =
            times.linked == .min ? Self.unstated : UInt64(bitPattern: times.linked)
        let out = Self.low(.out, type, edge)
        let arriving = Self.low(.arriving, type, edge)
        try enter(from | Self.pastNodes, out, to, linked, ended, editor)
        try enter(to | Self.pastNodes, arriving, from, linked, ended, editor)
    }

    /// Forgets an edge that has ended; false when it was not kept at both ends.
    ///
    /// - Throws: as `ColumnTree.remove`.
    @discardableResult
    package func removePast(
        edge: UInt64,
        type: UInt16,
        from: UInt64,
        to: UInt64,
        in editor: PageEditor
    ) throws(PageError) -> Bool {
        let (out, arriving) = (Self.low(.out, type, edge), Self.low(.arriving, type, edge))
        let left = try tree.remove(from | Self.pastNodes, out, in: editor)
        let arrived = try tree.remove(to | Self.pastNodes, arriving, in: editor)
        return left && arrived
    }

    /// One edge that has ended as a node saw it on one side, nil when it is not kept.
    ///
    /// - Throws: as `ColumnTree.find`.
    /// - Complexity: O(log edges).
    package func pastNeighbour(
        of node: UInt64,
        _ side: EdgeSide,
        type: UInt16,
        edge: UInt64,
        in view: PageView
    ) throws(PageError) -> Neighbour? {
        guard edge < Self.edgeLimit, type < Self.typeLimit,
            let entry = try tree.find(
                node | Self.pastNodes,
                Self.low(side, type, edge),
                in: view
            )
        else { return nil }
        return Neighbour(
            edge: edge,
            type: type,
            node: entry.load64(0),
            birth: 0,
            times: EdgeTimes(linked: entry.load64(1), ended: entry.load64(2))
        )
    }
}

/// The entries of a list, by type and edge, one after the other; of an instant, where the source
/// has one, those that were there then.
struct ListReading {
    private var living: EntryReading
    private var past: EntryReading?
    private let instant: Int64?

    init(
        _ node: UInt64,
        _ side: EdgeSide,
        _ source: GraphSource
    ) throws(PageError) {
        try self.init(node, side, source, withPast: source.instant != nil, at: source.instant)
    }

    /// `withPast`: edges that have ended too, all of them where there is no instant.
    init(
        _ node: UInt64,
        _ side: EdgeSide,
        _ source: GraphSource,
        withPast: Bool,
        at instant: Int64?
    ) throws(PageError) {
        self.instant = instant
        living = try EntryReading(node, side, source)
        if withPast { past = try EntryReading(node | Adjacency.pastNodes, side, source) }
    }

    mutating func next() throws(PageError) -> Neighbour? {
        while let found = try merged() {
            guard let instant else { return found }
            if found.times.hold(at: instant) { return found }
        }
        return nil
    }

    private mutating func merged() throws(PageError) -> Neighbour? {
        guard let old = past?.low() else { return try living.next() }
        guard let low = living.low(), low < old else { return try past?.next() }
        return try living.next()
    }
}

/// The entries of a range, one after the other.
private struct EntryReading {
    private var cursor: ColumnCursor
    private var block: ColumnBlock?
    private var index = 0

    init(
        _ node: UInt64,
        _ side: EdgeSide,
        _ source: GraphSource
    ) throws(PageError) {
        cursor = try source.adjacency.tree.cursor(
            from: ColumnKey(node, Adjacency.low(side, 0, 0)),
            to: Adjacency.end(node, side, nil),
            in: source.view
        )
        try advance()
    }

    private mutating func advance() throws(PageError) {
        block = try cursor.next()
        index = block?.range.lowerBound ?? 0
    }

    /// The second half of the next one's key; nil where there is none.
    func low() -> UInt64? { block?.low(index) }

    mutating func next() throws(PageError) -> Neighbour? {
        guard let block else { return nil }
        let found = Adjacency.neighbour(block, index)
        index += 1
        if index == block.range.upperBound { try advance() }
        return found
    }
}
