import MnemeBase

@testable import MnemeModel

/// What is asked of a question besides its filter, and what is said of its answer.
extension RandomNoun {
    func projection() -> Projection {
        flag() ? .field(name()) : .computed(name(), expression())
    }

    func operand() -> Aggregate.Operand {
        flag() ? .field(name()) : .computed(expression())
    }

    func aggregate() -> Aggregate {
        flag() ? Aggregate(.count) : Aggregate(word(), of: operand())
    }

    func figures() -> Count {
        var values: [String: Aggregate] = [:]
        for _ in 0..<random.below(3) { values[name()] = aggregate() }
        var count = Count(
            name(),
            owner: maybe(name),
            where: maybe { filter() },
            by: some(projection),
            values: values,
            having: maybe { filter() },
            order: some { Order(name(), descending: flag()) },
            limit: maybe(count),
            explained: flag(),
            knownAt: maybe(instant),
            asOf: maybe(instant)
        )
        if flag() { (count.collection, count.edges) = ("", name()) }
        return count
    }

    func explanation() -> Explanation {
        var explanation = Explanation(way: values.text())
        explanation.index = maybe(name)
        explanation.among = maybe(name)
        explanation.fixed = count()
        explanation.spans = count()
        explanation.isOrdered = flag()
        explanation.isReversed = flag()
        explanation.isCovered = flag()
        explanation.answered = some { .eq(name(), values.value(depth: 1)) }
        explanation.held = some { .not(.eq(name(), 3)) }
        explanation.considered = some {
            Explanation.Candidate(way: name(), expected: count(), cost: values.float())
        }
        explanation.expected = maybe(count)
        explanation.entries = count()
        explanation.read = count()
        explanation.matched = count()
        explanation.microseconds = count()
        return explanation
    }

    func edgeFind() -> Find {
        Find(
            edges: name(),
            where: maybe { filter() },
            order: some { Order(name()) },
            after: maybe(values.text),
            select: maybe { some(projection) },
            explained: flag()
        )
    }
}
