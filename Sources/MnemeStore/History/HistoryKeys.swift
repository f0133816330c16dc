// Where rows of a history stand in the tree.

internal import MnemeBase
internal import MnemeModel
internal import MnemeTree

/// Ranges of the indexes of a hidden collection of rows.
struct HistoryKeys {
    let rows: CollectionEntry

    /// The rows of a record, by version; those below a version where one is given.
    func versions(of key: Key, below version: Int64? = nil) -> TreeRange {
        let index = rows.indexes[HistoryField.versions]
        var writer = StoreKeys.index(rows, index)
        writer.put(key.value, index.parts[0])
        let range = TreeRange.prefix(writer.bytes)
        guard let version else { return range }
        writer.put(.int(version), index.parts[1])
        return TreeRange(from: range.lower, to: writer.bytes)
    }

    /// The rows of changes that were made after an instant, by when they were made.
    func changes(after instant: Microseconds) -> TreeRange {
        let index = rows.indexes[HistoryField.times]
        let whole = TreeRange.prefix(StoreKeys.index(rows, index).bytes)
        guard instant < .max else { return TreeRange(from: whole.lower, to: whole.lower) }
        var writer = StoreKeys.index(rows, index)
        writer.put(.instant(Instant(microseconds: instant + 1)), index.parts[0])
        return TreeRange(from: writer.bytes, to: whole.upper)
    }

    /// The key of the marker.
    var marker: [UInt8] { StoreKeys.record(rows.number, HistoryField.marker) }
}
