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

extension EdgeType {
    /// Takes over the recalls of a newer definition, and has that say what stands where it says
    /// nothing of them.
    mutating func takeRecalls(of newer: inout EdgeType) {
        guard fields.map(\.name) == newer.fields.map(\.name) else { return }
        for place in fields.indices
        where newer.fields[place].agrees(butForRecallWith: fields[place]) {
            if newer.fields[place].recall != nil { fields[place] = newer.fields[place].settled }
            newer.fields[place] = fields[place]
        }
    }
}
