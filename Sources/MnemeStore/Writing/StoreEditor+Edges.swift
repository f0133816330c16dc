// Edges of a state that is being made: the ordinal table says where a link stands and whether it
// lives, the adjacency what it joins. Format: formats/adjacency.md.

internal import MnemeGraph
internal import MnemeLog
internal import MnemePages

extension StoreEditor {
    /// Ends every edge that touches a record.
    func endEdges(of node: UInt64, _ birth: UInt64) throws(StoreError) {
        for edge in try adjacency.living(of: node, in: view) { try unlink(edge, birth) }
    }

    /// Makes an edge.
    func link(
        _ edge: PlannedEdge,
        _ place: LogPlace,
        vectorOffset: Int,
        _ birth: UInt64
    )
        throws(StoreError)
    {
        try set(
            OrdinalEntry(
                place: place.bits,
                birth: birth,
                owner: edge.owner,
                collection: edge.type,
                flags: OrdinalFlags.edge
            ),
            of: edge.ordinal
        )
        try raise(nextOrdinal: edge.ordinal + 1)
        if let pair = pair(edge) {
            guard try insert(pair.key, value: StoreKeys.value(edge.ordinal)) else {
                throw .inconsistent("edge \(edge.ordinal) joins what another of its type does")
            }
        }
        try addIndexes(of: edge, birth)
        try addVectors(of: edge, place, vectorOffset)
        try count(edge)
        let adjacency = adjacency
        let linked = catalog.pasts[edge.type] == nil ? nil : time
        try onPages { () throws(PageError) in
            try adjacency.link(
                edge: edge.ordinal,
                type: edge.type,
                from: edge.from,
                to: edge.to,
                birth: birth,
                linked: linked,
                in: editor
            )
        }
        edgeChanges?.note(edge.from, edge.to, at: birth)
        roots.counts[edge.type, default: 0] += 1
    }

    private func pair(_ edge: PlannedEdge) -> EdgePair? {
        EdgePair(catalog.edgeType(number: edge.type), from: edge.from, to: edge.to)
    }

    /// Ends an edge.
    func unlink(_ edge: PlannedEdge, _ birth: UInt64) throws(StoreError) {
        if let pair = pair(edge) { try remove(pair.key) }
        let byteCount = try removeIndexes(of: edge) ?? PlannedDelete.frameSize
        try countEnd(of: edge)
        try noteDead(edge.ordinal, byteCount)
        try end(edge.ordinal, birth)
        let adjacency = adjacency
        let wasThere = try onPages { () throws(PageError) in
            try adjacency.unlink(
                edge: edge.ordinal,
                type: edge.type,
                from: edge.from,
                to: edge.to,
                in: editor
            )
        }
        guard wasThere else {
            throw .inconsistent("edge \(edge.ordinal) is not in the lists of what it joins")
        }
        edgeChanges?.note(edge.from, edge.to, at: birth)
        roots.counts[edge.type, default: 0] -= 1
    }
}

extension Adjacency {
    /// The living edges of a record that are wanted, each once, as an unlink names them; the first
    /// so many.
    ///
    /// - Complexity: O(edges passed).
    func living(
        of node: UInt64,
        in view: PageView,
        atMost count: Int = .max,
        where isWanted: (Neighbour) -> Bool = { _ in true }
    ) throws(StoreError) -> [PlannedEdge] {
        var edges: [PlannedEdge] = []
        try onPages { () throws(PageError) in
            for side in [EdgeSide.out, .arriving] {
                try forFirst(of: node, side, in: view) { neighbour in
                    // A loop stands in both lists.
                    if side == .arriving, neighbour.node == node { return true }
                    guard isWanted(neighbour) else { return true }
                    guard edges.count < count else { return false }
                    edges.append(
                        PlannedEdge(
                            ordinal: neighbour.edge,
                            type: neighbour.type,
                            from: side == .out ? node : neighbour.node,
                            to: side == .out ? neighbour.node : node,
                            owner: 0,
                            body: [],
                            plainCount: 0
                        )
                    )
                    return true
                }
            }
        }
        return edges
    }
}
