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
        return try openSession(
            owner,
            idleMinutes: idleMinutes,
            SessionTerms(),
            options.durability
        )
    }

    func openSession(
        _ owner: String,
        idleMinutes: Int,
        _ terms: SessionTerms,
        _ durability: Durability
    ) throws(MnemeError) -> Session {
        guard idleMinutes > 0 else {
            throw MnemeError(
                .badRequest,
                "idleMinutes is at least 1, not \(idleMinutes); give more"
            )
        }
        if let seconds = terms.secondsAfterEnd, seconds < 0 {
            throw MnemeError(
                .badRequest,
                "secondsAfterEnd is \(seconds); give 0 or more, or leave it out"
            )
        }
        return try alone { () throws(MnemeError) in
            let snapshot = store.snapshot()
            if let parent = terms.parent { try check(parent: parent, of: owner) }
            var changes: [Change] = []
            var replaced: String?
            if var open = try openSession(of: owner, SessionRecord.slot(terms.parent), snapshot) {
                let isIdle = snapshot.instant.isLater(than: open.lastAt, byMinutes: idleMinutes)
                if !isIdle { return try open.expected(under: terms.id) }
                if terms.id == open.id { throw open.isOver(after: idleMinutes) }
                open.endedAt = open.lastAt
                replaced = open.id
                changes = try SessionEnding(open, flushes: false, snapshot).changes
                changes.append(SessionRecord.put(open))
            }
            if let id = terms.id { try checkIsFree(id) }
            var session = Session(
                id: terms.id ?? store.newKey().description,
                owner: owner,
                startedAt: snapshot.instant,
                lastAt: snapshot.instant,
                endedAt: nil,
                entryCount: 0,
                summary: nil,
                isNew: true
            )
            session.terms = terms
            session.terms.id = nil
            session.replaced = replaced
            changes.append(SessionRecord.put(session, mode: .insert))
            session.evicted = try store.commit(changes, durability).evicted
            return session
        }
    }

    /// Adds entries to a session, in order, and returns their keys.
    ///
    /// Owner, session and position are the session's; an entry leaves them empty, or says the same.
    ///
    /// - Throws: `.notFound` when there is no such session; `.sessionEnded`; `.badRequest` when an
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
            // It may have ended since.
            if let once, let known = try store.repeated(once, durability) { return known }
            var session = try self.session(id)
            guard session.endedAt == nil else {
                throw MnemeError(.sessionEnded, "session \(id) has ended; open another one")
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
        return try endSession(id, summary, SessionClosing(), options.durability)
    }

    func endSession(
        _ id: String,
        _ summary: String?,
        _ closing: SessionClosing,
        _ durability: Durability,
        once: OnceKey? = nil
    ) throws(MnemeError) -> Session {
        if closing.flushes { try define(own: MemoryLayout.episodes) }
        return try alone { () throws(MnemeError) in
            // Here, so that the same request at the same time finds what this one has done.
            if let once, let known = try store.repeated(once, durability) {
                return try self.session(id).ended(closing, known)
            }
            var session = try self.session(id)
            if session.endedAt != nil, !closing.flushes || session.episode != nil {
                guard closing.facts.isEmpty, closing.changes.isEmpty else {
                    throw MnemeError(
                        .sessionEnded,
                        "session \(id) has ended, so nothing can be kept as it ends; remember the "
                            + "facts and commit the changes by themselves"
                    )
                }
                return session
            }
            if session.endedAt == nil {
                // The clock may have been set back since.
                session.endedAt = max(store.snapshot().instant, session.lastAt)
            }
            session.summary = session.summary ?? summary
            return try end(session, closing, durability, once)
        }
    }

    /// Commits an end; again where its entries changed meanwhile.
    private func end(
        _ session: Session,
        _ closing: SessionClosing,
        _ durability: Durability,
        _ once: OnceKey?
    ) throws(MnemeError) -> Session {
        var ending = try SessionEnding(session, flushes: closing.flushes, store.snapshot())
        let facts = try RememberCheck.facts(closing.facts, of: session)
        let remembered = try plan(store.snapshot()).changes(facts)
        while true {
            var session = session
            var changes = ending.flushed
            if closing.flushes {
                session.episode = Reference(MemoryLayout.episodes, .text(session.id))
                changes.append(ending.episode(embedder))
            }
            changes += [SessionRecord.put(session)] + ending.expiring
            do throws(MnemeError) {
                let committed = try store.commit(
                    changes + remembered + closing.changes,
                    durability,
                    defining: facts.flatMap { $0.links.map(\.type) },
                    once: once
                )
                return session.ended(closing, committed)
            } catch {
                let again = try SessionEnding(session, flushes: closing.flushes, store.snapshot())
                guard [.notFound, .conditionFailed].contains(error.code),
                    again.changes != ending.changes
                else { throw error }
                ending = again
            }
        }
    }

    /// A session by its id.
    ///
    /// - Throws: `.notFound`.
    public func session(_ id: String) throws(MnemeError) -> Session {
        guard let session = try sessionIfAny(id) else {
            throw MnemeError(.notFound, "there is no session \(id); open one first")
        }
        return session
    }

    func sessionIfAny(_ id: String) throws(MnemeError) -> Session? {
        try get(Reference(MemoryLayout.sessions, .text(id))).map { SessionRecord.session($0) }
    }

    private func openSession(
        of owner: String,
        _ slot: String,
        _ snapshot: Snapshot
    ) throws(MnemeError)
        -> Session?
    {
        let find = Find(
            MemoryLayout.sessions,
            where: .and([.eq("owner", .text(owner)), .eq("slot", .text(slot))]),
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
