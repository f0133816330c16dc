// What is said of how a question over edges was answered: the ways that there were, and about what
// each would have cost. Only who asks for an explanation has them counted.

internal import MnemeGraph
internal import MnemeModel
internal import MnemePages

extension StateReader {
    /// To go on to an edge, and to read it, in records that are read.
    private static let costOfEdge = 1.1

    /// How edges came to be found, but for what it came to.
    ///
    /// - Complexity: O(edges at the records that the filter names).
    func explanation(
        of way: EdgeWay,
        _ filter: Filter?,
        order: [Order],
        _ scope: EdgeScope
    ) throws(StoreError) -> Explanation {
        var explanation = Explanation(way: way.name)
        // Whatever the way, the filter is held against each.
        explanation.held = filter?.conjuncts ?? []
        explanation.considered = [candidate(allOf: scope)]
        for part in filter?.conjuncts ?? [] {
            guard let (named, side) = EdgeWay.ends(in: part) else { continue }
            let nodes = try nodes(named)
            var count = 0
            try onPages { () throws(PageError) in
                for node in nodes {
                    try state.adjacency.forEach(
                        of: node,
                        side,
                        type: scope.entry.number,
                        in: view
                    ) { _ in count += 1 }
                }
            }
            let name = EdgeWay.at(nodes, side).name
            explanation.considered.append(candidate(name, count))
            if way.name == name { explanation.answered = [part] }
        }
        if let (plan, _) = try indexWay(filter, order: order, scope, isExplained: true) {
            // The first one is that through all records, which edges have not.
            explanation.considered += plan.explanation.considered.dropFirst()
        }
        if case .index(let plan, _, _) = way {
            explanation.way = plan.use?.name ?? way.name
            explanation.index = plan.use?.entry.index.name
            explanation.fixed = plan.use?.fixed ?? 0
            explanation.spans = plan.ranges.count
            explanation.isReversed = plan.isReversed
        }
        explanation.expected = explanation.considered.first { $0.way == explanation.way }?.expected
        return explanation
    }

    private func candidate(_ way: String, _ count: Int) -> Explanation.Candidate {
        Explanation.Candidate(way: way, expected: count, cost: Double(count) * Self.costOfEdge)
    }

    private func candidate(allOf scope: EdgeScope) -> Explanation.Candidate {
        let counts = state.roots.counts
        let own = Int(clamping: counts[scope.entry.number] ?? 0)
        if scope.entry.type.isUnique { return candidate(EdgeWay.pairs.name, own) }
        let all = state.catalog.edgeTypes.reduce(0) { sum, type in
            sum + Int(clamping: counts[type.number] ?? 0)
        }
        // Those of other types are passed and not read.
        return Explanation.Candidate(
            way: EdgeWay.all.name,
            expected: all,
            cost: Double(all) * 0.1 + Double(own)
        )
    }
}
