// What a question of the recall benchmark may use, by the words on the command line.

internal import Mneme

/// A choice of signals, and of how they are used.
struct RecallSignals: Sendable {
    private enum Choice {
        /// One recall with these signals.
        case together(Set<Signal>)
        /// A recall each, put together by reciprocal rank here: the usual default elsewhere.
        case byRank([Set<Signal>])
    }

    private let choice: Choice
    /// Whether anything is guessed from the wording of questions.
    var hints = true
    /// How the signals become one score.
    var fusion = RecallFusion.weighted

    /// How many each list has before lists are put together by rank.
    private static let depth = 50

    /// The choice that a word means; nil when it means none.
    ///
    /// Words: `all`, `dense` (the given vectors, without them the built-in embedder's), `rrf`
    /// (dense and text by rank), or signals by name with commas between them.
    init?(_ word: String, hasVectors: Bool) {
        let dense: Signal = hasVectors ? .vector : .meaning
        switch word {
        case "all": choice = .together(Set(Signal.allCases))
        case "dense": choice = .together([dense])
        case "rrf": choice = .byRank([[dense], [.text]])
        default:
            let names = word.split(separator: ",", omittingEmptySubsequences: false)
            let signals = names.compactMap { Signal(rawValue: String($0)) }
            guard !names.isEmpty, signals.count == names.count else { return nil }
            choice = .together(Set(signals))
        }
    }

    /// The keys that answer a question, best first.
    ///
    /// - Throws: as `Memory.recall`.
    func ask(
        _ question: RecallQuestion,
        of memory: Memory,
        limit: Int
    ) throws(MnemeError) -> [String] {
        switch choice {
        case .together(let signals):
            return try ask(question, of: memory, signals, limit)
        case .byRank(let lists):
            var rankings: [[String]] = []
            for signals in lists {
                rankings.append(try ask(question, of: memory, signals, Self.depth))
            }
            return Array(fusedByRank(rankings).prefix(limit))
        }
    }

    private func ask(
        _ question: RecallQuestion,
        of memory: Memory,
        _ signals: Set<Signal>,
        _ limit: Int
    ) throws(MnemeError) -> [String] {
        var recall = Recall(
            question.text,
            owner: question.owner,
            vectors: question.vectors,
            limit: limit,
            signals: signals
        )
        recall.hints = hints
        recall.fusion = fusion
        // One question is not to change what the next one finds.
        recall.touches = false
        let recalled = try memory.recall(recall)
        return recalled.items.map(\.record.reference.key.description)
    }
}
