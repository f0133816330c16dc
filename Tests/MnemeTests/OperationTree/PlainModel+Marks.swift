// Records that are put aside, of the model: formats/operations.md#put-aside.

import MnemeModel

extension PlainModel {
    private static func isDeleted(_ fields: [String: Value], _ roles: Roles) -> Bool {
        if let name = roles.deletedAt, case .instant? = fields[name] { return true }
        if let name = roles.active, fields[name] == .bool(false) { return true }
        return false
    }

    private static func isArchived(_ fields: [String: Value], _ roles: Roles) -> Bool {
        if let name = roles.archivedAt, case .instant? = fields[name] { return true }
        if let name = roles.archived, fields[name] == .bool(true) { return true }
        return false
    }

    /// Whether a question sees a record.
    static func sees(_ item: Item, _ collection: Collection, _ sight: Sight) -> Bool {
        func isSeen(_ hasMark: Bool, _ wanted: Marked?) -> Bool {
            switch wanted {
            case nil: !hasMark
            case .include: true
            case .only: hasMark
            }
        }
        return isSeen(isDeleted(item.fields, collection.roles), sight.deleted)
            && isSeen(isArchived(item.fields, collection.roles), sight.archived)
    }

    /// Whether a question sees the record of a name; not where there is none.
    func sees(_ reference: Reference, _ sight: Sight) -> Bool {
        guard let item = items[reference],
            let collection = schema.collections.first(where: { $0.name == reference.collection })
        else { return false }
        return PlainModel.sees(item, collection, sight)
    }

    /// Refuses a question about marks that the collection does not have.
    func check(_ sight: Sight, _ collection: Collection) throws(Refusal) {
        let roles = collection.roles
        if sight.deleted != nil, roles.deletedAt == nil, roles.active == nil {
            throw Refusal(.badRequest)
        }
        if sight.archived != nil, roles.archivedAt == nil, roles.archived == nil {
            throw Refusal(.badRequest)
        }
    }

    /// The sight that sees everything of a collection.
    static func everything(_ collection: Collection) -> Sight {
        let roles = collection.roles
        return Sight(
            deleted: roles.deletedAt == nil && roles.active == nil ? nil : .include,
            archived: roles.archivedAt == nil && roles.archived == nil ? nil : .include
        )
    }

    // MARK: Marks as changes

    private func edits(_ kind: Mark.Kind, _ roles: Roles) -> [Edit] {
        let isOfDeleted = kind == .delete || kind == .restore
        let isSet = kind == .delete || kind == .archive
        var edits: [Edit] = []
        if let name = isOfDeleted ? roles.deletedAt : roles.archivedAt {
            let path = FieldPath(name)
            edits.append(
                isSet ? .set(path, .instant(Instant(microseconds: now))) : .unset(path)
            )
        }
        if let name = isOfDeleted ? roles.active : roles.archived {
            edits.append(.set(FieldPath(name), .bool(isSet != isOfDeleted)))
        }
        return edits
    }

    func prepare(_ mark: Mark) throws(Refusal) {
        let collection = try collection(mark.reference.collection)
        if edits(mark.kind, collection.roles).isEmpty { throw Refusal(.badRequest) }
        if let filter = mark.condition { _ = try checked(filter, collection) }
        _ = try key(mark.reference.key, collection)
    }

    mutating func decide(_ mark: Mark) throws(Refusal) -> Committed.Outcome {
        let reference = try reference(mark.reference)
        let collection = try collection(reference.collection)
        try hold(mark.version, mark.condition, reference, collection)
        guard let item = items[reference] else {
            if mark.kind == .delete { return .deleted(false) }
            throw Refusal(.notFound)
        }
        let isMarked =
            mark.kind == .delete || mark.kind == .restore
            ? PlainModel.isDeleted(item.fields, collection.roles)
            : PlainModel.isArchived(item.fields, collection.roles)
        if isMarked == (mark.kind == .delete || mark.kind == .archive) {
            if mark.kind == .delete { return .deleted(false) }
            var told = Committed.Patched(reference: reference, isNew: false)
            if mark.returns != nil { told.record = Record(reference, fields: item.fields) }
            return .patched(told)
        }
        let outcome = try decide(
            Patch(
                reference.collection,
                reference.key,
                edits(mark.kind, collection.roles),
                returns: mark.returns
            )
        )
        guard mark.kind == .delete, case .patched(let patched) = outcome else { return outcome }
        return patched.record.map { .deletedReturning($0) } ?? .deleted(true)
    }
}
