// What remembering came to, and the verbs that tell all of it: the same for every door.

/// What was remembered.
public struct Remembered: Hashable, Sendable {
    /// The keys of the memories, in the order in which they were given.
    public var keys: [Key]
    /// The commit that made them.
    public var sequence: UInt64
    /// As of `Committed`.
    public var isRepeated: Bool
    /// The records that gave way to quotas, in the order in which they went; empty as a rule.
    public var evicted: [Reference]

    /// What was remembered, of its parts.
    public init(
        keys: [Key],
        sequence: UInt64,
        isRepeated: Bool = false,
        evicted: [Reference] = []
    ) {
        self.keys = keys
        self.sequence = sequence
        self.isRepeated = isRepeated
        self.evicted = evicted
    }
}

extension Door {
    /// Remembers, all or none, and tells what came of it: keys, commit, and what gave way to
    /// quotas; with a key once.
    ///
    /// - Throws: as `remember`.
    public func remembering(
        _ memories: [Remember],
        idempotencyKey: String? = nil
    ) async throws(MnemeError) -> Remembered {
        let request = Request.remember(memories).once(idempotencyKey)
        return try await perform(request).remembered()
    }

    /// Adds entries to a session, in order, and tells what came of it; with a key once.
    ///
    /// - Throws: as `append`.
    public func appending(
        to id: String,
        _ entries: [Remember],
        idempotencyKey: String? = nil
    ) async throws(MnemeError) -> Remembered {
        let request = Request.appendToSession(id: id, entries: entries).once(idempotencyKey)
        return try await perform(request).remembered()
    }
}

extension BlockingDoor {
    /// Remembers, all or none, and tells what came of it: keys, commit, and what gave way to
    /// quotas; with a key once.
    ///
    /// - Throws: as `remember`.
    public func remembering(
        _ memories: [Remember],
        idempotencyKey: String? = nil
    ) throws(MnemeError) -> Remembered {
        let request = Request.remember(memories).once(idempotencyKey)
        return try perform(request, durability: nil).remembered()
    }

    /// Adds entries to a session, in order, and tells what came of it; with a key once.
    ///
    /// - Throws: as `append`.
    public func appending(
        to id: String,
        _ entries: [Remember],
        idempotencyKey: String? = nil
    ) throws(MnemeError) -> Remembered {
        let request = Request.appendToSession(id: id, entries: entries).once(idempotencyKey)
        return try perform(request, durability: nil).remembered()
    }
}

extension Request {
    /// The request under an idempotency key where there is one.
    fileprivate func once(_ key: String?) -> Request {
        guard let key else { return self }
        return .once(key: key, self)
    }
}
