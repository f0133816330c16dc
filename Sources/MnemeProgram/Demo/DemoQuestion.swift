// What the demonstration asks, chosen so that each answer shows another way to a memory.

internal import Mneme

/// A question to WordNet and what its answer shows.
struct DemoQuestion: Sendable {
    /// What is asked.
    let recall: Recall
    /// What there is to see.
    let remark: String

    private init(
        _ question: String,
        limit: Int,
        signals: [Signal] = Signal.allCases,
        _ remark: String
    ) {
        var recall = Recall(
            question,
            owner: Synset.owner,
            limit: limit,
            signals: Set(signals)
        )
        // What is shown is not used, and is to be the same when it is shown again.
        recall.touches = false
        self.recall = recall
        self.remark = remark
    }

    static let all = [
        DemoQuestion(
            "place where books are kept",
            limit: 3,
            "Words and meaning together: each finds candidates, and a score is the sum of what "
                + "both say."
        ),
        DemoQuestion(
            "instrument to measure earthquakes",
            limit: 3,
            "The best answer says \"measuring\" and \"earthquake\": words are matched by their "
                + "stems."
        ),
        DemoQuestion(
            "smartphone",
            limit: 3,
            "WordNet 3.0 is of 2006, and no memory has this word: the built-in vectors alone find "
                + "the nearest meaning."
        ),
        DemoQuestion(
            "acrophobia",
            limit: 4,
            signals: [.text, .graph],
            "By words and edges alone: two memories have the word, and the graph brings in their "
                + "neighbours, which have not, each with the path that leads to it."
        ),
    ]
}
