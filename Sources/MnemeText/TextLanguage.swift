// The languages whose words can be stemmed.

/// A language of texts: which Snowball algorithm stems its words and whether an apostrophe ends a
/// word.
///
/// Raw values are the algorithms' names in libstemmer.
package enum TextLanguage: String, CaseIterable, Sendable {
    case arabic, armenian, basque, catalan, danish, dutch, english, finnish, french, german, greek
    case hindi, hungarian, indonesian, irish, italian, lithuanian, nepali, norwegian, porter
    case portuguese, romanian, russian, serbian, spanish, swedish, tamil, turkish, yiddish
    /// No stemming: words as they are, folded.
    case plain = "none"

    /// The names of all, for messages.
    package static var names: [String] { allCases.map(\.rawValue) }

    /// Whether accents are dropped before stemming.
    ///
    /// The English algorithms know ASCII alone; all others need their accented letters and are
    /// folded afterwards.
    var foldsBeforeStemming: Bool {
        switch self {
        case .english, .porter, .plain: true
        default: false
        }
    }

    /// Whether an apostrophe separates an elided article from its word (l’amico, l’avion).
    var apostropheSeparates: Bool {
        switch self {
        case .catalan, .french, .italian: true
        default: false
        }
    }
}
