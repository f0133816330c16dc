// What was true when, of the model: formats/operations.md#validity.

import MnemeModel

extension PlainModel {
    /// Whether a record was true at an instant.
    static func isTrue(_ item: Item, at instant: Instant, _ collection: Collection) -> Bool {
        if let from = collection.roles.validFrom,
            case .instant(let begin)? = item.fields[from], begin > instant
        {
            return false
        }
        if let to = collection.roles.validTo,
            case .instant(let end)? = item.fields[to], end <= instant
        {
            return false
        }
        return true
    }

    /// Refuses to say what was true when of a collection that does not know.
    func check(asOf instant: Instant?, _ collection: Collection) throws(Refusal) {
        if instant == nil { return }
        guard collection.roles.validFrom != nil || collection.roles.validTo != nil else {
            throw Refusal(.badRequest)
        }
    }

    func prepare(_ supersede: Supersede) throws(Refusal) {
        let old = try collection(supersede.old.collection)
        let new = try collection(supersede.collection)
        guard let validTo = old.roles.validTo, let validFrom = new.roles.validFrom,
            supersede.fields[validFrom] == nil
        else { throw Refusal(.badRequest) }
        try prepare(end(of: supersede, validTo))
        try prepare(put(of: supersede, validFrom))
        if let link = link(of: supersede) { try prepare(link) }
    }

    mutating func decide(_ supersede: Supersede) throws(Refusal) -> Committed.Outcome {
        let (old, new) = (try reference(supersede.old), try collection(supersede.collection))
        let roles = try collection(old.collection).roles
        guard let validTo = roles.validTo, let validFrom = new.roles.validFrom else {
            throw Refusal(.badRequest)
        }
        guard let item = items[old] else { throw Refusal(.notFound) }
        if case .instant? = item.fields[validTo] { throw Refusal(.conditionFailed) }
        if let from = roles.validFrom, case .instant(let begin)? = item.fields[from],
            begin > supersede.at
        {
            throw Refusal(.conditionFailed)
        }
        _ = try decide(end(of: supersede, validTo))
        // Nobody is told of its version, not even who put it in the same batch.
        items[old]?.isFollowed = true
        let (made, _) = try place(put(of: supersede, validFrom), new, revises: false)
        var superseded = Committed.Superseded(reference: made)
        if let link = link(of: supersede) { superseded.edge = try decide(link).madeEdge }
        return .superseded(superseded)
    }

    private func end(of supersede: Supersede, _ validTo: String) -> Patch {
        let edits = [Edit.set(FieldPath(validTo), .instant(supersede.at))]
        return Patch(supersede.old.collection, supersede.old.key, edits)
    }

    private func put(of supersede: Supersede, _ validFrom: String) -> Put {
        var fields = supersede.fields
        fields[validFrom] = .instant(supersede.at)
        return Put(supersede.collection, supersede.key, fields, mode: .insert)
    }

    private func link(of supersede: Supersede) -> Link? {
        guard let type = supersede.by, let key = supersede.key else { return nil }
        return Link(type, from: Reference(supersede.collection, key), to: supersede.old)
    }
}
