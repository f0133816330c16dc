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
        case .paths: "paths"
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
        case .sessionContext: "session.context"
        case .rehydrate: "session.rehydrate"
        case .episodes: "episodes"
        case .procedure: "procedure"
        case .document: "document"
        case .touch: "touch"
        case .supersede: "supersede"
        case .pin: "pin"
        case .why: "why"
        case .upkeep: "upkeep"
        case .prune: "prune"
        case .schedule: "event.schedule"
        case .dueEvents: "event.due"
        case .claimEvents: "event.claim"
        case .settleEvent: "event.settle"
        case .setScalar: "scalar.set"
        case .scalars: "scalar.get"
        case .runGraph: "graph.run"
        case .graphJob: "graph.job"
        }
    }

    /// Whether it is to change what the store holds.
    package var isChange: Bool {
        switch self {
        case .once, .define, .drop, .commit, .signed, .openSession, .appendToSession, .endSession,
            .switchVector, .remember, .relate, .forget, .commitTransaction, .claim, .purge,
            .deleteWhere, .touch, .supersede, .pin, .prune, .schedule, .claimEvents, .settleEvent,
            .setScalar, .runGraph:
            true
        case .audit(let setting): setting != nil
        case .inside(_, let request): request.isChange
        case .procedure(let call), .document(let call): call.what.isChange
        case .graphJob(let call): call.what.isChange
        case .describe, .get, .getBy, .history, .find, .walk, .path, .paths, .recall, .statistics,
            .verify, .checkpoint, .backup, .begin, .rollback, .count, .watch, .usage, .pattern,
            .checkVectors, .sessionContext, .rehydrate, .episodes, .why, .upkeep, .dueEvents,
            .scalars:
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
