// Counts and sizes, as anybody may ask for them.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeVectors

extension Store {
    /// Counts and sizes now.
    package func statistics() throws(MnemeError) -> Statistics {
        try opening.check()
        let reader = reader()
        let state = reader.state
        var records: [String: Int] = [:]
        for collection in state.catalog.visibleCollections {
            records[collection.schema.name] = state.roots.counts[collection.number] ?? 0
        }
        var edges: [String: Int] = [:]
        for type in state.catalog.edgeTypes {
            edges[type.type.name] = state.roots.counts[type.number] ?? 0
        }
        do throws(StoreError) {
            try reader.subtractExpired(from: &records, &edges)
        } catch {
            throw MnemeError(error)
        }
        try opening.check()
        let usage = pages.usage
        return Statistics(
            sequence: state.sequence,
            records: records,
            edges: edges,
            owners: Int(state.roots.nextOwner) - 1,
            logBytes: log.fileBytes,
            pageBytes: usage.fileBytes,
            freePageBytes: usage.freeBytes,
            residentPageBytes: usage.residentBytes,
            textRuns: state.runs.count,
            oldestSnapshotMicroseconds: newest.ages.age.map { Int($0) },
            upkeepFailure: upkeepFailure?.message,
            damage: damage,
            indexes: indexBuilds(state),
            archived: state.roots.archivedFigures,
            vectors: try vectorCounts(reader, records)
        )
    }

    /// How many records have a vector, of the fields that not all of so many records have.
    private func vectorCounts(
        _ reader: StateReader,
        _ records: [String: Int]
    ) throws(MnemeError) -> [String: Int] {
        let roots = reader.state.roots
        var counts: [String: Int] = [:]
        for collection in reader.state.catalog.visibleCollections {
            for vector in collection.vectors where roots.vectors[vector.number] != nil {
                let count: Int
                do throws(StoreError) {
                    let index = try reader.vectorIndex(vector)
                    count = try onPages { () throws(PageError) in
                        try index.tree.count(in: reader.view)
                    }
                } catch {
                    throw MnemeError(error)
                }
                guard count < records[collection.schema.name] ?? 0 else { continue }
                counts["\(collection.schema.name).\(vector.name)"] = count
            }
        }
        return counts
    }
}

extension StateReader {
    /// Takes what has expired and was not swept yet off the counts: records and the edges that
    /// touch them.
    fileprivate func subtractExpired(
        from records: inout [String: Int],
        _ edges: inout [String: Int]
    ) throws(StoreError) {
        var touching: Set<UInt64> = []
        for ordinal in try over(limit: .max) {
            guard let entry = try entry(ordinal),
                let collection = state.catalog.collection(number: entry.collection),
                !collection.isHidden
            else { continue }
            // What was dropped is not counted, and may have the name of what is.
            let isCounted = !state.catalog.isLeaving(collection.number)
            if isCounted { records[collection.schema.name]? -= 1 }
            try onPages { () throws(PageError) in
                for side in [EdgeSide.out, .arriving] {
                    try state.adjacency.forEach(of: ordinal, side, in: view) { neighbour in
                        guard touching.insert(neighbour.edge).inserted,
                            let type = state.catalog.edgeType(number: neighbour.type),
                            !state.catalog.isLeaving(type.number)
                        else { return }
                        edges[type.type.name, default: 0] -= 1
                    }
                }
            }
        }
    }
}
