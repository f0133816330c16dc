// An edge as somebody knows it by its ordinal: it lives, or it has ended and its row is kept; and
// what it and the records that it joins, or joined, are called.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeModel
internal import MnemePages

/// What is known of an edge.
enum KnownEdge {
    /// It is there.
    case living(OrdinalEntry)
    /// It has ended, and is kept.
    case past(PastEdge)
}

/// What is kept of the edge of a step: read once for all that ask about the step.
struct StepRow {
    private var edge: UInt64?
    private var row: PastEdge?

    /// The row of the step's edge; nil where it lives or nothing is kept of it.
    mutating func past(of step: EdgeStep, _ state: StateReader) throws(StoreError) -> PastEdge? {
        if edge == step.edge { return row }
        row = try state.pastEdge(step.edge, ofType: step.type)
        edge = step.edge
        return row
    }
}

extension StateReader {
    /// An edge that is there, or what is kept of it.
    ///
    /// `type`: its number; nil where nobody knows it.
    ///
    /// - Throws: `.inconsistent` of what is neither.
    /// - Complexity: O(log rows); where nobody knows the type of an edge that has ended, times the
    ///   types with a history.
    func known(_ edge: UInt64, ofType type: UInt16?) throws(StoreError) -> KnownEdge {
        let entry = try entry(edge)
        // In a branch what is shown is more than the sequence of the state.
        if let entry, visibility.sequence < entry.death { return .living(entry) }
        if let past = try pastEdge(edge, ofType: type ?? entry?.collection) { return .past(past) }
        throw .inconsistent("ordinal \(edge) is no edge")
    }

    /// The row of an edge that has ended, nil where there is none.
    ///
    /// `type`: its number; nil where nobody knows it.
    ///
    /// - Complexity: as `known`.
    func pastEdge(_ edge: UInt64, ofType type: UInt16?) throws(StoreError) -> PastEdge? {
        if let type {
            guard let rows = state.catalog.pasts[type] else { return nil }
            return try pastEdge(edge, in: rows)
        }
        for rows in state.catalog.pasts.values {
            if let past = try pastEdge(edge, in: rows) { return past }
        }
        return nil
    }

    private func pastEdge(
        _ edge: UInt64,
        in rows: CollectionEntry
    ) throws(StoreError) -> PastEdge? {
        guard let key = Int64(exactly: edge), key > 0 else { return nil }
        guard let (ordinal, _) = try version(rows, .int(key)) else { return nil }
        return try PastEdge(stored(ordinal))
    }

    /// What a record at the end of an edge of a type is called, or was.
    func reference(
        _ node: UInt64,
        of edge: UInt64,
        ofType type: UInt16
    ) throws(StoreError) -> Reference {
        if let entry = try livingEntry(node), let reference = try reference(entry) {
            return reference
        }
        guard let name = try pastEdge(edge, ofType: type)?.name(of: node),
            let collection = state.catalog.collection(number: name.collection)
        else { throw .inconsistent("edge \(edge) names ordinal \(node), which is no record") }
        return Reference(collection.schema.name, name.key)
    }

    /// The row of an edge as an edge.
    func edge(_ past: PastEdge) throws(StoreError) -> Edge {
        guard let type = state.catalog.edgeType(number: past.type) else {
            throw .inconsistent("edge \(past.edge) is of no type")
        }
        func reference(_ name: PastEdge.Name) throws(StoreError) -> Reference {
            guard let collection = state.catalog.collection(number: name.collection) else {
                throw .inconsistent("edge \(past.edge) joined a record of no collection")
            }
            return Reference(collection.schema.name, name.key)
        }
        return Edge(
            id: past.edge,
            type: type.type.name,
            from: try reference(past.fromName),
            to: try reference(past.toName),
            fields: type.named((try? Value.decodeFields(past.properties)) ?? [])
        )
    }
}
