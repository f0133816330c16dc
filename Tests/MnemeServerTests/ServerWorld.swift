// A server on a directory of its own, and guests that speak the wire by hand.

import Glibc
import Mneme
import MnemeBase
import MnemeModel
import MnemeTransport
import Synchronization

@testable import MnemeServer
@testable import MnemeWire

/// A server that can be stopped and started again.
final class ServerWorld: Sendable {
    private struct State {
        var server: Server?
    }
    let root: String
    private let options: ServerOptions
    private let state = Mutex(State())

    init(_ change: (inout ServerOptions) -> Void = { _ in }) throws {
        root = "/tmp/mneme-server-\(RealRandomness().next())"
        var options = ServerOptions(root: root, addresses: [try Address(parsing: "127.0.0.1:0")])
        change(&options)
        self.options = options
        let server = try Server(options)
        state.withLock { $0.server = server }
    }

    /// Stops the server; what went wrong, by store.
    @discardableResult
    func stop() -> [String: MnemeError] {
        let server = state.withLock { state in
            defer { state.server = nil }
            return state.server
        }
        return server?.stop() ?? [:]
    }

    /// Stops the server and starts it again.
    func restart() throws -> [String: MnemeError] {
        let failures = stop()
        let server = try Server(options)
        state.withLock { $0.server = server }
        return failures
    }

    func remove() {
        stop()
        let disk = RealDisk()
        for store in (try? disk.list(root)) ?? [] {
            for directory in [root + "/" + store + "/log", root + "/" + store] {
                for name in (try? disk.list(directory)) ?? [] {
                    try? disk.remove(directory + "/" + name)
                }
                unsafe rmdir(directory)
            }
            try? disk.remove(root + "/" + store)
        }
        unsafe rmdir(root)
    }

    /// Where it tells figures.
    var metricsAddress: Address? { state.withLock { $0.server?.metricsAddress } }

    func connect() throws -> BlockingConnection {
        guard let address = state.withLock({ $0.server?.addresses.first }) else {
            throw MnemeError(.closed, "no server")
        }
        let connection = try BlockingConnection(to: address, timeoutMicroseconds: 5_000_000)
        // Only who waits for ever is to be found out: a machine may have much else to do.
        try connection.setReceiveTimeout(120_000_000)
        return connection
    }

    func guest(
        store: String,
        existing: Bool = false,
        token: String? = nil
    ) throws -> Guest {
        try Guest(connect(), store: store, existing: existing, token: token)
    }

    /// Has the running server take over another set-up.
    func take(_ change: (inout ServerOptions) -> Void) {
        var options = self.options
        change(&options)
        state.withLock { $0.server?.take(options) }
    }

    /// Has the running server look at its tokens.
    func refreshTokens() { state.withLock { $0.server?.tokens.refresh() } }

    /// A store that somebody asked for.
    func memory(_ store: String) throws -> Memory {
        guard let memory = state.withLock({ $0.server?.shelf.openStores[store] }) else {
            throw MnemeError(.unknownStore, "nobody has opened \(store)")
        }
        return memory
    }

    /// Why a guest is turned away; nil when he is not.
    func refusal(
        store: String,
        existing: Bool = false,
        token: String? = nil
    ) -> MnemeError.Code? {
        do {
            try guest(store: store, existing: existing, token: token).leave()
            return nil
        } catch {
            return (error as? MnemeError)?.code
        }
    }

    func text(_ guest: Guest, _ key: String = "a") throws -> String? {
        guard case .records(let records) = try guest.perform(.get([Self.reference(key)])) else {
            return nil
        }
        return records.first??["text"].text
    }

    static let schema = Schema(collections: [Collection("notes", fields: [Field("text", .text)])])

    static func put(_ key: String, _ text: String) -> Change {
        .put(Put("notes", .text(key), ["text": .text(text)]))
    }

    static func reference(_ key: String) -> Reference { Reference("notes", .text(key)) }

    /// The bytes of a request on a connection that was just opened.
    static func frame(_ request: Request) throws -> [UInt8] {
        let body = try RequestHead().bytes + request.body()
        let head = FrameHead(
            .request,
            opcode: RequestKind(request).rawValue,
            id: 1,
            payloadCount: body.count
        )
        var writer = FrameWriter()
        writer.put(head, body[...])
        return writer.take()
    }
}

/// A client that waits.
final class Guest {
    private let connection: BlockingConnection
    private let session = ClientSession()

    init(
        _ connection: BlockingConnection,
        store: String,
        existing: Bool = false,
        credit: Int? = nil,
        method: String = Hello.tokenMethod,
        token: String? = nil
    ) throws {
        self.connection = connection
        var hello = Hello(store: store, client: "test", clientVersion: "1")
        hello.wantsExisting = existing
        if let credit { hello.credit = credit }
        if let token { (hello.method, hello.token) = (method, Array(token.utf8)) }
        session.connect(hello)
        switch try next() {
        case .welcome?: break
        case .closed(let message)?: throw message.error
        default: throw MnemeError(.disconnected, "no welcome")
        }
    }

    @discardableResult
    func send(_ request: Request, _ durability: Durability? = nil) throws -> UInt32 {
        let id = try session.send(request, RequestHead(durability: durability))
        try connection.send(session.takeOutput())
        return id
    }

    func cancel(_ id: UInt32) throws {
        session.cancel(id)
        try connection.send(session.takeOutput())
    }

    /// Lets the server send so many bytes more.
    func giveCredit(_ count: UInt32) throws {
        var payload = ByteWriter()
        payload.put(count)
        session.credit += Int(count)
        session.send(.credit, payload.bytes)
        try connection.send(session.takeOutput())
    }

    func sendRaw(_ bytes: [UInt8]) throws { try connection.send(bytes) }

    func setSendTimeout(_ time: Microseconds) throws { try connection.setSendTimeout(time) }

    func perform(_ request: Request, _ durability: Durability? = nil) throws -> Response {
        try send(request, durability)
        switch try next() {
        case .response(_, let kind, let payload)?: return try payload.response(kind)
        case .failed(_, let message)?: throw message.error
        default: throw MnemeError(.disconnected, "no answer")
        }
    }

    /// What happens next; nil at the end.
    func next() throws -> ClientEvent? {
        while true {
            if let event = session.next() { return event }
            if !session.output.isEmpty { try connection.send(session.takeOutput()) }
            let bytes = try connection.receive(atMost: 65_536)
            if bytes.isEmpty { return nil }
            session.receive(bytes)
        }
    }

    func leave() { connection.shutDown() }
}
