// What is indexed.

/// One version of one record's indexed text.
package struct TextDocument: Sendable {
    /// Whose it is; statistics and scopes go by owner.
    package let owner: UInt32
    /// The record.
    package let ordinal: UInt64
    /// The sequence at which this version was born.
    package let birth: UInt64
    /// The texts; a field may come more than once.
    package let fields: [TextField]

    /// A document.
    package init(owner: UInt32, ordinal: UInt64, birth: UInt64, fields: [TextField]) {
        self.owner = owner
        self.ordinal = ordinal
        self.birth = birth
        self.fields = fields
    }
}

/// One text of a document.
package struct TextField: Sendable {
    /// The store's number for (collection, field).
    package let number: UInt16
    /// How the text is stemmed; the same for all texts of a field, and for its questions.
    package let language: TextLanguage
    /// The text.
    package let text: String

    /// A field's text.
    package init(_ number: UInt16, _ text: String, language: TextLanguage = .english) {
        self.number = number
        self.language = language
        self.text = text
    }
}
