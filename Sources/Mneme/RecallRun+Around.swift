// Recall of very many records: vectors, words and edges propose some, and these are looked at with
// their neighbours, as all records of a small scope are (`RecallRun+Along.swift`).

internal import MnemeModel
internal import MnemeRecall
internal import MnemeStore

extension RecallRun {
    /// How far beside a record its neighbours are read.
    private static let width = 4

    /// The answer, from what was proposed; nil where the collection has no list to go along.
    func recallAround(_ proposed: [UInt64]) throws(MnemeError) -> Recalled? {
        guard looksAround, proposed.count <= Self.timelineLimit else { return nil }
        guard
            var timeline = try snapshot.surroundings(
                of: proposed,
                width: Self.width,
                collection,
                recall.sight
            )
        else { return nil }
        let words = try askedWords(timeline)
        let held = try held(words)
        var (scores, nearness) = try score(words, held, timeline)
        var walks = try askGraph(timeline, &scores)
        let brought = try reached(by: walks, beside: timeline)
        if !brought.isEmpty {
            let all = proposed + brought
            timeline =
                try snapshot.surroundings(of: all, width: Self.width, collection, recall.sight)
                ?? timeline
            (scores, nearness) = try score(words, held, timeline)
            walks = try askGraph(timeline, &scores)
        }
        try refine(nearness, &scores)
        return try pack(scores, walks)
    }

    /// Whether what stands beside records may speak for them.
    var looksAround: Bool {
        recall.signals.contains(.window) && recall.weights?[.window] != 0
            && !recall.question.isEmpty && collection.recallList != nil
    }

    /// In how many records of the scope the words of the question are.
    private func held(_ words: [AskedWord]) throws(MnemeError) -> HeldWords? {
        guard let field = collection.schema.roles.text else { return nil }
        let topics = words.filter { !$0.isStop }
        let wanted = topics.isEmpty ? words : topics
        let counts = try snapshot.wordCounts(wanted.map(\.word), field: field, collection, scope)
        return counts.map { counts in
            HeldWords(
                records: counts.documents,
                holding: Dictionary(zip(wanted.map(\.stem), counts.holding)) { first, _ in first }
            )
        }
    }

    /// What walks came to that nothing else proposed, as far as it may be found.
    private func reached(
        by walks: [ReachedRecords],
        beside timeline: Timeline
    ) throws(MnemeError) -> [UInt64] {
        var brought: [UInt64] = []
        var seen: Set<UInt64> = []
        for walk in walks {
            for record in walk.records where brought.count < Self.reachLimit {
                guard timeline.place(of: record.ordinal) == nil,
                    seen.insert(record.ordinal).inserted,
                    try snapshot.isIn(record.ordinal, collection, scope, recall.filter)
                else { continue }
                brought.append(record.ordinal)
            }
        }
        return brought
    }
}
