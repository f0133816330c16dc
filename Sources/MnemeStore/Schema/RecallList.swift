// The index of a collection that recall goes along: its records by owner and session, each with its
// digest. Format: formats/digests.md.

internal import MnemeBase
internal import MnemeModel

/// Which index it is, and what its digests are made of.
package struct RecallList: Sendable {
    /// What an index is called that is one.
    static let name = "recall"

    /// The index's number.
    let number: UInt16
    /// Its place among the collection's indexes.
    let place: Int
    /// The fields that digests are made of, by their numbers; nil for a role that no field has.
    let text: UInt16
    let session: UInt16?
    let speaker: UInt16?
    let time: UInt16?
    let importance: UInt16?
    let confidence: UInt16?
    let decayRate: UInt16?
    let pinned: UInt16?
    let validFrom: UInt16?
    let validTo: UInt16?

    /// Nil where the collection has none.
    init?(_ draft: CollectionDraft) {
        let roles = draft.schema.roles
        func number(_ role: String?) -> UInt16? { role.flatMap { draft.fieldNumbers[$0] } }
        let parts = [roles.owner, roles.session, roles.position ?? roles.time].compactMap(\.self)
        guard let text = number(roles.text), !parts.isEmpty,
            draft.texts.contains(where: { $0.name == roles.text }),
            let place = draft.indexes.firstIndex(where: { entry in
                entry.index.name == Self.name && entry.isPlain
                    && entry.index.fields.map(\.path.description) == parts
                    && !entry.index.fields.contains(where: \.isDescending)
            })
        else { return nil }
        self.number = draft.indexes[place].number
        self.place = place
        self.text = text
        session = number(roles.session)
        speaker = number(roles.speaker)
        time = number(roles.time)
        importance = number(roles.importance)
        confidence = number(roles.confidence)
        decayRate = number(roles.decayRate)
        pinned = number(roles.pinned)
        validFrom = number(roles.validFrom)
        validTo = number(roles.validTo)
    }
}
