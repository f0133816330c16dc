// Deciding a soft delete, an archiving and what brings records back: a patch of the fields with the
// roles, where the record is not as it should be already.

internal import MnemeModel

/// A mark that breaks no rule of the schema by itself.
struct PreparedMark: Sendable {
    var kind: Mark.Kind
    /// The fields that say whether a record has the mark.
    var fields: MarkFields
    /// Sets it or takes it away; without terms, which are held before.
    var patch: PreparedPatch
    var terms: PreparedTerms
}

extension Mark.Kind {
    /// Whether the mark is set, and not taken away.
    fileprivate var sets: Bool { self == .delete || self == .archive }
}

extension ChangePreparation {
    /// A mark with its names looked up; it is of the instant at which it is made ready.
    ///
    /// - Throws: as a patch; `.badRequest` where no field of the collection has such a role.
    func prepare(_ mark: Mark) throws(MnemeError) -> PreparedMark {
        let collection = try catalog.collection(mark.reference.collection)
        let isOfDeleted = mark.kind == .delete || mark.kind == .restore
        let marks = collection.marks
        guard let fields = isOfDeleted ? marks?.deleted : marks?.archived else {
            throw collection.unmarkable(mark.kind)
        }
        let edits = fields.edits(
            setting: mark.kind.sets,
            at: now
        )
        let patch = Patch(
            collection.schema.name,
            mark.reference.key,
            edits,
            returns: mark.returns
        )
        var condition: Filter?
        if let filter = mark.condition { condition = try collection.checked(filter) }
        return PreparedMark(
            kind: mark.kind,
            fields: fields,
            patch: try prepare(patch),
            terms: PreparedTerms(version: mark.version, condition: condition)
        )
    }
}

extension CollectionEntry {
    /// What is said of a mark for which the collection has no role.
    fileprivate func unmarkable(_ kind: Mark.Kind) -> MnemeError {
        let (roles, what) =
            kind == .delete || kind == .restore
            ? ("deletedAt or active", "deleted") : ("archivedAt or archived", "archived")
        return MnemeError(
            .badRequest,
            "collection \"\(schema.name)\" has no role \(roles), without which no record of it is "
                + "marked as \(what); define it again with the role"
                + (kind == .delete ? ", or delete without \"soft\"" : "")
        )
    }
}

extension BatchPlanner {
    /// Decides a mark.
    mutating func decide(_ mark: PreparedMark) throws(StoreError) {
        let collection = mark.patch.collection
        let reference = Reference(collection.schema.name, mark.patch.key)
        let ordinal = try named(collection.number, mark.patch.key)
        var standing: OldVersion?
        if let ordinal { standing = try version(ordinal) }
        try hold(mark.terms, of: reference, standing, collection)
        guard let standing else {
            if mark.kind == .delete { return plan.outcomes.append(.deleted(false)) }
            throw refused(
                .notFound,
                "there is no \(reference) to \(mark.kind.rawValue); check the collection and the "
                    + "key. What was deleted without \"soft\" does not come back"
            )
        }
        let fields = try standing.record.valuesByName(collection)
        guard mark.fields.isHeld({ fields[$0] ?? .null }) != mark.kind.sets else {
            if mark.kind == .delete { return plan.outcomes.append(.deleted(false)) }
            var patched = Committed.Patched(reference: reference, isNew: false)
            if mark.patch.returns != nil {
                patched.record = try tell(Record(reference, fields: fields))
            }
            return plan.outcomes.append(.patched(patched))
        }
        try decide(mark.patch)
        guard mark.kind == .delete, case .patched(let patched)? = plan.outcomes.popLast() else {
            return
        }
        let told = patched.record.map { Committed.Outcome.deletedReturning($0) }
        plan.outcomes.append(told ?? .deleted(true))
    }
}
