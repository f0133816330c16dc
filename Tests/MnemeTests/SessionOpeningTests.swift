// Sessions under ids that the caller gives: found again, never taken from another, never twice.

import Mneme
import MnemeModel
import Testing

@Suite struct SessionOpeningTests {
    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do { try body() } catch { return (error as? MnemeError)?.code }
        return nil
    }

    @Test func aSessionHasTheIDThatItWasGiven() throws {
        let memory = try Memory.inMemory()
        let talk = SessionTerms(agent: "bot", id: "talk")
        let first = try memory.openSession(owner: "ann", on: talk)
        #expect(first.id == "talk" && first.isNew)
        #expect(first.terms == SessionTerms(agent: "bot"))
        _ = try memory.append(to: "talk", [Remember("Tea?", owner: "")])
        let again = try memory.openSession(owner: "ann", on: talk)
        #expect(!again.isNew && again.id == "talk" && again.entryCount == 1)
        #expect(again == (try memory.openSession(owner: "ann")))
        // One within it has an id of its own.
        let inner = SessionTerms(parent: "talk", id: "plan")
        #expect(try memory.openSession(owner: "ann", on: inner).isNew)
        #expect(try memory.openSession(owner: "ann", on: inner).id == "plan")
        try memory.close()
    }

    /// What is refused starts nothing and ends nothing.
    @Test func anIDIsOfOneSession() throws {
        let memory = try Memory.inMemory()
        func open(_ owner: String, _ id: String, parent: String? = nil) throws -> Session {
            try memory.openSession(owner: owner, on: SessionTerms(parent: parent, id: id))
        }
        _ = try open("ann", "talk")
        let before = try memory.find(Find("sessions")).rows
        #expect(code { _ = try open("ann", "other") } == .duplicate)
        #expect(code { _ = try open("bob", "talk") } == .duplicate)
        #expect(code { _ = try open("ann", "talk", parent: "talk") } == .duplicate)
        #expect(code { _ = try open("bob", "") } == .badRequest)
        #expect(try memory.find(Find("sessions")).rows == before)
        _ = try memory.endSession("talk")
        #expect(code { _ = try open("ann", "talk") } == .duplicate)
        #expect(try open("ann", "other").isNew)
        try memory.close()
    }

    @Test func anIdleSessionKeepsItsID() throws {
        let memory = try Memory.inMemory()
        let past = Value.instant(Instant(microseconds: 1_000_000))
        _ = try memory.commit([
            .put(
                Put(
                    "sessions",
                    "talk",
                    [
                        "owner": "ann", "slot": "open", "entryCount": 0, "startedAt": past,
                        "lastAt": past,
                    ]
                )
            )
        ])
        let talk = SessionTerms(id: "talk")
        #expect(code { _ = try memory.openSession(owner: "ann", on: talk) } == .sessionEnded)
        #expect(try memory.session("talk").endedAt == nil)
        let next = try memory.openSession(owner: "ann", on: SessionTerms(id: "next"))
        #expect(next.isNew && next.replaced == "talk")
        #expect(try memory.session("talk").endedAt != nil)
        try memory.close()
    }
}
