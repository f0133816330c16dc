// The same request under the same idempotency key by two at the same time: it is done once, and
// both get the same answer, whatever the first one has changed before the second one looks.

import MnemeBase
import MnemeModel
import Synchronization
import Testing

@testable import Mneme

@Suite struct OnceTogetherTests {
    private let pool = WorkerPool(threadCount: 2)

    /// What two get who ask for the same; `isHeld`: both have begun before either gets on.
    private func together(
        _ memory: Memory,
        _ request: Request,
        key: String = "k",
        isHeld: Bool = false
    ) throws -> [Response] {
        let answers = Mutex<[Response]>([])
        let failures = Mutex<[String]>([])
        let begun = (0..<2).map { _ in Gate() }
        let ended = (0..<2).map { _ in Gate() }
        func ask() {
            for number in 0..<2 {
                pool.submit {
                    begun[number].open()
                    do throws(MnemeError) {
                        let answer = try memory.perform(.once(key: key, request))
                        answers.withLock { $0.append(answer) }
                    } catch { failures.withLock { $0.append("\(error)") } }
                    ended[number].open()
                }
            }
        }
        if isHeld {
            try memory.alone { () throws(MnemeError) in
                ask()
                for gate in begun { gate.wait() }
                // Long enough for both to come as far as they get.
                _ = Gate().wait(atMost: 20_000)
            }
        } else {
            ask()
        }
        for gate in ended { gate.wait() }
        #expect(failures.withLock { $0 } == [])
        return answers.withLock { $0 }
    }

    private func count(_ memory: Memory) throws -> Int {
        try memory.find(Find("memories", limit: 1000)).rows.count
    }

    @Test func aSessionEnds() throws {
        let memory = try Memory.inMemory()
        for round in 0..<5 {
            let session = try memory.openSession(owner: "ann")
            let entry = Remember("One.", owner: "", kind: .working)
            _ = try memory.append(to: session.id, [entry])
            let request = Request.endSession(
                id: session.id,
                summary: nil,
                SessionClosing(flushes: true, facts: [Remember("F \(round).", owner: "")])
            )
            let answers = try together(memory, request, key: "\(round)", isHeld: true)
            let sessions = answers.compactMap { answer in
                if case .session(let session) = answer { session } else { nil }
            }
            #expect(sessions.map(\.flushed) == [1, 1])
            #expect(Set(sessions.map(\.facts)).count == 1 && sessions.first?.facts.count == 1)
            #expect(sessions.count { $0.isRepeated } == 1)
        }
        #expect(try count(memory) == 10)
    }

    @Test func entriesAreAppendedAndUnlikeMemoriesRemembered() throws {
        let memory = try Memory.inMemory()
        let session = try memory.openSession(owner: "ann")
        let entries = [Remember("One.", owner: ""), Remember("Two.", owner: "")]
        var unlike = Remember("Ann drinks tea.", owner: "bob")
        unlike.onDuplicate = .skip
        for request in [
            Request.appendToSession(id: session.id, entries: entries), .remember([unlike]),
        ] {
            let answers = try together(memory, request, key: request.verb, isHeld: true)
            let remembered = answers.compactMap { answer in
                if case .remembered(let remembered) = answer { remembered } else { nil }
            }
            #expect(remembered.count == 2 && Set(remembered.map(\.keys)).count == 1)
            #expect(remembered.count { $0.isRepeated } == 1)
        }
        #expect(try memory.session(session.id).entryCount == 2)
        #expect(try count(memory) == 3)
    }

    @Test func anEventIsSettled() throws {
        let memory = try Memory.inMemory()
        let past = try #require(Instant("2024-01-31T09:00:00Z"))
        for round in 0..<100 {
            _ = try memory.perform(.schedule([Schedule(at: past, owner: "ann")]))
            let event = try #require(try memory.claimEvents(EventClaim(limit: 1)).events.first)
            let settlement = Settlement(event.reference, .done, lease: event.lease)
            let answers = try together(memory, .settleEvent(settlement), key: "\(round)")
            let settled = answers.compactMap { answer in
                if case .events(let events) = answer { events } else { nil }
            }
            #expect(settled.count == 2 && settled.count { $0.isRepeated } == 1)
            #expect(Set(settled.map { $0.events.map(\.status) }).count == 1)
        }
    }

    @Test func aMemoryIsSuperseded() throws {
        let memory = try Memory.inMemory()
        for round in 0..<50 {
            let key = Key.text("tea \(round)")
            _ = try memory.remember([Remember("Ann drinks tea.", owner: "ann", key: key)])
            let revision = Revision(key, Remember("Ann drinks coffee.", owner: "ann"))
            let answers = try together(memory, .supersede(revision), key: "\(round)")
            let made = answers.compactMap { answer in
                if case .remembered(let remembered) = answer { remembered } else { nil }
            }
            #expect(made.count == 2 && Set(made.map(\.keys)).count == 1)
            #expect(made.count { $0.isRepeated } == 1)
        }
        #expect(try count(memory) == 100)
    }
}
