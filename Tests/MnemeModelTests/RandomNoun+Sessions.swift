// Random requests and answers of sessions, and of what they leave.

import MnemeBase
import MnemeModel

extension RandomNoun {
    func terms() -> SessionTerms {
        SessionTerms(
            parent: maybe(name),
            agent: maybe(name),
            secondsAfterEnd: maybe(count),
            data: values.value()
        )
    }

    /// Terms with the id of the session that they start.
    func openingTerms() -> SessionTerms {
        var terms = terms()
        terms.id = maybe(name)
        return terms
    }

    func closing() -> SessionClosing {
        SessionClosing(flushes: flag(), facts: some(remember), changes: some(change))
    }

    func session() -> Session {
        var session = Session(
            id: name(),
            owner: name(),
            startedAt: instant(),
            lastAt: instant(),
            endedAt: maybe(instant),
            entryCount: values.int(),
            summary: maybe(values.text),
            isNew: flag(),
            evicted: some(reference)
        )
        session.terms = terms()
        session.replaced = maybe(name)
        session.episode = maybe(reference)
        session.flushed = maybe(values.int)
        session.facts = some(key)
        session.isRepeated = flag()
        return session
    }

    func contextQuestion() -> ContextQuestion {
        ContextQuestion(
            key(),
            tokens: count(),
            lane: maybe(name),
            withParents: flag(),
            question: maybe(values.text) ?? "",
            vectors: maybe { ["v": vector()] } ?? [:],
            recallTokens: maybe(count),
            limit: count(),
            collection: maybe(name) ?? "memories",
            owner: maybe(name),
            tokensField: maybe(name)
        )
    }

    func context() -> SessionContext {
        let recalled = recalled()
        return SessionContext(
            entries: some(record),
            recalled: recalled.items,
            leftOut: count(),
            recallLeftOut: recalled.leftOut,
            tokens: count(),
            sequence: sequence()
        )
    }

    func rehydration() -> Rehydration {
        Rehydration(
            key(),
            summaryOnly: flag(),
            limit: maybe(count),
            after: maybe(name),
            collection: maybe(name) ?? "memories",
            owner: maybe(name)
        )
    }

    func rehydrated() -> Rehydrated {
        Rehydrated(
            session: maybe(session),
            lanes: maybe { [name(): count()] } ?? [:],
            entries: some(record),
            missing: values.int(),
            next: maybe(name),
            sequence: sequence()
        )
    }

    func episodeQuestion() -> EpisodeQuestion {
        EpisodeQuestion(
            maybe(values.text) ?? "",
            vectors: maybe { ["v": vector()] } ?? [:],
            owner: maybe(name),
            from: maybe(instant),
            to: maybe(instant),
            agent: maybe(name),
            where: maybe { filter() },
            limit: count(),
            after: maybe(name)
        )
    }

    func named() -> NamedCall {
        let all: [NamedCall.What] = [
            .put(
                some {
                    NamedValue(
                        name(),
                        values.value(),
                        text: maybe(values.text),
                        type: maybe(name),
                        tags: some(values.text)
                    )
                }
            ),
            .get(some(name)), .delete(some(name)), .use(name: name(), succeeded: flag()),
            .list(
                NamedList(
                    prefix: maybe(name) ?? "",
                    where: maybe { filter() },
                    bestFirst: flag(),
                    limit: count(),
                    after: maybe(name)
                )
            ),
            .search(NamedSearch(values.text(), where: maybe { filter() }, limit: count())),
        ]
        return NamedCall(name(), all[random.below(all.count)])
    }
}
