// The remote door for programs that wait: the thread that asks also sends and receives, so that no
// answer is handed from thread to thread.

internal import Glibc
internal import MnemeBase
public import MnemeModel
internal import MnemeTransport
internal import MnemeWire

/// A store behind a server, for a thread that waits for its answers.
///
/// It speaks as `Client` does, over one connection and without tasks:
///
/// ```swift
/// let memory = try BlockingClient.connect("localhost:7411", store: "example")
/// let answers = memory.perform([.describe, .statistics])
/// let response = try memory.perform(.recall(Recall("Who keeps beehives?", owner: "ann")))
/// memory.close()
/// ```
///
/// One thread uses it at a time. A connection that is lost is made anew by the call that needs it;
/// what becomes of requests without an answer is said at `Client`.
public final class BlockingClient: BlockingDoor {
    private let address: String
    private let target: Address
    private let hello: Hello
    private let options: ClientOptions
    private let clock = RealClock()
    private let randomness = RealRandomness()
    private var link: BlockingLink?
    private var failureCount = 0
    private var lastFailure: MnemeError?
    private var isClosed = false

    private init(_ address: String, _ store: String, _ options: ClientOptions) throws(MnemeError) {
        self.address = address
        target = try Address.server(address)
        hello = options.hello(store: store)
        self.options = options
        link = try BlockingLink(
            target,
            address,
            hello: hello,
            options: options,
            within: options.connectTimeout.microseconds
        )
    }

    deinit { link?.close() }

    /// Connects to a server.
    ///
    /// - Throws: as `Client.connect`, but for `cancelled`.
    public static func connect(
        _ address: String,
        store: String = "",
        options: ClientOptions = ClientOptions()
    ) throws(MnemeError) -> BlockingClient {
        try BlockingClient(address, store, options)
    }

    /// Does what a request asks.
    ///
    /// `timeout` and `durability` are the options' when nil; `durability` is how long commits are
    /// waited for, but for `commit`, which says it itself.
    /// - Returns: the response of the request's kind.
    /// - Throws: as `Client.perform`.
    public func perform(
        _ request: Request,
        timeout: Duration? = nil,
        durability: Durability? = nil
    ) throws(MnemeError) -> Response {
        let results = perform([request], timeout: timeout, durability: durability)
        guard let result = results.first else { throw .clientClosed }
        return try result.get()
    }

    /// Does what a request asks, within the time of the options.
    ///
    /// - Returns: the response of the request's kind.
    /// - Throws: as `Client.perform`.
    public func perform(
        _ request: Request,
        durability: Durability?
    ) throws(MnemeError) -> Response {
        try perform(request, timeout: nil, durability: durability)
    }

    /// Does what requests ask, many of them in flight at once, within one time for all.
    ///
    /// The server may do them in any order and at once: a request that needs what another one
    /// changes belongs into a later call.
    ///
    /// - Returns: what became of each, in the order of the requests.
    public func perform(
        _ requests: [Request],
        timeout: Duration? = nil,
        durability: Durability? = nil
    ) -> [Result<Response, MnemeError>] {
        let usual = requests.reduce(options.timeout.microseconds) {
            max($0, options.time(for: $1))
        }
        let time = timeout?.microseconds ?? usual
        var run = BlockingRun(
            requests,
            durability: durability ?? options.durability,
            deadline: clock.deadline(in: time),
            attempts: options.attempts
        )
        while !run.isDone {
            guard let link = connected(&run) else { break }
            run.send(on: link, now: clock.elapsed())
            if run.isIdle { continue }
            exchange(&run, link)
        }
        return run.results.map { $0 ?? .failure(.clientClosed) }
    }

    /// Does what requests ask, many of them in flight at once, within the time of the options.
    ///
    /// - Returns: what became of each, in the order of the requests.
    public func perform(
        _ requests: [Request],
        durability: Durability?
    ) -> [Result<Response, MnemeError>] {
        perform(requests, timeout: nil, durability: durability)
    }

    /// Says goodbye to the server; refuses everything afterwards.
    public func close() {
        isClosed = true
        link?.close()
        link = nil
    }

    /// Sends what is to be sent and waits for the next answers.
    private func exchange(_ run: inout BlockingRun, _ link: BlockingLink) {
        do throws(TransportError) {
            try link.flush()
            if try !link.receive(until: run.guardTime) { link.disconnect("the server closed it") }
        } catch {
            if case .timedOut = error {
                run.timeOut()
                // What did not answer in time is asked nothing more.
                self.link = nil
                return
            }
            link.disconnect("\(error)")
        }
        run.handleEvents(of: link)
        if link.hasAnswered { failureCount = 0 }
    }

    /// A connection that takes requests, or the one whose answers are waited for; nil when there is
    /// none and what waits has failed.
    private func connected(_ run: inout BlockingRun) -> BlockingLink? {
        if let link {
            if !run.isIdle { return link }
            if link.isTaking, link.isAlive() {
                run.handleEvents(of: link)
                if link.isTaking { return link }
            }
            if !link.hasAnswered { failureCount += 1 }
            link.close()
            self.link = nil
        }
        while !isClosed {
            let rest = run.deadline - clock.elapsed()
            guard rest > 0 else {
                let error = lastFailure.map { MnemeError.unreachable($0) }
                run.failWaiting(
                    failureCount > 0 ? error ?? .unreachable(nil) : .timedOut(wasSent: false)
                )
                return nil
            }
            if failureCount > 0, failureCount < options.reconnects {
                let pause = Patience.pause(afterFailures: failureCount, randomness)
                usleep(UInt32(min(pause, rest)))
            }
            do throws(MnemeError) {
                let made = try BlockingLink(
                    target,
                    address,
                    hello: hello,
                    options: options,
                    within: max(1, min(rest, options.connectTimeout.microseconds))
                )
                link = made
                return made
            } catch {
                failureCount += 1
                lastFailure = error
                guard !error.endsConnecting else {
                    run.failWaiting(error)
                    return nil
                }
                guard failureCount < max(1, options.reconnects) else {
                    run.failWaiting(.unreachable(error))
                    return nil
                }
            }
        }
        run.failWaiting(.clientClosed)
        return nil
    }
}
