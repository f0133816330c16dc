// Events: due, claimed by one alone, lost with their lease, armed again, in the memory layer's own
// collection and in a service's table.

import MnemeBase
import MnemeModel
import Synchronization
import Testing

@testable import Mneme
@testable import MnemeStore

/// A clock that the test sets, forwards or back.
final class SetClock: Clock {
    private let time: Mutex<Microseconds>

    init(_ start: String) { time = Mutex(Instant(start)?.microseconds ?? 0) }

    func now() -> Microseconds { time.withLock { $0 } }
    func elapsed() -> Microseconds { 0 }
    func set(_ instant: String) { time.withLock { $0 = Instant(instant)?.microseconds ?? $0 } }
    func pass(seconds: Int64) { time.withLock { $0 += seconds * 1_000_000 } }
}

/// A memory whose time the test makes.
struct TimedMemory {
    let clock: SetClock
    let disk = MemoryDisk()
    private(set) var memory: Memory

    init(_ start: String = "2024-05-08T09:00:00Z", inBackground: Bool = false) throws {
        clock = SetClock(start)
        memory = try Self.open(.create, disk, clock, inBackground)
    }

    /// Closes it and opens it again.
    mutating func reopen() throws {
        try memory.close()
        memory = try Self.open(.open, disk, clock, false)
    }

    private static func open(
        _ mode: StoreMode,
        _ disk: MemoryDisk,
        _ clock: SetClock,
        _ inBackground: Bool
    ) throws -> Memory {
        var files = StoreOptions()
        files.disk = disk
        files.clock = clock
        files.worksInBackground = inBackground
        var options = MemoryOptions()
        options.embedsText = false
        return try Memory(store: Store.open("times", mode, options: files), options: options)
    }

    func refusal(_ body: (Memory) throws -> Void) -> MnemeError.Code? {
        do {
            try body(memory)
            return nil
        } catch { return (error as? MnemeError)?.code }
    }
}

@Suite struct EventTests {
    private func at(_ text: String) throws -> Instant { try #require(Instant(text)) }

    private func event(
        _ key: Key,
        at instant: String,
        owner: String = "ann",
        _ rule: Recurrence? = nil
    ) throws -> Schedule {
        Schedule(
            at: try at(instant),
            owner: owner,
            key: key,
            payload: ["what": .text("\(key)")],
            recurrence: rule
        )
    }

    @Test func whatIsDueIsClaimedOnceAndSettled() throws {
        let world = try TimedMemory()
        let memory = world.memory
        #expect(try memory.dueEvents().events.isEmpty)
        #expect(try memory.claimEvents().events.isEmpty)
        let made = try memory.schedule([
            try event("late", at: "2024-05-08T10:00:00Z"),
            try event("soon", at: "2024-05-08T09:30:00Z", owner: "ann/work"),
            try event("other", at: "2024-05-08T08:00:00Z", owner: "bob"),
        ])
        #expect(made.events.map(\.reference.key) == ["late", "soon", "other"])
        let ann = DueQuestion(owner: "ann")
        #expect(try memory.dueEvents(ann).events.isEmpty)
        let soon = try memory.dueEvents(DueQuestion(until: at("2024-05-08T12:00:00Z"), limit: 2))
        #expect(soon.events.map(\.reference.key) == ["other", "soon"] && soon.hasMore)
        world.clock.set("2024-05-08T11:00:00Z")
        #expect(try memory.dueEvents(ann).events.map(\.reference.key) == ["soon", "late"])
        let first = try memory.claimEvents(EventClaim(owner: "ann", leaseSeconds: 300))
        let mine = try #require(first.events.first)
        #expect(mine.reference.key == "soon" && mine.status == "claimed")
        #expect(mine.payload == ["what": "soon"] && mine.next == nil)
        #expect(mine.lease == (try at("2024-05-08T11:05:00Z")))
        #expect(
            try memory.claimEvents(EventClaim(owner: "ann", limit: 9)).events.map(\.reference.key)
                == ["late"]
        )
        #expect(try memory.claimEvents(EventClaim(owner: "ann")).events.isEmpty)
        let done = try memory.settle(Settlement(mine.reference, lease: mine.lease))
        #expect(done.status == "done" && done.lease == nil)
        #expect(
            world.refusal { try $0.settle(Settlement(mine.reference, lease: mine.lease)) }
                == .leaseLost
        )
        world.clock.set("2025-01-01T00:00:00Z")
        let left = try memory.dueEvents().events.map(\.reference.key)
        #expect(left == ["other", "late"])
        #expect(try memory.verify().findings == [])
    }

    @Test func whoIsTooLateLosesTheLease() throws {
        var world = try TimedMemory()
        _ = try world.memory.schedule([try event("e", at: "2024-05-08T09:00:00Z")])
        let claim = EventClaim(leaseSeconds: 60)
        let dead = try #require(try world.memory.claimEvents(claim).events.first)
        world.clock.pass(seconds: 59)
        #expect(try world.memory.claimEvents(claim).events.isEmpty)
        try world.reopen()
        world.clock.pass(seconds: 1)
        #expect(try world.memory.dueEvents().events.map(\.at) == [dead.at])
        let heir = try #require(try world.memory.claimEvents(claim).events.first)
        #expect(heir.at == dead.at && heir.lease != dead.lease)
        for outcome in Settlement.Outcome.allCases {
            let late = Settlement(dead.reference, outcome, lease: dead.lease)
            #expect(world.refusal { try $0.settle(late) } == .leaseLost)
        }
        // Given back, taken again, and held for longer; no lease comes twice.
        let memory = world.memory
        _ = try memory.settle(Settlement(heir.reference, .released, lease: heir.lease))
        let third = try #require(try memory.claimEvents(claim).events.first)
        let stale = Settlement(heir.reference, lease: heir.lease)
        #expect(third.lease != heir.lease && third.at == heir.at)
        #expect(world.refusal { try $0.settle(stale) } == .leaseLost)
        let longer = try memory.settle(
            Settlement(third.reference, .extended, lease: third.lease, leaseSeconds: 600)
        )
        world.clock.pass(seconds: 599)
        #expect(try memory.claimEvents(claim).events.isEmpty)
        // Late, but before anybody else.
        world.clock.pass(seconds: 60)
        _ = try memory.settle(Settlement(third.reference, lease: longer.lease))
        #expect(try memory.dueEvents().events.isEmpty)
    }

    @Test func whatComesAgainIsArmedByTheClaim() throws {
        let world = try TimedMemory("2024-01-31T09:00:00Z")
        let memory = world.memory
        _ = try memory.schedule([
            try event("rent", at: "2024-01-31T09:00:00Z", Recurrence(every: .month))
        ])
        var days: [String] = []
        for _ in 0..<4 {
            let claimed = try #require(try memory.claimEvents().events.first)
            days.append(String(claimed.at.description.prefix(10)))
            // The next one waits for this one.
            let next = try #require(claimed.next)
            world.clock.set(next.description)
            if days.count < 4 {
                let settled = try memory.settle(
                    Settlement(claimed.reference, lease: claimed.lease)
                )
                #expect(settled.status == "pending" && settled.next == next)
            }
        }
        #expect(days == ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"])
        // The last one was not settled: the same occurrence comes, with the one after it.
        let again = try #require(try memory.claimEvents().events.first)
        #expect(again.at == (try at("2024-04-30T09:00:00Z")))
        #expect(again.next == (try at("2024-05-31T09:00:00Z")))
        _ = try memory.settle(Settlement(again.reference, .cancelled))
        world.clock.set("2030-01-01T00:00:00Z")
        #expect(try memory.claimEvents().events.isEmpty)
    }

    @Test func whatWasMissedComesOnceOrEach() throws {
        let world = try TimedMemory()
        let memory = world.memory
        _ = try memory.schedule([
            try event("once", at: "2024-01-01T00:30:00Z", Recurrence(every: .hour)),
            try event(
                "each",
                at: "2024-05-08T00:00:00Z",
                Recurrence(every: .hour, count: 4, catchUp: .each)
            ),
        ])
        // More than three thousand hours after the first of one, and after all of the other.
        let claim = EventClaim(leaseSeconds: 0)
        let first = try #require(try memory.claimEvents(claim).events.first)
        #expect(first.reference.key == "once" && first.status == "pending")
        #expect(first.at == (try at("2024-01-01T00:30:00Z")))
        #expect(first.next == (try at("2024-05-08T09:30:00Z")))
        var hours: [String] = []
        while let next = try memory.claimEvents(claim).events.first {
            #expect(next.reference.key == "each")
            hours.append(String(next.at.description.dropFirst(11).prefix(2)))
        }
        #expect(hours == ["00", "01", "02", "03"])
        let record = try #require(try memory.get(Reference("events", "each")))
        #expect(record["status"] == "done")
    }

    /// Six threads: each occurrence goes to one of them.
    @Test func eachOccurrenceGoesToOne() throws {
        let world = try TimedMemory(inBackground: true)
        let memory = world.memory
        let count = 120
        _ = try memory.schedule(
            try (0..<count).map { number in
                try event(
                    .text("e\(number)"),
                    at: "2024-05-08T08:00:00Z",
                    number % 3 == 0
                        ? Recurrence(every: .hour, interval: 1, count: 2, catchUp: .each) : nil
                )
            }
        )
        let taken = Mutex<[String]>([])
        let failures = Mutex<[String]>([])
        let pool = WorkerPool(threadCount: 6)
        let gates = (0..<6).map { _ in Gate() }
        for (number, gate) in gates.enumerated() {
            pool.submit {
                do throws(MnemeError) {
                    let claim = EventClaim(limit: 1 + number, leaseSeconds: number % 2 * 600)
                    while true {
                        let events = try memory.claimEvents(claim).events
                        if events.isEmpty { break }
                        taken.withLock { all in
                            all += events.map { "\($0.reference.key) \($0.at)" }
                        }
                        for event in events where event.lease != nil {
                            try memory.settle(Settlement(event.reference, lease: event.lease))
                        }
                    }
                } catch { failures.withLock { $0.append("\(error)") } }
                gate.open()
            }
        }
        for gate in gates { gate.wait() }
        let all = taken.withLock { $0 }
        #expect(failures.withLock { $0 } == [])
        #expect(all.count == count + count / 3 && Set(all).count == all.count)
        #expect(try memory.dueEvents().events.isEmpty)
        #expect(try memory.verify().findings == [])
        try memory.close()
    }

    /// A table as a service has it: numbers as keys, words of its own, no owner and no leases.
    private func table() -> Collection {
        var roles = Roles()
        roles.triggerAt = "trigger_at"
        roles.status = "status"
        roles.payload = "context"
        roles.recurrence = "recurrence_rule"
        roles.claimedAt = "triggered_at"
        return Collection(
            "scheduled_events",
            key: .int,
            fields: [
                Field("user_id", .int, isRequired: true),
                Field("trigger_at", .instant, isRequired: true),
                Field("title", .text, isRequired: true),
                Field("context", .json),
                Field("recurrence_rule", .text),
                Field("status", .oneOf(["pending", "triggered", "cancelled"]), isRequired: true),
                Field("triggered_at", .instant),
            ],
            indexes: [Index("due", on: ["status", "trigger_at"])],
            roles: roles
        )
    }

    @Test func aServicesOwnTableServes() throws {
        let world = try TimedMemory()
        let memory = world.memory
        try memory.define(Schema(collections: [table()]))
        let made = try memory.schedule([
            Schedule(
                at: try at("2024-05-08T08:00:00Z"),
                recurrence: Recurrence(every: .year),
                fields: ["user_id": 7, "title": "birthday"],
                in: "scheduled_events"
            )
        ])
        let birthday = try #require(made.events.first).reference
        // One that the service put itself, with its own word.
        let put = Put(
            "scheduled_events",
            .int(900),
            [
                "user_id": 8, "title": "rent", "status": "pending", "recurrence_rule": "monthly",
                "trigger_at": .instant(try at("2024-05-08T08:30:00Z")),
            ]
        )
        _ = try memory.commit([.put(put)])
        let claimed = try memory.claimEvents(EventClaim("scheduled_events", limit: 5)).events
        #expect(claimed.map(\.reference.key) == [birthday.key, .int(900)])
        #expect(claimed.allSatisfy { $0.lease == nil && $0.status == "pending" })
        let records = try memory.get([birthday, Reference("scheduled_events", 900)])
        #expect(records[0]?["trigger_at"] == .instant(try at("2025-05-08T08:00:00Z")))
        #expect(records[0]?["title"] == "birthday")
        #expect(records[1]?["trigger_at"] == .instant(try at("2024-06-08T08:30:00Z")))
        #expect(records[1]?["recurrence_rule"] == "monthly")
        #expect(records[1]?["triggered_at"] == .instant(try at("2024-05-08T09:00:00Z")))
        #expect(
            world.refusal {
                _ = try $0.claimEvents(EventClaim("scheduled_events", leaseSeconds: 9))
            } == .badRequest
        )
        _ = try memory.settle(Settlement(birthday, .cancelled))
        #expect(try memory.get(birthday)?["status"] == "cancelled")
    }

    /// What cannot be read comes once, and holds nobody up.
    @Test func aBrokenRecurrenceHoldsNobodyUp() throws {
        let world = try TimedMemory()
        let memory = world.memory
        _ = try memory.schedule([try event("whole", at: "2024-05-08T08:10:00Z")])
        for (number, rule) in [
            "fortnightly", 7, ["every": "day", "zone": "Europe/Atlantis"],
            ["every": "month", "days": [0]],
        ].enumerated() as EnumeratedSequence<[Value]> {
            let fields: [String: Value] = [
                "owner": "ann", "status": "pending", "recurrence": rule,
                "triggerAt": .instant(try at("2024-05-08T08:00:00Z")),
            ]
            _ = try memory.commit([.put(Put("events", .text("b\(number)"), fields))])
        }
        let claimed = try memory.claimEvents(EventClaim(limit: 9)).events
        #expect(claimed.count == 5)
        #expect(claimed.count { $0.problem != nil } == 4)
        for event in claimed {
            let settled = try memory.settle(Settlement(event.reference, lease: event.lease))
            #expect(settled.status == "done")
        }
        #expect(try memory.dueEvents().events.isEmpty)
    }

    @Test func clocksThatGoBackChangeNothing() throws {
        var world = try TimedMemory()
        _ = try world.memory.schedule([try event("e", at: "2024-05-08T08:00:00Z")])
        let claimed = try #require(try world.memory.claimEvents().events.first)
        world.clock.set("2024-05-07T00:00:00Z")
        #expect(try world.memory.claimEvents().events.isEmpty)
        try world.reopen()
        // The lease lasts for a day longer, and is settled as ever.
        #expect(try world.memory.claimEvents().events.isEmpty)
        _ = try world.memory.settle(Settlement(claimed.reference, lease: claimed.lease))
        world.clock.set("2024-05-09T00:00:00Z")
        #expect(try world.memory.dueEvents().events.isEmpty)
    }

    @Test func whatIsWrongIsRefused() throws {
        let world = try TimedMemory()
        try world.memory.define(Schema(collections: [Collection("plain", fields: [])]))
        let good = try event("e", at: "2024-05-08T08:00:00Z")
        _ = try world.memory.schedule([good])
        func refused(_ code: MnemeError.Code, _ body: (Memory) throws -> Void) {
            #expect(world.refusal(body) == code)
        }
        func scheduling(_ code: MnemeError.Code, _ change: (inout Schedule) -> Void) {
            var schedule = good
            change(&schedule)
            refused(code) { _ = try $0.schedule([schedule]) }
        }
        scheduling(.unknownCollection) { $0.collection = "none" }
        scheduling(.badRequest) { $0.collection = "plain" }
        scheduling(.missingField) { $0.owner = nil }
        scheduling(.duplicate) { $0.owner = "bob" }
        scheduling(.unknownField) { $0.fields = ["colour": 1] }
        scheduling(.badRequest) { $0.fields = ["status": "done"] }
        scheduling(.badRequest) { $0.recurrence = Recurrence(every: .day, interval: 0) }
        scheduling(.unknownZone) { $0.recurrence = Recurrence(every: .day, zone: "Mars/Base") }
        scheduling(.badRequest) {
            $0.recurrence = Recurrence(
                every: .day,
                start: Instant("2020-01-01T00:00:00Z"),
                until: Instant("2021-01-01T00:00:00Z")
            )
        }
        for limit in [0, 1001] {
            refused(.badRequest) { _ = try $0.claimEvents(EventClaim(limit: limit)) }
        }
        for limit in [0, 10_001] {
            refused(.badRequest) { _ = try $0.dueEvents(DueQuestion(limit: limit)) }
        }
        for seconds in [-1, 2_592_001, .max, .min] {
            refused(.badRequest) { _ = try $0.claimEvents(EventClaim(leaseSeconds: seconds)) }
        }
        refused(.notFound) { _ = try $0.settle(Settlement(Reference("events", "none"))) }
        refused(.badRequest) { _ = try $0.settle(Settlement(Reference("events", "e"))) }
        // What is not extended has no time.
        refused(.badRequest) {
            _ = try $0.settle(Settlement(Reference("events", "e"), .cancelled, leaseSeconds: 9))
        }
        refused(.badRequest) { _ = try $0.claimEvents(EventClaim("plain")) }
        // Nothing of it has changed the event.
        #expect(try world.memory.dueEvents().events.map(\.reference.key) == ["e"])
    }

    /// What has expired, was withdrawn, or is another owner's is not handed out.
    @Test func whatIsNotThereIsNotHandedOut() throws {
        let world = try TimedMemory()
        let memory = world.memory
        _ = try memory.schedule(
            try (0..<6).map { try event(.text("e\($0)"), at: "2024-05-08T08:0\($0):00Z") }
        )
        let patch = Patch("events", "e0", [], expiry: .after(seconds: 1))
        _ = try memory.commit([.patch(patch), .delete(Reference("events", "e1"))])
        let range = DeleteWhere("events", where: .eq("payload", ["what": "e2"]))
        _ = try memory.perform(.deleteWhere(range), durability: nil)
        world.clock.pass(seconds: 2)
        let keys = try memory.claimEvents(EventClaim(owner: "ann", limit: 9)).events
        #expect(keys.map(\.reference.key) == ["e3", "e4", "e5"])
        #expect(try memory.claimEvents(EventClaim(owner: "an")).events.isEmpty)
    }
}
