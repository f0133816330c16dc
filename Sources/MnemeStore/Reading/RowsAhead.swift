// Records of an answer that are looked up together: first the memory of all of them is asked for,
// then it is looked at, table by table. What a question goes through is seldom in the processor's
// caches, and one record after the other would be waited for several times each.
//
// It changes nothing of an answer.

internal import MnemeModel
internal import MnemePages

/// Some records in the order of a walk, each with its entry and, where the cache has it, its
/// version.
struct RowsAhead {
    /// So many at most are looked up together.
    static let limit = 64

    /// A record that is there.
    struct Row {
        let entry: OrdinalEntry
        /// The version, where it was unpacked before.
        var version: RecordBytes?
    }

    /// Those that are there, in order.
    private(set) var rows: [Row] = []
    private var ordinals: [UInt64] = []

    /// Looks up the records that come next; false at the end.
    ///
    /// `fields`: those that are looked at of each; nil where versions are not.
    mutating func fill(
        _ walk: inout PlanWalk,
        _ reader: StateReader,
        _ scope: OwnerScope,
        fields: [UInt16]?
    ) throws(StoreError) -> Bool {
        rows.removeAll(keepingCapacity: true)
        guard try walk.fill(&ordinals, atMost: Self.limit) else { return false }
        for ordinal in ordinals { OrdinalTable.fetch(ordinal, in: reader.view) }
        for ordinal in ordinals {
            guard let entry = try reader.visibleEntry(ordinal), scope.contains(entry.owner) else {
                continue
            }
            if fields != nil { reader.cache.fetchSlots(entry.place) }
            rows.append(Row(entry: entry))
        }
        guard let fields else { return true }
        for row in rows { reader.cache.fetch(row.entry.place) }
        for index in rows.indices {
            let entry = rows[index].entry
            let found = reader.cache.find(
                entry.place,
                sequence: entry.birth,
                under: reader.state.catalog
            )
            found?.fetchPlaces()
            rows[index].version = found
        }
        for row in rows { row.version?.fetch(fields) }
        return true
    }
}
