// Full text search over runs: which documents have the words of a question, best first (BM25).

/// Searches in runs.
package enum TextSearch {
    /// The best documents for a query, best first; of equal scores the one that comes first by
    /// (owner, ordinal, birth).
    ///
    /// `visible` is asked only about documents that would be among the best, and not at all for
    /// sources that hide none. If `limit` visible documents are what the query wants, `limit` come
    /// back. `unknownPhrase` counts phrases in documents of which no run has positions; without it
    /// they have none.
    ///
    /// - Complexity: O(postings in the scope) at most; blocks that cannot matter are skipped.
    package static func search(
        _ query: TextQuery,
        in sources: [TextSource],
        visible: (_ ordinal: UInt64, _ birth: UInt64) -> Bool = { _, _ in true },
        unknownPhrase: PhraseCount? = nil
    ) -> [TextHit] {
        guard query.limit > 0, let plan = SearchPlan(query) else { return [] }
        var searches = plan.open(query, sources, unknownPhrase)
        let runs = sources.map(\.run)
        var top = TopHits(limit: query.limit, runs: runs)
        withoutActuallyEscaping(visible) { visible in
            for index in searches.indices {
                let hides = sources[searches[index].source].mayHideDocuments
                let seen = hides ? visible : nil
                if let demands = plan.demands {
                    searches[index].search(demands, &top, seen)
                } else {
                    searches[index].search(&top, seen)
                }
            }
        }
        return hits(top.sorted(), query, runs, &searches)
    }

    private static func hits(
        _ entries: [TopHits.Entry],
        _ query: TextQuery,
        _ runs: [TextRun],
        _ searches: inout [RunSearch]
    ) -> [TextHit] {
        var parts = [[Float]](repeating: [], count: entries.count)
        if query.wantsParts {
            for index in searches.indices {
                let mine = entries.indices.filter { entries[$0].source == searches[index].source }
                    .sorted { entries[$0].local < entries[$1].local }
                let found = searches[index].parts(
                    of: mine.map { entries[$0].local },
                    count: query.terms.count + query.clauses.count
                )
                for (place, part) in zip(mine, found) { parts[place] = part }
            }
        }
        var hits: [TextHit] = []
        hits.reserveCapacity(entries.count)
        for index in entries.indices {
            let entry = entries[index]
            let run = runs[entry.source]
            hits.append(
                TextHit(
                    owner: run.owner(entry.local),
                    ordinal: run.ordinal(entry.local),
                    birth: run.birth(entry.local),
                    score: entry.score,
                    parts: parts[index]
                )
            )
        }
        return hits
    }
}
