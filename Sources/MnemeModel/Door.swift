// What every door has in common: it takes requests. The verbs below are the same requests with
// their types, so that a program reads the same whether its store is in this process, in memory
// alone, or behind a server.

/// A way into a store.
///
/// What a verb throws is `MnemeError`. A verb that throws has changed nothing, unless the code is
/// `outcomeUnknown`.
public protocol Door: Sendable {
    /// Does what a request asks and returns the response of the request's kind.
    func perform(_ request: Request) async throws(MnemeError) -> Response

    /// Gives back what the door holds; it refuses everything afterwards.
    func close() async throws(MnemeError)
}

extension Door {
    // MARK: Memories

    /// Remembers, all or none, and returns the keys in order.
    public func remember(_ memories: [Remember]) async throws(MnemeError) -> [Key] {
        guard case .remembered(let keys, _) = try await perform(.remember(memories)) else {
            throw Self.unexpected
        }
        return keys
    }

    /// Remembers a text.
    public func remember(_ text: String, owner: String) async throws(MnemeError) -> Key {
        guard let key = try await remember([Remember(text, owner: owner)]).first else {
            throw Self.unexpected
        }
        return key
    }

    /// Recalls what is most likely wanted, best first.
    public func recall(_ recall: Recall) async throws(MnemeError) -> Recalled {
        guard case .recalled(let recalled) = try await perform(.recall(recall)) else {
            throw Self.unexpected
        }
        return recalled
    }

    /// Recalls by a question alone.
    public func recall(
        _ question: String,
        owner: String? = nil,
        limit: Int = 10
    ) async throws(MnemeError) -> Recalled {
        try await recall(Recall(question, owner: owner, limit: limit))
    }

    /// Links memories or other records, all or none, and returns the edges' numbers.
    ///
    /// An edge type that is not defined yet is defined.
    public func relate(_ links: [Link]) async throws(MnemeError) -> [UInt64] {
        guard case .committed(let committed) = try await perform(.relate(links)) else {
            throw Self.unexpected
        }
        return committed.outcomes.compactMap {
            if case .linked(let edge) = $0 { edge } else { nil }
        }
    }

    /// Forgets, and returns how many memories are gone.
    public func forget(_ forget: Forget) async throws(MnemeError) -> Int {
        guard case .forgotten(let count, _) = try await perform(.forget(forget)) else {
            throw Self.unexpected
        }
        return count
    }

    /// Gets the owner's session that is going on, or starts one when there is none or its last
    /// entry is older than `idleMinutes`.
    public func openSession(
        owner: String,
        idleMinutes: Int = 60
    ) async throws(MnemeError) -> Session {
        try await session(.openSession(owner: owner, idleMinutes: idleMinutes))
    }

    /// Adds entries to a session, in order, and returns their keys.
    public func append(to id: String, _ entries: [Remember]) async throws(MnemeError) -> [Key] {
        let request = Request.appendToSession(id: id, entries: entries)
        guard case .remembered(let keys, _) = try await perform(request) else {
            throw Self.unexpected
        }
        return keys
    }

    /// Ends a session; ending it twice changes nothing.
    public func endSession(
        _ id: String,
        summary: String? = nil
    ) async throws(MnemeError) -> Session {
        try await session(.endSession(id: id, summary: summary))
    }

    private func session(_ request: Request) async throws(MnemeError) -> Session {
        guard case .session(let session) = try await perform(request) else {
            throw Self.unexpected
        }
        return session
    }

    // MARK: Records and edges

    /// Adds collections, edge types, fields and indexes.
    public func define(_ schema: Schema) async throws(MnemeError) {
        guard case .done = try await perform(.define(schema)) else { throw Self.unexpected }
    }

    /// What is defined.
    public func describe() async throws(MnemeError) -> Schema {
        guard case .schema(let schema) = try await perform(.describe) else {
            throw Self.unexpected
        }
        return schema
    }

    /// Applies changes, all or none.
    public func commit(
        _ changes: [Change],
        _ durability: Durability = .synced
    ) async throws(MnemeError) -> Committed {
        guard case .committed(let committed) = try await perform(.commit(changes, durability))
        else { throw Self.unexpected }
        return committed
    }

    /// Reads records of one commit; nil in the place of those that are not there.
    public func get(_ references: [Reference]) async throws(MnemeError) -> [Record?] {
        guard case .records(let records) = try await perform(.get(references)) else {
            throw Self.unexpected
        }
        return records
    }

    /// Reads a record, nil when it is not there.
    public func get(_ reference: Reference) async throws(MnemeError) -> Record? {
        guard let record = try await get([reference]).first else { throw Self.unexpected }
        return record
    }

    /// Searches one collection.
    public func find(_ find: Find) async throws(MnemeError) -> Found {
        guard case .found(let found) = try await perform(.find(find)) else {
            throw Self.unexpected
        }
        return found
    }

    /// Follows edges.
    public func walk(_ walk: Walk) async throws(MnemeError) -> Walked {
        guard case .walked(let walked) = try await perform(.walk(walk)) else {
            throw Self.unexpected
        }
        return walked
    }

    /// Finds a shortest path: its edges in order, nil when there is none.
    public func path(_ path: Path) async throws(MnemeError) -> [Edge]? {
        guard case .path(let edges) = try await perform(.path(path)) else { throw Self.unexpected }
        return edges
    }

    // MARK: The store

    /// Counts and sizes.
    public func statistics() async throws(MnemeError) -> Statistics {
        guard case .statistics(let statistics) = try await perform(.statistics) else {
            throw Self.unexpected
        }
        return statistics
    }

    /// Holds every index against the log: what was compared and what does not agree.
    public func verify() async throws(MnemeError) -> Verification {
        guard case .verified(let verification) = try await perform(.verify) else {
            throw Self.unexpected
        }
        return verification
    }

    private static var unexpected: MnemeError {
        MnemeError(.badRequest, "the answer is of another kind than the request; report this")
    }
}
