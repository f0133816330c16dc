// Where in a text the words stand that a question matched: by the same words, stems and patterns as
// the index has.

/// Marks a text.
package struct TextHighlighter: Sendable {
    private let patterns: [TextPattern]
    private let language: TextLanguage

    /// One that marks what a field was searched for.
    package init(_ patterns: [TextPattern], language: TextLanguage) {
        self.patterns = patterns
        self.language = language
    }

    /// The bytes of the text's words that match, ascending; a phrase is one range from its first
    /// word to its last, and what overlaps is joined.
    ///
    /// - Throws: `.noStemmer`.
    /// - Complexity: O(words × patterns).
    package func ranges(
        in text: String,
        _ analyzer: TextAnalyzer
    ) throws(TextError) -> [Range<Int>] {
        let words = try analyzer.placedWords(of: text, language: language, isQuestion: false)
        var stems: Set<[UInt8]> = []
        var prefixes: [[UInt8]] = []
        var phrases: [[PhraseWord]] = []
        for pattern in patterns {
            switch pattern {
            case .word(let stem): stems.insert(stem)
            case .prefix(let prefix, let stem):
                prefixes.append(prefix)
                stems.insert(stem)
            case .phrase(let phrase): phrases.append(phrase)
            }
        }
        var ranges: [Range<Int>] = []
        for (index, word) in words.enumerated() {
            if stems.contains(word.stem) {
                ranges.append(word.range)
            } else if let prefix = prefixes.first(where: word.stem.starts) {
                // Of a pair of signs, one of which was asked for, that one.
                let end = min(word.range.lowerBound + prefix.count, word.range.upperBound)
                ranges.append(word.isPair ? word.range.lowerBound..<end : word.range)
            }
            for phrase in phrases where Self.stands(phrase, at: index, of: words) {
                let last = words[index + (phrase.map(\.offset).max() ?? 0)]
                ranges.append(word.range.lowerBound..<last.range.upperBound)
            }
        }
        return Self.joined(ranges)
    }

    /// How often a phrase stands in a text.
    ///
    /// - Throws: `.noStemmer`.
    package static func count(
        of phrase: [PhraseWord],
        in text: String,
        _ language: TextLanguage,
        _ analyzer: TextAnalyzer
    ) throws(TextError) -> Int {
        let words = try analyzer.placedWords(of: text, language: language, isQuestion: false)
        return words.indices.count { stands(phrase, at: $0, of: words) }
    }

    private static func stands(
        _ phrase: [PhraseWord],
        at start: Int,
        of words: [PlacedWord]
    ) -> Bool {
        phrase.allSatisfy { word in
            let place = start + word.offset
            return place < words.count && words[place].stem == word.stem
        }
    }

    private static func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
        let sorted = ranges.sorted {
            ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
        }
        var joined: [Range<Int>] = []
        for range in sorted {
            if let last = joined.last, range.lowerBound < last.upperBound {
                joined[joined.count - 1] =
                    last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        return joined
    }
}
