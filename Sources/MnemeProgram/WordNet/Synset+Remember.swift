// WordNet as memories and links.

internal import Mneme

extension Synset {
    /// Whose the memories are.
    static let owner = "wordnet"

    /// The memory of this synset: a fact, which does not fade.
    var memory: Remember {
        Remember(
            text,
            owner: Synset.owner,
            key: .text(name.key),
            kind: .semantic,
            decayRate: 0,
            data: [
                "pos": .text(name.part.rawValue), "lemmas": .array(lemmas.map(Value.text)),
            ]
        )
    }

    /// The record that its memory is.
    var reference: Reference { Reference("memories", .text(name.key)) }
}

extension WordNet {
    /// The link that an edge is.
    func link(_ edge: Edge) -> Link {
        Link(
            edge.type.rawValue,
            from: synsets[edge.from].reference,
            to: synsets[edge.to].reference
        )
    }
}
