import MnemeBase

@testable import MnemeModel

/// Edge types, what is followed along edges, and jobs over a whole graph.
extension RandomNoun {
    func index() -> Index {
        Index(
            name(),
            on: some { IndexField(name(), descending: flag(), folded: flag()) },
            isUnique: flag(),
            where: maybe(expression),
            hasDistinctNulls: flag()
        )
    }

    func historyRule() -> HistoryRule {
        HistoryRule(versions: maybe(count), days: maybe(count))
    }

    func edgeType() -> EdgeType {
        var type = EdgeType(
            name(),
            from: maybe(name),
            to: maybe(name),
            fields: some(field),
            checks: checks(),
            isUnique: flag(),
            isUndirected: flag(),
            allowsLoops: flag(),
            indexes: some(index),
            countsUsage: flag(),
            history: maybe(historyRule)
        )
        type.validFrom = maybe(name)
        type.validTo = maybe(name)
        return type
    }

    private func nodes() -> NodeChoice { NodeChoice(name(), where: maybe { filter() }) }

    private func fanOut() -> FanOut { FanOut(count(), strongest: maybe(name)) }

    func walk() -> Walk {
        var walk = Walk(
            from: some(reference),
            types: maybe { some(name) },
            direction: word(),
            where: maybe { filter() },
            hops: count(),
            limit: count(),
            countOnly: flag()
        )
        walk.through = maybe { some(nodes) }
        walk.only = maybe { some(nodes) }
        walk.fanOut = maybe(fanOut)
        walk.asOf = maybe(instant)
        walk.knownAt = maybe(instant)
        return walk
    }

    func path() -> Path {
        var path = Path(
            from: reference(),
            to: reference(),
            types: maybe { some(name) },
            direction: word(),
            where: maybe { filter() },
            hops: count()
        )
        path.through = maybe { some(nodes) }
        path.fanOut = maybe(fanOut)
        path.asOf = maybe(instant)
        path.knownAt = maybe(instant)
        return path
    }

    func paths() -> Paths {
        var paths = Paths(
            from: reference(),
            to: reference(),
            types: maybe { some(name) },
            direction: word(),
            where: maybe { filter() },
            by: flag() ? .edges : flag() ? .cost(name()) : .strength(name()),
            hops: count(),
            limit: count()
        )
        paths.through = maybe { some(nodes) }
        paths.fanOut = maybe(fanOut)
        paths.asOf = maybe(instant)
        paths.knownAt = maybe(instant)
        return paths
    }

    func graphRun() -> GraphRun {
        GraphRun(
            name(),
            word(),
            types: maybe { some(name) },
            collection: maybe(name),
            owner: maybe(name),
            direction: maybe { word() },
            weight: maybe(name),
            field: maybe(name),
            seed: count(),
            damping: 0.625,
            rounds: count(),
            replaces: flag()
        )
    }
    func graphJob() -> GraphJob {
        GraphJob(
            graphRun(),
            word(),
            progress: Double(random.below(9)) / 8,
            asked: instant(),
            ended: maybe(instant),
            sequence: maybe(sequence),
            nodes: count(),
            edges: count(),
            groups: maybe(count),
            rounds: maybe(count),
            isSettled: maybe(flag),
            modularity: maybe { 0.25 },
            written: count(),
            failure: maybe(name)
        )
    }
}
