// The keys of a version in its collection's indexes: put in, and those of the version before taken
// out. Format: formats/store.md#keys.

internal import MnemeModel
internal import MnemePages

extension StoreEditor {
    /// Makes the indexes say what a put says.
    func replaceIndexes(_ put: PlannedPut) throws(StoreError) {
        let (collection, record, ordinal) = (put.collection, put.record, put.ordinal)
        let old = put.old.map { StoreKeys.prefixes(collection, $0.record.fields) } ?? []
        let new = put.prefixes ?? StoreKeys.prefixes(collection, record.fields)
        for prefix in old.subtracting(new) { try remove(StoreKeys.key(prefix.bytes, ordinal)) }
        let value = StoreKeys.value(ordinal)
        for prefix in new.subtracting(old) {
            let number = collection.indexes[prefix.place].number
            try insert(
                StoreKeys.key(prefix.bytes, ordinal),
                value: number == collection.ownerList
                    ? StoreKeys.value(collection, number, ordinal, record.key) : value
            )
        }
        let before = put.old.flatMap { StoreKeys.expiry($0.record, ordinal) }
        let expiry = StoreKeys.expiry(record, ordinal)
        guard before != expiry else { return }
        if let before { try remove(before) }
        if let expiry { try insert(expiry, value: value) }
    }
}
