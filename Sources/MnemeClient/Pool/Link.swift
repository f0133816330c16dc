// One connection of the pool: a socket, the session that speaks on it, and the calls that have no
// end yet. Everything happens on the loop's thread.

internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport
internal import MnemeWire
internal import Synchronization

/// One connection.
///
/// SAFETY: used on the loop's thread alone; the thread that resolves a name only passes it along.
final class Link: ConnectionHandler, @unchecked Sendable {
    /// What came of sending a call.
    enum Sending {
        case sent
        /// Not now: the server takes no more at once.
        case refused
        /// Never: the request is wrong.
        case failed(MnemeError)
    }

    private let pool: Pool
    private let session: ClientSession
    private var connection: Connection?
    private var calls: [UInt32: Call] = [:]
    /// Where bytes lie between the loop's buffer and the session.
    private var buffer: [UInt8] = []

    /// Whether the server said its welcome.
    private(set) var isOpen = false
    /// Whether requests may still be sent; not after a goodbye of either side.
    private(set) var isTaking = true
    /// Whether the pool has heard of the end.
    private(set) var isOver = false
    /// Whether a request did not fit since anything came.
    private(set) var isSaturated = false
    /// Whether the server ended a request with anything but a refusal.
    private(set) var hasAnswered = false
    private var receivedCount = 0
    private var pingTimer: TimerID?

    init(_ pool: Pool) {
        self.pool = pool
        session = ClientSession(limits: pool.options.limits)
    }

    /// How many requests the server has; abandoned ones count.
    var requestCount: Int { session.requestCount }

    /// Whether nobody waits for an answer.
    var isIdle: Bool { calls.isEmpty }

    /// Whether a request may be sent now.
    var isReady: Bool {
        isOpen && isTaking && !isSaturated && connection?.isOutputFull == false
            && session.requestCount < session.welcome?.requestsInFlight ?? 0
    }

    // MARK: For the pool

    /// Goes on with the addresses of the server; one of them is tried after the other.
    func connect(to addresses: [SocketAddress]) {
        guard !isOver else { return }
        pool.loop.connect(
            to: addresses,
            timeoutMicroseconds: pool.options.connectTimeout.microseconds,
            connected: { [self] _ in isOver ? nil : self },
            failed: { [self] in end(.notConnected($0, to: pool.address)) }
        )
    }

    /// Sends a call.
    func send(_ call: Call, now: Microseconds) -> Sending {
        let milliseconds = max(1, (call.deadline - now + 999) / 1000)
        let head = RequestHead(
            deadlineMilliseconds: UInt32(clamping: milliseconds),
            durability: call.durability
        )
        do throws(MnemeError) {
            let id = try session.send(call.request, head)
            calls[id] = call
            call.place = .sent(self, id)
            if let pin = call.pin, !call.isPinned { pin.link = self }
            call.attempts += 1
            call.receivedBefore = receivedCount
            flush()
            return .sent
        } catch {
            switch error.code {
            case .tooManyRequests, .shuttingDown, .closed:
                isSaturated = true
                return .refused
            default: return .failed(error)
            }
        }
    }

    /// Tells the server that an answer is not wanted any more; it ends all the same.
    func cancel(_ id: UInt32) {
        session.cancel(id)
        flush()
    }

    /// Tells the server that an answer is not wanted any more, and hears of it no more.
    func abandon(_ id: UInt32) {
        calls[id] = nil
        session.abandon(id)
        flush()
        finishIfIdle()
    }

    /// Asks for a sign of life where none came since a call was sent; ends the connection when none
    /// comes then.
    func doubt(_ call: Call) {
        guard !isOver, pingTimer == nil, receivedCount == call.receivedBefore else { return }
        let before = receivedCount
        session.ping(UInt64(bitPattern: pool.loop.now()))
        flush()
        pingTimer = pool.loop.schedule(after: Patience.pong) { [self] in
            pingTimer = nil
            if receivedCount == before { disconnect("the server is silent") }
        }
    }

    /// Sends no more requests: the connection ends when all have their end.
    func goodbye() {
        isTaking = false
        session.goodbye()
        flush()
        finishIfIdle()
    }

    /// Ends the connection now, and what is in flight with it.
    func disconnect(_ reason: String) {
        session.disconnect(reason)
        handleEvents()
        connection?.close()
    }

    /// Ends a connection that was not open yet.
    func giveUp(_ error: MnemeError) {
        end(error)
        connection?.close()
    }

    // MARK: For the connection

    func opened(_ connection: Connection) {
        self.connection = connection
        if let secure = pool.secure {
            do throws(TLSError) {
                connection.secure(with: try secure.session())
            } catch {
                return giveUp(.notConnected(.insecure("\(error)"), to: pool.address))
            }
        }
        session.connect(pool.hello)
        flush()
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        guard !isOver else { return }
        receivedCount += bytes.byteCount
        isSaturated = false
        buffer.removeAll(keepingCapacity: true)
        // SAFETY: the bytes are lent until this returns; they are copied here.
        unsafe bytes.withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
        session.receive(buffer, 0..<buffer.count)
        handleEvents()
    }

    func inputEnded(_ connection: Connection) {
        session.disconnect("the server closed it")
        handleEvents()
        connection.finish()
    }

    func drained(_ connection: Connection) { pool.dispatch() }

    func closed(_ connection: Connection, reason: CloseReason) {
        if case .insecure(let why) = reason, !isOpen {
            return end(.notConnected(.insecure(why), to: pool.address))
        }
        session.disconnect("\(reason)")
        handleEvents()
    }

    // MARK: Inside

    private func handleEvents() {
        while let event = session.next() {
            switch event {
            case .welcome:
                isOpen = true
                pool.opened(self)
            case .response(let id, let answer, let payload):
                guard let call = take(id) else { continue }
                hasAnswered = true
                let own = payload.count == payload.bytes.count ? payload : payload.detached
                pool.end(call, .success(Answered(answer: answer, payload: own)))
            case .failed(let id, let message):
                guard let call = take(id) else { continue }
                failed(call, message.error)
            case .goodbye:
                isTaking = false
                pool.noteDraining(self)
            case .closed(let message):
                end(
                    isOpen
                        ? message.error
                        : .notWelcome(message, at: pool.address)
                )
            }
        }
        flush()
        finishIfIdle()
        pool.dispatch()
    }

    private func take(_ id: UInt32) -> Call? { calls.removeValue(forKey: id) }

    private func failed(_ call: Call, _ error: MnemeError) {
        switch error.code {
        case .disconnected: pool.lost(call, error.cause ?? error.description)
        case .shuttingDown:
            isTaking = false
            pool.noteDraining(self)
            pool.refused(call, error)
        case .cancelled where !call.isCancelled.load(ordering: .relaxed):
            // It was the time that ended it, on this side.
            hasAnswered = true
            pool.end(call, .failure(.timedOutUndone))
        case .tooLarge where call.isWrite && mayBeLongAnswer(to: call),
            .newerFormat where call.isWrite:
            hasAnswered = true
            pool.end(call, .failure(.outcomeUnknown(error.description)))
        default:
            hasAnswered = true
            pool.end(call, .failure(error))
        }
    }

    /// Whether it may be the answer that is too large, not the request: then so many bytes came.
    private func mayBeLongAnswer(to call: Call) -> Bool {
        receivedCount - call.receivedBefore > session.limits.largestResponse
    }

    /// A connection that takes no more requests ends when it has none.
    private func finishIfIdle() {
        guard !isTaking, !isOver, calls.isEmpty else { return }
        session.goodbye()
        flush()
        end(nil)
        connection?.finish()
    }

    /// Tells the pool, once, that it is over.
    private func end(_ error: MnemeError?) {
        guard !isOver else { return }
        isOver = true
        if let pingTimer { pool.loop.cancel(pingTimer) }
        flush()
        connection?.finish()
        pool.ended(self, error)
    }

    /// Hands over to the socket what the session has to say.
    private func flush() {
        guard let connection else { return }
        let count = session.output.count
        guard count > 0 else { return }
        if count >= Link.adoptedCount {
            connection.send(session.takeOutput())
        } else {
            connection.send(session.output)
            session.discardOutput(count)
        }
    }

    /// From so many bytes on the array is given away instead of being copied.
    private static let adoptedCount = 16 << 10
}
