// A connection that a loop serves: non-blocking, with a queue for what the socket does not take.
//
//   open ── finish ──▸ finishing ── all sent ──▸ lingering ── the other's end, or time ──▸ closed
//     └─────── close · reset · error · slow reader · loop's end ───────────────────────────▸
//
// What holds: what was queued is sent in order; nothing is read while reading is paused or the
// output is full (clients read on); a closed connection gives its descriptor back and tells its
// handler after the handler's own call has returned, once.

internal import Glibc
internal import MnemeBase

/// One connection of a loop.
///
/// SAFETY: used on the loop's thread alone, to which `assertOnThread` holds every call that changes
/// anything; other threads may only pass it along, and read `id`, `loop` and `peer`, which never
/// change.
@safe package final class Connection: LoopSource, @unchecked Sendable {
    private enum Phase {
        case open, finishing, lingering, closed
    }

    /// A number that no other connection of this loop has.
    package let id: UInt64
    /// The loop that serves it.
    package let loop: EventLoop
    /// The other side; on Unix sockets it has no name.
    package let peer: SocketAddress
    /// The limits that it keeps.
    package let options: ConnectionOptions

    private var descriptor: Descriptor
    /// The loop's name for it; nil until it is served.
    private var token: UInt64?
    private var handler: (any ConnectionHandler)?
    private var output = OutputQueue()
    private var phase = Phase.open
    private var closeReason = CloseReason.closedHere
    private var interest = Readiness.input
    private var isAttached = true
    private var isPaused = false
    private var hasInputEnded = false
    private var isFlushAsked = false
    /// Whether `ready` is on its way, and flushes at its end.
    private var isInEvent = false
    /// What ends a connection that is finishing or lingering.
    private var endTimer: TimerID?
    /// What enciphers and deciphers, where TLS is spoken.
    private var tls: TLSSession?
    /// What is told, plainly, to those who do not speak it; nil once it is known that they do.
    private var plainAnswer: [UInt8]?

    /// A connection that is not served yet.
    init(
        _ loop: EventLoop,
        _ descriptor: consuming Descriptor,
        peer: SocketAddress,
        options: ConnectionOptions
    ) {
        id = loop.takeConnectionID()
        self.loop = loop
        self.descriptor = descriptor
        self.peer = peer
        self.options = options
    }

    /// Begins to serve it.
    ///
    /// - Throws: `.system` where the loop cannot watch it; the handler has heard nothing then.
    func start(_ handler: any ConnectionHandler) throws(TransportError) {
        guard phase != .closed else { return }
        SocketCall.tune(descriptor.number, keepAliveSeconds: options.keepAliveSeconds)
        interest = wantsInput ? .input : []
        token = try loop.register(self, descriptor.number, interest)
        self.handler = handler
        loop.statistics.connectionsOpened += 1
        handler.opened(self)
    }

    // MARK: For the handler

    /// Whether something may still be sent.
    package var isOpen: Bool { phase == .open }

    /// How many bytes wait to be sent.
    package var outputByteCount: Int { output.byteCount }

    /// Whether more waits than `outputHighMark`, and has not fallen to `outputLowMark` since.
    ///
    /// `drained` tells when it ends.
    package private(set) var isOutputFull = false

    /// Has TLS spoken from the first byte on; called by the handler as the connection is opened.
    ///
    /// `plainAnswer`: what is told, plainly and as the last of all, to a client that does not speak
    /// it.
    package func secure(with session: TLSSession, tellingOthers plainAnswer: [UInt8] = []) {
        loop.assertOnThread()
        tls = session
        self.plainAnswer = plainAnswer.isEmpty ? nil : plainAnswer
        secured { (tls) throws(TLSError) in try tls.shake() }
    }

    /// The common name in the verified certificate of the other side; nil where it has shown none.
    package var certifiedName: String? { tls?.peerName }

    /// Queues bytes; an array of 16 KiB or more is kept without a copy.
    ///
    /// What is queued during one turn of the loop leaves together. Without effect once the
    /// connection is finishing.
    package func send(_ bytes: [UInt8]) {
        loop.assertOnThread()
        guard phase == .open else { return }
        if tls != nil { return secured { (tls) throws(TLSError) in try tls.write(bytes) } }
        output.append(bytes)
        noteOutput()
    }

    /// Queues a copy of bytes, as `send` of an array does.
    package func send(_ bytes: ArraySlice<UInt8>) {
        // SAFETY: the bytes are copied before the span ends.
        unsafe bytes.withUnsafeBytes { unsafe send(RawSpan(_unsafeBytes: $0)) }
    }

    /// Queues a copy of bytes, as `send` of an array does.
    package func send(_ bytes: RawSpan) {
        loop.assertOnThread()
        guard phase == .open else { return }
        if tls != nil {
            // SAFETY: the bytes are copied before the span ends.
            return unsafe bytes.withUnsafeBytes { unsafe send(Array($0)) }
        }
        output.append(bytes)
        noteOutput()
    }

    /// Sends what is queued at once, so that the other side has something to do meanwhile.
    package func push() {
        loop.assertOnThread()
        // While the socket is full, EPOLLOUT calls.
        guard phase == .open, !output.isEmpty, !interest.contains(.output) else { return }
        isFlushAsked = true
        flush()
        // The turn's end may have been asked for already, and finds nothing to do.
    }

    /// Stops reading: what the other side sends piles up there.
    ///
    /// Nothing more is handed over from here on.
    package func pauseReading() {
        loop.assertOnThread()
        isPaused = true
        updateInterest()
    }

    /// Reads on.
    package func resumeReading() {
        loop.assertOnThread()
        isPaused = false
        updateInterest()
    }

    /// Sends what is queued, says that this is all, waits a moment for the other side to end as
    /// well, and closes.
    ///
    /// What arrives from now on is thrown away.
    package func finish() {
        loop.assertOnThread()
        guard phase == .open else { return }
        secured { tls in tls.finish() }
        guard phase == .open else { return }
        phase = .finishing
        updateInterest()
        askForFlush()
        watchForStall()
    }

    /// Closes now; what is queued is lost.
    package func close() {
        loop.assertOnThread()
        close(.closedHere)
    }

    /// Closes now, as one whose other side does not read what it is sent.
    package func dropSlowReader() {
        loop.assertOnThread()
        close(.slowReader)
    }

    // MARK: For the loop

    func ready(_ readiness: Readiness) {
        isInEvent = true
        take(readiness)
        isInEvent = false
        if isFlushAsked { flush() }
    }

    private func take(_ readiness: Readiness) {
        if readiness.contains(.failure) {
            let code = SocketCall.takeError(descriptor.number)
            if code != 0 { return close(CloseReason(code: code)) }
        }
        if readiness.contains(.hangUp), !wantsInput { return hangUp() }
        if !readiness.isDisjoint(with: [.input, .hangUp]) { receive() }
        if readiness.contains(.output) { isFlushAsked = true }
    }

    func stop() { handler?.stopping(self) }

    func abandon() { close(.loopStopped) }

    func flush() {
        guard isFlushAsked else { return }
        isFlushAsked = false
        guard phase != .closed else { return }
        if !output.isEmpty {
            let (outcome, sent) = output.write(to: descriptor.number, budget: options.turnLimit)
            loop.statistics.bytesSent += UInt64(sent)
            if case .failed(let code) = outcome { return close(CloseReason(code: code)) }
        }
        let isDrained = isOutputFull && output.byteCount <= options.outputLowMark
        if isDrained { isOutputFull = false }
        updateInterest()
        if isDrained, phase == .open { handler?.drained(self) }
        if phase == .finishing, output.isEmpty { linger() }
    }

    func release() {
        descriptor.close()
        output.removeAll()
        if let endTimer { loop.cancel(endTimer) }
        guard let handler else { return }
        loop.statistics.connectionsClosed += 1
        self.handler = nil
        handler.closed(self, reason: closeReason)
    }

    // MARK: Inside

    /// Whether input is read only to be thrown away.
    private var isDiscarding: Bool { phase == .finishing || phase == .lingering }

    private var wantsInput: Bool {
        !hasInputEnded && phase != .closed
            && (isDiscarding || !(isPaused || options.pausesWhenFull && isOutputFull))
    }

    private func receive() {
        var budget = options.turnLimit
        while budget > 0, wantsInput {
            let capacity = min(budget, EventLoop.receiveCapacity)
            let buffer = unsafe UnsafeMutableRawBufferPointer(
                rebasing: loop.receiveBuffer[..<capacity]
            )
            switch unsafe SocketCall.read(descriptor.number, into: buffer) {
            case .moved(0): return endInput()
            case .moved(let count):
                budget -= count
                loop.statistics.bytesReceived += UInt64(count)
                if !isDiscarding {
                    let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
                    unsafe take(RawSpan(_unsafeBytes: bytes))
                }
                // A short read took everything; what came since is told in the next turn.
                if count < capacity { return }
            case .blocked: return
            case .failed(let code): return close(CloseReason(code: code))
            }
        }
    }

    /// Hands over what came, deciphered where TLS is spoken.
    private func take(_ bytes: RawSpan) {
        guard let tls else {
            handler?.received(bytes, on: self)
            return
        }
        if let answer = plainAnswer {
            guard TLSSession.isSpoken(by: bytes) ?? true else {
                self.tls = nil
                send(answer)
                return finish()
            }
            plainAnswer = nil
        }
        var said: [UInt8] = []
        var failure: TLSError?
        do throws(TLSError) { said = try tls.receive(bytes) } catch { failure = error }
        sendSecured(tls, failure)
        guard phase == .open else { return }
        if !said.isEmpty { handler?.received(unsafe said.span.bytes, on: self) }
        if tls.isOver, phase == .open { endInput() }
    }

    /// Does something with what enciphers, where there is such, and sends what comes of it.
    private func secured(_ body: (TLSSession) throws(TLSError) -> Void) {
        guard let tls else { return }
        var failure: TLSError?
        do throws(TLSError) { try body(tls) } catch { failure = error }
        sendSecured(tls, failure)
    }

    /// Sends what is enciphered; where that failed, the other side is told why, and it is the end.
    private func sendSecured(_ tls: TLSSession, _ failure: TLSError?) {
        let made = tls.takeOutput()
        if !made.isEmpty {
            output.append(made)
            noteOutput()
        }
        guard let failure, phase == .open else { return }
        if isFlushAsked { flush() }
        close(.insecure(failure.description))
    }

    private func endInput() {
        hasInputEnded = true
        updateInterest()
        switch phase {
        case .open: handler?.inputEnded(self)
        case .lingering: close(.finished)
        case .finishing, .closed: break
        }
    }

    /// Both directions are over, and nothing is to be read: told for ever, unless it is unhooked.
    private func hangUp() {
        isFlushAsked = true
        flush()
        guard phase != .closed, !wantsInput, isAttached else { return }
        loop.detach(descriptor.number)
        isAttached = false
        interest = []
    }

    private func noteOutput() {
        if output.byteCount > options.outputLimit { return close(.slowReader) }
        if !isOutputFull, output.byteCount > options.outputHighMark {
            isOutputFull = true
            updateInterest()
        }
        askForFlush()
    }

    /// Has `flush` called: by `ready` where this is the connection's own event, else by the loop.
    private func askForFlush() {
        // While the socket is full, EPOLLOUT calls.
        guard !isFlushAsked, !interest.contains(.output) else { return }
        isFlushAsked = true
        if !isInEvent { loop.flushLater(self) }
    }

    private func updateInterest() {
        guard phase != .closed, let token else { return }
        var wanted: Readiness = wantsInput ? .input : []
        if !output.isEmpty, !isFlushAsked { wanted.insert(.output) }
        guard wanted != interest else { return }
        do throws(TransportError) {
            if isAttached {
                try loop.change(token, descriptor.number, wanted)
            } else {
                try loop.attach(token, descriptor.number, wanted)
                isAttached = true
            }
            interest = wanted
        } catch {
            close(.lost(code: ENOMEM))
        }
    }

    /// Ends a finishing connection whose other side reads nothing for too long.
    private func watchForStall() {
        let waiting = output.byteCount
        endTimer = loop.schedule(after: options.stallMicroseconds) { [weak self] in
            guard let self, phase == .finishing else { return }
            output.byteCount < waiting ? watchForStall() : close(.slowReader)
        }
    }

    private func linger() {
        if let endTimer { loop.cancel(endTimer) }
        SocketCall.finishSending(descriptor.number)
        if hasInputEnded { return close(.finished) }
        phase = .lingering
        updateInterest()
        endTimer = loop.schedule(after: options.lingerMicroseconds) { [weak self] in
            self?.close(.finished)
        }
    }

    private func close(_ reason: CloseReason) {
        guard phase != .closed else { return }
        phase = .closed
        closeReason = reason
        if let token { loop.unregister(token, descriptor.number) }
        loop.releaseLater(self)
    }
}
