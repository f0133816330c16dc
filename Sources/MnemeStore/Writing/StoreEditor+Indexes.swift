// The keys of a version in its collection's indexes: put in, and those of the version before taken
// out. Format: formats/store.md#keys.

internal import MnemeModel
internal import MnemePages

extension StoreEditor {
    /// Makes the indexes say what a put says.
    func replaceIndexes(_ put: PlannedPut) throws(StoreError) {
        let (collection, record, ordinal) = (put.collection, put.record, put.ordinal)
        let old = put.old.map { StoreKeys.indexes(collection, $0.record, ordinal) } ?? []
        let expiry = StoreKeys.expiry(record, ordinal)
        let new = collection.indexes.enumerated().map { place, index in
            let prefix = put.prefixes?[place] ?? StoreKeys.prefix(collection, index, record)
            return StoreKeys.key(prefix, ordinal)
        }
        for key in old where !new.contains(key) && key != expiry { try remove(key) }
        let value = StoreKeys.value(ordinal)
        for (index, key) in zip(collection.indexes, new) where !old.contains(key) {
            let isList = index.number == collection.ownerList
            try insert(
                key,
                value: isList
                    ? StoreKeys.value(collection, index.number, ordinal, record.key) : value
            )
        }
        if let expiry, !old.contains(expiry) { try insert(expiry, value: value) }
    }
}
