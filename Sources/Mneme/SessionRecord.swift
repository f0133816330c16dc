// Sessions as records of the collection `sessions`.

internal import MnemeModel

/// A session as a record, and back.
///
/// A record of a session is anybody's to put; what is missing or of another kind is taken as not
/// given.
enum SessionRecord {
    /// The slot of a session that is going on from a parent, or from none.
    static func slot(_ parent: String?) -> String { parent.map { "open/\($0)" } ?? "open" }

    static func put(_ session: Session, mode: Put.Mode = .replace) -> Change {
        let slot = session.endedAt == nil ? Self.slot(session.terms.parent) : session.id
        var fields: [String: Value] = [
            "owner": .text(session.owner), "slot": .text(slot),
            "startedAt": .instant(session.startedAt), "lastAt": .instant(session.lastAt),
            "entryCount": .int(session.entryCount),
        ]
        if let endedAt = session.endedAt { fields["endedAt"] = .instant(endedAt) }
        if let summary = session.summary { fields["summary"] = .text(summary) }
        if let parent = session.terms.parent { fields["parent"] = .text(parent) }
        if let agent = session.terms.agent { fields["agent"] = .text(agent) }
        if let seconds = session.terms.secondsAfterEnd {
            fields["secondsAfterEnd"] = .int(Int64(seconds))
        }
        if !session.terms.data.isNull { fields["data"] = session.terms.data }
        if session.episode != nil { fields["flushed"] = .bool(true) }
        return .put(Put(MemoryLayout.sessions, .text(session.id), fields, mode: mode))
    }

    static func session(_ record: Record) -> Session {
        func instant(_ name: String) -> Instant? {
            if case .instant(let instant) = record[name] { instant } else { nil }
        }
        let start = instant("startedAt") ?? Instant(microseconds: 0)
        let key = record.reference.key
        var session = Session(
            id: key.description,
            owner: record["owner"].text ?? "",
            startedAt: start,
            lastAt: instant("lastAt") ?? start,
            endedAt: instant("endedAt"),
            entryCount: record["entryCount"].int ?? 0,
            summary: record["summary"].text,
            isNew: false
        )
        session.terms = SessionTerms(
            parent: record["parent"].text,
            agent: record["agent"].text,
            secondsAfterEnd: record["secondsAfterEnd"].int.map { Int($0) },
            data: record["data"]
        )
        if record["flushed"] == .bool(true) {
            session.episode = Reference(MemoryLayout.episodes, key)
        }
        return session
    }
}

extension EntryTraits {
    /// Its fields of a memory; the main lane has none.
    var fields: [String: Value] {
        var fields: [String: Value] = [:]
        if let lane, lane != Self.mainLane { fields["lane"] = .text(lane) }
        if let agent { fields["agent"] = .text(agent) }
        if let tokens { fields["tokens"] = .int(tokens) }
        return fields
    }
}

extension RememberCheck {
    /// What is to be remembered as a session ends: of the session's owner where none is named.
    ///
    /// - Throws: as `check`.
    static func facts(
        _ facts: [Remember],
        of session: Session
    ) throws(MnemeError) -> [Remember] {
        try check(facts)
        return facts.map { fact in
            var fact = fact
            if fact.owner.isEmpty { fact.owner = session.owner }
            return fact
        }
    }
}
