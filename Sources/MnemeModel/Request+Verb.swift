// What a request is called, as it is spelled.

extension Request {
    /// Its verb; of one with an idempotency key or inside a transaction, that of what is asked.
    package var verb: String {
        switch self {
        case .once(_, let request), .inside(_, let request): request.verb
        case .define: "define"
        case .drop: "drop"
        case .switchVector: "switch"
        case .describe: "describe"
        case .commit, .signed: "commit"
        case .get, .getBy: "get"
        case .history: "history"
        case .find: "find"
        case .walk: "walk"
        case .path: "path"
        case .openSession: "session.open"
        case .appendToSession: "session.append"
        case .endSession: "session.end"
        case .remember: "remember"
        case .recall: "recall"
        case .relate: "relate"
        case .forget: "forget"
        case .statistics: "statistics"
        case .verify: "verify"
        case .checkpoint: "checkpoint"
        case .backup: "backup"
        case .begin: "begin"
        case .commitTransaction: "commitTransaction"
        case .rollback: "rollback"
        case .count: "count"
        case .claim: "claim"
        case .watch: "watch"
        case .usage: "usage"
        case .deleteWhere: "deleteWhere"
        case .pattern: "pattern"
        case .purge: "purge"
        case .audit: "audit"
        case .checkVectors: "vectors.check"
        case .schedule: "event.schedule"
        case .dueEvents: "event.due"
        case .claimEvents: "event.claim"
        case .settleEvent: "event.settle"
        case .setScalar: "scalar.set"
        case .scalars: "scalar.get"
        }
    }

    /// Whether it is to change what the store holds.
    package var isChange: Bool {
        switch self {
        case .once, .define, .drop, .commit, .signed, .openSession, .appendToSession, .endSession,
            .switchVector, .remember, .relate, .forget, .commitTransaction, .claim, .purge,
            .deleteWhere, .schedule, .claimEvents, .settleEvent, .setScalar:
            true
        case .audit(let setting): setting != nil
        case .inside(_, let request): request.isChange
        case .describe, .get, .getBy, .history, .find, .walk, .path, .recall, .statistics, .verify,
            .checkpoint, .backup, .begin, .rollback, .count, .watch,
            .usage, .pattern, .checkVectors, .dueEvents, .scalars:
            false
        }
    }

    /// Who makes the changes, as it says itself.
    package var author: String? {
        switch self {
        case .signed(let signature, _, _): signature.author
        case .once(_, let request), .inside(_, let request): request.author
        default: nil
        }
    }

    /// The transaction that it is of.
    package var transaction: UInt64? {
        switch self {
        case .inside(let id, _), .commitTransaction(let id, _), .rollback(let id): id
        case .once(_, let request): request.transaction
        default: nil
        }
    }
}
