// The best matching edges of a type: BM25 over the same runs of the text index that have the words
// of records. An edge is there as long as both records that it joins are, and inside an owner where
// neither of them is somebody else's.

internal import MnemeModel
internal import MnemePages
internal import MnemeText

extension StateReader {
    /// Answers a question for the edges that match words, which was checked.
    func matchingEdges(
        _ match: Match,
        _ find: Find,
        _ scope: EdgeScope,
        _ searched: CollectionEntry
    ) throws(StoreError) -> Found {
        let owners = try self.scope(find.owner)
        if case .nobody = owners { return nobodys(find) }
        let analyzer = Analyzers.shared.borrow()
        defer { Analyzers.shared.giveBack(analyzer) }
        let plan = try MatchPlan(match, searched, analyzer)
        var reader = EdgeReader(self, scope, keeps: true)
        let test = EdgeSight(find.filter, owners, self)
        let query = TextQuery(
            terms: plan.terms,
            clauses: plan.clauses,
            minimum: plan.minimum,
            fields: try parameters(plan, searched),
            scope: owners.texts,
            statistics: match.statistics == .global ? .global : .scope,
            limit: find.reach
        )
        let hits = try search(query, searched, analyzer, isTested: test.looks) {
            (edge, birth) throws(StoreError) in
            guard let entry = try visibleEntry(edge), entry.birth == birth else { return false }
            return try test.sees(edge, &reader)
        } words: { (edge, field) throws(StoreError) in
            guard let name = searched.fieldNames[field] else { return nil }
            var reader = EdgeReader(self, scope)
            return try reader.properties(try ends(of: edge))[name]?.text
        }
        let way = "words of edges in \(match.shownFields)"
        var found = found([], isExact: true, plan: "\(way), \(state.runs.count) runs")
        try add(Array(hits.dropFirst(find.offset)), find, to: &found, &reader) {
            (properties) throws(StoreError) in
            guard let highlight = find.highlight else { return [:] }
            return try Self.snippets(highlight, plan, analyzer) { properties[$0]?.text }
        }
        if find.isExplained {
            var explanation = Explanation.ranked(way, find, matched: hits.count)
            explanation.read = reader.openedCount
            found.explanation = explanation
        }
        return found
    }

    /// The answer to a question inside an owner whom nobody knows.
    func nobodys(_ find: Find) -> Found {
        var found = found([], isExact: true, plan: "no such owner")
        if find.isExplained { found.explanation = Explanation(way: found.plan) }
        return found
    }

    /// Makes rows of edges, in the order that is asked for; `highlights` shows what matched in
    /// their properties, and is not asked where nothing is to be shown.
    func add(
        _ hits: [(ordinal: UInt64, score: Float)],
        _ find: Find,
        to found: inout Found,
        _ reader: inout EdgeReader,
        _ highlights: ([String: Value]) throws(StoreError) -> [String: [Snippet]]
    ) throws(StoreError) {
        for hit in try sorted(hits, find.order, &reader) {
            let edge = try ends(of: hit.ordinal)
            var mark = Found.EdgeMark(score: hit.score)
            if find.highlight != nil { mark.highlights = try highlights(reader.properties(edge)) }
            found.edges.append(try reader.edge(edge, find.select))
            found.marks.append(mark)
        }
    }

    /// Edges in the order that is asked for: as they are, where none is.
    private func sorted(
        _ hits: [(ordinal: UInt64, score: Float)],
        _ order: [Order],
        _ reader: inout EdgeReader
    ) throws(StoreError) -> [(ordinal: UInt64, score: Float)] {
        if order.isEmpty { return hits }
        var placed: [(hit: (ordinal: UInt64, score: Float), place: RowPlace)] = []
        for hit in hits {
            let values = try reader.sorted(try ends(of: hit.ordinal), order)
            placed.append((hit, RowPlace(values: values, key: .int(Int64(clamping: hit.ordinal)))))
        }
        placed.sort { $0.place.isOrdered(before: $1.place, order) }
        return placed.map(\.hit)
    }
}

/// Which edges a question that ranks sees, of those that live.
struct EdgeSight {
    /// Whether edges are looked at; else all of them are seen.
    let looks: Bool
    private let filter: FilterTest?
    private let names: Set<String>
    private let owners: OwnerScope
    private let state: StateReader

    init(_ filter: Filter?, _ owners: OwnerScope, _ state: StateReader) {
        self.filter = filter.map(FilterTest.init)
        names = filter?.fields ?? []
        self.owners = owners
        self.state = state
        let isScoped = if case .all = owners { false } else { true }
        looks =
            filter != nil || isScoped || state.mayHide
            || !state.state.catalog.leaving.isEmpty
    }

    /// Whether what an edge joins is there, is nobody else's, and the filter holds.
    func sees(_ edge: UInt64, _ reader: inout EdgeReader) throws(StoreError) -> Bool {
        guard looks else { return true }
        let ends = try state.ends(of: edge)
        guard let from = try state.visibleEntry(ends.from),
            let to = try state.visibleEntry(ends.to),
            owners.contains(from.owner), to.owner == 0 || owners.contains(to.owner)
        else { return false }
        guard let filter else { return true }
        let values = try reader.values(names, of: ends)
        return filter.holds { values[$0] ?? .null }
    }
}
