// Full text search over runs: which documents have the words of a question, best first (BM25).

/// Searches in runs.
package enum TextSearch {
    /// The best documents for a query, best first; of equal scores the one that comes first by
    /// (owner, ordinal, birth).
    ///
    /// `visible` is asked only about documents that would be among the best, and not at all for
    /// sources that hide none. If `limit` visible documents have one of the terms, `limit` come
    /// back.
    ///
    /// - Complexity: O(postings in the scope) at most; blocks that cannot matter are skipped.
    package static func search(
        _ query: TextQuery,
        in sources: [TextSource],
        visible: (_ ordinal: UInt64, _ birth: UInt64) -> Bool = { _, _ in true }
    ) -> [TextHit] {
        guard query.limit > 0 else { return [] }
        var searches = open(query, sources)
        let runs = sources.map(\.run)
        var top = TopHits(limit: query.limit, runs: runs)
        withoutActuallyEscaping(visible) { visible in
            for index in searches.indices {
                let hides = sources[searches[index].source].mayHideDocuments
                searches[index].search(&top, hides ? visible : nil)
            }
        }
        return hits(top.sorted(), query, runs, &searches)
    }

    /// Finds the terms in every run, gathers the statistics and sets the impacts.
    private static func open(_ query: TextQuery, _ sources: [TextSource]) -> [RunSearch] {
        let fields = query.fields.filter { $0.weight > 0 && $0.weight.isFinite }
        var statistics = [FieldStatistics](repeating: FieldStatistics(), count: fields.count)
        var frequencies = [Int](repeating: 0, count: fields.count * query.terms.count)
        var searches: [RunSearch] = []
        for source in sources.indices {
            let run = sources[source].run
            let owners = run.ownerIndices(query.scope)
            let isWhole = owners == nil || query.statistics == .global
            var search = RunSearch(source: source, run: run, ranges: run.ranges(owners))
            search.scorers.reserveCapacity(frequencies.count)
            for field in fields.indices {
                guard let column = run.column(of: fields[field].field) else { continue }
                if isWhole {
                    run.add(&statistics[field], column: column)
                } else if let owners {
                    for owner in owners {
                        run.add(&statistics[field], ownerAt: owner, column: column)
                    }
                }
                for term in query.terms.indices where query.terms[term].counts {
                    let cell = field * query.terms.count + term
                    let stem = query.terms[term].stem
                    guard let list = run.list(field: fields[field].field, stem: stem) else {
                        continue
                    }
                    if isWhole { frequencies[cell] += list.count }
                    if search.ranges.isEmpty { continue }
                    var cursor = PostingCursor(
                        run,
                        list,
                        from: search.span.lowerBound,
                        limit: .max
                    )
                    if !isWhole { frequencies[cell] += cursor.count(in: search.ranges) }
                    search.scorers.append(
                        TermScorer(
                            cursor,
                            term: term,
                            field: field,
                            lengths: run.lengths(ofColumn: column)
                        )
                    )
                }
            }
            if !search.scorers.isEmpty { searches.append(search) }
        }
        for index in searches.indices {
            let span = searches[index].span
            for place in searches[index].scorers.indices {
                let term = searches[index].scorers[place].term
                let field = searches[index].scorers[place].field
                let impact = TermImpact(
                    termWeight: query.terms[term].weight,
                    fields[field],
                    statistics[field],
                    documentFrequency: frequencies[field * query.terms.count + term]
                )
                searches[index].scorers[place].prepare(impact, span: span)
            }
        }
        return searches
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
                    terms: query.terms.count
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
