// Deciding a supersede: a patch that ends the validity of one record, a put of the one that is true
// from then on, and a link between the two where that is asked for. Each is decided as if it came
// by itself; together they have one outcome.

internal import MnemeModel

/// A supersede that breaks no rule of the schema by itself.
struct PreparedSupersede: Sendable {
    /// Ends the old record's validity.
    var patch: PreparedPatch
    /// The numbers of the fields that say when the old record is true.
    var validFrom: UInt16?
    var validTo: UInt16
    var at: Instant
    var put: PreparedPut
    /// Starts at the new record, whose key may not be known yet.
    var link: PreparedLink?
}

extension ChangePreparation {
    /// A supersede made ready.
    ///
    /// - Throws: as a patch, a put and a link; `.badRequest` where a role is missing, or where the
    ///   fields give the one with the role validFrom.
    func prepare(_ supersede: Supersede) throws(MnemeError) -> PreparedSupersede {
        let old = try catalog.collection(supersede.old.collection)
        let new = try catalog.collection(supersede.collection)
        guard let validTo = old.schema.roles.validTo else { throw lacking("validTo", old) }
        guard let validFrom = new.schema.roles.validFrom else { throw lacking("validFrom", new) }
        guard supersede.fields[validFrom] == nil else {
            throw MnemeError(
                .badRequest,
                "supersede.fields has \"\(validFrom)\", which says from when on the new record is "
                    + "true; that is \"at\". Leave it out"
            )
        }
        guard supersede.by != nil || supersede.edgeFields.isEmpty else {
            throw MnemeError(
                .badRequest,
                "supersede.edgeFields has properties of an edge, and none is asked for; say its "
                    + "type in \"by\", or leave them out"
            )
        }
        var fields = supersede.fields
        fields[validFrom] = .instant(supersede.at)
        let edits = [Edit.set(FieldPath(validTo), .instant(supersede.at))]
        let patch = try prepare(Patch(supersede.old.collection, supersede.old.key, edits))
        let put = try prepare(
            Put(supersede.collection, supersede.key, fields, mode: .insert)
        )
        var link: PreparedLink?
        if let type = supersede.by {
            // A key that is to be generated takes the place of this one.
            let key = put.key ?? .int(0)
            link = try prepare(
                Link(
                    type,
                    from: Reference(supersede.collection, key),
                    to: supersede.old,
                    fields: supersede.edgeFields
                )
            )
        }
        var from: UInt16?
        if let name = old.schema.roles.validFrom { from = try old.fieldNumber(name) }
        return PreparedSupersede(
            patch: patch,
            validFrom: from,
            validTo: try old.fieldNumber(validTo),
            at: supersede.at,
            put: put,
            link: link
        )
    }

    private func lacking(_ role: String, _ collection: CollectionEntry) -> MnemeError {
        MnemeError(
            .badRequest,
            "collection \"\(collection.schema.name)\" has no role \(role), without which it is not "
                + "known what its records say is true when; define it again with the role"
        )
    }
}

extension BatchPlanner {
    /// Decides a supersede.
    mutating func decide(_ supersede: PreparedSupersede) throws(StoreError) {
        try checkOpen(supersede)
        let (count, madeCount) = (plan.outcomes.count, plan.made.count)
        try decide(supersede.patch)
        let record = try decide(supersede.put)
        let newest = plan.made.last
        let reference = Reference(supersede.put.collection.schema.name, record.key)
        var superseded = Committed.Superseded(reference: reference)
        if var link = supersede.link {
            link.from = reference
            try decide(link)
            superseded.edge = plan.outcomes.last?.madeEdge
        }
        plan.outcomes.removeSubrange(count...)
        plan.made.removeSubrange(madeCount...)
        // The version that it tells of is the new record's.
        if let newest { plan.made.append(BatchPlan.Made(outcome: count, by: newest.by)) }
        plan.outcomes.append(.superseded(superseded))
    }

    /// Expects the old record to be there, true at the instant, and without an end.
    private mutating func checkOpen(_ supersede: PreparedSupersede) throws(StoreError) {
        let patch = supersede.patch
        let reference = Reference(patch.collection.schema.name, patch.key)
        guard let ordinal = try named(patch.collection.number, patch.key) else {
            throw refused(
                .notFound,
                "there is no \(reference) to supersede; put the new record by itself"
            )
        }
        let record = try version(ordinal).record
        if case .instant(let end) = record[supersede.validTo] {
            throw refused(
                .conditionFailed,
                "\(reference) is true up to \(end) already, and was superseded or ended; supersede "
                    + "the record that took its place"
            )
        }
        if let from = supersede.validFrom, case .instant(let begin) = record[from],
            begin > supersede.at
        {
            throw refused(
                .conditionFailed,
                "\(reference) is true from \(begin) on, which is after \(supersede.at), when it "
                    + "would end; give a later instant"
            )
        }
    }
}
