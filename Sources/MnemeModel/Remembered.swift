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
    /// What became of each memory, in their order; empty where nobody asked for duplicates, and
    /// each was added.
    public var outcomes: [Outcome] = []
    /// What is similar to each memory, the nearest first; empty where nobody asked.
    public var similar: [[Similar]] = []

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

    /// What became of a memory.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        case added
        /// Its key is that of the memory that says the same.
        case skipped
        /// Its key is that of the memory that says the same, and counts as used.
        case reinforced
        /// It stands under the key of the memory that said nearly the same.
        case versioned
        /// It has taken the place of another one as what is true.
        case superseded
    }

    /// A memory that is similar.
    public struct Similar: Hashable, Sendable {
        /// Its key.
        public var key: Key
        /// The cosine.
        public var score: Double

        /// A similar memory.
        public init(_ key: Key, score: Double) {
            self.key = key
            self.score = score
        }
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
