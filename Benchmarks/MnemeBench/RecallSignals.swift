// What a question of the recall benchmark may use, by the word on the command line.

internal import Mneme

/// A choice of signals.
enum RecallSignals: Sendable {
    /// One recall with these signals.
    case together(Set<Signal>)
    /// A recall each, put together by reciprocal rank here: the usual default elsewhere.
    case byRank([Set<Signal>])

    /// How many each list has before lists are put together by rank.
    private static let depth = 50

    /// The choice that a word means; nil when it means none.
    ///
    /// Words: `all`, `dense` (the given vectors, without them the built-in embedder's), `rrf`
    /// (dense and text by rank), or signals by name with commas between them.
    init?(_ word: String, hasVectors: Bool) {
        let dense: Signal = hasVectors ? .vector : .meaning
        switch word {
        case "all": self = .together(Set(Signal.allCases))
        case "dense": self = .together([dense])
        case "rrf": self = .byRank([[dense], [.text]])
        default:
            let names = word.split(separator: ",", omittingEmptySubsequences: false)
            let signals = names.compactMap { Signal(rawValue: String($0)) }
            guard !names.isEmpty, signals.count == names.count else { return nil }
            self = .together(Set(signals))
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
        switch self {
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
        // One question is not to change what the next one finds.
        recall.touches = false
        let recalled = try memory.recall(recall)
        return recalled.items.map(\.record.reference.key.description)
    }
}
