// Edges of a record that has expired, or that nobody keeps any longer, and of which more is kept
// than one batch has room for: they end in as many batches as it takes, each a part of them, and
// the record with the last. What came before a crash in between has ended, the rest ends later.

internal import MnemeGraph
internal import MnemeModel
internal import MnemePages

extension BatchPlanner {
    /// So many edges are looked at for a part.
    private static let mostInPart = 1 << 14
    /// Bytes of a row besides the properties of its edge, at most.
    private static let rowSize = 512 + 2 * StoreKeys.textKeyLimit

    /// Bytes of the log for what is kept of the edges of a record that ends, at most; nil where
    /// they end in parts.
    ///
    /// - Complexity: O(edges); those that would be kept as far as a part goes.
    func keptEdgesSize(_ ordinal: UInt64) throws(StoreError) -> Int? {
        guard keeping != nil, !catalog.pasts.isEmpty,
            !catalog.isLeaving(try reader.entry(ordinal).collection)
        else { return 0 }
        var size = 0
        let (edges, isAll) = try nextEdges(of: ordinal)
        for edge in edges {
            size += try keptSize(of: edge)
            if size > following.partLimit { return nil }
        }
        return isAll ? size : nil
    }

    /// Ends as many edges of a record as make a part, where the batch has room for that.
    ///
    /// - Returns: whether any was ended.
    mutating func endEdges(of ordinal: UInt64) throws(StoreError) -> Bool {
        var size = 0
        var hasEnded = false
        for edge in try nextEdges(of: ordinal).edges {
            let next = PlannedDelete.frameSize + (try keptSize(of: edge))
            // One by itself may be larger than a part, and fits a batch.
            let fits =
                !hasEnded && following.byteCount == 0
                || size + next <= following.partLimit
                    && following.byteCount + size + next <= following.byteLimit
            guard fits else { break }
            guard let living = try livingEdge(edge.ordinal) else { continue }
            try end(living)
            hasEnded = true
            size += next
        }
        following.byteCount += size
        return hasEnded
    }

    /// Some edges of a record that would be kept if they ended, and whether these are all.
    private func nextEdges(
        of ordinal: UInt64
    ) throws(StoreError) -> (edges: [PlannedEdge], isAll: Bool) {
        let adjacency = Adjacency(root: roots.adjacency)
        let (kept, ended) = (catalog.pasts, dead)
        let edges = try adjacency.living(
            of: ordinal,
            in: reader.view,
            atMost: Self.mostInPart
        ) { edge in
            // What the batch has ended is in the lists as long as it is decided.
            kept[edge.type] != nil && !ended.contains(edge.edge)
        }
        return (edges, edges.count < Self.mostInPart)
    }

    /// Bytes of the log for what is kept of an edge, at most.
    private func keptSize(of edge: PlannedEdge) throws(StoreError) -> Int {
        Self.rowSize + (try reader.frameBytes(of: edge.ordinal))
    }
}
