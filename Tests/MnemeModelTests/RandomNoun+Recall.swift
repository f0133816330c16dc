// Random questions to the memory, and what collections say of them.

import MnemeModel

extension RandomNoun {
    func recall() -> Recall {
        var recall = plainRecall()
        recall.touches = flag()
        recall.fusion = maybe { word() }
        recall.hints = maybe(flag)
        recall.layers = some { word() }
        recall.zone = maybe(name)
        recall.distinct = flag()
        return recall
    }

    private func plainRecall() -> Recall {
        Recall(
            values.text(),
            owner: maybe(name),
            collection: maybe(name) ?? "memories",
            vectors: maybe { ["v": vector()] } ?? [:],
            where: maybe { filter() },
            around: some(key),
            hops: count(),
            limit: count(),
            tokens: maybe(count),
            minimumSimilarity: maybe(values.float),
            weights: maybe(weights),
            signals: Set(Signal.allCases.filter { _ in flag() })
        )
    }

    func recallRule() -> RecallRule {
        RecallRule(
            weights: maybe(weights),
            fusion: maybe { word() },
            hints: maybe(flag),
            minimumSimilarity: maybe(values.float),
            aliases: maybe(name)
        )
    }

    func weights() -> RecallWeights {
        var weights = RecallWeights([:])
        for signal in Signal.allCases where flag() { weights[signal] = values.float() }
        return weights
    }
}
