// What texts are matched with: words, and clauses that demand, like or refuse words, phrases and
// prefixes.

/// Words to match.
public struct Match: Hashable, Sendable {
    /// The searchable fields with what the score of each is multiplied with, above 0: the score
    /// of a record is the sum.
    public var fields: [String: Double]
    /// The words; stop words among them count only when there are no others.
    public var words: String
    /// Whether one of the words is enough.
    public var combination = Combination.any
    /// How many of the words and of the clauses in `should` a record must have at least; one, where
    /// nothing is demanded, when nil.
    public var minimum: Int?
    /// A query as people type it: `+tea -"green tea" lemon* title:cake`.
    public var query: String?
    /// What a record must have.
    public var must: [MatchClause] = []
    /// What lifts a record.
    public var should: [MatchClause] = []
    /// What a record must not have.
    public var not: [MatchClause] = []
    /// Over whose records words are counted for the scores.
    public var statistics = Counted.owner

    /// Words in a field.
    public init(_ field: String, _ words: String) {
        fields = [field: 1]
        self.words = words
    }

    /// Words in some fields, each with its weight.
    public init(fields: [String: Double], _ words: String) {
        self.fields = fields
        self.words = words
    }

    /// A query as people type it, in some fields, each with its weight.
    ///
    /// Its grammar: formats/operations.md#match.
    public init(fields: [String: Double], query: String) {
        self.init(fields: fields, "")
        self.query = query
    }

    /// How many of the words are needed.
    public enum Combination: String, Hashable, Sendable, CaseIterable {
        case any
        case all
    }

    /// Over whose records words are counted.
    public enum Counted: String, Hashable, Sendable, CaseIterable {
        /// Those of the owners asked.
        case owner
        /// Those of everybody.
        case global
    }
}

/// A word, a phrase or the beginning of words.
public struct MatchClause: Hashable, Sendable {
    /// What the text is.
    public var kind: Kind
    /// The word, the words of the phrase, or the beginning.
    public var text: String
    /// The field that has it; any of the question's fields when nil.
    public var field: String?

    /// A clause of its parts.
    public init(_ kind: Kind, _ text: String, in field: String? = nil) {
        self.kind = kind
        self.text = text
        self.field = field
    }

    /// What is looked for.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A word in any of its forms; what is cut into several words is a phrase.
        case word
        /// Words one behind the other.
        case phrase
        /// All words that begin so, as the index has them.
        case prefix
    }
}
