// Sessions: ordered runs of memories. Whoever opens gets the one that is going on, or starts one.

public import MnemeModel
internal import MnemeStore
internal import Synchronization

extension Memory {
    /// Gets the owner's session that is going on, or starts one: when there is none, or when the
    /// last entry is older than `idleMinutes`, which ends the old one.
    ///
    /// - Throws: `.badOwner`, `.badRequest`.
    public func openSession(owner: String, idleMinutes: Int = 60) throws(MnemeError) -> Session {
        if isAudited { return try door.openSession(owner: owner, idleMinutes: idleMinutes) }
        return try openSession(owner, idleMinutes: idleMinutes, options.durability)
    }

    func openSession(
        _ owner: String,
        idleMinutes: Int,
        _ durability: Durability
    ) throws(MnemeError) -> Session {
        guard idleMinutes > 0 else {
            throw MnemeError(
                .badRequest,
                "idleMinutes is at least 1, not \(idleMinutes); give more"
            )
        }
        return try alone { () throws(MnemeError) in
            let snapshot = store.snapshot()
            var changes: [Change] = []
            if var open = try openSession(of: owner, snapshot) {
                if !snapshot.instant.isLater(than: open.lastAt, byMinutes: idleMinutes) {
                    return open
                }
                open.endedAt = open.lastAt
                changes.append(SessionRecord.put(open))
            }
            var session = Session(
                id: store.newKey().description,
                owner: owner,
                startedAt: snapshot.instant,
                lastAt: snapshot.instant,
                endedAt: nil,
                entryCount: 0,
                summary: nil,
                isNew: true
            )
            changes.append(SessionRecord.put(session))
            session.evicted = try store.commit(changes, durability).evicted
            return session
        }
    }

    /// Adds entries to a session, in order, and returns their keys.
    ///
    /// Owner, session and position are the session's; an entry leaves them empty, or says the same.
    ///
    /// - Throws: `.notFound` when there is no such session; `.badRequest` when it has ended, or an
    ///   entry names another owner, session or position; `.duplicate` and others as `remember`.
    public func append(to id: String, _ entries: [Remember]) throws(MnemeError) -> [Key] {
        if isAudited { return try door.append(to: id, entries) }
        let committed = try appending(entries, to: id, options.durability)
        return Remembered(committed, count: entries.count).keys
    }

    func appending(
        _ entries: [Remember],
        to id: String,
        _ durability: Durability,
        once: OnceKey? = nil
    ) throws(MnemeError) -> Committed {
        try alone { () throws(MnemeError) in
            var session = try self.session(id)
            guard session.endedAt == nil else {
                throw MnemeError(.badRequest, "session \(id) has ended; open another one")
            }
            // A record of a session is anybody's to put, with any count.
            let (count, isOver) = session.entryCount.addingReportingOverflow(
                Int64(entries.count)
            )
            guard !isOver else {
                throw MnemeError(
                    .tooLarge,
                    "session \(id) counts \(session.entryCount) entries, and no more can be "
                        + "counted; end it and open another one"
                )
            }
            let placed = try RememberCheck.placed(entries, in: session)
            let plan = plan(store.snapshot())
            session.entryCount = count
            session.lastAt = max(session.lastAt, plan.now)
            return try store.commit(
                plan.changes(placed) + [SessionRecord.put(session)],
                durability,
                defining: entries.flatMap { $0.links.map(\.type) },
                once: once
            )
        }
    }

    /// Ends a session; ending it twice changes nothing.
    ///
    /// - Throws: `.notFound` when there is no such session.
    public func endSession(_ id: String, summary: String? = nil) throws(MnemeError) -> Session {
        if isAudited { return try door.endSession(id, summary: summary) }
        return try endSession(id, summary, options.durability)
    }

    func endSession(
        _ id: String,
        _ summary: String?,
        _ durability: Durability
    ) throws(MnemeError) -> Session {
        try alone { () throws(MnemeError) in
            var session = try self.session(id)
            if session.endedAt != nil { return session }
            session.endedAt = store.snapshot().instant
            session.summary = summary
            session.evicted = try store.commit([SessionRecord.put(session)], durability).evicted
            return session
        }
    }

    /// A session by its id.
    ///
    /// - Throws: `.notFound`.
    public func session(_ id: String) throws(MnemeError) -> Session {
        let reference = Reference(MemoryLayout.sessions, .text(id))
        guard let record = try get(reference) else {
            throw MnemeError(.notFound, "there is no session \(id); open one first")
        }
        return SessionRecord.session(record)
    }

    private func openSession(
        of owner: String,
        _ snapshot: Snapshot
    ) throws(MnemeError)
        -> Session?
    {
        let find = Find(
            MemoryLayout.sessions,
            where: .and([.eq("owner", .text(owner)), .eq("slot", "open")]),
            limit: 1
        )
        return try snapshot.find(find).rows.first.map { SessionRecord.session($0.record) }
    }

    /// One session call at a time.
    func alone<Result: Sendable>(
        _ body: () throws(MnemeError) -> Result
    )
        throws(MnemeError) -> Result
    {
        try sessionLock.withLock { _ throws(MnemeError) in try body() }
    }
}

extension Instant {
    /// Whether it is at least so many minutes later; instants may lie further apart than can be
    /// said in microseconds.
    fileprivate func isLater(than other: Instant, byMinutes minutes: Int) -> Bool {
        let (idle, isOver) = microseconds.subtractingReportingOverflow(other.microseconds)
        return isOver ? self > other : idle / 60_000_000 >= minutes
    }
}

/// Sessions as records.
enum SessionRecord {
    static func put(_ session: Session) -> Change {
        var fields: [String: Value] = [
            "owner": .text(session.owner),
            "slot": .text(session.endedAt == nil ? "open" : session.id),
            "startedAt": .instant(session.startedAt), "lastAt": .instant(session.lastAt),
            "entryCount": .int(session.entryCount),
        ]
        if let endedAt = session.endedAt { fields["endedAt"] = .instant(endedAt) }
        if let summary = session.summary { fields["summary"] = .text(summary) }
        return .put(Put(MemoryLayout.sessions, .text(session.id), fields))
    }

    static func session(_ record: Record) -> Session {
        func instant(_ name: String) -> Instant? {
            if case .instant(let instant) = record[name] { instant } else { nil }
        }
        let start = instant("startedAt") ?? Instant(microseconds: 0)
        return Session(
            id: record.reference.key.description,
            owner: record["owner"].text ?? "",
            startedAt: start,
            lastAt: instant("lastAt") ?? start,
            endedAt: instant("endedAt"),
            entryCount: record["entryCount"].int ?? 0,
            summary: record["summary"].text,
            isNew: false
        )
    }
}
