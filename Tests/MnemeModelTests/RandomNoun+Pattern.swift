import MnemeBase

@testable import MnemeModel

extension RandomNoun {
    func pattern() -> Pattern {
        let nodes = some {
            PatternNode(
                name(),
                keys: maybe { some(key) },
                owner: maybe(name),
                where: maybe { filter() }
            )
        }
        return Pattern(
            Dictionary(nodes.enumerated().map { ("n\($0)", $1) }) { $1 },
            some(patternStep),
            different: some { some(name) },
            owner: maybe(name),
            asOf: maybe(instant),
            select: maybe { some(name) },
            distinct: flag(),
            order: some { Order(name(), descending: flag()) },
            limit: maybe(count) ?? 100,
            offset: maybe(count) ?? 0,
            countOnly: flag(),
            work: maybe(count) ?? Pattern.standardWork,
            explained: flag()
        )
    }

    func patternStep() -> PatternStep {
        switch random.below(4) {
        case 0: PatternStep(name(), to: name(), .reference(name()))
        case 1: PatternStep(name(), to: name(), .equal(["a": name(), "$key": name()]))
        case 2: PatternStep(name(), to: name(), .edges(Optional<[String]>.none))
        default:
            PatternStep(
                name(),
                to: name(),
                .edges(
                    maybe { some(name) },
                    word(),
                    where: maybe { filter() },
                    hops: flag() ? 1 : count()
                ),
                as: maybe(name)
            )
        }
    }

    func matched() -> Matched {
        Matched(
            rows: some(fields),
            count: count(),
            isComplete: flag(),
            sequence: sequence(),
            plan: values.text(),
            explanation: maybe {
                MatchExplanation(
                    stages: some {
                        MatchExplanation.Stage(
                            way: values.text(),
                            expected: values.float(),
                            entries: count(),
                            rows: count()
                        )
                    },
                    work: count(),
                    microseconds: count()
                )
            }
        )
    }
}
