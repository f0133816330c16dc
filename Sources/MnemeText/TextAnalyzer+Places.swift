// The words of a text with their places: for phrases, for the words of questions, and for those who
// mark in a text what was found.

/// A word with where it stands.
package struct PlacedWord: Equatable, Sendable {
    /// The stem, UTF-8.
    package let stem: [UInt8]
    /// The word, folded, accents dropped, UTF-8.
    package let word: [UInt8]
    /// Which word of the text it is, from 0.
    package let position: Int
    /// Its bytes in the text.
    package let range: Range<Int>
    /// Whether it carries grammar, not topic.
    package let isStop: Bool
    /// Whether it is of a script without spaces.
    package let isPair: Bool
}

extension TextAnalyzer {
    /// The words of a text with their places, stop words included.
    ///
    /// Of a question the last scalar of a text without spaces is no word, but has its position.
    ///
    /// - Throws: `.noStemmer`.
    package func placedWords(
        of text: String,
        language: TextLanguage,
        isQuestion: Bool
    ) throws(TextError) -> [PlacedWord] {
        try withWords(
            of: text,
            language: language,
            isQuestion: isQuestion,
            keepsPlaces: true
        ) { lexicon in
            lexicon.tokens.enumerated().map { index, token in
                PlacedWord(
                    stem: lexicon.stemBytes(token),
                    word: Lexicon.folded(lexicon.word(token)),
                    position: lexicon.positions[index],
                    range: lexicon.ranges[index],
                    isStop: lexicon.isStop(token),
                    isPair: lexicon.isPair(token)
                )
            }
        }
    }
}
