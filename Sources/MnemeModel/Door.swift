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
        try await perform(.remember(memories)).keys()
    }

    /// Remembers a text.
    public func remember(_ text: String, owner: String) async throws(MnemeError) -> Key {
        try await perform(.remember([Remember(text, owner: owner)])).key()
    }

    /// Recalls what is most likely wanted, best first.
    public func recall(_ recall: Recall) async throws(MnemeError) -> Recalled {
        try await perform(.recall(recall)).recalled()
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
        try await perform(.relate(links)).linked()
    }

    /// Forgets, and returns how many memories are gone.
    public func forget(_ forget: Forget) async throws(MnemeError) -> Int {
        try await perform(.forget(forget)).forgottenCount()
    }

    /// Gets the owner's session that is going on, or starts one when there is none or its last
    /// entry is older than `idleMinutes`.
    public func openSession(
        owner: String,
        idleMinutes: Int = 60
    ) async throws(MnemeError) -> Session {
        try await perform(.openSession(owner: owner, idleMinutes: idleMinutes)).session()
    }

    /// Adds entries to a session, in order, and returns their keys.
    public func append(to id: String, _ entries: [Remember]) async throws(MnemeError) -> [Key] {
        try await perform(.appendToSession(id: id, entries: entries)).keys()
    }

    /// Ends a session; ending it twice changes nothing.
    public func endSession(
        _ id: String,
        summary: String? = nil
    ) async throws(MnemeError) -> Session {
        try await perform(.endSession(id: id, summary: summary)).session()
    }

    // MARK: Records and edges

    /// Adds collections, edge types, fields and indexes.
    ///
    /// `waits`: until new indexes over records that are there are ready.
    public func define(_ schema: Schema, waits: Bool = true) async throws(MnemeError) {
        try await perform(.define(schema, waits: waits)).done()
    }

    /// Takes out what is defined.
    public func drop(_ drop: Drop) async throws(MnemeError) {
        try await perform(.drop(drop)).done()
    }

    /// What is defined.
    public func describe() async throws(MnemeError) -> Schema {
        try await perform(.describe).schema()
    }

    /// Applies changes, all or none.
    public func commit(
        _ changes: [Change],
        _ durability: Durability = .synced
    ) async throws(MnemeError) -> Committed {
        try await perform(.commit(changes, durability)).committed()
    }

    /// Reads records of one commit; nil in the place of those that are not there.
    public func get(_ references: [Reference]) async throws(MnemeError) -> [Record?] {
        try await perform(.get(references)).records()
    }

    /// Reads a record, nil when it is not there.
    public func get(_ reference: Reference) async throws(MnemeError) -> Record? {
        try await perform(.get([reference])).record()
    }

    /// Searches one collection.
    public func find(_ find: Find) async throws(MnemeError) -> Found {
        try await perform(.find(find)).found()
    }

    /// Counts records or edges, by groups.
    public func count(_ count: Count) async throws(MnemeError) -> Counted {
        try await perform(.count(count)).counted()
    }

    /// Follows edges.
    public func walk(_ walk: Walk) async throws(MnemeError) -> Walked {
        try await perform(.walk(walk)).walked()
    }

    /// Finds a shortest path: its edges in order, nil when there is none.
    public func path(_ path: Path) async throws(MnemeError) -> [Edge]? {
        try await perform(.path(path)).path()
    }

    // MARK: The store

    /// Counts and sizes.
    public func statistics() async throws(MnemeError) -> Statistics {
        try await perform(.statistics).statistics()
    }

    /// Holds every index against the log: what was compared and what does not agree.
    public func verify() async throws(MnemeError) -> Verification {
        try await perform(.verify).verification()
    }

    /// Writes a checkpoint, so that the store opens fast.
    public func checkpoint() async throws(MnemeError) { try await perform(.checkpoint).done() }

    /// Makes a backup in the directory that was given to the store for backups.
    public func backup(_ backup: Backup) async throws(MnemeError) -> BackupSummary {
        try await perform(.backup(backup)).backup()
    }
}
