// Records of an answer that are looked up together: first the memory of all of them is asked for,
// then it is looked at, table by table. What a question goes through is seldom in the processor's
// caches, and one record after the other would be waited for several times each.
//
// It changes nothing of an answer. What cannot be read is thrown when its turn comes.

internal import MnemeModel
internal import MnemePages

/// Some records in the order of a walk, each with its entry and, where the cache has it, its
/// version.
struct RowsAhead {
    /// So many at most are looked up together.
    static let limit = 64

    /// A record that is there.
    struct Row {
        /// Where the walk was.
        let step: PlanWalk.Step
        let entry: OrdinalEntry
        /// The version, where it was unpacked before.
        var version: RecordBytes?
    }

    /// Those that are there, in order.
    private(set) var rows: [Row] = []
    /// What was thrown behind the last of them.
    private(set) var fault: StoreError?
    private var steps: [PlanWalk.Step] = []

    /// Looks up the records that come next, at most so many; false at the end.
    ///
    /// `fields`: those that are looked at of each; nil where versions are not.
    /// - Throws: what goes wrong before the first.
    mutating func fill(
        _ walk: inout PlanWalk,
        _ reader: StateReader,
        _ scope: OwnerScope,
        fields: [UInt16]?,
        atMost most: Int
    ) throws(StoreError) -> Bool {
        fault = nil
        rows.removeAll(keepingCapacity: true)
        guard try walk.fill(&steps, atMost: min(most, Self.limit)) else { return false }
        if steps.count > 1 {
            for step in steps { OrdinalTable.fetch(step.ordinal, in: reader.view) }
        }
        do throws(StoreError) {
            for step in steps {
                guard let entry = try reader.visibleEntry(step.ordinal),
                    scope.contains(entry.owner)
                else { continue }
                if fields != nil { reader.cache.fetchSlots(entry.place) }
                rows.append(Row(step: step, entry: entry))
            }
        } catch {
            fault = error
        }
        guard let fields else { return true }
        if rows.count > 1 {
            for row in rows { reader.cache.fetch(row.entry.place) }
        }
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
        if rows.count > 1 {
            for row in rows { row.version?.fetch(fields) }
        }
        return true
    }
}
