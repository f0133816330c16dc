// When a record ends: what a change that would end it earlier or later has to know.

package import MnemeModel
internal import MnemePages

extension Snapshot {
    /// The instant from which a record is not there any more; nil for one that stays, and for one
    /// that is not there.
    ///
    /// - Throws: `.unknownCollection`, `.wrongType`; `.corrupt`, `.disk` when it cannot be read.
    /// - Complexity: O(log records).
    package func expiry(of reference: Reference) throws(MnemeError) -> Instant? {
        let collection = try catalog.readable(reference.collection)
        let key = try collection.coerced(reference.key)
        return try reading { state throws(StoreError) in
            guard let (_, entry) = try state.version(collection, key),
                entry.expiresAt != OrdinalEntry.never
            else { return nil }
            return Instant(microseconds: entry.expiresAt)
        }
    }
}
