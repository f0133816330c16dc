// Who asks a server, for stores that keep it (formats/operations.md#audit).

internal import Mneme
internal import MnemeModel
internal import MnemeTransport
internal import MnemeWire

extension ServerConnection {
    /// Who asks a request.
    func asker(of request: ServerRequest) -> Asker { Asker(origin, request: request.id) }
}

extension AuditOrigin {
    /// A connection, by its token's name, and by what its client says of itself.
    convenience init(_ hello: Hello, _ connection: Connection, permit: Permit?) {
        let program = [hello.client, hello.clientVersion].filter { !$0.isEmpty }
        self.init(
            name: permit?.name ?? hello.client,
            program: program.joined(separator: " "),
            address: "\(connection.peer.address)",
            connection: connection.id,
            permit: permit
        )
    }
}

extension ServerRequest {
    /// What is asked; that it cannot be read is kept as any failure.
    func decoded(_ memory: Memory, _ asker: Asker) throws(MnemeError) -> Request {
        do throws(MnemeError) {
            return try body.request(operation)
        } catch {
            memory.noteRefusal(operation.verb, error, for: asker)
            throw error
        }
    }
}

extension RequestKind {
    /// What it is called where requests are kept.
    var verb: String {
        switch self {
        case .openSession: "session.open"
        case .appendToSession: "session.append"
        case .endSession: "session.end"
        case .sessionContext: "session.context"
        case .rehydrate: "session.rehydrate"
        case .switchVector: "switch"
        case .checkVectors: "vectors.check"
        case .runGraph: "graph.run"
        case .graphJob: "graph.job"
        case .schedule: "event.schedule"
        case .dueEvents: "event.due"
        case .claimEvents: "event.claim"
        case .settleEvent: "event.settle"
        case .setScalar: "scalar.set"
        case .scalars: "scalar.get"
        default: "\(self)"
        }
    }
}
