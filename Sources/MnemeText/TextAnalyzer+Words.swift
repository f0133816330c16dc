// The words of a text with what the index makes of them, for those who keep words by themselves.

/// A word of a text.
package struct TextWord: Hashable, Sendable {
    /// The word, folded, UTF-8.
    package let word: [UInt8]
    /// Its stem, UTF-8.
    package let stem: [UInt8]
    /// Whether it carries grammar, not topic.
    package let isStop: Bool
}

extension TextAnalyzer {
    /// The words of a text in their order, stop words included.
    ///
    /// - Throws: `.noStemmer`.
    package func words(
        of text: String,
        language: TextLanguage = .english,
        isQuestion: Bool = false
    ) throws(TextError) -> [TextWord] {
        try withWords(of: text, language: language, isQuestion: isQuestion) { lexicon in
            lexicon.tokens.map { token in
                TextWord(
                    word: lexicon.word(token),
                    stem: lexicon.stemBytes(token),
                    isStop: lexicon.isStop(token)
                )
            }
        }
    }
}
