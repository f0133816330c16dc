// Questions about earlier times: what a record was, what was known at an instant, and what was true
// at one.

internal import MnemeBase
package import MnemeModel

extension Snapshot {
    /// What a record was, newest version first.
    ///
    /// - Throws: `.unknownCollection`, `.wrongType`; `.noHistory` where the collection keeps none;
    ///   `.badRequest` for a negative limit.
    /// - Complexity: O(changes of the record down to the last version that is handed out).
    package func history(_ question: VersionQuestion) throws(MnemeError) -> History {
        let collection = try catalog.collection(question.reference.collection)
        let key = try collection.coerced(question.reference.key)
        guard question.limit >= 0 else {
            throw MnemeError(
                .badRequest,
                "history.limit is \(question.limit); give 0 or more"
            )
        }
        return try reading { state throws(StoreError) in
            try state.history(question, collection, key)
        }
    }

    /// Reads records with their versions, or as of another time; nil in the place of those that are
    /// or were not there.
    ///
    /// - Throws: as `record`; `.noHistory` where what was known is not kept; `.badRequest` for a
    ///   collection without times of validity, and for versions of what was known earlier.
    package func records(_ get: Get) throws(MnemeError) -> [Record?] {
        guard get.knownAt == nil || !get.hasVersions else {
            throw MnemeError(
                .badRequest,
                "versions are those of the records as they are now; leave \"versions\" out, or "
                    + "\"knownAt\""
            )
        }
        var records: [Record?] = []
        records.reserveCapacity(get.references.count)
        for reference in get.references {
            guard let knownAt = get.knownAt else {
                records.append(
                    get.hasVersions
                        ? try versionedRecord(reference, get.sight)
                        : try record(reference, get.sight)
                )
                continue
            }
            let collection = try catalog.readable(reference.collection)
            let key = try collection.coerced(reference.key)
            let known = try reading { state throws(StoreError) in
                try state.known(key, at: knownAt.microseconds, collection)
            }
            let isSeen = known.map { collection.sees($0, get.sight) } ?? false
            records.append(isSeen ? known : Record?.none)
        }
        if let asOf = get.asOf { try keepTrue(&records, of: get.references, at: asOf) }
        return records
    }
}
