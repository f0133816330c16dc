// Words that carry grammar, not topic. They stay in the index and are dropped from questions only.

/// Stop words of questions, per language.
///
/// The lists are those of function words: articles, pronouns, prepositions, conjunctions, forms of
/// auxiliaries. Languages without a list have none.
enum StopWords {
    /// By language, folded, accents dropped.
    private static let sets: [TextLanguage: Set<[UInt8]>] = {
        var sets: [TextLanguage: Set<[UInt8]>] = [:]
        for (language, list) in StopWordLists.all {
            sets[language] = Set(
                list.split(whereSeparator: \.isWhitespace).map { Lexicon.folded(Array($0.utf8)) }
            )
        }
        sets[.porter] = sets[.english]
        return sets
    }()
    /// No word of any list is longer, in bytes as it is written.
    private static let longest = 28

    /// Whether a word, folded but for its accents, is a stop word of the language.
    static func contains(_ word: [UInt8], _ language: TextLanguage) -> Bool {
        guard word.count <= longest, let set = sets[language] else { return false }
        return set.contains(Lexicon.folded(word))
    }
}
