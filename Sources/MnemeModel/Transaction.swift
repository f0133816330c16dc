// Transactions as programs see them: what is read and changed through one of these belongs
// together. The same two for every door: for tasks, and for threads that wait.

/// An open transaction.
///
/// It sees the commit that it began at and its own changes, in every way of asking. Nobody else
/// sees its changes before `commit`, which fails with `conflict` where others have changed
/// meanwhile what it has read: begin it again then. It keeps nobody from anything. One that is left
/// ends by itself, after a minute unless the store was opened otherwise.
///
/// What it throws is `MnemeError`; `noTransaction` when it has ended. A change that throws is not
/// part of it, and it goes on.
public final class Transaction: Sendable {
    /// Its number.
    public let id: UInt64
    /// The commit that it sees.
    public let sequence: UInt64
    let door: any Door

    init(_ door: any Door) async throws(MnemeError) {
        self.door = door
        (id, sequence) = try await door.perform(.begin).transaction()
    }

    private func inside(_ request: Request) async throws(MnemeError) -> Response {
        try await door.perform(.inside(transaction: id, request))
    }

    /// Reads records; nil in the place of those that are not there.
    public func get(_ references: [Reference]) async throws(MnemeError) -> [Record?] {
        try await inside(.get(references)).records()
    }

    /// Reads a record, nil when it is not there.
    public func get(_ reference: Reference) async throws(MnemeError) -> Record? {
        try await inside(.get([reference])).record()
    }

    /// Searches one collection.
    public func find(_ find: Find) async throws(MnemeError) -> Found {
        try await inside(.find(find)).found()
    }

    /// Counts records or edges, by groups.
    public func count(_ count: Count) async throws(MnemeError) -> Counted {
        try await inside(.count(count)).counted()
    }

    /// Follows edges.
    public func walk(_ walk: Walk) async throws(MnemeError) -> Walked {
        try await inside(.walk(walk)).walked()
    }

    /// Finds a shortest path: its edges in order, nil when there is none.
    public func path(_ path: Path) async throws(MnemeError) -> [Edge]? {
        try await inside(.path(path)).path()
    }

    /// Makes changes part of it, all or none.
    ///
    /// - Returns: what each came to. The numbers of edges are good inside the transaction alone;
    ///   `commit` says those that they get.
    @discardableResult
    public func change(_ changes: [Change]) async throws(MnemeError) -> [Committed.Outcome] {
        try await inside(.commit(changes, .synced)).committed().outcomes
    }

    /// Commits it; it has ended then, whatever comes of it.
    ///
    /// - Returns: the commit, and what each change came to, in their order.
    @discardableResult
    public func commit(_ durability: Durability = .synced) async throws(MnemeError) -> Committed {
        try await door.perform(.commitTransaction(id, durability)).committed()
    }

    /// Ends it and forgets its changes.
    public func rollback() async throws(MnemeError) {
        try await door.perform(.rollback(id)).done()
    }
}

/// An open transaction, for a thread that waits for its answers: as `Transaction`.
///
/// One that is let go of without `commit` is rolled back.
public final class BlockingTransaction {
    /// Its number.
    public let id: UInt64
    /// The commit that it sees.
    public let sequence: UInt64
    let door: any BlockingDoor
    var hasEnded = false

    init(_ door: any BlockingDoor) throws(MnemeError) {
        self.door = door
        (id, sequence) = try door.perform(.begin, durability: nil).transaction()
    }

    deinit { if !hasEnded { _ = try? door.perform(.rollback(id), durability: nil) } }

    private func inside(_ request: Request) throws(MnemeError) -> Response {
        try door.perform(.inside(transaction: id, request), durability: nil)
    }

    /// Reads records; nil in the place of those that are not there.
    public func get(_ references: [Reference]) throws(MnemeError) -> [Record?] {
        try inside(.get(references)).records()
    }

    /// Reads a record, nil when it is not there.
    public func get(_ reference: Reference) throws(MnemeError) -> Record? {
        try inside(.get([reference])).record()
    }

    /// Searches one collection.
    public func find(_ find: Find) throws(MnemeError) -> Found { try inside(.find(find)).found() }

    /// Counts records or edges, by groups.
    public func count(_ count: Count) throws(MnemeError) -> Counted {
        try inside(.count(count)).counted()
    }

    /// Follows edges.
    public func walk(_ walk: Walk) throws(MnemeError) -> Walked {
        try inside(.walk(walk)).walked()
    }

    /// Finds a shortest path: its edges in order, nil when there is none.
    public func path(_ path: Path) throws(MnemeError) -> [Edge]? {
        try inside(.path(path)).path()
    }

    /// Makes changes part of it, all or none.
    ///
    /// - Returns: what each came to. The numbers of edges are good inside the transaction alone;
    ///   `commit` says those that they get.
    @discardableResult
    public func change(_ changes: [Change]) throws(MnemeError) -> [Committed.Outcome] {
        try inside(.commit(changes, .synced)).committed().outcomes
    }

    /// Commits it; it has ended then, whatever comes of it.
    ///
    /// - Returns: the commit, and what each change came to, in their order.
    @discardableResult
    public func commit(_ durability: Durability = .synced) throws(MnemeError) -> Committed {
        hasEnded = true
        return try door.perform(.commitTransaction(id, durability), durability: nil).committed()
    }

    /// Ends it and forgets its changes.
    public func rollback() throws(MnemeError) {
        hasEnded = true
        try door.perform(.rollback(id), durability: nil).done()
    }
}

extension Door {
    /// Begins a transaction.
    ///
    /// - Throws: `tooManyRequests` where too many are open.
    public func begin() async throws(MnemeError) -> Transaction { try await Transaction(self) }
}

extension BlockingDoor {
    /// Begins a transaction.
    ///
    /// - Throws: `tooManyRequests` where too many are open.
    public func begin() throws(MnemeError) -> BlockingTransaction {
        try BlockingTransaction(self)
    }
}

extension MnemeError {
    /// No transaction of this number can be asked for through a door, or over a connection.
    package static func noTransaction(_ id: UInt64) -> MnemeError {
        MnemeError(
            .noTransaction,
            "there is no transaction \(id) here: it has ended, or was begun by another connection; "
                + "begin another one"
        )
    }
}
