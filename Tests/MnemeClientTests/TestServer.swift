// A small server in this process: sessions on a loop before one memory. Tests can have it hold
// requests, so that what happens to requests in flight does not depend on time.

import Mneme
import MnemeBase
import MnemeModel
import MnemeTransport
import MnemeWire
import Synchronization

/// A server of the store `example`.
final class TestServer: @unchecked Sendable {
    struct State {
        /// Whether requests are kept until `release`.
        var isHolding = false
        /// Whether requests are never answered, whatever their deadline says.
        var isMute = false
        /// Requests that came, in order.
        var arrived: [RequestKind] = []
        /// How durable they were to be.
        var durabilities: [Durability?] = []
        var cancelled = 0
        var connections = 0
    }

    let memory: Memory
    let state = Mutex(State())
    let limits: ServerLimits
    let address: String
    let loop: EventLoop
    private let thread: LoopThread
    fileprivate var handlers: [ObjectIdentifier: ServerHandler] = [:]
    private var listener: Listener?

    init(
        _ memory: Memory,
        at place: Address = .tcp(host: "127.0.0.1", port: 0),
        limits: ServerLimits = ServerLimits()
    ) throws {
        self.memory = memory
        self.limits = limits
        loop = try EventLoop()
        let box = Box()
        let listener = try Listener(place, on: loop) { connection in
            guard let server = box.server else { return nil }
            let handler = ServerHandler(server)
            server.handlers[ObjectIdentifier(handler)] = handler
            server.state.withLock { $0.connections += 1 }
            return handler
        }
        address = listener.address.description
        self.listener = listener
        thread = try LoopThread(running: loop)
        // Nobody knows the address yet.
        box.server = self
    }

    private final class Box { weak var server: TestServer? }

    deinit { loop.stop(within: 0) }

    /// Ends the server and every connection.
    func stop() {
        loop.stop(within: 0)
        thread.wait()
    }

    /// Closes every connection as a crash would.
    func cutAll() {
        loop.submit { for handler in self.handlers.values { handler.connection?.close() } }
    }

    /// Says goodbye to every connection.
    func drain() {
        loop.submit {
            for handler in self.handlers.values {
                handler.session.drain(MnemeError(.shuttingDown, "The server shuts down."))
                handler.pump()
            }
        }
    }

    func hold() { state.withLock { $0.isHolding = true } }

    /// Begins what was held, and what comes from now on at once.
    func release() {
        state.withLock { $0.isHolding = false }
        loop.submit { for handler in self.handlers.values { handler.beginHeld() } }
    }

    /// Waits until so many requests came.
    func arrival(of count: Int) async {
        while state.withLock({ $0.arrived.count }) < count {
            try? await Task.sleep(for: .milliseconds(1))
        }
    }
}

final class ServerHandler: ConnectionHandler, @unchecked Sendable {
    let server: TestServer
    var session: ServerSession
    var connection: Connection?
    private var held: [ServerRequest] = []

    init(_ server: TestServer) {
        self.server = server
        session = ServerSession(limits: server.limits)
    }

    func opened(_ connection: Connection) { self.connection = connection }

    func received(_ bytes: RawSpan, on connection: Connection) {
        session.receive(unsafe bytes.withUnsafeBytes { unsafe Array($0) })
        pump()
    }

    func drained(_ connection: Connection) { pump() }

    func closed(_ connection: Connection, reason: CloseReason) {
        server.handlers[ObjectIdentifier(self)] = nil
    }

    func pump() {
        repeat {
            takeEvents()
            let output = session.takeOutput()
            if output.isEmpty { break }
            connection?.send(output)
            // With room for more output the session may take more requests.
        } while true
        if session.isDone { connection?.finish() }
    }

    private func takeEvents() {
        while let event = session.next(now: server.loop.now()) {
            switch event {
            case .hello(let hello):
                if hello.store == "example" || hello.store.isEmpty {
                    session.accept(identityHigh: 1, identityLow: 2, server: "test")
                } else {
                    session.refuse(MnemeError(.unknownStore, "There is no \(hello.store)."))
                }
            case .request(let request): take(request)
            case .cancel(let id):
                server.state.withLock { $0.cancelled += 1 }
                end(id, .cancelled)
            case .goodbye, .close: break
            }
        }
    }

    func beginHeld() {
        let requests = held
        held = []
        for request in requests { begin(request) }
    }

    private func take(_ request: ServerRequest) {
        let (isHolding, isMute) = server.state.withLock { state in
            state.arrived.append(request.operation)
            state.durabilities.append(request.durability)
            return (state.isHolding, state.isMute)
        }
        if isMute { return }
        guard isHolding else { return begin(request) }
        held.append(request)
        guard let deadline = session.nextDeadline else { return }
        server.loop.schedule(after: deadline - server.loop.now()) { [self] in
            for id in session.expire(now: server.loop.now()) { end(id, .deadlineExceeded) }
            pump()
        }
    }

    /// Ends a request that is held; one that has begun is answered.
    private func end(_ id: UInt32, _ code: MnemeError.Code) {
        guard let index = held.firstIndex(where: { $0.id == id }) else { return }
        held.remove(at: index)
        session.fail(id, MnemeError(code, "The request was ended before it began."))
    }

    private func begin(_ request: ServerRequest) {
        let id = request.id
        do throws(MnemeError) {
            let decoded = try request.body.request(request.operation)
            server.memory.start(decoded, durability: request.durability) { result in
                self.server.loop.submit {
                    switch result {
                    case .success(let response): self.session.respond(id, response)
                    case .failure(let error): self.session.fail(id, error)
                    }
                    self.pump()
                }
            }
        } catch {
            session.fail(id, error)
        }
    }
}

/// A server that says the same to everybody, whatever it hears, and then closes or is silent.
final class RawServer: @unchecked Sendable {
    let address: String
    private let loop: EventLoop
    private let thread: LoopThread
    private let listener: Listener

    init(saying bytes: [UInt8], closes: Bool) throws {
        loop = try EventLoop()
        listener = try Listener(.tcp(host: "127.0.0.1", port: 0), on: loop) { _ in
            Handler(bytes, closes)
        }
        address = listener.address.description
        thread = try LoopThread(running: loop)
    }

    deinit { loop.stop(within: 0) }

    private final class Handler: ConnectionHandler {
        let bytes: [UInt8]
        let closes: Bool

        init(_ bytes: [UInt8], _ closes: Bool) {
            self.bytes = bytes
            self.closes = closes
        }

        func received(_ received: RawSpan, on connection: Connection) {
            connection.send(bytes)
            if closes { connection.finish() }
        }
    }
}
