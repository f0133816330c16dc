// The connection of a client that waits: a socket and the session that speaks on it.

internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport
internal import MnemeWire

/// A connection whose calls wait.
final class BlockingLink {
    /// How much one call receives.
    private static let receivedCount = 64 << 10
    /// After so long without use it is looked whether the server is still there.
    private static let idleTime: Microseconds = 1_000_000

    let session: ClientSession
    /// Whether requests may still be sent.
    var isTaking = true
    /// Whether the server ended a request with anything but a refusal.
    var hasAnswered = false

    /// Bytes that came.
    private(set) var receivedTotal = 0

    private let connection: BlockingConnection
    /// What enciphers and deciphers, where TLS is spoken.
    private let tls: TLSSession?
    private var buffer = [UInt8](repeating: 0, count: receivedCount)
    /// How long a call of `receive` waits, as the system was told.
    private var receiveTime: Microseconds = .max
    private var lastUse: Microseconds
    private let clock = RealClock()

    /// Connects and waits for the welcome.
    ///
    /// - Throws: what `Client.connect` does.
    init(
        _ target: Address,
        _ address: String,
        hello: Hello,
        options: ClientOptions,
        within time: Microseconds
    ) throws(MnemeError) {
        let deadline = clock.deadline(in: time)
        session = ClientSession(limits: options.limits)
        lastUse = clock.elapsed()
        do throws(TransportError) {
            connection = try BlockingConnection(to: target, timeoutMicroseconds: time)
            try connection.setSendTimeout(max(1, options.timeout.microseconds))
        } catch {
            throw .notConnected(error, to: address)
        }
        tls = try Self.tls(options, target, address)
        session.connect(hello)
        while session.welcome == nil {
            do throws(TransportError) {
                try flush()
                if try !receive(until: deadline) { disconnect("the server closed it") }
            } catch {
                if case .timedOut = error { throw .connectTimedOut(address) }
                if case .insecure = error { throw .notConnected(error, to: address) }
                disconnect("\(error)")
            }
            while let event = session.next() {
                if case .closed(let message) = event { throw .notWelcome(message, at: address) }
            }
        }
    }

    /// Sends all that the session has to say.
    ///
    /// - Throws: what the connection does; it is of no use any more then.
    func flush() throws(TransportError) {
        let count = session.output.count
        guard let tls else {
            guard count > 0 else { return }
            return try connection.send(session.takeOutput())
        }
        try secured(tls) { (tls) throws(TLSError) in
            try tls.shake()
            if count > 0 { try tls.write(session.takeOutput()) }
        }
    }

    /// Does something with what enciphers, and sends what comes of it, also where it failed.
    private func secured(
        _ tls: TLSSession,
        _ body: (TLSSession) throws(TLSError) -> Void
    ) throws(TransportError) {
        var failure: TLSError?
        do throws(TLSError) { try body(tls) } catch { failure = error }
        let made = tls.takeOutput()
        if let failure {
            try? connection.send(made)
            throw .insecure("\(failure)")
        }
        if !made.isEmpty { try connection.send(made) }
    }

    private static func tls(
        _ options: ClientOptions,
        _ target: Address,
        _ address: String
    ) throws(MnemeError) -> TLSSession? {
        guard let tls = options.tls else { return nil }
        let end = try SecureEnd(tls, for: target)
        do throws(TLSError) {
            return try end.session()
        } catch {
            throw .notConnected(.insecure("\(error)"), to: address)
        }
    }

    /// Waits for bytes and hands them to the session; false when no more come.
    ///
    /// - Throws: `.timedOut` at the deadline, else what the connection does.
    func receive(until deadline: Microseconds) throws(TransportError) -> Bool {
        while true {
            let rest = deadline - clock.elapsed()
            // Telling the system costs a call: what is about right stays.
            if receiveTime > rest + rest / 8 || receiveTime < rest / 2 {
                try setReceiveTime(max(1, rest))
            }
            do throws(TransportError) {
                return try receive()
            } catch {
                guard case .timedOut = error, clock.elapsed() < deadline else { throw error }
            }
        }
    }

    /// Whether the server is still there, as far as can be said without asking it.
    func isAlive() -> Bool {
        guard clock.elapsed() - lastUse > BlockingLink.idleTime else { return true }
        do throws(TransportError) {
            try setReceiveTime(1)
            return try receive()
        } catch {
            if case .timedOut = error { return true }
            return false
        }
    }

    /// Says that the connection is of no use any more, so that what is in flight fails.
    func disconnect(_ reason: String) {
        isTaking = false
        session.disconnect(reason)
    }

    /// Says goodbye; all that was asked is answered.
    func close() {
        session.goodbye()
        // A server that has gone does not miss it.
        try? flush()
        if let tls { try? secured(tls) { $0.finish() } }
        connection.finishSending()
    }

    private func setReceiveTime(_ time: Microseconds) throws(TransportError) {
        try connection.setReceiveTimeout(time)
        receiveTime = time
    }

    private static func fill(
        _ buffer: inout [UInt8],
        from connection: BlockingConnection
    ) throws(TransportError) -> Int {
        var elements = buffer.mutableSpan
        // SAFETY: the bytes are those of the array, which nothing else uses meanwhile.
        var raw = unsafe elements.mutableBytes
        return try connection.receive(into: &raw)
    }

    private func receive() throws(TransportError) -> Bool {
        let count = try BlockingLink.fill(&buffer, from: connection)
        guard count > 0 else { return false }
        lastUse = clock.elapsed()
        receivedTotal += count
        guard let tls else {
            session.receive(buffer, 0..<count)
            return true
        }
        var said: [UInt8] = []
        try secured(tls) { (tls) throws(TLSError) in
            let received = buffer
            let span = received.span
            // SAFETY: the bytes are those of the array, which is held here.
            said = try tls.receive(unsafe span.bytes.extracting(..<count))
        }
        if said.isEmpty { return !tls.isOver }
        session.receive(said, 0..<said.count)
        return true
    }
}

extension RealClock {
    /// The time on the clock for durations so long from now.
    func deadline(in time: Microseconds) -> Microseconds {
        let (deadline, overflow) = elapsed().addingReportingOverflow(time)
        return overflow ? .max : deadline
    }
}
