// The server: one event loop that reads, does what is quick, and answers; the log threads of its
// stores, which commit; a few workers for what takes long. Everything that a connection holds
// belongs to the loop's thread.

internal import Glibc
internal import Mneme
package import MnemeBase
package import MnemeModel
package import MnemeTransport
internal import MnemeWire
internal import Synchronization

/// A running server.
package final class Server: Sendable {
    /// Where it listens, with the ports that the system chose.
    package let addresses: [Address]
    /// Where figures are told; nil where they are not.
    package var metricsAddress: Address? { metrics?.address }
    /// Its stores.
    package let shelf: StoreShelf
    /// Who is let in.
    package let tokens: TokenBook
    /// What is shown to them, where TLS is spoken.
    private let tls: TLSKeeper?
    private let loop: EventLoop
    private let guests: ServerGuests
    private let thread: LoopThread
    private let claim: RootClaim
    private let metrics: MetricsDoor?
    private let recall: RecallWatch?
    private let report: (@Sendable (LogEvent) -> Void)?

    /// Starts a server.
    ///
    /// - Throws: `.denied` for an address that others could reach and for a root that cannot be
    ///   written, `.busy` for an address in use and for a root that another server has,
    ///   `.badRequest` for what is no address, for a root that is no directory or is a store
    ///   itself, and for a token file that cannot be read; `.disk`.
    package init(_ options: ServerOptions) throws(MnemeError) {
        var options = options
        if let report = options.report { options.report = EventBrake(report).note }
        let report = options.report
        self.report = report
        // Without TLS no token could open what others reach.
        if options.tls == nil { try Self.checkReach(options, asksWho: false) }
        claim = try RootClaim(options.root)
        do throws(MnemeError) {
            tokens = try TokenBook(root: options.root, report: options.report)
            tls = try Self.keeper(options)
            try Self.checkReach(options, asksWho: tokens.isRequired)
        } catch {
            claim.release()
            throw error
        }
        let workers = WorkerPool(threadCount: options.workerCount)
        // Who opens a store does not wait for those who work on others.
        let shelf = StoreShelf(options, WorkerPool(threadCount: 1))
        let figures = ServerFigures()
        report?(Self.started(options))
        guests = ServerGuests(options, shelf, workers, figures, tokens, tls)
        let loop: EventLoop
        do throws(TransportError) {
            loop = try EventLoop()
            loop.spinMicroseconds = options.spinMicroseconds
            thread = try LoopThread(running: loop)
        } catch {
            throw MnemeError(transport: error)
        }
        self.loop = loop
        self.shelf = shelf
        recall = options.recallCheckMicroseconds.map { RecallWatch(shelf, every: $0, report) }
        do throws(MnemeError) {
            metrics = try Self.metrics(options, figures, shelf, recall)
        } catch {
            recall?.stop()
            loop.stop(within: 0)
            claim.release()
            throw error
        }
        do throws(MnemeError) {
            addresses = try Self.listen(loop, options, guests)
        } catch {
            recall?.stop()
            metrics?.close()
            claim.release()
            throw error
        }
        for address in addresses {
            report?(LogEvent(.listening, [("address", .text("\(address)"))]))
        }
        if let address = metrics?.address {
            let fields: [LogEvent.Field] = [("address", .text("\(address)")), ("of", "figures")]
            report?(LogEvent(.listening, fields))
        }
    }

    private static func started(_ options: ServerOptions) -> LogEvent {
        let fields: [LogEvent.Field] = [
            ("server", .text(options.name)), ("root", .text(options.root)),
            ("process", .int(Int64(getpid()))), ("tls", .bool(options.tls != nil)),
            ("connections", .int(Int64(options.connectionLimit))),
            ("stores", .int(Int64(options.storeLimit))),
        ]
        return LogEvent(.started, fields)
    }

    private static func metrics(
        _ options: ServerOptions,
        _ figures: ServerFigures,
        _ shelf: StoreShelf,
        _ recall: RecallWatch?
    ) throws(MnemeError) -> MetricsDoor? {
        guard let address = options.metricsAddress else { return nil }
        do throws(TransportError) {
            return try MetricsDoor(address, figures, shelf, recall)
        } catch {
            throw MnemeError(transport: error)
        }
    }

    /// Looks whether a server could start so, as far as that can be told without starting one.
    ///
    /// - Throws: as `init`, but for `.busy`.
    package static func check(_ options: ServerOptions) throws(MnemeError) {
        let tokens = try TokenBook(root: options.root, report: options.report)
        _ = try keeper(options)
        try checkReach(options, asksWho: tokens.isRequired)
        try RootClaim.check(options.root)
    }

    /// Stops accepting, lets requests in flight end within the time, ends all connections, and
    /// closes the stores.
    ///
    /// - Returns: what went wrong while closing, by store.
    package func stop(within microseconds: Microseconds = 5_000_000) -> [String: MnemeError] {
        report?(LogEvent(.draining, [("milliseconds", .int(microseconds / 1000))]))
        recall?.stop()
        loop.stop(within: microseconds)
        thread.wait()
        defer {
            claim.release()
            report?(LogEvent(.stopped))
        }
        metrics?.close()
        return shelf.close()
    }

    /// Reads the tokens and the certificate again, as it does by itself now and then.
    package func refresh() {
        tokens.refresh()
        tls?.refresh()
    }

    /// Takes over what of a set-up can change while it serves: how many connections there may be
    /// and how much is kept for them, which requests are slow, whether stores are made and how many
    /// may be open.
    ///
    /// Who is connected stays so. When it returns, all of it holds.
    package func take(_ changed: ServerOptions) {
        shelf.take(changed)
        let done = Gate()
        let isTaken = loop.submit { [guests] in
            guests.take(changed)
            done.open()
        }
        if isTaken { done.wait() }
    }

    /// What is shown to clients, where TLS is spoken.
    ///
    /// - Throws: `.badRequest` where the files cannot be read.
    private static func keeper(_ options: ServerOptions) throws(MnemeError) -> TLSKeeper? {
        guard let files = options.tls else { return nil }
        do throws(TLSError) {
            return try TLSKeeper(files) { [report = options.report] error in
                let message = error.map { "\($0). The certificate stays as it was." }
                report?(
                    message.map { LogEvent(.certificateUnreadable, message: $0) }
                        ?? LogEvent(.certificateRead)
                )
            }
        } catch {
            throw MnemeError(.badRequest, "\(error); check the files of the server's certificate")
        }
    }

    /// Makes sure that others cannot reach what is not safe from them.
    ///
    /// - Throws: `.denied`.
    private static func checkReach(
        _ options: ServerOptions,
        asksWho: Bool
    ) throws(MnemeError) {
        if let metrics = options.metricsAddress, !metrics.isLoopback {
            throw MnemeError(
                .denied,
                "\(metrics) can be reached from other machines, and figures are told to whoever "
                    + "asks; tell them on localhost, 127.0.0.1 or [::1]"
            )
        }
        if options.tls != nil, asksWho { return }
        let places = options.sockets.map(\.address) + options.addresses
        for address in places where !address.isLoopback {
            let lacking = options.tls == nil ? "is encrypted, tokens included" : "asks who they are"
            throw MnemeError(
                .denied,
                "\(address) can be reached from other machines, and nothing \(lacking); listen on "
                    + "localhost, 127.0.0.1, [::1] or a Unix socket, or have both a certificate "
                    + "and tokens"
            )
        }
    }

    /// Listens on the loop's thread and waits until it does.
    private static func listen(
        _ loop: EventLoop,
        _ options: ServerOptions,
        _ guests: ServerGuests
    ) throws(MnemeError) -> [Address] {
        let outcome = Mutex<Result<[Address], TransportError>>(.success([]))
        let done = Gate()
        loop.submit {
            outcome.withLock { outcome in
                do throws(TransportError) {
                    var bound: [Address] = []
                    for socket in options.sockets {
                        let listener = try Listener(socket, on: loop) { guests.welcome($0) }
                        bound.append(listener.address)
                    }
                    for address in options.sockets.isEmpty ? options.addresses : [] {
                        let listener = try Listener(address, on: loop) { guests.welcome($0) }
                        bound.append(listener.address)
                    }
                    outcome = .success(bound)
                } catch {
                    outcome = .failure(error)
                }
            }
            done.open()
        }
        done.wait()
        switch outcome.withLock({ $0 }) {
        case .success(let bound): return bound
        case .failure(let error):
            loop.stop(within: 0)
            throw MnemeError(transport: error)
        }
    }
}
