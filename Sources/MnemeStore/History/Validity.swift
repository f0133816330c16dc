// What was true at an instant: records have a time from which and one up to which they hold, by
// the roles validFrom and validTo. A question about it is a filter like any other.

internal import MnemeBase
internal import MnemeModel

extension CollectionEntry {
    /// What holds of the records that were true at an instant: from validFrom on, and before
    /// validTo; where one of these is null, they were true from the first, or are to the last.
    ///
    /// - Throws: `.badRequest` where the collection has neither role.
    func validity(at instant: Instant) throws(MnemeError) -> Filter {
        var parts: [Filter] = []
        if let from = schema.roles.validFrom {
            let begun = Filter.compare(field: from, .lte(.instant(instant)))
            // An index serves it by itself.
            let isGiven = schema.field(from)?.isRequired ?? false
            parts.append(
                isGiven ? begun : .or([begun, .compare(field: from, .exists(false))])
            )
        }
        if let to = schema.roles.validTo {
            parts.append(
                .or([
                    .compare(field: to, .exists(false)),
                    .compare(field: to, .gt(.instant(instant))),
                ])
            )
        }
        guard !parts.isEmpty else {
            throw MnemeError(
                .badRequest,
                "collection \"\(schema.name)\" has no role validFrom or validTo, by which it is "
                    + "known what was true when; define it again with such a role, or leave "
                    + "\"asOf\" out"
            )
        }
        return .and(parts)
    }

    /// A filter that holds besides of the records that were true at an instant.
    ///
    /// - Throws: as the other.
    func validity(at instant: Instant, and filter: Filter?) throws(MnemeError) -> Filter {
        let isTrue = try validity(at: instant)
        guard let filter else { return isTrue }
        return .and([filter, isTrue])
    }
}

extension Snapshot {
    /// Leaves those out that were not true at an instant.
    ///
    /// - Throws: `.unknownCollection`; `.badRequest` for a collection without times of validity.
    func keepTrue(
        _ records: inout [Record?],
        of references: [Reference],
        at instant: Instant
    ) throws(MnemeError) {
        for (index, reference) in references.enumerated() {
            let collection = try catalog.collection(reference.collection)
            let test = FilterTest(try collection.checked(try collection.validity(at: instant)))
            guard let record = records[index] else { continue }
            if !test.holds({ record[$0] }) { records[index] = Record?.none }
        }
    }
}
