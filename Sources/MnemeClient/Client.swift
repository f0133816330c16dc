// The remote door: a store behind a server, for tasks.

internal import MnemeBase
public import MnemeModel
internal import Synchronization

/// A store behind a server.
///
/// Everything that `Door` says works as with a store in the same process; one line tells them
/// apart:
///
/// ```swift
/// import MnemeClient
///
/// let memory = try await Client.connect("localhost:7411", store: "example")
/// _ = try await memory.remember("Ann keeps bees behind the old mill", owner: "ann")
/// for item in try await memory.recall("Who keeps beehives?", owner: "ann").items {
///     print(item.score, item.record["text"].text ?? "")
/// }
/// try await memory.close()
/// ```
///
/// Any number of tasks may ask at once: their requests share a few connections, many of them in
/// flight on each. A connection that is lost is made anew. What becomes of the requests that had no
/// answer then:
///
/// - One that only reads is asked again, up to `ClientOptions.attempts` times.
/// - One that writes and was sent ends with `outcomeUnknown`: it was done wholly or not at all.
///   One that was not sent yet, or that the server says it has not begun, is sent on the new
///   connection.
///
/// When a task is cancelled, the server is told. A read throws `cancelled` at once. A write throws
/// `cancelled` when the server says that nothing was written; where it was too late for that, the
/// call returns what came of it, or throws `outcomeUnknown` when nothing is heard for 5 seconds.
/// `deadlineExceeded` says of a write as well that nothing was written.
public final class Client: Door, Sendable {
    /// The port of an address that names none; servers listen there unless told otherwise.
    public static let defaultPort: UInt16 = 7411

    private let pool: Pool
    private let options: ClientOptions
    /// Which connection has which open transaction.
    private let transactions = Mutex<[UInt64: LinkPin]>([:])

    private init(_ pool: Pool, _ options: ClientOptions) {
        self.pool = pool
        self.options = options
    }

    deinit { pool.close {} }

    /// Connects to a server.
    ///
    /// `address` is `host:port`, a host alone, `[IPv6]:port` or `unix:/path`; `store` is the name
    /// of the store, empty for the server's own choice.
    ///
    /// - Throws: `badRequest` for what is no address; `disconnected` or `deadlineExceeded` where no
    ///   server answers; `badFrame` where something else does; `unknownStore`,
    ///   `unsupportedVersion`, `unauthenticated`, `tooManyRequests`, `shuttingDown`,
    ///   `deadlineExceeded` as the server says, and what opening the store throws there, such as
    ///   `busy`, `notAStore`, `damagedLog` (formats/wire.md#answers-to-a-hello); `cancelled`.
    public static func connect(
        _ address: String,
        store: String = "",
        options: ClientOptions = ClientOptions()
    ) async throws(MnemeError) -> Client {
        let pool = try Pool(
            address,
            store: store,
            options: options,
            randomness: RealRandomness()
        )
        let result: Result<Void, MnemeError> = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                pool.open { waiter.resume(returning: $0) }
            }
        } onCancel: {
            pool.close {}
        }
        do throws(MnemeError) {
            try result.get()
        } catch {
            pool.close {}
            throw Task.isCancelled ? .cancelled(wasSent: false) : error
        }
        return Client(pool, options)
    }

    /// Does what a request asks, within the time of the options.
    ///
    /// - Returns: the response of the request's kind.
    /// - Throws: as the other one.
    public func perform(_ request: Request) async throws(MnemeError) -> Response {
        try await perform(request, timeout: nil)
    }

    /// Does what a request asks within a time, the wait for a connection included.
    ///
    /// `timeout` and `durability` are the options' when nil; `durability` is how long commits are
    /// waited for, but for `commit`, which says it itself.
    /// - Returns: the response of the request's kind.
    /// - Throws: what the store throws; `cancelled`, `deadlineExceeded`, `outcomeUnknown`,
    ///   `disconnected`, `tooManyRequests`, `tooLarge`, `closed`. Only after `outcomeUnknown` may
    ///   anything have changed.
    public func perform(
        _ request: Request,
        timeout: Duration? = nil,
        durability: Durability? = nil
    ) async throws(MnemeError) -> Response {
        guard !Task.isCancelled else { throw .cancelled(wasSent: false) }
        guard pool.enter() else { throw .queueFull(options.outstandingRequests) }
        defer { pool.leave() }
        let time = timeout?.microseconds ?? options.time(for: request)
        let deadline = RealClock().elapsed().addingReportingOverflow(time)
        let call = Call(
            request,
            durability: durability ?? options.durability,
            deadline: deadline.overflow ? .max : deadline.partialValue,
            pin: try pin(for: request)
        )
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                call.waiter = waiter
                pool.begin(call)
            }
        } onCancel: {
            pool.cancel(call)
        }
        do throws(MnemeError) {
            let answered = try result.get()
            let response = try answered.payload.response(answered.answer, isWrite: call.isWrite)
            if case .began(let id, _) = response, let pin = call.pin {
                transactions.withLock { $0[id] = pin }
            }
            return response
        } catch {
            doubt(request, after: error)
            throw error
        }
    }

    /// The connection that a request must take; one that begins a transaction says which it took.
    private func pin(for request: Request) throws(MnemeError) -> LinkPin? {
        switch request {
        case .begin: return LinkPin()
        case .inside(let id, _):
            if let pin = transactions.withLock({ $0[id] }) { return pin }
            throw .noTransaction(id)
        // It may have been committed over a connection that is gone.
        case .once(_, .commitTransaction(let id, _)):
            return transactions.withLock { $0.removeValue(forKey: id) }
        case .commitTransaction(let id, _), .rollback(let id):
            if let pin = transactions.withLock({ $0.removeValue(forKey: id) }) { return pin }
            throw .noTransaction(id)
        default: return nil
        }
    }

    /// Rolls a transaction back of which it is not known whether a change became part of it.
    private func doubt(_ request: Request, after error: MnemeError) {
        guard case .inside(let id, let asked) = request else { return }
        switch asked {
        case .commit, .signed: break
        default: return
        }
        switch error.code {
        case .cancelled, .deadlineExceeded, .noTransaction, .disconnected: break
        default: return
        }
        guard let pin = transactions.withLock({ $0.removeValue(forKey: id) }) else { return }
        let time = RealClock().elapsed() + options.timeout.microseconds
        pool.begin(Call(.rollback(id), durability: nil, deadline: time, pin: pin))
    }

    /// Says goodbye to the server and gives everything back.
    ///
    /// Requests that were not sent fail with `closed`; the ends of those in flight are waited for,
    /// 5 seconds at most. It refuses everything afterwards.
    public func close() async throws(MnemeError) {
        await withCheckedContinuation { waiter in
            pool.close { waiter.resume() }
        }
    }
}
