// What a query looks for, part by part and field by field, and its cursors in every run, with the
// statistics that their scores rest on.

/// A query taken apart.
struct SearchPlan {
    /// One pattern of one part in one field.
    private struct Leaf {
        let part: Int
        let field: Int
        let pattern: TextPattern
        let weight: Float
    }

    /// What documents must have or lack; nil where any part will do.
    let demands: SearchDemands?
    private let fields: [TextFieldParameters]
    private let leaves: [Leaf]

    /// Takes a query apart; nil where nothing can be found.
    init?(_ query: TextQuery) {
        let fields = query.fields.filter { $0.weight > 0 && $0.weight.isFinite }
        var leaves: [Leaf] = []
        for field in fields.indices {
            for (part, term) in query.terms.enumerated() where term.counts {
                leaves.append(
                    Leaf(part: part, field: field, pattern: .word(term.stem), weight: term.weight)
                )
            }
        }
        for (index, clause) in query.clauses.enumerated() where clause.counts {
            for way in clause.ways {
                guard let field = fields.firstIndex(where: { $0.field == way.field }) else {
                    continue
                }
                leaves.append(
                    Leaf(
                        part: query.terms.count + index,
                        field: field,
                        pattern: way.pattern,
                        weight: clause.weight
                    )
                )
            }
        }
        self.fields = fields
        self.leaves = leaves
        demands = SearchDemands(query)
        if leaves.isEmpty { return nil }
    }

    /// Finds the patterns in every run, gathers the statistics and sets the impacts.
    func open(
        _ query: TextQuery,
        _ sources: [TextSource],
        _ unknownPhrase: PhraseCount?
    ) -> [RunSearch] {
        var statistics = [FieldStatistics](repeating: FieldStatistics(), count: fields.count)
        var frequencies = [Int](repeating: 0, count: leaves.count)
        let stems = prefixStems(query, sources)
        var searches: [RunSearch] = []
        for source in sources.indices {
            let run = sources[source].run
            let owners = run.ownerIndices(query.scope)
            let isWhole = owners == nil || query.statistics == .global
            var search = RunSearch(source: source, run: run, ranges: run.ranges(owners))
            let counted = isWhole ? [0..<UInt32(run.documentCount)] : search.ranges
            search.scorers.reserveCapacity(leaves.count)
            let columns = fields.map { run.column(of: $0.field) }
            for (field, column) in columns.enumerated() {
                guard let column else { continue }
                if isWhole {
                    run.add(&statistics[field], column: column)
                } else if let owners {
                    for owner in owners {
                        run.add(&statistics[field], ownerAt: owner, column: column)
                    }
                }
            }
            for (index, leaf) in leaves.enumerated() {
                guard let column = columns[leaf.field] else { continue }
                var cursor: PostingCursor
                if case .word(let stem) = leaf.pattern {
                    guard let list = run.list(field: fields[leaf.field].field, stem: stem) else {
                        continue
                    }
                    if isWhole { frequencies[index] += list.count }
                    if search.ranges.isEmpty { continue }
                    cursor = PostingCursor(run, list, from: search.span.lowerBound, limit: .max)
                    if !isWhole { frequencies[index] += cursor.count(in: search.ranges) }
                } else {
                    let found = found(leaf, run, counted, stems[index], unknownPhrase)
                    frequencies[index] += found.locals.count
                    if search.ranges.isEmpty || found.locals.isEmpty { continue }
                    cursor = PostingCursor(run, found)
                }
                let lengths = run.lengths(ofColumn: column)
                search.scorers.append(
                    TermScorer(cursor, part: leaf.part, leaf: index, lengths: lengths)
                )
            }
            if !search.scorers.isEmpty { searches.append(search) }
        }
        prepare(&searches, statistics, frequencies)
        return searches
    }

    private func prepare(
        _ searches: inout [RunSearch],
        _ statistics: [FieldStatistics],
        _ frequencies: [Int]
    ) {
        for index in searches.indices {
            let span = searches[index].span
            for place in searches[index].scorers.indices {
                let number = searches[index].scorers[place].leaf
                let leaf = leaves[number]
                let impact = TermImpact(
                    termWeight: leaf.weight,
                    fields[leaf.field],
                    statistics[leaf.field],
                    documentFrequency: frequencies[number]
                )
                searches[index].scorers[place].prepare(impact, span: span)
            }
        }
    }

    /// The documents of a run that have a phrase or a prefix.
    private func found(
        _ leaf: Leaf,
        _ run: TextRun,
        _ ranges: [Range<UInt32>],
        _ stems: [[UInt8]],
        _ unknownPhrase: PhraseCount?
    ) -> FoundPostings {
        let field = fields[leaf.field].field
        if case .phrase(let phrase) = leaf.pattern {
            return run.documents(with: phrase, field: field, in: ranges, unknown: unknownPhrase)
        }
        return run.documents(withAny: stems, field: field, in: ranges)
    }

    /// The stems that each prefix stands for over all runs, `[leaf]`; empty for all else.
    private func prefixStems(_ query: TextQuery, _ sources: [TextSource]) -> [[[UInt8]]] {
        leaves.map { leaf in
            guard case .prefix(let prefix, let own) = leaf.pattern else { return [] }
            var stems: Set<[UInt8]> = []
            for source in sources {
                // Where everybody's documents are counted, everybody's stems are.
                let isWhole = query.statistics == .global
                let owners = isWhole ? nil : source.run.ownerIndices(query.scope)
                let ranges = source.run.ranges(owners)
                stems.formUnion(
                    source.run.stems(
                        beginningWith: prefix,
                        field: fields[leaf.field].field,
                        in: ranges,
                        limit: PrefixLimit.stems
                    )
                )
            }
            let first = stems.sorted { $0.lexicographicallyPrecedes($1) }.prefix(PrefixLimit.stems)
            return own.isEmpty || first.contains(own) ? Array(first) : first + [own]
        }
    }
}

/// What the documents of an answer must have and lack, by the parts of the query.
struct SearchDemands {
    let required: [Int]
    let excluded: [Int]
    let optional: [Int]
    /// How many of the optional ones are needed.
    let minimum: Int

    /// The demands of a query; nil where it has none but that a document has some part.
    init?(_ query: TextQuery) {
        var required: [Int] = []
        var excluded: [Int] = []
        var optional = Array(query.terms.indices)
        for (index, clause) in query.clauses.enumerated() {
            let part = query.terms.count + index
            switch clause.occurrence {
            case .required: required.append(part)
            case .excluded: excluded.append(part)
            case .optional: optional.append(part)
            }
        }
        if required.isEmpty, excluded.isEmpty, query.minimum <= 1 { return nil }
        self.required = required
        self.excluded = excluded
        self.optional = optional
        minimum = max(query.minimum, required.isEmpty ? 1 : 0)
    }
}
