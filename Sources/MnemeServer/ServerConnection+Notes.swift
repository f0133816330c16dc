// What becomes of connections and requests, counted and told to the log.

internal import Mneme
internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport
internal import MnemeWire

extension ServerConnection {
    /// The store that the client asked for; nil while it was not let in.
    private var storeName: String? {
        login.map { $0.hello.store.isEmpty ? StoreShelf.standardName : $0.hello.store }
    }

    // MARK: Connections

    /// Refuses the connection, and says so.
    func turnAway(_ error: MnemeError) {
        if let connection {
            let fields: [LogEvent.Field] = [("address", .text("\(connection.peer.address)"))]
            guests.options.report?(
                .failure(.connectionRefused, error, connection: connection.id, fields)
            )
        }
        session.refuse(error)
    }

    /// Tells of an end that is not an ordinary one.
    func noteEnd(_ connection: Connection, _ reason: CloseReason) {
        let why: String
        switch reason {
        case .slowReader: why = "it left unread what it was sent"
        case .insecure(let what): why = what
        case .finished, .closedHere, .reset, .lost, .loopStopped: return
        }
        let fields: [LogEvent.Field] = [
            ("address", .text("\(connection.peer.address)")), ("message", .text(why)),
        ]
        guests.options.report?(
            LogEvent(.connectionDropped, store: storeName, connection: connection.id, fields)
        )
    }

    // MARK: Requests

    /// The most bytes of a request that is kept until it is answered, to be told if it is slow.
    private static let keptCount = 16 << 10

    /// Who is first with a request.
    func ticket(for request: ServerRequest, _ arrival: Microseconds) -> Ticket {
        Ticket(request, at: arrival, keeps: keeps(request))
    }

    func keeps(_ request: ServerRequest) -> Bool {
        guests.options.slowRequests != nil && request.body.count <= Self.keptCount
    }

    /// Counts a request that was answered here and now.
    func note(
        _ request: ServerRequest,
        since arrival: Microseconds,
        rows: Int? = nil,
        byteCount: Int? = nil,
        _ error: MnemeError? = nil
    ) {
        let end = guests.clock.elapsed()
        guests.figures.note(request.operation, end - arrival, error)
        guard isSlow(request.operation, end - arrival) else { return }
        let times = RequestTimes(arrival: arrival, start: arrival, end: end)
        let answer = SlowAnswer(
            figures: rows.map { AnswerFigures(rows: $0) },
            byteCount: byteCount,
            code: error?.code
        )
        tell(request.id, request.operation, times, answer, keeps(request) ? request : nil)
    }

    /// Counts a request that has its answer from another thread.
    func note(_ id: UInt32, _ ticket: Ticket, _ result: Result<ServedAnswer, MnemeError>) {
        let end = guests.clock.elapsed()
        let failure: MnemeError? = if case .failure(let error) = result { error } else { nil }
        guests.figures.note(ticket.operation, end - ticket.arrival, failure)
        guard isSlow(ticket.operation, end - ticket.arrival) else { return }
        // What needs no worker is begun as it comes; what was ended before one had it, never.
        let start = ticket.workStart ?? (ticket.hasEnded ? end : ticket.arrival)
        let times = RequestTimes(arrival: ticket.arrival, start: start, end: end)
        tell(id, ticket.operation, times, SlowAnswer(result), ticket.request)
    }

    private func isSlow(_ kind: RequestKind, _ duration: Microseconds) -> Bool {
        guard let slow = guests.options.slowRequests, kind != .watch else { return false }
        return duration >= slow.microseconds
    }

    private func tell(
        _ id: UInt32,
        _ kind: RequestKind,
        _ times: RequestTimes,
        _ answer: SlowAnswer,
        _ request: ServerRequest?
    ) {
        guard let report = guests.options.report, let slow = guests.options.slowRequests else {
            return
        }
        var fields: [LogEvent.Field] = [
            ("request", .int(Int64(id))), ("verb", .text(kind.verb)),
            ("asker", .text(origin.name)), ("proven", .bool(origin.isProven)),
            ("milliseconds", .milliseconds(times.end - times.arrival)),
            ("waited", .milliseconds(times.start - times.arrival)),
            ("worked", .milliseconds(times.end - times.start)),
        ]
        if let code = answer.code { fields.append(("code", .text("\(code)"))) }
        let shape = RequestShape(showsValues: slow.showsValues)
        let connection = origin.connection
        let event = LogEvent(.slowRequest, store: storeName, connection: connection, fields) {
            var fields = answer.fields
            if let request, let asked = try? request.body.request(kind) {
                fields.append(("asked", shape.shape(of: asked)))
            }
            return fields
        }
        report(event)
    }
}

/// When a request came, was begun and was answered.
private struct RequestTimes {
    let arrival: Microseconds
    let start: Microseconds
    let end: Microseconds
}

/// What a slow request was answered.
private struct SlowAnswer: Sendable {
    var figures: AnswerFigures?
    var byteCount: Int?
    var code: MnemeError.Code?
    /// What is encoded only to say how many bytes it has.
    private var response: Response?

    init(figures: AnswerFigures?, byteCount: Int?, code: MnemeError.Code?) {
        (self.figures, self.byteCount, self.code) = (figures, byteCount, code)
    }

    init(_ result: Result<ServedAnswer, MnemeError>) {
        switch result {
        case .success(.response(let response)): self.response = response
        case .success(.encoded(_, let body, let figures)):
            (self.figures, byteCount) = (figures, body.count)
        case .success(.nothingYet): break
        case .failure(let error): code = error.code
        }
    }

    /// How much it is, and how it was found.
    var fields: [LogEvent.Field] {
        let figures = figures ?? response.map { AnswerFigures($0) }
        let byteCount = byteCount ?? response.flatMap { try? $0.body().count }
        var fields: [LogEvent.Field] = []
        if let rows = figures?.rows { fields.append(("rows", .int(Int64(rows)))) }
        if let byteCount { fields.append(("bytes", .int(Int64(byteCount)))) }
        if let plan = figures?.plan { fields.append(("plan", .text(plan))) }
        return fields
    }
}

extension Ticket {
    /// An answer that is encoded here, with what is told of it where the request may be slow.
    func encoded(_ response: Response) throws(MnemeError) -> ServedAnswer {
        let figures = request == nil ? nil : AnswerFigures(response)
        return .encoded(ResponseKind(response), try response.body(), figures)
    }
}
