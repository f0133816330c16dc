// What each request needs of the permit of whoever asks it. One table without a default: a request
// that is new does not compile before it stands here.

/// What a request needs of a permit.
package struct RequestNeed: Hashable, Sendable {
    /// The least role.
    package var role: Permit.Role
    /// Whether it is about the store as a whole: nothing of it can be left out for a permit that
    /// does not reach every record, which is refused therefore.
    package var isOfWhole: Bool

    init(_ role: Permit.Role, ofWhole isOfWhole: Bool = false) {
        self.role = role
        self.isOfWhole = isOfWhole
    }
}

extension Request {
    /// What it needs of whoever asks it; of one inside a transaction, what is asked there.
    package var need: RequestNeed {
        switch self {
        case .inside(_, let request): request.need
        // It is kept that it was done.
        case .once(_, let request):
            RequestNeed(max(.write, request.need.role), ofWhole: request.need.isOfWhole)
        case .describe, .get, .getBy, .history, .find, .walk, .path, .paths, .count, .pattern,
            .watch, .usage, .recall, .sessionContext, .rehydrate, .episodes, .why, .upkeep,
            .dueEvents, .scalars:
            RequestNeed(.read)
        // What is changed inside of one needs more there.
        case .begin, .commitTransaction, .rollback: RequestNeed(.read)
        case .commit, .signed, .openSession, .appendToSession, .endSession, .remember, .relate,
            .forget, .claim, .deleteWhere, .touch, .supersede, .pin, .prune, .schedule,
            .claimEvents, .settleEvent, .setScalar:
            RequestNeed(.write)
        case .procedure(let call), .document(let call):
            RequestNeed(call.what.isChange ? .write : .read)
        case .statistics: RequestNeed(.read, ofWhole: true)
        case .runGraph: RequestNeed(.write, ofWhole: true)
        case .graphJob(let call):
            RequestNeed(call.what.isChange ? .write : .read, ofWhole: true)
        case .define, .drop, .switchVector, .verify, .checkpoint, .backup, .audit, .purge,
            .checkVectors:
            RequestNeed(.admin, ofWhole: true)
        }
    }

    /// Whether it asks how its answer is come by, which says how much others have.
    package var asksForWay: Bool {
        switch self {
        case .once(_, let request), .inside(_, let request): request.asksForWay
        case .find(let find): find.isExplained
        case .count(let count): count.isExplained
        case .pattern(let pattern): pattern.isExplained
        default: false
        }
    }
}
