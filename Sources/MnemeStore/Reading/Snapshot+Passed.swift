// What a record was called that is over: that recall can say what it left out for that.

package import MnemeModel
internal import MnemePages

extension Snapshot {
    /// What a record is called that is not true any more or has expired; nil where it was deleted
    /// or is not of the collection and scope, or its last version does not pass the filter.
    package func passed(
        _ ordinal: UInt64,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        _ filter: Filter?
    ) throws(MnemeError) -> Reference? {
        try reading { state throws(StoreError) in
            guard let entry = try state.entry(ordinal), scope.contains(entry.owner) else {
                return nil
            }
            // As long as it was there; what is deleted or withdrawn is not seen then either.
            let last = min(state.visibility.instant, max(entry.expiresAt, .min + 1) - 1)
            let before = state.seen(at: last)
            guard try before.visibleEntry(ordinal) != nil else { return nil }
            var test = RecordTest(filter, collection, before.reader(keeps: false))
            guard try before.passes(ordinal, &test) else { return nil }
            return try before.reference(ordinal)
        }
    }
}
