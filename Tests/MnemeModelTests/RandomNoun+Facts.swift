// Nouns of facts: what is used, revised, pinned, asked about, judged and pruned.

import MnemeModel

extension RandomNoun {
    func factRequests() -> [Request] {
        [
            .touch(Touch(some(key), in: name(), reinforcement: values.float())),
            .supersede(
                Revision(
                    key(),
                    remember(),
                    at: maybe(instant),
                    by: name(),
                    reason: maybe(values.text)
                )
            ),
            .pin(Pin(some(key), in: name(), isPinned: flag())),
            .why(Why(key(), in: name(), depth: count())),
            .upkeep(
                Upkeep(
                    word(),
                    in: name(),
                    owner: maybe(name),
                    near: maybe(values.float),
                    below: values.float(),
                    limit: count(),
                    after: maybe(key)
                )
            ),
            .prune(
                Prune(
                    maybe(name),
                    in: name(),
                    records: maybe(count),
                    bytes: maybe(count),
                    below: maybe(values.float),
                    isDry: flag(),
                    erases: flag()
                )
            ),
        ]
    }

    func factResponses() -> [Response] {
        [
            .touched(
                Touched(accesses: some { maybe(access) }, sequence: sequence())
            ),
            .provenance(
                Provenance(
                    record: record(),
                    access: maybe(access),
                    steps: some {
                        var step = Provenance.Step(
                            reference(),
                            of: reference(),
                            by: name(),
                            depth: count(),
                            record: maybe(record)
                        )
                        step.reason = maybe(name)
                        return step
                    },
                    isWhole: flag(),
                    sequence: sequence()
                )
            ),
            .candidates(
                Candidates(
                    kind: word(),
                    items: some { Candidates.Item(some(record), score: values.float()) },
                    looked: count(),
                    next: maybe(key),
                    sequence: sequence()
                )
            ),
        ]
    }

    func vectorQuestion() -> VectorQuestion {
        var question = VectorQuestion(
            collection: maybe(name),
            field: maybe(name),
            recall: maybe { 0.625 },
            sample: count()
        )
        if question.collection == nil { question.edges = maybe(name) }
        return question
    }

    func forgotten() -> Forgotten {
        Forgotten(
            count: count(),
            derived: count(),
            bytes: maybe(count),
            references: some(reference),
            isDry: flag(),
            sequence: sequence()
        )
    }

    func forget() -> Forget {
        var forget = Forget(
            keys: some(key),
            owner: maybe(name),
            where: maybe { filter() },
            collection: maybe(name) ?? "memories",
            erases: flag()
        )
        forget.mode = word()
        forget.derived = flag()
        forget.reason = maybe(values.text)
        return forget
    }

    func remembered() -> Remembered {
        var remembered = Remembered(
            keys: some(key),
            sequence: sequence(),
            isRepeated: flag(),
            evicted: some(reference)
        )
        remembered.outcomes = some { word() }
        remembered.similar = some { some { Remembered.Similar(key(), score: values.float()) } }
        return remembered
    }

    /// Adds what is said of facts.
    func addFacts(to memory: inout Remember) {
        if flag() { memory.collection = name() }
        memory.confidence = maybe(values.float)
        memory.validFrom = maybe(instant)
        memory.validTo = maybe(instant)
        memory.source = Remember.Source(agent: maybe(name), tool: maybe(name), from: some(key))
        memory.layers = some { word() }
        memory.onDuplicate = maybe { word() }
        if flag() { memory.near = values.float() }
    }

    private func access() -> Access {
        Access(count: count(), at: instant(), reinforcement: values.float())
    }
}
