// What doors for threads that wait have in common, as `Door` says it for tasks.

/// A way into a store for a thread that waits for its answers.
///
/// What a verb throws is `MnemeError`. A verb that throws has changed nothing, unless the code is
/// `outcomeUnknown`.
public protocol BlockingDoor {
    /// Does what a request asks and returns the response of the request's kind.
    ///
    /// `durability` is how long its commits are waited for, but for `commit`, which says it itself;
    /// as the door was opened, or as the server chooses, when nil.
    func perform(
        _ request: Request,
        durability: Durability?
    ) throws(MnemeError) -> Response

    /// Does what requests ask, in any order, several at once where the door can: one that needs
    /// what another one changes belongs into a later call.
    ///
    /// - Returns: what became of each, in the order of the requests.
    func perform(
        _ requests: [Request],
        durability: Durability?
    ) -> [Result<Response, MnemeError>]

    /// Gives back what the door holds; it refuses everything afterwards.
    func close() throws(MnemeError)
}

extension BlockingDoor {
    /// Does one request after the other.
    public func perform(
        _ requests: [Request],
        durability: Durability?
    ) -> [Result<Response, MnemeError>] {
        requests.map { request in
            Result { () throws(MnemeError) in try perform(request, durability: durability) }
        }
    }

    // MARK: Memories

    /// Remembers, all or none, and returns the keys in order.
    public func remember(_ memories: [Remember]) throws(MnemeError) -> [Key] {
        try perform(.remember(memories), durability: nil).keys()
    }

    /// Remembers a text.
    @discardableResult
    public func remember(_ text: String, owner: String) throws(MnemeError) -> Key {
        try perform(.remember([Remember(text, owner: owner)]), durability: nil).key()
    }

    /// Recalls what is most likely wanted, best first.
    public func recall(_ recall: Recall) throws(MnemeError) -> Recalled {
        try perform(.recall(recall), durability: nil).recalled()
    }

    /// Recalls by a question alone.
    public func recall(
        _ question: String,
        owner: String? = nil,
        limit: Int = 10
    ) throws(MnemeError) -> Recalled {
        try recall(Recall(question, owner: owner, limit: limit))
    }

    /// Links memories or other records, all or none, and returns the edges' numbers.
    ///
    /// An edge type that is not defined yet is defined.
    public func relate(_ links: [Link]) throws(MnemeError) -> [UInt64] {
        try perform(.relate(links), durability: nil).linked()
    }

    /// Forgets, and returns how many memories are gone.
    public func forget(_ forget: Forget) throws(MnemeError) -> Int {
        try perform(.forget(forget), durability: nil).forgottenCount()
    }

    /// Gets the owner's session that is going on, or starts one when there is none or its last
    /// entry is older than `idleMinutes`.
    public func openSession(
        owner: String,
        idleMinutes: Int = 60
    ) throws(MnemeError) -> Session {
        try perform(.openSession(owner: owner, idleMinutes: idleMinutes), durability: nil).session()
    }

    /// Adds entries to a session, in order, and returns their keys.
    public func append(to id: String, _ entries: [Remember]) throws(MnemeError) -> [Key] {
        try perform(.appendToSession(id: id, entries: entries), durability: nil).keys()
    }

    /// Ends a session; ending it twice changes nothing.
    public func endSession(
        _ id: String,
        summary: String? = nil
    ) throws(MnemeError) -> Session {
        try perform(.endSession(id: id, summary: summary), durability: nil).session()
    }

    // MARK: Records and edges

    /// Adds collections, edge types, fields and indexes.
    ///
    /// `waits`: until new indexes over records that are there are ready.
    public func define(_ schema: Schema, waits: Bool = true) throws(MnemeError) {
        try perform(.define(schema, waits: waits), durability: nil).done()
    }

    /// Takes out what is defined.
    public func drop(_ drop: Drop) throws(MnemeError) {
        try perform(.drop(drop), durability: nil).done()
    }

    /// What is defined.
    public func describe() throws(MnemeError) -> Schema {
        try perform(.describe, durability: nil).schema()
    }

    /// Applies changes, all or none.
    public func commit(
        _ changes: [Change],
        _ durability: Durability = .synced
    ) throws(MnemeError) -> Committed {
        try perform(.commit(changes, durability), durability: nil).committed()
    }

    /// Reads records of one commit; nil in the place of those that are not there.
    public func get(_ references: [Reference]) throws(MnemeError) -> [Record?] {
        try perform(.get(references), durability: nil).records()
    }

    /// Reads a record, nil when it is not there.
    public func get(_ reference: Reference) throws(MnemeError) -> Record? {
        try perform(.get([reference]), durability: nil).record()
    }

    /// Searches one collection.
    public func find(_ find: Find) throws(MnemeError) -> Found {
        try perform(.find(find), durability: nil).found()
    }

    /// Counts records or edges, by groups.
    public func count(_ count: Count) throws(MnemeError) -> Counted {
        try perform(.count(count), durability: nil).counted()
    }

    /// Follows edges.
    public func walk(_ walk: Walk) throws(MnemeError) -> Walked {
        try perform(.walk(walk), durability: nil).walked()
    }

    /// Finds a shortest path: its edges in order, nil when there is none.
    public func path(_ path: Path) throws(MnemeError) -> [Edge]? {
        try perform(.path(path), durability: nil).path()
    }

    // MARK: The store

    /// Counts and sizes.
    public func statistics() throws(MnemeError) -> Statistics {
        try perform(.statistics, durability: nil).statistics()
    }

    /// Holds every index against the log: what was compared and what does not agree.
    public func verify() throws(MnemeError) -> Verification {
        try perform(.verify, durability: nil).verification()
    }

    /// Writes a checkpoint, so that the store opens fast.
    public func checkpoint() throws(MnemeError) { try perform(.checkpoint, durability: nil).done() }

    /// Makes a backup in the directory that was given to the store for backups.
    public func backup(_ backup: Backup) throws(MnemeError) -> BackupSummary {
        try perform(.backup(backup), durability: nil).backup()
    }
}
