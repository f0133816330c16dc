// What was true at an instant: records have a time from which and one up to which they hold, by
// the roles validFrom and validTo. A question about it is a filter like any other.

internal import MnemeBase
internal import MnemeModel

extension EdgeType {
    /// Whether its edges say when they are true.
    var hasValidity: Bool { validFrom != nil || validTo != nil }

    /// What holds of the edges that were true at an instant; nil where they do not say.
    func validity(at instant: Instant) -> Filter? {
        hasValidity ? Filter.validity(at: instant, from: validFrom, false, to: validTo) : nil
    }
}

extension Roles {
    /// Whether records say when they are true.
    var hasValidity: Bool { validFrom != nil || validTo != nil }
}

extension Filter {
    /// What holds of what was true at an instant, by its fields; `isGiven`: that the first of them
    /// is never null.
    fileprivate static func validity(
        at instant: Instant,
        from: String?,
        _ isGiven: Bool,
        to: String?
    ) -> Filter {
        var parts: [Filter] = []
        if let from {
            let begun = Filter.compare(field: from, .lte(.instant(instant)))
            // An index serves it by itself.
            parts.append(
                isGiven ? begun : .or([begun, .compare(field: from, .exists(false))])
            )
        }
        if let to {
            parts.append(
                .or([
                    .compare(field: to, .exists(false)),
                    .compare(field: to, .gt(.instant(instant))),
                ])
            )
        }
        return .and(parts)
    }
}

extension CollectionEntry {
    /// What holds of the records that were true at an instant: from validFrom on, and before
    /// validTo; where one of these is null, they were true from the first, or are to the last.
    ///
    /// - Throws: `.badRequest` where the collection has neither role.
    func validity(at instant: Instant) throws(MnemeError) -> Filter {
        guard schema.roles.hasValidity else {
            throw MnemeError(
                .badRequest,
                "collection \"\(schema.name)\" has no role validFrom or validTo, by which it is "
                    + "known what was true when; define it again with such a role, or leave "
                    + "\"asOf\" out"
            )
        }
        let from = schema.roles.validFrom
        let isGiven = from.flatMap { schema.field($0)?.isRequired } ?? false
        return .validity(at: instant, from: from, isGiven, to: schema.roles.validTo)
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
