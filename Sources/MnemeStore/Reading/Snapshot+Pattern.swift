// Answering `pattern`: it is held against the schema, searched in the order that was chosen for it,
// and what was done is told.

internal import MnemeBase
package import MnemeModel

extension Snapshot {
    /// Looks for records that stand to each other as a pattern says.
    ///
    /// - Throws: `.badRequest`, `.unknownCollection`, `.unknownEdgeType`, `.unknownField`,
    ///   `.badFilter`, `.badOwner`, `.wrongType`; `.corrupt`, `.disk` when something cannot be
    ///   read.
    /// - Complexity: at most `work` of the pattern in entries, edges and records that are looked
    ///   at.
    package func pattern(_ asked: Pattern) throws(MnemeError) -> Matched {
        let begun = asked.isExplained ? clock.elapsed() : 0
        let pattern = try checked(asked)
        var matched = try reading { state throws(StoreError) in try state.match(pattern) }
        if asked.isExplained {
            matched.explanation?.microseconds = Int(clock.elapsed() - begun)
        }
        return matched
    }

    /// The pattern with its names looked up.
    func checked(_ asked: Pattern) throws(MnemeError) -> CheckedPattern {
        try CheckedPattern(asked, catalog)
    }
}

extension StateReader {
    /// Searches a pattern that was checked.
    fileprivate func match(_ pattern: CheckedPattern) throws(StoreError) -> Matched {
        var search = try PatternSearch(pattern, self)
        try search.run()
        let rows = try search.rows.finish(&search.nodes, self)
        let explanation = search.explanation
        return Matched(
            rows: rows,
            count: pattern.asked.isCountOnly ? search.rows.count : rows.count,
            isComplete: !search.isCut,
            sequence: sequence,
            plan: explanation.stages.map(\.way).joined(separator: "; ")
                + "; \(search.work) looked at",
            explanation: pattern.asked.isExplained ? explanation : MatchExplanation?.none
        )
    }
}

extension PatternSearch {
    /// What was done.
    var explanation: MatchExplanation {
        var stages: [MatchExplanation.Stage] = []
        for (index, stage) in plan.stages.enumerated() {
            stages.append(
                MatchExplanation.Stage(
                    way: way(of: stage),
                    expected: plan.expected[index],
                    entries: looked[index],
                    rows: passed[index]
                )
            )
        }
        return MatchExplanation(stages: stages, work: work)
    }

    private func way(of stage: PatternPlan.Stage) -> String {
        switch stage {
        case .scan(let node):
            let name = pattern.nodes[node].name
            if let given = nodes[node].given { return "\(name): \(given.count) by key" }
            return "\(name): \(nodes[node].plan.summary)"
        case .expand(let step, let from, let to):
            let (from, to) = (pattern.nodes[from].name, pattern.nodes[to].name)
            return "\(to) from \(from) \(described(pattern.steps[step]))"
        case .close(let step, let from, let to):
            let (from, to) = (pattern.nodes[from].name, pattern.nodes[to].name)
            return "\(from) and \(to) joined \(described(pattern.steps[step]))"
        }
    }

    private func described(_ step: CheckedPattern.Step) -> String {
        switch step.way {
        case .edges(let edges):
            let types = edges.types.map { listed($0) } ?? "any edge"
            let hops = edges.hops > 1 ? ", up to \(edges.hops)" : ""
            return "by \(types) (\(edges.direction.rawValue) of "
                + "\(pattern.nodes[step.from].name)\(hops))"
        case .reference(let reference):
            return "by reference \(reference.rule.name) of \(pattern.nodes[step.from].name)"
        case .equal(let pairs):
            let (from, to) = (pattern.nodes[step.from].name, pattern.nodes[step.to].name)
            return "where "
                + pairs.map { "\(from).\($0.from) = \(to).\($0.to)" }.joined(separator: " and ")
        }
    }
}
