// What names a record, looked up: for verify and for what is mended.

internal import MnemePages
internal import MnemeTree

extension StateReader {
    /// The record that something names, one that has expired and was not swept included; nil where
    /// there is none.
    func holder(of name: RecordNames, _ reference: ReferenceEntry) throws(StoreError) -> UInt64? {
        if let place = reference.place(of: name) {
            return try onTree { () throws(TreeError) in
                var cursor = try state.tree.cursor(.prefix(place), in: view)
                return try cursor.next() ? try cursor.value64 : nil
            }
        }
        guard let key = name.key else { return nil }
        return try onTree { () throws(TreeError) in
            try state.tree.value64(StoreKeys.record(reference.target, key), in: view)
        }
    }
}
