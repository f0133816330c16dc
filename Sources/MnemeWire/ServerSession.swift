// The server's side of a connection, without sockets: bytes in, events out, bytes to be sent.
// formats/wire.md. What always holds: every request that was taken in ends once; what waits is
// bounded by the limits, whatever the client sends; after an error nothing more is read.
//
//   receive(bytes) ─► next(now:) … ─► respond / fail ─► output ─► send ─► discardOutput(count)
//
// Reading: ServerSession+Receive.swift. Answering: ServerSession+Answer.swift.

package import MnemeBase
package import MnemeModel

/// A request as it came.
package struct ServerRequest: Sendable {
    package let id: UInt32
    package let operation: RequestKind
    /// When it is to be ended, by the clock that `next` was given; nil: never.
    package let deadline: Microseconds?
    /// How long its commits are waited for; nil: as the server chooses.
    package let durability: Durability?
    /// The idempotency key; empty: none.
    package let key: [UInt8]
    /// The body, which `Payload.request(_:)` decodes.
    package let body: Payload

    /// The same for whoever keeps it: its body holds no array that is much larger than itself.
    ///
    /// - Complexity: O(*n*) in the size of the body.
    package var kept: ServerRequest {
        guard body.bytes.capacity > 2 * body.count + Self.slack else { return self }
        return ServerRequest(
            id: id,
            operation: operation,
            deadline: deadline,
            durability: durability,
            key: key,
            body: body.detached
        )
    }

    /// So many bytes more than a body has are nothing.
    private static let slack = 1024
}

/// What happened on a connection.
package enum ServerEvent: Sendable {
    /// A client says who it is: answer with `accept` or `refuse`.
    case hello(Hello)
    /// ResponseKind with `respond` or `fail`, once.
    case request(ServerRequest)
    /// The client does not want this answer any more: `fail` it with `cancelled` where that is
    /// true, answer it otherwise.
    case cancel(UInt32)
    /// The client sends no more requests.
    case goodbye
    /// The connection is over, for this reason: forget its requests, send what waits, close.
    case close(MnemeError)
}

/// The server's side of one connection.
package final class ServerSession {
    enum State: Equatable {
        /// Nothing came yet.
        case new
        /// A hello was handed out and is not answered.
        case greeted
        case open
        /// After an error: only what waits is sent.
        case closed
    }

    /// A request without an end.
    struct InFlight: Sendable {
        let operation: RequestKind
        let byteCount: Int
        let deadline: Microseconds?
        /// Not handed out yet.
        var isParked = false
        /// Handed out as a cancel or as expired already.
        var isWarned = false
        /// Its response waits for credit.
        var isStreamed = false
    }

    /// What this connection is held to.
    package let limits: ServerLimits
    /// What this server offers, where the client does too.
    package let offeredFeatures: WireFeatures

    var state = State.new
    var input: FrameSplitter
    var writer = FrameWriter()
    var inFlight = RequestTable<InFlight>()
    var bytesInFlight = 0
    /// No request has an earlier deadline; it may be earlier than all of them.
    var earliestDeadline: Microseconds?
    var streams = ResponseStreams()
    /// Requests that were read while too much waited for credit, in order.
    var parked: [ServerRequest] = []
    var features: WireFeatures = []
    var credit = 0
    var clientSaidGoodbye = false
    var isDraining = false
    var offer: Hello?
    var pendingClose: MnemeError?

    /// A connection that was just accepted.
    ///
    /// - Precondition: limits that a welcome can say.
    package init(limits: ServerLimits = ServerLimits(), features: WireFeatures = []) {
        precondition(
            Welcome(limits, identityHigh: 0, identityLow: 0, server: "").isSound,
            "limits that the protocol allows"
        )
        self.limits = limits
        offeredFeatures = features.intersection(.known)
        input = FrameSplitter(limit: WireLimits.smallFrame)
    }

    /// How many requests have no end yet.
    package var requestCount: Int { inFlight.count }

    /// Whether a hello was handed out and waits for its answer.
    package var isGreeted: Bool { state == .greeted }

    /// Bytes of responses that wait for credit.
    package var waitingResponseCount: Int { streams.waitingCount }

    /// Whether nothing can be sent before the client gives credit.
    package var awaitsCredit: Bool { !streams.isEmpty && credit == 0 }

    /// Bytes held for this connection: what was read, what is to be sent, what waits for credit.
    package var heldByteCount: Int {
        input.waitingCount + writer.waitingCount + streams.waitingCount
            + parked.reduce(0) { $0 + $1.body.count }
    }

    /// Bytes that the other side makes the server keep: those that are held, and the bodies of
    /// requests without an answer.
    ///
    /// - Complexity: O(1).
    package var burdenByteCount: Int {
        input.waitingCount + writer.waitingCount + streams.waitingCount + bytesInFlight
    }

    /// How many frames came so far.
    package var frameCount: UInt64 { input.frameCount }

    /// Whether a frame has begun that is not whole.
    package var isInFrame: Bool { wantsInput && input.waitingCount > 0 }

    /// Whether more should be read from the socket.
    ///
    /// It should not while a hello waits for its answer, and while the client does not take what is
    /// sent. `receive` takes bytes in any case.
    package var wantsInput: Bool {
        switch state {
        case .new: true
        case .open: writer.waitingCount <= limits.waitingOutput
        case .greeted, .closed: false
        }
    }

    /// Whether all is said: send nothing more and close the socket.
    package var isDone: Bool {
        guard writer.waitingCount == 0 else { return false }
        switch state {
        case .closed: return pendingClose == nil
        case .open: return clientSaidGoodbye && inFlight.count == 0
        case .new, .greeted: return false
        }
    }

    /// What is to be sent, in order.
    package var output: ArraySlice<UInt8> { writer.waiting }

    /// Says that the first `count` bytes of the output were sent.
    ///
    /// - Precondition: at least as many wait.
    package func discardOutput(_ count: Int) {
        writer.discard(count)
        pumpStreams()
    }

    /// Gives all output away, for a caller who sends it by himself.
    package func takeOutput() -> [UInt8] {
        defer { pumpStreams() }
        return writer.take()
    }

    /// Ends the connection with an error for the client.
    func close(_ error: ErrorMessage) {
        guard state != .closed else { return }
        send(.error, error.bytes)
        state = .closed
        pendingClose = error.error
        input.drop()
        parked = []
        streams = ResponseStreams()
        inFlight = RequestTable()
        bytesInFlight = 0
        earliestDeadline = nil
    }

    func send(_ kind: FrameKind, id: UInt32 = 0, _ payload: [UInt8]) {
        writer.put(FrameHead(kind, id: id, payloadCount: payload.count), payload[...])
    }
}
