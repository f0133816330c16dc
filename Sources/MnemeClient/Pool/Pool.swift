// The connections of a client and the calls that wait for them, on the thread of one loop.
//
//   begin ─► queue ─► the connection with the fewest requests ─► end
//              ▲                      │
//              └── lost reads, refused requests ──┘
//
// What always holds: every call that was begun ends once; a write is sent at most once, unless a
// server said that it did not begin it; of the calls in the queue none is without a connection, an
// attempt to make one, a pause before the next attempt, or its place behind a full connection.

internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport
internal import MnemeWire
internal import Synchronization

/// The connections of a client.
///
/// SAFETY: what changes belongs to the loop's thread; other threads submit jobs.
final class Pool: @unchecked Sendable {
    let loop: EventLoop
    let options: ClientOptions
    /// As it was given, for messages.
    let address: String
    let target: Address
    let hello: Hello
    /// What connections have in common that speak TLS; nil where none does.
    let secure: SecureEnd?
    let randomness: any Randomness

    /// Calls that were begun and did not end; counted by their callers.
    private let outstanding = Atomic<Int>(0)

    var queue = CallQueue()
    /// Connections that take requests.
    var links: [Link] = []
    /// Connections that only wait for their last answers.
    var drainingLinks: [Link] = []
    /// The connection that is being made, and when that takes too long.
    var attempt: Link?
    var attemptTimer: TimerID?
    /// The pause before the next attempt.
    var pauseTimer: TimerID?
    /// Failed attempts, and connections that ended without an answer, since the last answer.
    var failureCount = 0
    var lastFailure: MnemeError?
    /// Who waits for the first connection.
    var opener: (@Sendable (Result<Void, MnemeError>) -> Void)?

    private var isClosing = false
    private var isClosed = false
    private var closers: [@Sendable () -> Void] = []
    private var isDispatching = false

    /// A pool without connections, and its thread.
    ///
    /// - Throws: `disk` when the system has no thread or descriptor left.
    init(
        _ address: String,
        store: String,
        options: ClientOptions,
        randomness: any Randomness
    ) throws(MnemeError) {
        self.address = address
        target = try Address.server(address)
        self.options = options
        self.randomness = randomness
        hello = options.hello(store: store)
        if let tls = options.tls { secure = try SecureEnd(tls, for: target) } else { secure = nil }
        do throws(TransportError) {
            loop = try EventLoop()
            _ = try LoopThread(running: loop)
        } catch {
            throw .notConnected(error, to: address)
        }
    }

    // MARK: From any thread

    /// Counts a call; false where there are too many.
    func enter() -> Bool {
        let count = outstanding.add(1, ordering: .relaxed).newValue
        if count <= options.outstandingRequests { return true }
        leave()
        return false
    }

    /// Counts a call no more.
    func leave() { outstanding.subtract(1, ordering: .relaxed) }

    /// Makes the first connection; `completion` is called once.
    func open(_ completion: @escaping @Sendable (Result<Void, MnemeError>) -> Void) {
        let isTaken = loop.submit { [self] in
            guard !isClosing else { return completion(.failure(.clientClosed)) }
            opener = completion
            connect()
        }
        if !isTaken { completion(.failure(.clientClosed)) }
    }

    /// Begins a call; it ends once.
    func begin(_ call: Call) {
        if !loop.submit({ [self] in start(call) }) { call.end(.failure(.clientClosed)) }
    }

    /// Says that a call's task was cancelled.
    func cancel(_ call: Call) {
        call.isCancelled.store(true, ordering: .relaxed)
        loop.submit { [self] in cancelled(call) }
    }

    /// Ends everything: what was not sent fails, what is in flight is waited for a while.
    func close(_ completion: @escaping @Sendable () -> Void) {
        let isTaken = loop.submit { [self] in
            closers.append(completion)
            beginClosing()
            closeIfDone()
        }
        if !isTaken { completion() }
    }

    // MARK: Calls

    private func start(_ call: Call) {
        if isClosing { return call.end(.failure(.clientClosed)) }
        if call.isCancelled.load(ordering: .relaxed) {
            return call.end(.failure(.cancelled(wasSent: false)))
        }
        call.timer = loop.schedule(after: call.deadline - loop.now()) { [self] in timedOut(call) }
        call.place = .waiting
        queue.append(call)
        dispatch()
    }

    /// Sends what may be sent, and makes a connection where that helps.
    func dispatch() {
        // Ends of calls come here again from inside.
        guard !isDispatching else { return }
        isDispatching = true
        var isBusy = false
        let now = loop.now()
        var held: [Call] = []
        while let call = queue.first() {
            if call.isPinned {
                queue.removeFirst()
                if !sendPinned(call, now: now) { held.append(call) }
                continue
            }
            guard let link = leastBusy() else {
                isBusy = true
                break
            }
            switch link.send(call, now: now) {
            case .sent:
                queue.removeFirst()
                isBusy = link.requestCount > 1
            case .refused: continue
            case .failed(let error):
                queue.removeFirst()
                end(call, .failure(error))
            }
        }
        if !held.isEmpty { queue.prepend(held) }
        isDispatching = false
        if isBusy { grow() }
    }

    /// Sends a call of a transaction over the one connection that has it; false where that takes
    /// nothing more at the moment.
    private func sendPinned(_ call: Call, now: Microseconds) -> Bool {
        guard let link = call.pin?.link, !link.isOver, link.isTaking else {
            end(call, .failure(.lostTransaction))
            return true
        }
        guard link.isReady else { return false }
        switch link.send(call, now: now) {
        case .sent: return true
        case .refused: return false
        case .failed(let error):
            end(call, .failure(error))
            return true
        }
    }

    private func leastBusy() -> Link? {
        var best: Link?
        for link in links where link.isReady {
            if link.requestCount < best?.requestCount ?? .max { best = link }
        }
        return best
    }

    /// Ends a call.
    func end(_ call: Call, _ result: Result<Answered, MnemeError>) {
        if let timer = call.timer { loop.cancel(timer) }
        call.timer = nil
        call.end(result)
    }

    /// Ends a call that is in the queue.
    private func endWaiting(_ call: Call, _ error: MnemeError) {
        end(call, .failure(error))
        queue.noteEnded()
    }

    /// The connection of a call ended before the call did.
    func lost(_ call: Call, _ cause: String) {
        if call.isWrite { return end(call, .failure(.outcomeUnknown(cause))) }
        if isClosing { return end(call, .failure(.clientClosed)) }
        if call.isPinned { return end(call, .failure(.lostTransaction)) }
        guard call.attempts < max(1, options.attempts) else {
            return end(call, .failure(.lostRead(cause)))
        }
        call.place = .waiting
        queue.prepend([call])
    }

    /// The server did not begin a call because it shuts down: another connection may.
    func refused(_ call: Call, _ error: MnemeError) {
        call.refusals += 1
        call.attempts -= 1
        if call.isCancelled.load(ordering: .relaxed) {
            return end(call, .failure(.cancelled(wasSent: false)))
        }
        if isClosing || call.isOverdue || call.refusals > Patience.refusals {
            return end(call, .failure(error))
        }
        call.place = .waiting
        queue.prepend([call])
    }

    private func cancelled(_ call: Call) {
        switch call.place {
        // A new one is refused when it is begun.
        case .new, .ended: break
        case .waiting: endWaiting(call, .cancelled(wasSent: false))
        case .sent(let link, let id):
            guard call.isWrite else {
                link.abandon(id)
                end(call, .failure(.cancelled(wasSent: true)))
                return dispatch()
            }
            link.cancel(id)
            awaitEnd(call, atMost: Patience.cancelled)
        }
    }

    private func timedOut(_ call: Call) {
        call.timer = nil
        switch call.place {
        case .new, .ended: break
        case .waiting:
            let isUnreachable = links.isEmpty && failureCount > 0
            endWaiting(call, isUnreachable ? .unreachable(lastFailure) : .timedOut(wasSent: false))
        case .sent(let link, let id):
            if call.isWrite, !call.isOverdue {
                link.cancel(id)
                return awaitEnd(call, atMost: Patience.write)
            }
            link.abandon(id)
            link.doubt(call)
            let late = MnemeError.outcomeUnknown("no answer came in time")
            end(call, .failure(call.isWrite ? late : .timedOut(wasSent: true)))
            dispatch()
        }
    }

    /// Waits for the end of a write that was cancelled or whose time is over.
    private func awaitEnd(_ call: Call, atMost time: Microseconds) {
        if call.isOverdue { return }
        call.isOverdue = true
        if let timer = call.timer { loop.cancel(timer) }
        call.timer = loop.schedule(after: time) { [self] in timedOut(call) }
    }

    /// Ends every call that is not sent.
    func failWaiting(_ error: MnemeError) {
        for call in queue.removeAll() { end(call, .failure(error)) }
    }

    // MARK: The end

    /// Whether the pool makes no connections any more.
    var isEnding: Bool { isClosing }

    private func beginClosing() {
        guard !isClosing else { return }
        isClosing = true
        if let pauseTimer { loop.cancel(pauseTimer) }
        pauseTimer = nil
        failWaiting(.clientClosed)
        attempt?.giveUp(.clientClosed)
        for link in links { link.goodbye() }
        loop.schedule(after: Patience.closing) { [self] in
            for link in links + drainingLinks { link.disconnect("the client was closed") }
        }
    }

    /// Stops the loop when the last connection is over.
    func closeIfDone() {
        guard isClosing, links.isEmpty, drainingLinks.isEmpty, attempt == nil else { return }
        for closer in closers { closer() }
        closers = []
        guard !isClosed else { return }
        isClosed = true
        // What was said last is still sent.
        loop.stop(within: 1_000_000)
    }
}
