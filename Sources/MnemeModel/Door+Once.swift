// Verbs that are done once, and those for which others must not have come between: the same for
// every door.

extension Door {
    /// Applies changes, all or none, once: under the same key the same changes come to what they
    /// came to the first time, for a day unless the store was opened otherwise.
    ///
    /// - Throws: `keyReused` where the key was given with other changes.
    public func commit(
        _ changes: [Change],
        _ durability: Durability = .synced,
        idempotencyKey: String
    ) async throws(MnemeError) -> Committed {
        try await perform(.once(key: idempotencyKey, .commit(changes, durability))).committed()
    }

    /// Remembers, all or none, once, and returns the keys in order.
    ///
    /// - Throws: `keyReused` where the key was given with other memories.
    public func remember(
        _ memories: [Remember],
        idempotencyKey: String
    ) async throws(MnemeError) -> [Key] {
        try await perform(.once(key: idempotencyKey, .remember(memories))).keys()
    }

    /// Adds entries to a session once, and returns their keys.
    ///
    /// - Throws: `keyReused` where the key was given with another request.
    public func append(
        to id: String,
        _ entries: [Remember],
        idempotencyKey: String
    ) async throws(MnemeError) -> [Key] {
        let request = Request.appendToSession(id: id, entries: entries)
        return try await perform(.once(key: idempotencyKey, request)).keys()
    }

    /// Links once, and returns the edges' numbers.
    ///
    /// - Throws: `keyReused` where the key was given with other links.
    public func relate(
        _ links: [Link],
        idempotencyKey: String
    ) async throws(MnemeError) -> [UInt64] {
        try await perform(.once(key: idempotencyKey, .relate(links))).linked()
    }

    /// Takes the first records of a question and patches them, each for one claimer alone; with a
    /// key once.
    public func claim(
        _ claim: Claim,
        idempotencyKey: String? = nil
    ) async throws(MnemeError) -> Claimed {
        guard let idempotencyKey else { return try await perform(.claim(claim)).claimed() }
        return try await perform(.once(key: idempotencyKey, .claim(claim))).claimed()
    }

    /// Reads records of one commit with their versions; nil in the place of those that are not
    /// there.
    public func getVersions(_ references: [Reference]) async throws(MnemeError) -> [Record?] {
        try await perform(.getVersions(references)).records()
    }
}

extension BlockingDoor {
    /// Applies changes, all or none, once: under the same key the same changes come to what they
    /// came to the first time, for a day unless the store was opened otherwise.
    ///
    /// - Throws: `keyReused` where the key was given with other changes.
    public func commit(
        _ changes: [Change],
        _ durability: Durability = .synced,
        idempotencyKey: String
    ) throws(MnemeError) -> Committed {
        let request = Request.commit(changes, durability)
        return try perform(.once(key: idempotencyKey, request), durability: nil).committed()
    }

    /// Remembers, all or none, once, and returns the keys in order.
    ///
    /// - Throws: `keyReused` where the key was given with other memories.
    public func remember(
        _ memories: [Remember],
        idempotencyKey: String
    ) throws(MnemeError) -> [Key] {
        try perform(.once(key: idempotencyKey, .remember(memories)), durability: nil).keys()
    }

    /// Adds entries to a session once, and returns their keys.
    ///
    /// - Throws: `keyReused` where the key was given with another request.
    public func append(
        to id: String,
        _ entries: [Remember],
        idempotencyKey: String
    ) throws(MnemeError) -> [Key] {
        let request = Request.appendToSession(id: id, entries: entries)
        return try perform(.once(key: idempotencyKey, request), durability: nil).keys()
    }

    /// Links once, and returns the edges' numbers.
    ///
    /// - Throws: `keyReused` where the key was given with other links.
    public func relate(
        _ links: [Link],
        idempotencyKey: String
    ) throws(MnemeError) -> [UInt64] {
        try perform(.once(key: idempotencyKey, .relate(links)), durability: nil).linked()
    }

    /// Takes the first records of a question and patches them, each for one claimer alone; with a
    /// key once.
    public func claim(
        _ claim: Claim,
        idempotencyKey: String? = nil
    ) throws(MnemeError) -> Claimed {
        guard let idempotencyKey else {
            return try perform(.claim(claim), durability: nil).claimed()
        }
        let request = Request.once(key: idempotencyKey, .claim(claim))
        return try perform(request, durability: nil).claimed()
    }

    /// Reads records of one commit with their versions; nil in the place of those that are not
    /// there.
    public func getVersions(_ references: [Reference]) throws(MnemeError) -> [Record?] {
        try perform(.getVersions(references), durability: nil).records()
    }
}

extension Transaction {
    /// Commits it under a key; it has ended then, whatever comes of it.
    ///
    /// Where it is not known what became of it, as the connection was lost, the same call says it,
    /// and so does a transaction that is begun again and does the same under the same key.
    ///
    /// - Throws: `keyReused` where the key was given with a request of another kind.
    @discardableResult
    public func commit(
        _ durability: Durability = .synced,
        idempotencyKey: String
    ) async throws(MnemeError) -> Committed {
        let request = Request.once(key: idempotencyKey, .commitTransaction(id, durability))
        return try await door.perform(request).committed()
    }

    /// Reads records with their versions; those that it has changed itself have none yet.
    public func getVersions(_ references: [Reference]) async throws(MnemeError) -> [Record?] {
        try await door.perform(.inside(transaction: id, .getVersions(references))).records()
    }
}

extension BlockingTransaction {
    /// Commits it under a key, as `Transaction` does.
    ///
    /// - Throws: `keyReused` where the key was given with a request of another kind.
    @discardableResult
    public func commit(
        _ durability: Durability = .synced,
        idempotencyKey: String
    ) throws(MnemeError) -> Committed {
        hasEnded = true
        let request = Request.once(key: idempotencyKey, .commitTransaction(id, durability))
        return try door.perform(request, durability: nil).committed()
    }

    /// Reads records with their versions; those that it has changed itself have none yet.
    public func getVersions(_ references: [Reference]) throws(MnemeError) -> [Record?] {
        let request = Request.inside(transaction: id, .getVersions(references))
        return try door.perform(request, durability: nil).records()
    }
}
