// A memory behind a permit. It takes requests alone: prepared questions, views and exports, which
// go around requests to be quick, are the memory's own.

public import MnemeModel

/// A memory as far as a permit allows.
public final class PermittedMemory: Sendable {
    /// What may be asked here.
    public let permit: Permit
    private let memory: Memory
    private let asker: Asker
    private let transactions = TransactionScope()

    init(_ memory: Memory, _ permit: Permit) {
        self.memory = memory
        self.permit = permit
        asker = Asker(
            AuditOrigin(name: permit.name, program: "", address: "embedded", permit: permit)
        )
    }

    /// Rolls back what was begun here and not committed; the memory stays open.
    private func end() { transactions.end() }
}

extension PermittedMemory: BlockingDoor {
    /// Does what a request asks.
    ///
    /// - Throws: `.forbidden` for what the permit does not allow, `.tokenExpired`; as the memory.
    public func perform(
        _ request: Request,
        durability: Durability? = nil
    ) throws(MnemeError) -> Response {
        if request.isTransactional {
            return try memory.perform(request, in: transactions, for: asker)
        }
        return try memory.perform(request, durability: durability, for: asker)
    }

    /// Rolls back what was begun here and not committed; the memory stays open.
    public func close() throws(MnemeError) { end() }
}

extension PermittedMemory: Door {
    /// Does what a request asks, without holding the task's thread while the disk works.
    ///
    /// - Throws: as the method of the same name that blocks.
    public func perform(_ request: Request) async throws(MnemeError) -> Response {
        if request.isTransactional { return try await answer(request) }
        if case .watch(let watch) = request {
            return .watched(try await memory.waitingWatch(watch, for: asker))
        }
        return try await memory.started(request, for: asker)
    }

    /// Answers off the caller's actor.
    @concurrent private func answer(_ request: Request) async throws(MnemeError) -> Response {
        try perform(request, durability: nil)
    }

    /// Rolls back what was begun here and not committed; the memory stays open.
    public func close() async throws(MnemeError) { end() }
}

extension Request {
    /// Whether it is about a transaction, or a part of one.
    fileprivate var isTransactional: Bool {
        switch self {
        case .begin, .inside, .commitTransaction, .rollback, .once(_, .commitTransaction): true
        default: false
        }
    }
}
