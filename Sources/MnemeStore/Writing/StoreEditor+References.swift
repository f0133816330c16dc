// The entries that lead from a record to those that name it: put in with a version that names it,
// taken out with one that does not. Format: formats/store.md#references.

internal import MnemeModel
internal import MnemePages

extension StoreEditor {
    /// Makes the entries of references say what a put says.
    func replaceReferences(_ put: PlannedPut) throws(StoreError) {
        let collection = put.collection
        if collection.references.isEmpty { return }
        let new = collection.referencePrefixes(put.record)
        let old = put.old.map { collection.referencePrefixes($0.record) } ?? []
        for prefix in old where !new.contains(prefix) {
            try remove(StoreKeys.key(prefix, put.ordinal))
        }
        let value = StoreKeys.value(put.ordinal)
        for prefix in new where !old.contains(prefix) {
            try insert(StoreKeys.key(prefix, put.ordinal), value: value)
        }
    }

    /// Takes out the entries of a record that ends.
    func removeReferences(_ delete: PlannedDelete) throws(StoreError) {
        for prefix in delete.collection.referencePrefixes(delete.old.record) {
            try remove(StoreKeys.key(prefix, delete.ordinal))
        }
    }
}
