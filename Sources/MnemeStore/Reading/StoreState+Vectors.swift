// The vector indexes of a state.

internal import MnemeModel
internal import MnemePages
internal import MnemeVectors

extension StoreState {
    /// The vector fields with an index, by their numbers, and the head pages of these.
    var vectorHeads: [(name: String, field: VectorEntry, head: PageID)] {
        var found: [(name: String, field: VectorEntry, head: PageID)] = []
        for collection in catalog.everySearched {
            for field in collection.vectors {
                guard let head = roots.vectors[field.number] else { continue }
                found.append(("\(collection.schema.name).\(field.name)", field, head))
            }
        }
        return found.sorted { $0.field.number < $1.field.number }
    }

    /// How many nodes of graphs are of vectors that were deleted or replaced, by the names of
    /// their fields: their codes are in the page file until upkeep has taken them out.
    ///
    /// - Throws: `.pages`.
    func goneNodes() throws(StoreError) -> [(name: String, count: Int)] {
        var found: [(name: String, count: Int)] = []
        for (name, field, head) in vectorHeads {
            let count = try onPages { () throws(PageError) in
                try VectorIndex.open(field.coder, head, in: root.view).goneCount(in: root.view)
            }
            if count > 0 { found.append((name, count)) }
        }
        return found
    }
}
