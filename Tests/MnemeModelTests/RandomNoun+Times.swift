import MnemeBase

@testable import MnemeModel

extension RandomNoun {
    /// Requests about events and scalars.
    func timedRequests() -> [Request] {
        [
            .schedule(
                some {
                    Schedule(
                        at: instant(),
                        owner: maybe(name),
                        key: maybe(key),
                        payload: flag() ? .null : values.value(depth: 1),
                        recurrence: maybe(recurrence),
                        fields: fields(),
                        in: maybe(name) ?? "events"
                    )
                }
            ),
            .dueEvents(
                DueQuestion(
                    maybe(name) ?? "events",
                    owner: maybe(name),
                    until: maybe(instant),
                    limit: count()
                )
            ),
            .claimEvents(
                EventClaim(
                    maybe(name) ?? "events",
                    owner: maybe(name),
                    limit: count(),
                    leaseSeconds: maybe(count)
                )
            ),
            .settleEvent(
                Settlement(
                    reference(),
                    word(),
                    lease: maybe(instant),
                    leaseSeconds: maybe(count)
                )
            ),
            .setScalar(
                ScalarChange(
                    name(),
                    owner: name(),
                    value: maybe { 0.5 },
                    by: maybe { -0.25 },
                    rest: maybe { 0.125 },
                    decay: maybe { 0.05 },
                    minimum: maybe { -1 },
                    maximum: maybe { 1 },
                    trigger: maybe(name),
                    reason: maybe(values.text)
                )
            ),
            .scalars(
                ScalarQuestion(
                    owner: name(),
                    name: maybe(name),
                    asOf: maybe(instant),
                    history: count()
                )
            ),
        ]
    }

    /// What is answered to them.
    func timedResponses() -> [Response] {
        var events = Events(some(event), hasMore: flag(), at: instant(), sequence: sequence())
        events.isRepeated = flag()
        var scalars = Scalars(some(scalar), at: instant(), sequence: sequence())
        scalars.isRepeated = flag()
        return [.events(events), .scalars(scalars)]
    }

    private func recurrence() -> Recurrence {
        // Instants of a rule are texts, which years of more than four digits cannot be.
        func start() -> Instant { Instant(microseconds: Int64(random.below(1 << 50))) }
        return Recurrence(
            every: word(),
            interval: 1 + random.below(9),
            weekdays: some { word() },
            week: maybe { -1 },
            days: some { random.below(31) },
            months: some { random.below(12) },
            zone: maybe(name) ?? "UTC",
            start: maybe(start),
            until: maybe(start),
            count: maybe(count),
            shortMonth: word(),
            catchUp: word()
        )
    }

    private func event() -> Event {
        Event(
            reference(),
            owner: maybe(name),
            status: name(),
            at: instant(),
            next: maybe(instant),
            lease: maybe(instant),
            payload: flag() ? .null : values.value(depth: 1),
            recurrence: maybe(recurrence),
            problem: maybe(values.text)
        )
    }

    private func scalar() -> Scalar {
        Scalar(
            name(),
            owner: name(),
            value: 0.5,
            rest: 0.25,
            decay: 0.05,
            minimum: maybe { -1 },
            maximum: maybe { 1 },
            last: scalarChange(),
            history: some(scalarChange)
        )
    }

    private func scalarChange() -> Scalar.Change {
        Scalar.Change(
            number: Int64(count()),
            at: instant(),
            before: 0.5,
            value: 0.75,
            trigger: maybe(name),
            reason: maybe(values.text)
        )
    }
}
