// Recall: every signal gives candidates, each candidate gets every signal's strength, the weighted
// sum orders them, and the answer says what each part gave and what was left out.

internal import MnemeEmbed
public import MnemeModel
internal import MnemeStore

extension Memory {
    /// Recalls the memories that answer a question best.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`, `.badFilter`, `.badVector`; `.badRequest`
    ///   for a negative limit, number of hops or tokens and for weights that are not finite;
    ///   `.tooLarge` for a question of more than a mebibyte.
    public func recall(_ recall: Recall) throws(MnemeError) -> Recalled {
        if isAudited { return try door.recall(recall) }
        var run = try RecallRun(recall, store.snapshot(), embedder)
        return try run.run()
    }

    /// Recalls by a question alone.
    public func recall(
        _ question: String,
        owner: String? = nil,
        limit: Int = 10
    )
        throws(MnemeError) -> Recalled
    {
        try recall(Recall(question, owner: owner, limit: limit))
    }
}

extension RecallWeights {
    /// What counts when a call does not say: nearness .5, shared among the vector signals that run,
    /// words .35, the graph .05, recency and importance .05 each.
    public static var standard: RecallWeights {
        RecallWeights(
            vector: 0.25,
            meaning: 0.25,
            text: 0.35,
            graph: 0.05,
            recency: 0.05,
            importance: 0.05
        )
    }
}
