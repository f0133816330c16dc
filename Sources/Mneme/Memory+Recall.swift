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
        let snapshot = store.snapshot()
        var run = try RecallRun(recall, snapshot, embedder)
        let recalled = try run.run()
        if recall.touches {
            // It is posted, and waited for by nobody.
            store.touchBehind(recalled.items.map(\.record.reference), at: snapshot.instant)
        }
        return recalled
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
    /// What counts when a call does not say, where records are looked at one after the other with
    /// their neighbours.
    public static var standard: RecallWeights {
        RecallWeights([
            .window: 1, .meaning: 0.8, .vector: 0.9, .reply: 0.3,
            .previous: -0.15, .speaker: 0.17, .answer: 0.18, .dated: 0.06, .question: -0.08,
            .time: 0.5, .graph: 0.15, .recency: 0.15, .importance: 0.15,
        ])
    }

    /// What counts when a call does not say, among candidates of vectors and words: nearness .5,
    /// shared among the vector signals that run, words .35, the others .05 each.
    public static var ofCandidates: RecallWeights {
        RecallWeights([
            .vector: 0.25, .meaning: 0.25, .text: 0.35, .graph: 0.05, .recency: 0.05,
            .importance: 0.05,
        ])
    }
}
