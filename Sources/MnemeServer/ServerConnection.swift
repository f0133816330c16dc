// One connection: bytes go into the session, what the session says happened is done, what it has
// to say is sent. Gets are answered where they arrive, small changes are written with those of
// others (`ServerGuests`), and everything else waits for a worker, few at a time, which decodes it,
// does it and encodes the answer; answers come back as jobs of the loop.
//
// What holds: every request that the session hands out is answered once; while the client does not
// read, nothing is read from it and nothing more begun for it, so that what it can make the server
// hold is bounded: by the limits, and by one answer for each of its workers.

internal import Mneme
internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport
internal import MnemeWire

/// Serves one connection.
///
/// SAFETY: used on the loop's thread; workers and log threads hold it to send it along in jobs of
/// the loop, and read `tickets`, which are atomic.
final class ServerConnection: ConnectionHandler, @unchecked Sendable {
    let guests: ServerGuests
    /// The number of its connection.
    let number: UInt64
    let session: ServerSession
    private(set) var connection: Connection?
    private(set) var memory: Memory?
    /// Who asks.
    var origin = AuditOrigin(embedded: "")
    /// How he was let in.
    var login: Login?
    /// The transactions that the client has open.
    private let transactions: TransactionScope
    /// Whether the client sends no more.
    private var isInputOver = false
    /// Whether the client had its time to hear of the server's end.
    private var isDrainOver = false
    /// Requests that are not answered here and now.
    var tickets: [UInt32: Ticket] = [:]
    /// Those among them that no worker has yet, in order, and how many workers have one.
    var waiting: [ServerRequest] = []
    /// Watches that were answered with nothing yet, and what they wait with.
    var watches: [UInt32: ServerWatch] = [:]
    /// Whether no watch waits any more.
    var answersWatches = false
    private var workingCount = 0
    /// How much of the server's time it has had lately.
    let use = GuestUse()
    /// Whether it had its slice of the loop's time and waits for the next one.
    var isQueued = false
    /// How many bytes came so far.
    private(set) var receivedCount = 0
    /// How often the output was full and then was not any more.
    private(set) var drainCount = 0
    /// Whether it was let in.
    var isAdmitted = false
    var helloTimer: TimerID?
    var stallTimer: TimerID?
    var drainTimer: TimerID?
    var deadlineTimer: TimerID?
    var deadline: Microseconds = .max

    init(_ guests: ServerGuests, _ number: UInt64) {
        self.guests = guests
        self.number = number
        transactions = TransactionScope(limit: guests.options.transactionsPerConnection)
        session = ServerSession(limits: guests.options.limits)
    }

    // MARK: From the loop

    func opened(_ connection: Connection) {
        self.connection = connection
        guests.entered(self)
        if let tls = guests.tls { secure(connection, tls) }
        helloTimer = connection.loop.schedule(after: guests.options.helloMicroseconds) {
            [weak self] in self?.refuse(Self.lateHello)
        }
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        receivedCount += bytes.byteCount
        session.receive(bytes)
        let loop = connection.loop
        // Whoever asks much does not go before those who wait for their slices.
        if guests.hasQueue, !isQueued, use.isMuch(at: loop.now()) { awaitSlice(loop) }
        pump()
    }

    func inputEnded(_ connection: Connection) {
        isInputOver = true
        endWatches(connection.loop)
        pump()
    }

    func drained(_ connection: Connection) {
        drainCount += 1
        pump()
    }

    func stopping(_ connection: Connection) {
        session.drain(Self.shuttingDown)
        endWatches(connection.loop)
        // What the client sends before it has read the goodbye is refused as not begun.
        drainTimer = connection.loop.schedule(after: guests.options.drainMicroseconds) {
            [weak self] in
            self?.isDrainOver = true
            self?.pump()
        }
        pump()
    }

    func closed(_ connection: Connection, reason: CloseReason) {
        noteEnd(connection, reason)
        self.connection = nil
        for ticket in tickets.values { ticket.cancel() }
        (tickets, waiting) = ([:], [])
        cancelTimers(connection.loop)
        dropWatches(connection.loop)
        // One that is at work is waited for; not here.
        if memory != nil { guests.workers.submit { [transactions] in transactions.end() } }
        guests.left(self)
    }

    // MARK: The session

    /// Does everything that can be done in one slice: events, output, the end.
    func pump() {
        guard let connection else { return }
        work(on: connection)
        watchForStall(connection)
        // What is done may have ended the connection.
        guard self.connection != nil else { return }
        guests.noteBurden(self, session.burdenByteCount + connection.outputByteCount)
    }

    private func work(on connection: Connection) {
        let waitsForSlice = takeSlice(connection)
        setDeadline(connection.loop)
        startWaiting(connection.loop)
        guard !waitsForSlice else {
            if session.heldByteCount > Self.heldCount { connection.pauseReading() }
            return
        }
        // Without input no credit comes, and what was not begun never is.
        let isStuck = isInputOver && session.awaitsCredit && tickets.count <= waiting.count
        let isAnswered = session.requestCount == 0 && session.output.isEmpty
        let isLeft = isStuck || (isInputOver || isDrainOver) && isAnswered
        if session.isDone || isLeft { return connection.finish() }
        if session.wantsInput, !connection.isOutputFull {
            connection.resumeReading()
        } else {
            connection.pauseReading()
        }
    }

    /// Gets of more records would hold up the others.
    private static let mostOnLoop = 256

    /// From so many bytes on the array is given away instead of being copied.
    private static let adoptedCount = 16 << 10

    /// Hands output to the connection until that is full; whether there was any.
    func flush(_ connection: Connection) -> Bool {
        var hasSent = false
        while !connection.isOutputFull {
            let count = session.output.count
            if count == 0 { break }
            hasSent = true
            if count >= Self.adoptedCount {
                connection.send(session.takeOutput())
            } else {
                connection.send(session.output)
                session.discardOutput(count)
            }
        }
        return hasSent
    }

    func handle(_ event: ServerEvent, _ connection: Connection) {
        switch event {
        case .hello(let hello): greet(hello, connection.loop)
        case .request(let request): serve(request, connection.loop)
        case .cancel(let id): end(id, Self.cancelled)
        case .goodbye: break
        case .close:
            for ticket in tickets.values { ticket.cancel() }
            (tickets, waiting) = ([:], [])
            dropWatches(connection.loop)
        }
    }

    private func greet(_ hello: Hello, _ loop: EventLoop) {
        if let helloTimer { loop.cancel(helloTimer) }
        helloTimer = nil
        guard guests.takesAnother() else { return turnAway(Self.full) }
        guard let connection, letIn(hello, connection) else { return }
        guests.room.admit(self)
        // Stores are made by those who may do everything.
        let isMaker = origin.permit.map { $0.role == .admin } ?? true
        let mayCreate = !hello.wantsExisting && isMaker
        guests.shelf.open(hello.store, creating: mayCreate) { [weak self] result in
            loop.submit { [weak self] in self?.opened(result) }
        }
    }

    private func opened(_ result: Result<Memory, MnemeError>) {
        // The server may have begun to end meanwhile.
        guard connection != nil, session.isGreeted else { return }
        switch result {
        case .success(let memory):
            self.memory = memory
            let identity = memory.identity
            session.accept(
                identityHigh: identity.high,
                identityLow: identity.low,
                server: guests.options.name
            )
        case .failure(let error): session.refuse(error)
        }
        pump()
    }

    private func refuse(_ error: MnemeError) {
        turnAway(error)
        pump()
    }

    // MARK: Requests

    private func serve(_ request: ServerRequest, _ loop: EventLoop) {
        guard let memory, let connection else { return }
        let arrival = guests.clock.elapsed()
        if let objection = objection(connection) {
            return refuse(request, objection, memory, since: arrival)
        }
        if !request.operation.isWrite { guests.noteQuestion(loop) }
        guard request.operation.isQuick(request.body.count), !memory.waitsForAudit else {
            return wait(request, arrival)
        }
        let asker = asker(of: request)
        var answered: (rows: Int, bytes: Int)?
        do throws(MnemeError) {
            let decoded = try request.decoded(memory, asker)
            switch decoded {
            case .getBy(let get):
                guard get.isOfNow, get.references.count <= Self.mostOnLoop else {
                    return wait(request, arrival)
                }
                let limit = guests.options.limits.largestResponse
                let bytes = try memory.spelledRecords(
                    get.references,
                    versions: get.hasVersions,
                    get.sight,
                    limit: limit,
                    for: asker
                )
                session.respond(request.id, .records, bytes)
                answered = (get.references.count, bytes.count)
            case .get(let references):
                guard references.count <= Self.mostOnLoop else { return wait(request, arrival) }
                let limit = guests.options.limits.largestResponse
                let bytes = try memory.spelledRecords(references, limit: limit, for: asker)
                session.respond(request.id, .records, bytes)
                answered = (references.count, bytes.count)
            case .describe:
                session.respond(
                    request.id,
                    try memory.perform(decoded, durability: nil, for: asker)
                )
            default: return change(request, decoded, memory, loop, arrival)
            }
            note(request, since: arrival, rows: answered?.rows, byteCount: answered?.bytes)
        } catch {
            session.fail(request.id, error)
            note(request, since: arrival, error)
        }
    }

    /// Refuses a request of a client who is not let in any more; that is kept as any failure.
    private func refuse(
        _ request: ServerRequest,
        _ objection: MnemeError,
        _ memory: Memory,
        since arrival: Microseconds
    ) {
        memory.noteRefusal(request.operation.verb, objection, for: asker(of: request))
        session.fail(request.id, objection)
        note(request, since: arrival, objection)
    }

    /// Has a change written with those of others.
    private func change(
        _ request: ServerRequest,
        _ decoded: Request,
        _ memory: Memory,
        _ loop: EventLoop,
        _ arrival: Microseconds
    ) {
        let ticket = ticket(for: keeps(request) ? request.kept : request, arrival)
        tickets[request.id] = ticket
        guard ticket.begin() else { return }
        let asker = asker(of: request)
        guests.change(memory, decoded, request.durability, asker, loop) { [weak self] result in
            let answer = result.map { ServedAnswer.response($0) }
            if loop.isOnThread, let self, guests.isLeading {
                return finish(request.id, ticket, answer)
            }
            loop.submit { [weak self] in self?.finish(request.id, ticket, answer) }
        }
    }

    /// Has a request wait for a worker.
    private func wait(_ request: ServerRequest, _ arrival: Microseconds) {
        let request = request.kept
        tickets[request.id] = ticket(for: request, arrival)
        waiting.append(request)
    }

    /// Hands requests to workers: few at once, so that others have their turn, and none while much
    /// of what was answered is not taken.
    private func startWaiting(_ loop: EventLoop) {
        while workingCount < guests.options.workersPerConnection, !waiting.isEmpty,
            session.waitingResponseCount <= guests.options.limits.waitingResponses
        {
            let request = waiting.removeFirst()
            guard let memory, let connection, let ticket = tickets[request.id] else { continue }
            if let objection = objection(connection) {
                tickets[request.id] = nil
                dropWatch(request.id)
                refuse(request, objection, memory, since: ticket.arrival)
                continue
            }
            workingCount += 1
            let start = guests.clock.elapsed()
            ticket.noteWork(at: start)
            guests.figures.waits.note(start - ticket.arrival)
            let answer = { @Sendable [weak self] (result: Result<ServedAnswer, MnemeError>) in
                _ = loop.submit { [weak self] in
                    self?.workingCount -= 1
                    self?.finish(request.id, ticket, result)
                }
            }
            let asker = asker(of: request)
            let watch = watches[request.id]?.watch
            guests.workers(for: use, loop.now()).submit { [transactions, use] in
                let clock = RealClock()
                let start = clock.elapsed()
                Self.work(request, memory, transactions, asker, ticket, watch, answer)
                let end = clock.elapsed()
                use.add(end - start, now: end)
            }
        }
    }

    /// Does a request on a worker's thread; `answer` is called once.
    ///
    /// `watch`: what is asked again, of a request that was begun before.
    private static func work(
        _ request: ServerRequest,
        _ memory: Memory,
        _ transactions: TransactionScope,
        _ asker: Asker,
        _ ticket: Ticket,
        _ watch: Watch?,
        _ answer: @escaping @Sendable (Result<ServedAnswer, MnemeError>) -> Void
    ) {
        let isTransactional = request.operation.isTransactional
        let asks = !request.operation.isWrite
        do throws(MnemeError) {
            if let watch { return answer(.success(try Self.watch(request, watch, memory, asker))) }
            guard ticket.begin(canStillEnd: asks && !isTransactional) else { throw cancelled }
            let decoded = try request.decoded(memory, asker)
            if isTransactional {
                let response = try memory.perform(decoded, in: transactions, for: asker)
                answer(.success(try ticket.encoded(response)))
            } else if case .watch(let watch) = decoded {
                answer(.success(try Self.watch(request, watch, memory, asker)))
            } else if asks {
                let response = try memory.answer(decoded, for: asker) { !ticket.hasEnded }
                answer(.success(try ticket.encoded(response)))
            } else {
                memory.start(decoded, durability: request.durability, for: asker) { result in
                    answer(result.map { .response($0) })
                }
            }
        } catch {
            answer(.failure(error))
        }
    }

    private func finish(
        _ id: UInt32,
        _ ticket: Ticket,
        _ result: Result<ServedAnswer, MnemeError>
    ) {
        guard connection != nil else { return }
        if case .success(.nothingYet(let request, let watch, let watched)) = result,
            tickets[id] === ticket, wait(with: request, watch, watched)
        {
            return pump()
        }
        if tickets[id] === ticket {
            tickets[id] = nil
            dropWatch(id)
            switch result {
            case .success(.response(let response)): session.respond(id, response)
            case .success(.encoded(let kind, let body, _)): session.respond(id, kind, body)
            case .success(.nothingYet(_, _, let watched)):
                session.respond(id, .watched(watched))
            case .failure(let error): session.fail(id, error)
            }
            note(id, ticket, result)
        }
        pump()
    }

    /// Ends a request early, where that is true: nothing was written for it, and nothing will be.
    func end(_ id: UInt32, _ error: MnemeError) {
        guard let ticket = tickets[id], ticket.cancel() else { return }
        tickets[id] = nil
        let verb = ticket.operation.verb
        memory?.noteRefusal(verb, error, for: Asker(origin, request: id))
        // The client may give the number to another request.
        waiting.removeAll { $0.id == id }
        dropWatch(id)
        session.fail(id, error)
        note(id, ticket, .failure(error))
    }
}
