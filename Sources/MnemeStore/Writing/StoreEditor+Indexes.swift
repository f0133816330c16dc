// The keys of a version in its collection's indexes: put in, and those of the version before taken
// out. Format: formats/store.md#keys.

internal import MnemeModel
internal import MnemePages

extension StoreEditor {
    /// Notes which indexes are built behind from now on, and which are on their way out.
    func noteIndexes(_ planned: PlannedDefinition, before: Catalog) {
        for name in planned.behind {
            roots.building[name.index] = IndexProgress(
                collection: name.collection,
                next: 1,
                end: roots.nextOrdinal
            )
        }
        for index in planned.ready { roots.building.removeValue(forKey: index) }
        guard case .drop = planned.definition else { return }
        for older in before.indexed {
            for entry in older.indexes
            where planned.catalog.indexed(number: older.number)?
                .place(ofIndex: entry.number) == nil
            {
                roots.building.removeValue(forKey: entry.number)
                roots.leaving[entry.number] = older.number
            }
        }
    }

    /// Makes the indexes say what a put says.
    func replaceIndexes(_ put: PlannedPut) throws(StoreError) {
        let (collection, record, ordinal) = (put.collection, put.record, put.ordinal)
        if collection.recallList != nil {
            roots.listed.note(record.owner)
            if let old = put.old?.record { roots.listed.note(old.owner) }
        }
        let old =
            put.old.map { StoreKeys.prefixes(collection, collection.indexed($0.record)) } ?? []
        let new = put.prefixes ?? StoreKeys.prefixes(collection, collection.indexed(record))
        for prefix in old.subtracting(new) { try remove(StoreKeys.key(prefix.bytes, ordinal)) }
        let value = StoreKeys.value(ordinal)
        for prefix in new.subtracting(old) {
            let number = collection.indexes[prefix.place].number
            let isPlain =
                number != collection.ownerList && number != collection.recallList?.number
            try insert(
                StoreKeys.key(prefix.bytes, ordinal),
                value: isPlain
                    ? value
                    : StoreKeys.value(collection, number, ordinal, record, digest: put.digest)
            )
        }
        try replaceDigest(put, old, new)
        let before = put.old.flatMap { StoreKeys.expiry($0.record, ordinal) }
        let expiry = StoreKeys.expiry(record, ordinal)
        guard before != expiry else { return }
        if let before { try remove(before) }
        if let expiry { try insert(expiry, value: value) }
    }

    /// Puts a newer digest under a key that stays.
    private func replaceDigest(
        _ put: PlannedPut,
        _ old: [IndexPrefix],
        _ new: [IndexPrefix]
    ) throws(StoreError) {
        guard let list = put.collection.recallList,
            let prefix = new.first(where: { $0.place == list.place }), old.contains(prefix)
        else { return }
        try insert(
            StoreKeys.key(prefix.bytes, put.ordinal),
            value: StoreKeys.value(
                put.collection,
                list.number,
                put.ordinal,
                put.record,
                digest: put.digest
            )
        )
    }
}
