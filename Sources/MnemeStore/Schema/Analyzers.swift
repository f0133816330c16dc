// Text analyzers for readers: an analyzer serves one thread at a time, so a few are kept and lent.

internal import MnemeText
internal import Synchronization

/// Lends analyzers.
final class Analyzers: Sendable {
    static let shared = Analyzers()

    /// SAFETY: an analyzer is either here or with one borrower.
    private struct Shelf: @unchecked Sendable {
        var idle: [TextAnalyzer] = []
    }
    private let shelf = Mutex(Shelf())

    /// Lends an analyzer.
    func with<Result>(
        _ body: (TextAnalyzer) throws(TextError) -> Result
    ) throws(TextError) -> Result {
        let analyzer = borrow()
        defer { giveBack(analyzer) }
        return try body(analyzer)
    }

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

    func borrow() -> TextAnalyzer {
        let kept = shelf.withLock { Borrowed(analyzer: $0.idle.popLast()) }
        return kept.analyzer ?? TextAnalyzer()
    }

    func giveBack(_ analyzer: TextAnalyzer) {
        let borrowed = Borrowed(analyzer: analyzer)
        shelf.withLock { shelf in
            if let analyzer = borrowed.analyzer, shelf.idle.count < 8 {
                shelf.idle.append(analyzer)
            }
        }
    }

    /// SAFETY: as `Shelf`.
    private struct Borrowed: @unchecked Sendable {
        let analyzer: TextAnalyzer?
    }
}
