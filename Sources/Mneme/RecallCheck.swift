// What a question may say, whoever asks: numbers in their bounds, and nothing that would be left
// aside for lack of something else. Pure.

internal import MnemeModel

/// Checks questions.
enum RecallCheck {
    /// The most bytes that a question has.
    static let questionLimit = 1 << 20

    /// Refuses numbers that mean nothing, and memories to start from where nothing starts.
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
        if !recall.around.isEmpty, !recall.signals.contains(.graph) || recall.hops == 0 {
            throw MnemeError(
                .badRequest,
                "around names memories to start from in the graph, and "
                    + (recall.hops == 0 ? "hops is 0" : "signals are without graph")
                    + ", so that nothing goes on from them; "
                    + (recall.hops == 0 ? "give 1 or more" : "add it") + ", or leave around out"
            )
        }
        if let fault = recall.weights?.fault { throw MnemeError(.badRequest, fault) }
        guard recall.question.utf8.count <= questionLimit else {
            throw MnemeError(
                .tooLarge,
                "a question has at most \(questionLimit) bytes; shorten it, or ask its parts"
            )
        }
    }
}
