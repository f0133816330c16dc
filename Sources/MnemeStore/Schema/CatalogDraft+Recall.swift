// The recall of vector fields, which a definition may change at any time: what is kept of them
// stays as it is.

internal import MnemeModel

extension CollectionDraft {
    /// Takes over the recall of a field that is there, where a definition says nothing else anew.
    ///
    /// One that says nothing of the recall leaves it as it stands.
    ///
    /// - Returns: false where it says something else.
    mutating func takesRecall(of field: Field, _ known: Field) -> Bool {
        guard case .vector = known.type, field.agrees(butForRecallWith: known),
            let place = schema.fields.firstIndex(of: known)
        else { return false }
        guard field.recall != nil else { return true }
        let settled = field.settled
        schema.fields[place] = settled
        guard case .vector(let type) = settled.type else { return true }
        for place in vectors.indices where vectors[place].name == field.name {
            vectors[place].type = type
        }
        return true
    }
}
