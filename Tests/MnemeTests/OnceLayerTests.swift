// What the memory layer's verbs answer where they are asked again under an idempotency key: the
// same, and nothing is done.

import MnemeModel
import Testing

@testable import Mneme

@Suite struct OnceLayerTests {
    private func again(
        _ memory: Memory,
        _ request: Request,
        key: String = "k"
    ) throws -> (Response, Response) {
        let first = try memory.perform(.once(key: key, request))
        let sequence = try memory.statistics().sequence
        let second = try memory.perform(.once(key: key, request))
        #expect(try memory.statistics().sequence == sequence, "\(request.verb) was done again")
        return (first, second)
    }

    @Test func aSessionEndsOnce() throws {
        let memory = try Memory.inMemory()
        let session = try memory.openSession(owner: "ann")
        let entries = ["One.", "Two."].map { Remember($0, owner: "", kind: .working) }
        _ = try memory.append(to: session.id, entries)
        var linked = Remember("Ann counts.", owner: "", key: "counts", kind: .semantic)
        linked.links = [MemoryLink("about", to: "counts")]
        let extra: [String: Value] = [
            "text": "x", "owner": "ann", "kind": "semantic",
            "time": .instant(session.startedAt),
        ]
        let closing = SessionClosing(
            flushes: true,
            facts: [linked, Remember("Ann stops.", owner: "", key: "stops")],
            changes: [.put(Put("memories", "extra", extra))]
        )
        let (first, second) = try again(
            memory,
            .endSession(id: session.id, summary: "Counting.", closing)
        )
        guard case .session(let ended) = first, case .session(var repeated) = second else {
            Issue.record("\(first), \(second)")
            return
        }
        #expect(ended.flushed == 2 && ended.facts == ["counts", "stops"] && !ended.isRepeated)
        #expect(repeated.isRepeated)
        repeated.isRepeated = false
        #expect(repeated == ended)
    }

    @Test func whatExpiresWithASessionIsNotFlushed() throws {
        let memory = try Memory.inMemory()
        let terms = SessionTerms(secondsAfterEnd: 60)
        let session = try memory.openSession(owner: "ann", on: terms)
        var note = Remember("A note.", owner: "", kind: .semantic)
        note.layers = [.session]
        _ = try memory.append(to: session.id, [note, Remember("One.", owner: "", kind: .working)])
        let request = Request.endSession(
            id: session.id,
            summary: nil,
            SessionClosing(flushes: true, facts: [Remember("F.", owner: "", key: "f")])
        )
        let (first, second) = try again(memory, request)
        guard case .session(let ended) = first, case .session(let repeated) = second else {
            Issue.record("\(first), \(second)")
            return
        }
        #expect(ended.flushed == 1 && ended.facts == ["f"])
        #expect(repeated.flushed == 1 && repeated.facts == ["f"] && repeated.isRepeated)
    }

    @Test func namedValuesAndPinsAreMadeOnce() throws {
        let memory = try Memory.inMemory()
        let put = NamedCall("ann", .put([NamedValue("hello", "Hi")]))
        _ = try again(memory, .procedure(put), key: "put")
        _ = try again(memory, .document(put), key: "document")
        let use = NamedCall("ann", .use(name: "hello", succeeded: true))
        let (_, second) = try again(memory, .procedure(use), key: "use")
        guard case .committed(let committed) = second else {
            Issue.record("\(second)")
            return
        }
        #expect(committed.isRepeated)
        let got = try memory.procedure(NamedCall("ann", .get(["hello"])))
        guard case .records(let records) = got else {
            Issue.record("\(got)")
            return
        }
        #expect(records.first??["uses"] == 1)
        // A use of what was deleted since is answered all the same.
        _ = try memory.procedure(NamedCall("ann", .delete(["hello"])))
        _ = try memory.perform(.once(key: "use", .procedure(use)))
        _ = try memory.remember("Tea.", owner: "ann")
        let list = NamedCall("ann", .list(NamedList()))
        #expect(throws: MnemeError.self) {
            try memory.perform(.once(key: "list", .procedure(list)))
        }
        _ = try memory.remember([Remember("Tea.", owner: "ann", key: "tea")])
        _ = try again(memory, .pin(Pin(["tea"])), key: "pin")
    }

    @Test func aMemoryIsSupersededOnce() throws {
        let memory = try Memory.inMemory()
        _ = try memory.remember([Remember("Ann drinks tea.", owner: "ann", key: "tea")])
        let revision = Revision("tea", Remember("Ann drinks coffee.", owner: "ann"))
        let (first, second) = try again(memory, .supersede(revision))
        guard case .remembered(let made) = first, case .remembered(let repeated) = second else {
            Issue.record("\(first), \(second)")
            return
        }
        #expect(repeated.isRepeated && repeated.keys == made.keys)
        #expect(repeated.outcomes == [.superseded])
        #expect(throws: MnemeError.self) { try memory.perform(.supersede(revision)) }
        var other = revision
        other.by = "REPLACES"
        #expect(throws: MnemeError.self) { try memory.perform(.once(key: "k", .supersede(other))) }
    }

    @Test func eventsAreScheduledAndSettledOnce() throws {
        let memory = try Memory.inMemory()
        let past = try #require(Instant("2024-01-31T09:00:00Z"))
        let schedules = [
            Schedule(at: past, owner: "ann", recurrence: Recurrence(every: .month)),
            Schedule(at: past, owner: "ann", payload: ["ask": "exam"]),
        ]
        let (made, same) = try again(memory, .schedule(schedules), key: "schedule")
        guard case .events(let events) = made, case .events(let repeated) = same else {
            Issue.record("\(made), \(same)")
            return
        }
        #expect(repeated.isRepeated && repeated.events == events.events)
        #expect(try memory.dueEvents().events.count == 2)
        let claimed = try memory.claimEvents(EventClaim(limit: 2)).events
        let outcomes: [Settlement.Outcome] = [.extended, .done]
        for outcome in outcomes {
            for event in claimed {
                let lease = try #require(
                    outcome == .extended
                        ? event.lease
                        : memory.get(event.reference).flatMap {
                            EventTable.instant($0["leaseUntil"])
                        }
                )
                let settlement = Settlement(
                    event.reference,
                    outcome,
                    lease: lease,
                    leaseSeconds: outcome == .extended ? 600 : nil
                )
                let (first, second) = try again(
                    memory,
                    .settleEvent(settlement),
                    key: "\(outcome) \(event.reference)"
                )
                guard case .events(let done) = first, case .events(let told) = second else {
                    Issue.record("\(first), \(second)")
                    return
                }
                #expect(told.isRepeated && told.events == done.events)
            }
        }
        #expect(throws: MnemeError.self) {
            try memory.perform(.once(key: "claim", .claimEvents(EventClaim())))
        }
    }

    @Test func aScalarIsMovedOnce() throws {
        let memory = try Memory.inMemory()
        let change = ScalarChange("mood", owner: "bot", by: 0.25, decay: 0, trigger: "joke")
        let (first, second) = try again(memory, .setScalar(change))
        guard case .scalars(let set) = first, case .scalars(let repeated) = second else {
            Issue.record("\(first), \(second)")
            return
        }
        #expect(repeated.isRepeated && repeated.scalars == set.scalars)
        _ = try memory.setScalar(change)
        let now = try memory.scalars(ScalarQuestion(owner: "bot", history: 9)).scalars
        #expect(now.first?.value == 0.5 && now.first?.history.count == 2)
        // What came since is no part of the answer.
        let later = try memory.perform(.once(key: "k", .setScalar(change)))
        guard case .scalars(let old) = later else {
            Issue.record("\(later)")
            return
        }
        #expect(old.scalars == set.scalars)
    }
}
