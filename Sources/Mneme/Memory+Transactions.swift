// Transactions at the embedded door: which of them were begun through it, or by one connection of
// a server, and what is asked of them. What they do is the store's.

internal import MnemeBase
package import MnemeModel
internal import MnemeStore
internal import Synchronization

/// The open transactions of one connection, or of a program's own: nobody else can ask for them,
/// and when it ends, so do they.
package final class TransactionScope: Sendable {
    private struct State {
        var isOver = false
        var open: [UInt64: StoreTransaction] = [:]
    }
    private let state = Mutex(State())
    /// How many may be open.
    private let limit: Int

    /// A scope without transactions, which takes so many at one time, or as many as the store does.
    package init(limit: Int = .max) { self.limit = limit }

    /// Rolls back all that are open; it takes no more.
    package func end() {
        let open = state.withLock { state in
            defer { state.open = [:] }
            state.isOver = true
            return state.open
        }
        for transaction in open.values { try? transaction.rollback() }
    }

    fileprivate func enter(_ transaction: StoreTransaction) throws(MnemeError) {
        let refusal = state.withLock { [limit] state -> MnemeError? in
            if state.isOver { return Self.ended }
            // Those that were left have ended by themselves.
            if state.open.count >= min(16, limit) {
                state.open = state.open.filter { !$0.value.hasEnded }
            }
            guard state.open.count < limit else { return Self.full(limit) }
            state.open[transaction.id] = transaction
            return nil
        }
        guard let refusal else { return }
        try transaction.rollback()
        throw refusal
    }

    private static let ended = MnemeError(
        .disconnected,
        "the connection has ended, and the transaction with it"
    )

    private static func full(_ limit: Int) -> MnemeError {
        MnemeError(
            .tooManyRequests,
            "\(limit) transactions of this connection are open, and no more may be; end some first"
        )
    }

    fileprivate func transaction(_ id: UInt64) throws(MnemeError) -> StoreTransaction {
        if let found = state.withLock({ $0.open[id] }) { return found }
        throw MnemeError.noTransaction(id)
    }

    fileprivate func leave(_ id: UInt64) {
        let gone = state.withLock { $0.open.removeValue(forKey: id) }
        withExtendedLifetime(gone) {}
    }
}

extension Memory {
    /// Does what a request of a transaction asks, within a scope.
    ///
    /// - Throws: as `perform`; `.noTransaction` for one that is not open in the scope.
    package func perform(
        _ request: Request,
        in scope: TransactionScope,
        for asker: Asker? = nil
    ) throws(MnemeError) -> Response {
        let asker = asker ?? self.asker
        guard isAudited else {
            return try permitted(request, asker) { () throws(MnemeError) in
                try execute(request, in: scope)
            }
        }
        return try audited(request, asker) { () throws(MnemeError) in
            try permitted(request, asker) { () throws(MnemeError) in
                try execute(request, in: scope)
            }
        }
    }

    private func execute(
        _ request: Request,
        in scope: TransactionScope
    ) throws(MnemeError) -> Response {
        try store.checkOpen()
        switch request {
        case .begin:
            let transaction = try store.begin()
            try scope.enter(transaction)
            return .began(transaction: transaction.id, sequence: transaction.sequence)
        case .inside(let id, let request):
            return try perform(request, inside: try scope.transaction(id))
        case .commitTransaction(let id, let durability):
            let transaction = try scope.transaction(id)
            defer { scope.leave(id) }
            return .committed(try transaction.commit(durability))
        case .once(let key, .commitTransaction(let id, let durability)):
            let once = try OnceKey(key, of: .commitTransaction(id, durability))
            if let known = try store.repeated(once, durability) {
                // What this one has made is not committed a second time.
                if let transaction = try? scope.transaction(id) { try? transaction.rollback() }
                scope.leave(id)
                return .committed(known)
            }
            let transaction = try scope.transaction(id)
            defer { scope.leave(id) }
            return .committed(try transaction.commit(durability, once: once))
        case .rollback(let id):
            let transaction = try scope.transaction(id)
            defer { scope.leave(id) }
            try transaction.rollback()
            return .done
        default: return try perform(request, durability: nil)
        }
    }

    private func perform(
        _ request: Request,
        inside transaction: StoreTransaction
    ) throws(MnemeError) -> Response {
        switch request {
        case .describe: return .schema(try transaction.schema())
        case .get(let references): return .records(try transaction.get(references))
        case .getBy(let get): return .records(try transaction.get(get))
        case .find(let find): return .found(try transaction.find(find))
        case .count(let count): return .counted(try transaction.count(count))
        case .walk(let walk): return .walked(try transaction.walk(walk))
        case .path(let path): return .path(try transaction.path(path))
        case .paths(let paths): return .paths(try transaction.paths(paths))
        case .pattern(let pattern): return .matched(try transaction.pattern(pattern))
        case .commit(let changes, _):
            let outcomes = try transaction.change(changes)
            return .committed(Committed(sequence: transaction.sequence, outcomes: outcomes))
        case .signed(let signature, let changes, _):
            let outcomes = try transaction.change(changes, signature: signature)
            return .committed(Committed(sequence: transaction.sequence, outcomes: outcomes))
        case .once:
            throw MnemeError(
                .badRequest,
                "nothing inside a transaction takes an idempotencyKey; give it to "
                    + "commitTransaction"
            )
        case .claim:
            throw MnemeError(
                .badRequest,
                "nothing can be claimed inside a transaction; find the records and patch them "
                    + "there, or claim outside of it"
            )
        default:
            throw MnemeError(
                .badRequest,
                "only describe, get, find, count, walk, path, paths, pattern and commit can be "
                    + "asked inside a transaction; ask this outside of it"
            )
        }
    }
}
