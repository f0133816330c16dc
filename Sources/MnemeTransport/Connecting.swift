// A connection on its way: a loop's non-blocking connect, address after address, until one answers
// or the time is over.

internal import Glibc
package import MnemeBase

extension EventLoop {
    /// Connects without waiting: `connected` chooses the handler of the new connection (nil closes
    /// it), or `failed` says why there is none.
    ///
    /// One of them is called, once, on the loop's thread, and not before this returns.
    ///
    /// Addresses are tried in turn and share the time; `Address.resolve` has them.
    package func connect(
        to addresses: [SocketAddress],
        timeoutMicroseconds: Microseconds,
        options: ConnectionOptions = .client,
        connected: @escaping (Connection) -> (any ConnectionHandler)?,
        failed: @escaping (TransportError) -> Void
    ) {
        assertOnThread()
        let attempt = Connecting(self, addresses, options, connected, failed)
        attempt.begin(timeoutMicroseconds)
    }
}

/// One attempt to connect.
private final class Connecting: LoopSource {
    private let loop: EventLoop
    private let options: ConnectionOptions
    private let connected: (Connection) -> (any ConnectionHandler)?
    private let failed: (TransportError) -> Void
    private var rest: ArraySlice<SocketAddress>
    private var peer = SocketAddress(bytes: [])
    private var descriptor = Descriptor(-1)
    private var token: UInt64?
    private var timer: TimerID?
    private var failure = TransportError.unknownHost(name: "", reason: "no address was given")
    private var isDone = false

    init(
        _ loop: EventLoop,
        _ addresses: [SocketAddress],
        _ options: ConnectionOptions,
        _ connected: @escaping (Connection) -> (any ConnectionHandler)?,
        _ failed: @escaping (TransportError) -> Void
    ) {
        self.loop = loop
        self.options = options
        self.connected = connected
        self.failed = failed
        rest = addresses[...]
    }

    func begin(_ timeoutMicroseconds: Microseconds) {
        if loop.isStopping { return fail(.stopped) }
        // The timer keeps this alive until it is done.
        timer = loop.schedule(after: timeoutMicroseconds) { [self] in
            fail(.timedOut("connecting to \(peer.address)"))
        }
        tryNext()
    }

    func ready(_ readiness: Readiness) {
        guard !isDone else { return }
        let code = SocketCall.takeError(descriptor.number)
        code == 0 ? succeed() : note(code)
    }

    func stop() { fail(.stopped) }

    func abandon() { fail(.stopped) }

    func flush() {}

    /// Reports the failure, after whoever called `connect` has returned.
    func release() { failed(failure) }

    private func tryNext() {
        while !isDone, let next = rest.popFirst() {
            peer = next
            do throws(TransportError) {
                descriptor = try SocketCall.open(family: next.family, nonBlocking: true)
                let number = descriptor.number
                let result = unsafe next.with { unsafe Glibc.connect(number, $0, $1) }
                // A Unix socket that is through at once is writable at once: one way for all.
                guard result == 0 || errno == EINPROGRESS || errno == EINTR else {
                    failure = .connecting(to: next, code: errno)
                    continue
                }
                token = try loop.register(self, number, .output)
                return
            } catch {
                failure = error
            }
        }
        fail(failure)
    }

    private func note(_ code: Int32) {
        failure = .connecting(to: peer, code: code)
        unhook()
        tryNext()
    }

    private func unhook() {
        if let token { loop.unregister(token, descriptor.number) }
        token = nil
        descriptor.close()
    }

    private func succeed() {
        guard let token else { return }
        isDone = true
        if let timer { loop.cancel(timer) }
        loop.unregister(token, descriptor.number)
        self.token = nil
        let connection = Connection(
            loop,
            descriptor.take(),
            peer: peer,
            options: options
        )
        guard let handler = connected(connection) else { return connection.close() }
        do throws(TransportError) {
            try connection.start(handler)
        } catch {
            failure = error
            loop.releaseLater(self)
        }
    }

    private func fail(_ error: TransportError) {
        guard !isDone else { return }
        isDone = true
        failure = error
        if let timer { loop.cancel(timer) }
        unhook()
        loop.releaseLater(self)
    }
}

extension TransportError {
    /// The error of a connect that failed with a code of `errno`.
    static func connecting(to peer: SocketAddress, code: Int32) -> TransportError {
        switch code {
        case ECONNREFUSED, ENOENT, EAGAIN: .refused(peer.address.description)
        case ETIMEDOUT: .timedOut("connecting to \(peer.address)")
        default: .system(call: "connect to \(peer.address)", code: code)
        }
    }
}
