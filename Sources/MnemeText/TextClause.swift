// What a question demands, likes and refuses besides a bag of words.

/// A part of a question that a document has or has not.
package struct TextClause: Equatable, Sendable {
    /// What a document without it, or with it, comes to.
    package enum Occurrence: Sendable {
        /// Only documents that have it are found.
        case required
        /// Documents that have it score higher; where nothing is required, one of them is needed.
        case optional
        /// Documents that have it are not found.
        case excluded
    }

    /// Whether it is demanded.
    package let occurrence: Occurrence
    /// How much it counts; one that is not above zero is left out.
    package var weight: Float
    /// A document has the clause that has it in any of these ways; their scores are added up.
    package let ways: [TextWay]

    /// A clause.
    package init(_ occurrence: Occurrence, weight: Float = 1, _ ways: [TextWay]) {
        self.occurrence = occurrence
        self.weight = weight
        self.ways = ways
    }

    /// Whether the weight makes sense.
    var counts: Bool { weight > 0 && weight.isFinite }
}

/// What is looked for in a field.
package struct TextWay: Equatable, Sendable {
    /// The field's number, one of the query's.
    package let field: UInt16
    /// What is looked for.
    package let pattern: TextPattern

    /// A way.
    package init(_ field: UInt16, _ pattern: TextPattern) {
        self.field = field
        self.pattern = pattern
    }
}

/// What a field is held against.
package enum TextPattern: Equatable, Sendable {
    /// A stem.
    case word([UInt8])
    /// Stems at distances from each other: all of them, in their places.
    case phrase([PhraseWord])
    /// Every stem that begins so, and the stem of the beginning itself where it is another one.
    case prefix([UInt8], stem: [UInt8])
}

/// A word of a phrase.
package struct PhraseWord: Equatable, Sendable {
    /// The stem.
    package let stem: [UInt8]
    /// How many words it stands behind the first.
    package let offset: Int

    /// A word of a phrase.
    package init(_ stem: [UInt8], offset: Int) {
        self.stem = stem
        self.offset = offset
    }
}

/// How much a prefix may stand for.
package enum PrefixLimit {
    /// The first so many stems of the dictionary, of those that the documents asked have.
    package static let stems = 1_024
}
