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

    /// The terms of a question.
    func question(_ words: String) throws(TextError) -> [TextTerm] {
        let analyzer = borrow()
        defer { giveBack(analyzer) }
        return try analyzer.question(words)
    }

    /// The stems of a text.
    func stems(_ text: String) throws(TextError) -> [[UInt8]] {
        let analyzer = borrow()
        defer { giveBack(analyzer) }
        return try analyzer.stems(of: text)
    }

    private func borrow() -> TextAnalyzer {
        let kept = shelf.withLock { Borrowed(analyzer: $0.idle.popLast()) }
        return kept.analyzer ?? TextAnalyzer()
    }

    private func giveBack(_ analyzer: TextAnalyzer) {
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
