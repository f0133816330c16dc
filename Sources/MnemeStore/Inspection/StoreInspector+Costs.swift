// What the newest state takes beside the log: each index with its entries and their bytes. Whoever
// asks reads every page of the tree of keys and indexes once.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeText
internal import MnemeTree
internal import MnemeVectors

extension StoreInspector {
    /// The indexes with their costs: the tree's in the order of their keys, then vectors, words and
    /// edges.
    ///
    /// - Throws: as `Snapshot.record`.
    /// - Complexity: O(entries of the tree of keys and indexes).
    package func costs() throws(MnemeError) -> [IndexCost] {
        try store.snapshot().reading { reader throws(StoreError) in
            try treeCosts(reader) + vectorCosts(reader) + [wordCost(reader)].compactMap { $0 }
                + [adjacencyCost(reader)]
        }
    }

    /// The pages of the page file by what they are for, as they are in memory: 8,192 bytes each.
    ///
    /// - Throws: as `Snapshot.record`.
    /// - Complexity: O(pages).
    package func pageCounts() throws(MnemeError) -> [(space: String, count: Int)] {
        try store.snapshot().reading { $0.view.pageCounts }
    }

    /// The segments of the log in their order, and how much of each is needed.
    ///
    /// - Throws: `.closed`; as `Snapshot.record`.
    /// - Complexity: O(segments).
    package func segments() throws(MnemeError) -> [SegmentShare] {
        let sizes = store.log.sizes.segments.sorted { $0.number < $1.number }
        let dead = try store.snapshot().reading { $0.state.roots.dead }
        return sizes.map { number, byteCount in
            SegmentShare(
                name: LogInspector.name(of: number),
                isCold: SegmentNumber.isCold(number),
                byteCount: byteCount,
                deadBytes: min(byteCount, Int(clamping: dead[number]?.byteCount ?? 0))
            )
        }
    }

    // MARK: Kinds of indexes

    private func treeCosts(_ reader: StateReader) throws(StoreError) -> [IndexCost] {
        var (current, entries, byteCount): ([UInt8], Int, Int) = ([], 0, 0)
        var costs: [IndexCost] = []
        func end() {
            guard entries > 0 else { return }
            let (kind, name) = place(current, reader.state.catalog)
            // What the store keeps for itself, and indexes of one name, are told together.
            if let last = costs.last, last.kind == kind, last.name == name {
                costs[costs.count - 1] = IndexCost(
                    kind,
                    name,
                    entries: last.entries + entries,
                    byteCount: last.byteCount + byteCount
                )
            } else {
                costs.append(IndexCost(kind, name, entries: entries, byteCount: byteCount))
            }
        }
        try onTree { () throws(TreeError) in
            var cursor = try reader.state.tree.cursor(in: reader.view)
            while let entry = try cursor.nextEntry() {
                if !entry.key.starts(with: current) || current.isEmpty {
                    end()
                    (current, entries, byteCount) = (Array(entry.key.prefix(4)), 0, 0)
                }
                entries += 1
                byteCount += entry.key.count + entry.value.count
            }
        }
        end()
        return costs
    }

    /// What begins with the four bytes of a key.
    private func place(_ prefix: [UInt8], _ catalog: Catalog) -> (IndexCost.Kind, String) {
        var key = KeyReader(prefix)
        guard let (collection, index) = try? key.getIndex(), collection != 0 else {
            return (.own, "")
        }
        let entry = catalog.indexed(number: collection)
        let name = entry?.schema.name ?? catalog.edgeType(number: collection)?.type.name
        guard let name, entry?.isHidden != true else { return (.own, "") }
        switch index {
        case 0: return (.keys, name)
        case 0x8000: return (.usage, name)
        default:
            let found = entry?.indexes.first { $0.number == index }
            return (.fields, "\(name).\(found?.index.name ?? "\(index)")")
        }
    }

    /// Codes in the leaves, by owner and ordinal; those of a graph are pages of its own.
    private func vectorCosts(_ reader: StateReader) throws(StoreError) -> [IndexCost] {
        try reader.state.vectorHeads.map { name, field, head throws(StoreError) in
            try onPages { () throws(PageError) in
                let index = try VectorIndex.open(field.coder, head, in: reader.view)
                let count = try index.tree.count(in: reader.view)
                let width = Self.columnKeyBytes + index.tree.shape.valueSize
                return IndexCost(.vectors, name, entries: count, byteCount: count * width)
            }
        }
    }

    private func wordCost(_ reader: StateReader) throws(StoreError) -> IndexCost? {
        let runs = reader.state.runs
        guard !runs.isEmpty else { return nil }
        let byteCount = try runs.opened().reduce(0) { $0 + $1.byteCount }
        let documents = runs.reduce(0) { $0 + $1.documentCount }
        return IndexCost(.words, "", entries: documents, byteCount: byteCount)
    }

    private func adjacencyCost(_ reader: StateReader) throws(StoreError) -> IndexCost {
        try onPages { () throws(PageError) in
            let count = try reader.state.adjacency.tree.count(in: reader.view)
            let width = Self.columnKeyBytes + Adjacency.shape.valueSize
            return IndexCost(.adjacency, "", entries: count, byteCount: count * width)
        }
    }

    /// The two numbers that are the key of an entry of a column tree.
    private static let columnKeyBytes = 16
}
