// What is asked of the runs, and what they answer.

/// A run and what its caller knows of it.
package struct TextSource: Sendable {
    /// The run.
    package let run: TextRun
    /// Whether any of its documents may be invisible; when false, nobody asks.
    package let mayHideDocuments: Bool

    /// A run to search in.
    package init(_ run: TextRun, mayHideDocuments: Bool = true) {
        self.run = run
        self.mayHideDocuments = mayHideDocuments
    }
}

/// Whose documents are searched.
package enum TextScope: Equatable, Sendable {
    /// One owner's.
    case owner(UInt32)
    /// Those of several owners, ascending without repetition.
    case owners([UInt32])
    /// Everyone's.
    case all
}

/// Over which documents words are counted: the number of documents, of those that have a word, and
/// the average length.
///
/// Dead documents count until a merge drops them.
package enum TextStatistics: Sendable {
    /// The documents of the scope: of the owner, of all owners named together, or all. Nothing of
    /// other owners shows in a score.
    case scope
    /// All documents of all runs.
    case global
}

/// How the words of a field count (BM25).
package struct TextFieldParameters: Equatable, Sendable {
    /// The field's number.
    package let field: UInt16
    /// How fast repeated words saturate; 0 counts presence alone.
    ///
    /// Short memories like 0.6, abstracts 1.2.
    package let k1: Float
    /// How much long documents are held against themselves, 0…1.
    ///
    /// Short memories like 0.3, abstracts 0.75.
    package let b: Float
    /// What the field's score is multiplied with; fields not above zero are left out.
    package let weight: Float

    /// A field's parameters.
    ///
    /// Values that make no sense are brought into range: k1 ≥ 0, 0 ≤ b ≤ 1.
    package init(_ field: UInt16, k1: Float = 1.2, b: Float = 0.75, weight: Float = 1) {
        self.field = field
        self.k1 = k1 > 0 ? min(k1, 1_000) : 0
        self.b = b > 0 ? min(b, 1) : 0
        self.weight = weight
    }
}

/// A question to the runs.
///
/// Its *parts* are the terms, and behind them the clauses.
package struct TextQuery: Sendable {
    /// The words, which are looked for in every field; `TextAnalyzer.question` makes them.
    package var terms: [TextTerm]
    /// What else is looked for, and what is demanded or refused.
    package var clauses: [TextClause]
    /// How many of the terms and optional clauses a document must have, at least.
    package var minimum: Int
    /// The fields to look in.
    package var fields: [TextFieldParameters]
    /// Whose documents.
    package var scope: TextScope
    /// What counts for the statistics.
    package var statistics: TextStatistics
    /// How many hits at most.
    package var limit: Int
    /// Whether each hit says what each term gave.
    package var wantsParts: Bool

    /// A question.
    package init(
        terms: [TextTerm],
        clauses: [TextClause] = [],
        minimum: Int = 0,
        fields: [TextFieldParameters],
        scope: TextScope,
        statistics: TextStatistics = .scope,
        limit: Int = 10,
        wantsParts: Bool = false
    ) {
        self.terms = terms
        self.clauses = clauses
        self.minimum = minimum
        self.fields = fields
        self.scope = scope
        self.statistics = statistics
        self.limit = limit
        self.wantsParts = wantsParts
    }
}

/// A document that was found.
package struct TextHit: Equatable, Sendable {
    /// Whose it is.
    package let owner: UInt32
    /// The record.
    package let ordinal: UInt64
    /// The version.
    package let birth: UInt64
    /// The sum of all terms' scores in all fields.
    package let score: Float
    /// What each part of the query gave, `[part]`, in the query's order; empty unless asked for.
    package let parts: [Float]
}
