// What the memory layer is asked while its server is killed: a session from its start to its
// episode, a fact that is superseded and one that is forgotten, an event that is claimed and
// settled, a procedure that is used, numbers that grow.
//
// Each request is asked again until it is answered, under an idempotency key where it takes one: so
// whatever the kills do, a life is lived through exactly once, and all of it can be told later.

internal import MnemeClient
internal import MnemeModel

/// One life of one writer.
struct ServerLife: Sendable {
    let writer: Int
    let number: Int

    static let counters = Collection("counters", key: .int, fields: [Field("lives", .int)])
    static let texts = ["What shall we bake?", "A lemon cake."]
    /// Memories that a life leaves: entries, the fact of old, the new one, that of the end.
    static let memoryCount = texts.count + 3

    var owner: String { "life\(writer)/\(number)" }
    /// Whose the scalar of all lives of the writer is.
    var teller: String { "lives\(writer)" }

    func key(_ name: String) -> Key { .text("\(writer).\(number).\(name)") }

    private func fact(_ text: String, _ name: String) -> Remember {
        Remember(text, owner: owner, key: key(name), kind: .semantic)
    }

    /// Lives it.
    ///
    /// - Throws: what is no trouble of the connection; that too where it does not end.
    func live(through client: Client, _ notes: ServerNotes) async throws(MnemeError) {
        let caller = Caller(client: client, notes: notes, prefix: owner)
        let open = Request.openSession(owner: owner, idleMinutes: 100_000)
        guard case .session(let session) = try await caller.ask(open) else { return }
        for (place, text) in Self.texts.enumerated() {
            let entry = Remember(text, owner: "", kind: .working)
            let append = Request.appendToSession(id: session.id, entries: [entry])
            _ = try await caller.ask(append, once: "append \(place)")
        }
        _ = try await caller.ask(.remember([fact("Ann drinks tea.", "tea")]), once: "tea")
        let revision = Revision(
            key("tea"),
            fact("Ann drinks coffee.", "coffee"),
            reason: "she said so"
        )
        _ = try await caller.ask(.supersede(revision), once: "supersede")
        _ = try await caller.ask(.remember([fact("Ann is away.", "gone")]), once: "gone")
        _ = try await caller.ask(.forget(Forget(keys: [key("gone")], owner: owner)))
        try await keepTime(caller)
        let put = NamedCall(owner, .put([NamedValue("bake", "Heat the oven.")]))
        _ = try await caller.ask(.procedure(put), once: "put")
        let use = NamedCall(owner, .use(name: "bake", succeeded: true))
        _ = try await caller.ask(.procedure(use), once: "use")
        let count = Patch(
            Self.counters.name,
            .int(Int64(writer)),
            [.increment("lives", .int(1))],
            orPut: [:]
        )
        let closing = SessionClosing(
            flushes: true,
            facts: [fact("Ann bakes.", "end")],
            changes: [.patch(count)]
        )
        let end = Request.endSession(id: session.id, summary: "About cake.", closing)
        _ = try await caller.ask(end, once: "end")
    }

    /// An event that is due, claimed and done, and a scalar that grows by one.
    private func keepTime(_ caller: Caller) async throws(MnemeError) {
        let event = Schedule(at: Instant(microseconds: 0), owner: owner)
        let schedule = try await caller.ask(.schedule([event]), once: "schedule")
        guard case .events(let scheduled) = schedule, let made = scheduled.events.first else {
            throw MnemeError(.corrupt, "\(self) has scheduled nothing")
        }
        let claim = EventClaim(owner: owner, leaseSeconds: 3600)
        var lease: Instant?
        if case .events(let claimed) = try await caller.ask(.claimEvents(claim)) {
            lease = claimed.events.first?.lease
        }
        if lease == nil {
            // It is this one's own: nobody else claims for the owner. The answer was lost.
            guard case .records(let records) = try await caller.ask(.get([made.reference])),
                case .instant(let until)?? = records.first.map({ $0?["leaseUntil"] })
            else { throw MnemeError(.corrupt, "\(self): the event that was scheduled is lost") }
            lease = until
        }
        let settlement = Settlement(made.reference, .done, lease: lease)
        _ = try await caller.ask(.settleEvent(settlement), once: "settle")
        let change = ScalarChange("lives", owner: teller, by: 1, trigger: "life")
        _ = try await caller.ask(.setScalar(change), once: "scalar")
    }
}

extension ServerLife: CustomStringConvertible {
    var description: String { "life \(number) of writer \(writer)" }
}

/// Asks until there is an answer.
private struct Caller {
    let client: Client
    let notes: ServerNotes
    let prefix: String

    /// Troubles of a server that is killed, after which it is asked again.
    private static let passing: Set<MnemeError.Code> = [
        .outcomeUnknown, .disconnected, .deadlineExceeded, .shuttingDown, .tooManyRequests,
    ]
    /// How often it is asked again when there are no kills any more.
    private static let mostLate = 2000

    func ask(_ request: Request, once name: String? = nil) async throws(MnemeError) -> Response {
        let asked = name.map { Request.once(key: "\(prefix) \($0)", request) } ?? request
        var late = 0
        while true {
            do throws(MnemeError) {
                return try await client.perform(asked)
            } catch {
                if !notes.mayWrite { late += 1 }
                guard Self.passing.contains(error.code), late <= Self.mostLate else {
                    throw error
                }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}

/// One writer of lives, one after another.
struct LifeWriter: Sendable {
    let number: Int
    private(set) var count = 0

    init(_ number: Int) { self.number = number }

    /// Writes until the notes say that it is enough; what it began it ends.
    mutating func write(through client: Client, _ notes: ServerNotes) async {
        while notes.mayWrite {
            let life = ServerLife(writer: number, number: count)
            do throws(MnemeError) {
                try await life.live(through: client, notes)
                count += 1
            } catch {
                notes.fail(KilledServerFailure("\(life) ended with \(error)"))
            }
        }
    }
}
