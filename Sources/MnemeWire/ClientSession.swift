// The client's side of a connection, without sockets: requests in, bytes to be sent, answers out.
// formats/wire.md. What always holds: every request that was sent ends once, at the latest with the
// connection; an id is used again only after its end has come over the wire.
//
//   connect ─► output ─► send ─► receive(bytes) ─► next … ─► send(request) ─► …
//
// Reading: ClientSession+Receive.swift.

internal import MnemeBase
package import MnemeModel

/// What happened on a connection.
package enum ClientEvent: Sendable {
    /// The server takes requests from now on.
    case welcome(Welcome)
    /// A request's answer, which `Payload.response(_:)` decodes.
    case response(UInt32, ResponseKind, Payload)
    /// A request ended with an error.
    case failed(UInt32, ErrorMessage)
    /// The server takes no more requests; those in flight are still answered.
    case goodbye(ErrorMessage)
    /// The connection is over; all its requests have failed before.
    case closed(ErrorMessage)
}

/// What a client takes.
package struct ClientLimits: Equatable, Sendable {
    /// Bytes of a response; longer ones are thrown away as they come.
    package var largestResponse = 64 << 20
    /// Bytes of requests that wait to be sent above which `send` refuses.
    package var waitingOutput = 32 << 20

    /// The limits as above.
    package init() {}
}

/// The client's side of one connection.
package final class ClientSession {
    enum State: Equatable {
        case new
        /// A hello was sent and is not answered.
        case greeting
        case open
        case closed
    }

    /// A request whose end has not come.
    struct InFlight: Sendable {
        let byteCount: Int
        /// The caller has his end already; what comes is thrown away.
        var isAbandoned = false
    }

    /// A streamed response as far as it has come.
    struct Part: Sendable {
        let id: UInt32
        let opcode: UInt16
        var count = 0
        var bytes: [UInt8] = []
        /// Thrown away as it comes.
        var isDropped: Bool
    }

    /// What this client takes.
    package let limits: ClientLimits
    /// What was agreed; nil before the welcome.
    package internal(set) var welcome: Welcome?

    var state = State.new
    var input = FrameSplitter(limit: WireLimits.clientFrame)
    var writer = FrameWriter()
    var inFlight = RequestTable<InFlight>()
    var bytesInFlight = 0
    var part: Part?
    var offer: Hello?
    /// Credit that was given and not used.
    var credit = 0
    /// Bytes of streams that came and for which no new credit was given.
    var taken = 0
    var isEnding = false
    /// Failures and the close itself, handed out one by one.
    var pending: [ClientEvent] = []

    private var lastID: UInt32

    /// A connection that was just made; ids are given from the one after `lastID` on.
    package init(limits: ClientLimits = ClientLimits(), lastID: UInt32 = 0) {
        self.limits = limits
        self.lastID = lastID
    }

    /// How many requests have no end yet, abandoned ones included.
    package var requestCount: Int { inFlight.count }

    /// Bytes held for this connection.
    package var heldByteCount: Int {
        input.waitingCount + writer.waitingCount + (part?.bytes.count ?? 0)
    }

    /// Whether all is said: close the socket.
    package var isDone: Bool {
        state == .closed && pending.isEmpty && writer.waitingCount == 0
    }

    /// What is to be sent, in order.
    package var output: ArraySlice<UInt8> { writer.waiting }

    /// Says that the first `count` bytes of the output were sent.
    ///
    /// - Precondition: at least as many wait.
    package func discardOutput(_ count: Int) { writer.discard(count) }

    /// Gives all output away, for a caller who sends it by himself.
    package func takeOutput() -> [UInt8] { writer.take() }

    /// Begins with a hello; the next event is `.welcome` or `.closed`.
    ///
    /// - Precondition: nothing was sent yet; a hello whose `bytes` there are.
    package func connect(_ hello: Hello) {
        precondition(state == .new)
        state = .greeting
        offer = hello
        credit = hello.credit
        send(.hello, hello.bytes)
    }

    /// Sends a request and says its id.
    ///
    /// - Throws: `tooManyRequests` where the server would refuse it or too much waits to be sent,
    ///   `tooLarge`, `shuttingDown` after a goodbye, `closed` when there is no connection,
    ///   `badRequest` for one that cannot be encoded or a key that was not agreed on. Nothing is
    ///   sent then.
    /// - Complexity: O(*n*) in the size of the request.
    package func send(
        _ request: Request,
        _ head: RequestHead = RequestHead()
    ) throws(MnemeError) -> UInt32 {
        let welcome = try ready(head)
        let id = nextID()
        let frame = FrameHead(
            .request,
            opcode: RequestKind(request).rawValue,
            id: id,
            payloadCount: 0
        )
        let count = try writer.put(frame) { writer throws(MnemeError) in
            writer.bytes.append(contentsOf: head.bytes)
            try writer.put(request)
        }
        if count + FrameHead.byteCount > welcome.largestFrame {
            _ = writer.takeBackLast(payloadCount: count)
            throw MnemeError(
                .tooLarge,
                "The request has \(count) bytes, the server takes \(welcome.largestFrame) a frame."
                    + " Send it in parts."
            )
        }
        if bytesInFlight + count > welcome.bytesInFlight {
            _ = writer.takeBackLast(payloadCount: count)
            throw ClientSession.tooMany(welcome)
        }
        inFlight.insert(id, InFlight(byteCount: count))
        bytesInFlight += count
        return id
    }

    /// Makes sure that a request may be sent.
    private func ready(_ head: RequestHead) throws(MnemeError) -> Welcome {
        guard state == .open, let welcome else {
            throw MnemeError(.closed, "There is no connection to the server. Connect first.")
        }
        guard !isEnding else {
            throw MnemeError(
                .shuttingDown,
                "The connection takes no more requests. Connect again."
            )
        }
        guard head.key.isEmpty || welcome.features.contains(.idempotency) else {
            throw MnemeError(
                .badRequest,
                "The server takes no idempotency keys. Send the request without one."
            )
        }
        guard inFlight.count < welcome.requestsInFlight,
            writer.waitingCount <= limits.waitingOutput
        else { throw ClientSession.tooMany(welcome) }
        return welcome
    }

    private static func tooMany(_ welcome: Welcome) -> MnemeError {
        MnemeError(
            .tooManyRequests,
            "The server takes \(welcome.requestsInFlight) requests and \(welcome.bytesInFlight)"
                + " bytes of them at once. Wait for answers before asking for more."
        )
    }

    private func nextID() -> UInt32 {
        repeat { lastID &+= 1 } while lastID == 0 || inFlight[lastID] != nil
        return lastID
    }

    /// Asks the server to end a request early; it ends with `cancelled` or its answer.
    package func cancel(_ id: UInt32) {
        guard state == .open, inFlight[id] != nil else { return }
        send(.cancel, id: id, [])
    }

    /// Cancels a request of which nothing more is to be heard: no event comes for it.
    package func abandon(_ id: UInt32) {
        guard state == .open, let entry = inFlight[id], !entry.isAbandoned else { return }
        inFlight.update(id) { $0.isAbandoned = true }
        if part?.id == id { dropPart() }
        send(.cancel, id: id, [])
    }

    /// Sends a ping; the server answers it.
    package func ping(_ number: UInt64) {
        guard state == .open else { return }
        send(.ping, (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) })
    }

    /// Sends no more requests; the server closes when all are answered.
    package func goodbye() {
        guard state == .open, !isEnding else { return }
        isEnding = true
        send(.goodbye, [])
    }

    /// Says that the connection has ended, so that what is in flight fails.
    package func disconnect(_ reason: String) {
        close(
            ErrorMessage(
                MnemeError(
                    .disconnected,
                    "The connection to the server ended. Connect again.",
                    cause: reason
                )
            )
        )
    }

    func close(_ message: ErrorMessage) {
        guard state != .closed else { return }
        state = .closed
        let lost = ErrorMessage(
            MnemeError(
                .disconnected,
                "The connection to the server ended before the answer came. A read can be asked"
                    + " again; whether a write was done is not known.",
                cause: message.error.description
            )
        )
        for (id, entry) in inFlight.all.sorted(by: { $0.id < $1.id }) where !entry.isAbandoned {
            pending.append(.failed(id, lost))
        }
        pending.append(.closed(message))
        inFlight = RequestTable()
        bytesInFlight = 0
        part = nil
        input.drop()
    }

    func dropPart() {
        part?.isDropped = true
        part?.bytes = []
    }

    func send(_ kind: FrameKind, id: UInt32 = 0, _ payload: [UInt8]) {
        writer.put(FrameHead(kind, id: id, payloadCount: payload.count), payload[...])
    }
}
