// What a question may say, whoever asks: numbers in their bounds. Pure.

internal import MnemeModel

/// Checks questions.
enum RecallCheck {
    /// The most bytes that a question has.
    static let questionLimit = 1 << 20

    /// Refuses numbers that mean nothing.
    ///
    /// - Throws: `.badRequest`, `.tooLarge`.
    static func check(_ recall: Recall) throws(MnemeError) {
        for (name, number) in [("limit", recall.limit), ("hops", recall.hops)] where number < 0 {
            throw MnemeError(.badRequest, "\(name) is \(number); give 0 or more")
        }
        if let tokens = recall.tokens, tokens < 0 {
            throw MnemeError(.badRequest, "tokens is \(tokens); give 0 or more, or leave it out")
        }
        if let minimum = recall.minimumSimilarity, !minimum.isFinite {
            throw MnemeError(
                .badRequest,
                "minimumSimilarity is \(minimum); give a finite number, or leave it out"
            )
        }
        if let weights = recall.weights { try check(weights) }
        guard recall.question.utf8.count <= questionLimit else {
            throw MnemeError(
                .tooLarge,
                "a question has at most \(questionLimit) bytes; shorten it, or ask its parts"
            )
        }
    }

    /// Every weight is finite, and so is every score that is made with them.
    private static func check(_ weights: RecallWeights) throws(MnemeError) {
        let named = weights.bySignal.sorted { $0.key.rawValue < $1.key.rawValue }
        for (name, weight) in named where !weight.isFinite {
            throw MnemeError(
                .badRequest,
                "the weight of \(name.rawValue) is \(weight); give a finite number"
            )
        }
        guard named.reduce(0, { $0 + abs($1.value) }).isFinite else {
            throw MnemeError(
                .badRequest,
                "the weights add up beyond all numbers; give smaller ones"
            )
        }
    }
}
