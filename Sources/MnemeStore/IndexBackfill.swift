// The keys that records of a collection have in indexes that are defined after them. The writer works
// them out when it decides a definition, recovery when it replays one.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// A key and the record that it leads to.
struct IndexKey: Sendable {
    var key: [UInt8]
    var ordinal: UInt64
}

/// Goes through the records of a collection for the indexes that a newer catalog adds to it.
struct IndexBackfill {
    let collection: CollectionEntry
    let added: [IndexEntry]

    /// What `newer` adds to collections that `older` has.
    static func all(from older: Catalog, to newer: Catalog) -> [IndexBackfill] {
        newer.collections.compactMap { collection in
            guard let known = older.collection(number: collection.number) else { return nil }
            let added = collection.indexes.filter { known.lacksIndex($0.index.name) }
            return added.isEmpty ? nil : IndexBackfill(collection: collection, added: added)
        }
    }

    /// The collection's records.
    func ordinals(_ tree: Tree, _ reader: WriterReader) throws(StoreError) -> [UInt64] {
        try onTree { () throws(TreeError) in
            var ordinals: [UInt64] = []
            var cursor = try tree.cursor(
                StoreKeys.records(collection.number), in: reader.view)
            while try cursor.next() { ordinals.append(try cursor.value64) }
            return ordinals
        }
    }

    /// The keys of records in the new indexes.
    ///
    /// - Throws: `.refused` when two of them have the same values in a unique one.
    /// - Complexity: O(records); each is read from the log.
    func keys(of ordinals: [UInt64], _ reader: WriterReader) throws(StoreError) -> [IndexKey] {
        var keys: [IndexKey] = []
        var taken: Set<[UInt8]> = []
        for ordinal in ordinals {
            let record = try reader.version(ordinal).record
            for entry in added {
                let prefix = StoreKeys.prefix(collection, entry, record)
                if entry.index.isUnique, !taken.insert(prefix).inserted {
                    throw .refused(
                        MnemeError(
                            .duplicate,
                            "index \"\(entry.index.name)\" of collection "
                                + "\"\(collection.schema.name)\" cannot be unique: record "
                                + "\(record.key) has the values of another one; change one of "
                                + "them, or define a plain index"))
                }
                keys.append(
                    IndexKey(key: StoreKeys.index(prefix, ordinal), ordinal: ordinal))
            }
        }
        return keys
    }
}
