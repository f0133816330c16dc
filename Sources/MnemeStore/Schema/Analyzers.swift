// Text analyzers for readers.

internal import MnemeText

/// Where analyzers are lent.
enum Analyzers {
    static let shared = Lender { TextAnalyzer() }
}

extension Lender<TextAnalyzer> {
    /// The terms of a question.
    func question(_ words: String, _ language: TextLanguage) throws(TextError) -> [TextTerm] {
        try with { (analyzer) throws(TextError) in
            try analyzer.question(words, language: language)
        }
    }

    /// The stems of a text.
    func stems(_ text: String, _ language: TextLanguage) throws(TextError) -> [[UInt8]] {
        try with { (analyzer) throws(TextError) in
            try analyzer.stems(of: text, language: language)
        }
    }
}
