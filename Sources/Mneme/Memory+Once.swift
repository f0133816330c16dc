// Requests with an idempotency key: done once, however often they are asked. The store keeps what
// they came to; here it becomes the answer of the request's kind again.

public import MnemeModel
internal import MnemeStore

extension Memory {
    /// Takes the first records of a question and patches them, each for one claimer alone.
    ///
    /// - Throws: as `find` and `commit`; `.badRequest` for a limit outside 1…10,000 and a claim
    ///   that changes nothing.
    /// - Complexity: as the question with a limit a little larger, and one data sync.
    public func claim(_ claim: Claim) throws(MnemeError) -> Claimed {
        if isAudited { return try door.claim(claim) }
        return try store.claim(claim, options.durability)
    }

    /// Does a request unless it was done under its key before.
    ///
    /// - Throws: as the request; `.keyReused`, `.badRequest` where it takes no key.
    func perform(
        _ request: Request,
        once key: String,
        _ durability: Durability
    ) throws(MnemeError) -> Response {
        let once = try OnceKey(key, of: request)
        switch request {
        case .commit(let changes, let durability):
            return .committed(try store.commit(changes, durability, once: once))
        case .signed(let signature, let changes, let durability):
            return .committed(
                try store.commit(changes, durability, signature: signature, once: once)
            )
        case .remember(let memories) where memories.contains { $0.onDuplicate != nil }:
            return .remembered(try rememberingUnlike(memories, durability, once: once))
        case .remember(let memories):
            let types = memories.flatMap { $0.links.map(\.type) }
            return .remembered(
                Remembered(
                    try store.commit(changes(of: memories), durability, defining: types, once: once)
                )
            )
        case .appendToSession(let id, let entries):
            let committed = try appending(entries, to: id, durability, once: once)
            return .remembered(Remembered(committed, count: entries.count))
        case .relate(let links):
            return .committed(
                try store.commit(
                    links.map { .link($0) },
                    durability,
                    defining: links.map(\.type),
                    once: once
                )
            )
        case .claim(let claim): return .claimed(try store.claim(claim, durability, once: once))
        default: return try perform(ofLayer: request, once: once, durability)
        }
    }

    /// As the other, of what sessions, named values, facts, events and scalars are asked.
    private func perform(
        ofLayer request: Request,
        once: OnceKey,
        _ durability: Durability
    ) throws(MnemeError) -> Response {
        switch request {
        case .endSession(let id, let summary, let closing):
            return .session(try endSession(id, summary, closing, durability, once: once))
        case .procedure(let call) where call.what.takesOnce:
            return try perform(call, NamedValues.procedures, durability, once: once)
        case .document(let call) where call.what.takesOnce:
            return try perform(call, NamedValues.documents, durability, once: once)
        case .supersede(let revision):
            return .remembered(try superseding(revision, durability, once: once))
        case .pin(let pin): return .committed(try pinning(pin, durability, once: once))
        case .schedule(let events):
            return .events(try scheduling(events, durability, once: once))
        case .settleEvent(let settlement):
            return .events(try settling(settlement, durability, once: once))
        case .setScalar(let change):
            return .scalars(try setting(change, durability, once: once))
        default:
            throw MnemeError(
                .badRequest,
                "\(request.verb) takes no idempotencyKey here; ask this without one. Which "
                    + "requests take one: commit, remember, session.append, session.end, relate, "
                    + "claim, commitTransaction, the put and use of procedure and document, "
                    + "supersede, pin, event.schedule, event.settle and scalar.set"
            )
        }
    }
}

extension Remembered {
    /// What the commit of memories came to; the first `count` of its puts are theirs.
    init(_ committed: Committed, count: Int = .max) {
        self.init(
            keys: committed.outcomes.prefix(count).compactMap { $0.putReference?.key },
            sequence: committed.sequence,
            isRepeated: committed.isRepeated,
            evicted: committed.evicted
        )
    }
}

extension MnemeError {
    /// What a commit came to, or was kept to have come to, is not what such a one comes to.
    static func unexpected(_ what: String) -> MnemeError {
        MnemeError(.badRequest, "\(what) came to nothing that is known; report this")
    }
}
