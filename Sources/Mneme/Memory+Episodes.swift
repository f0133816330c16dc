// Episodes: found by their summaries and by what was said in them, whichever says more, and by
// time. What was forgotten of a session's entries finds its episode no more.

internal import MnemeModel
internal import MnemeStore

extension Memory {
    /// Best first, or newest first where nothing is asked.
    func findEpisodes(_ question: EpisodeQuestion) throws(MnemeError) -> Found {
        let snapshot = store.snapshot()
        let isAsked = !question.question.isEmpty || !question.vectors.isEmpty
        guard question.limit >= 0 else {
            throw MnemeError(.badRequest, "the limit is \(question.limit); give 0 or more")
        }
        if isAsked, question.after != nil {
            throw MnemeError(
                .badCursor,
                "what is ranked goes on nowhere; leave \"after\" out and give a greater limit"
            )
        }
        guard try MemoryLayout.has(own: MemoryLayout.episodes, snapshot.schema) else {
            return Found(rows: [], isExact: true, sequence: snapshot.sequence, plan: "no episodes")
        }
        if isAsked { return try rankedEpisodes(question, snapshot) }
        return try snapshot.find(
            Find(
                MemoryLayout.episodes,
                owner: question.owner,
                where: question.condition,
                order: [Order("endedAt", descending: true)],
                limit: question.limit,
                after: question.after,
                select: try MemoryLayout.shown(own: MemoryLayout.episodes)
            )
        )
    }

    private func rankedEpisodes(
        _ question: EpisodeQuestion,
        _ snapshot: Snapshot
    ) throws(MnemeError) -> Found {
        var scores: [Key: Double] = [:]
        var isExact = true
        func recalled(_ recall: Recall) throws(MnemeError) -> [Recalled.Item] {
            var run = try RecallRun(recall, snapshot, embedder)
            let recalled = try run.run()
            isExact = isExact && recalled.isExact
            return recalled.items
        }
        if !question.question.isEmpty {
            let recall = Recall(
                question.question,
                owner: question.owner,
                collection: MemoryLayout.episodes,
                where: question.condition,
                hops: 0,
                limit: question.limit
            )
            for item in try recalled(recall) { scores[item.record.reference.key] = item.score }
        }
        let entries = Recall(
            question.question,
            owner: question.owner,
            vectors: question.vectors,
            where: try entryFilter(question, snapshot),
            hops: 0,
            limit: max(Self.entriesLooked, question.limit &* 4)
        )
        for item in try recalled(entries) {
            guard let session = item.record["session"].text else { continue }
            let key = Key.text(session)
            scores[key] = max(scores[key] ?? -.infinity, item.score)
        }
        let keys = scores.keys.map(\.value)
        let found = try snapshot.find(
            Find(
                MemoryLayout.episodes,
                owner: question.owner,
                where: .and(
                    [.compare(field: PseudoField.key, .isIn(keys))]
                        + (question.condition.map { [$0] } ?? [])
                ),
                limit: keys.count,
                select: try MemoryLayout.shown(own: MemoryLayout.episodes)
            )
        )
        let rows = found.rows.map { row in
            Found.Row(record: row.record, score: Float(scores[row.record.reference.key] ?? 0))
        }
        .sorted { left, right in
            left.score == right.score
                ? left.record.reference.key.description < right.record.reference.key.description
                : left.score > right.score
        }
        return Found(
            rows: Array(rows.prefix(question.limit)),
            isExact: isExact && found.isExact,
            sequence: snapshot.sequence,
            plan: "recall of episodes and of their entries"
        )
    }

    /// So many of the best entries speak for their episodes, at least.
    private static var entriesLooked: Int { 100 }
    /// Of so many episodes entries are looked for where only some episodes are wanted.
    private static var episodesLooked: Int { 4096 }

    /// Which entries speak: of the episodes that are wanted.
    private func entryFilter(
        _ question: EpisodeQuestion,
        _ snapshot: Snapshot
    ) throws(MnemeError) -> Filter {
        guard let condition = question.condition else {
            return .compare(field: "session", .exists(true))
        }
        let find = Find(
            MemoryLayout.episodes,
            owner: question.owner,
            where: condition,
            order: [Order("endedAt", descending: true)],
            limit: Self.episodesLooked,
            select: []
        )
        let keys = try snapshot.find(find).rows.map(\.record.reference.key.value)
        return .compare(field: "session", .isIn(keys))
    }
}

extension EpisodeQuestion {
    /// What holds for the episodes that are wanted; nil where all are.
    fileprivate var condition: Filter? {
        var parts: [Filter] = []
        if let from { parts.append(.compare(field: "endedAt", .gte(.instant(from)))) }
        if let to { parts.append(.compare(field: "startedAt", .lt(.instant(to)))) }
        if let agent { parts.append(.compare(field: "agents", .any([.text(agent)]))) }
        if let filter { parts.append(filter) }
        return parts.isEmpty ? nil : .and(parts)
    }
}
