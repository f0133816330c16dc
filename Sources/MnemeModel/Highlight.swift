// How the words that a question matched are shown: as snippets of the texts they stand in.

/// What is wanted of the texts that matched.
public struct Highlight: Hashable, Sendable {
    /// The fields, all that were searched when nil.
    public var fields: [String]?
    /// What stands before a word that matched.
    public var before = "**"
    /// What stands behind it.
    public var after = "**"
    /// About how many characters a snippet has, marks apart; 0 for the whole text.
    public var length = 160
    /// How many snippets of a field at most.
    public var count = 3

    /// The bounds of `length`.
    public static let lengths = 0...100_000
    /// The bounds of `count`.
    public static let counts = 1...100

    /// The defaults.
    public init() {}
}

/// A part of a text with words that matched.
public struct Snippet: Hashable, Sendable {
    /// The part, with the marks around the words that matched.
    public var text: String
    /// Where the part begins, in Unicode scalars of the field's text.
    public var start: Int
    /// Where the words that matched begin and end, in Unicode scalars of the field's text.
    public var words: [Range<Int>]

    /// A snippet of its parts.
    public init(text: String, start: Int, words: [Range<Int>]) {
        self.text = text
        self.start = start
        self.words = words
    }
}
