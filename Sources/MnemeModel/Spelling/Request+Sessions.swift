// The requests of sessions: `{"session.open": {"owner": "ann"}}`, `{"session.append": {…}}`,
// `{"session.end": {"id": "s1", "flush": true}}`.

extension Request {
    static func session(_ verb: String, _ content: Value) throws(MnemeError) -> Request {
        var members = try SpelledMembers(content, of: verb)
        let request: Request
        switch verb {
        case "session.open":
            var terms = try SessionTerms(&members)
            terms.id = try members.optionalText("id")
            request = .openSession(
                owner: try members.text("owner"),
                idleMinutes: try members.optionalInt("idleMinutes") ?? 60,
                terms
            )
        case "session.append":
            request = .appendToSession(
                id: try members.text("id"),
                entries: try Request.entries(members.value("entries") ?? [], verb + ".entries")
            )
        default:
            request = .endSession(
                id: try members.text("id"),
                summary: try members.optionalText("summary"),
                SessionClosing(
                    flushes: try members.optionalBool("flush") ?? false,
                    facts: try Request.entries(members.value("facts") ?? [], verb + ".facts"),
                    changes: try members.nouns("changes")
                )
            )
        }
        try members.finish()
        return request
    }

    /// Entries are memories that need not name their owner: it is the session's.
    private static func entries(
        _ value: Value,
        _ place: String
    ) throws(MnemeError) -> [Remember] {
        let entries = try value.spelledArray(place).map { entry -> Value in
            guard case .map(var members) = entry else { return entry }
            if members["owner"]?.isNull ?? true { members["owner"] = "" }
            return .map(members)
        }
        return try Value.array(entries).spelledNouns(place)
    }

    static func spellOpen(_ owner: String, _ minutes: Int, _ terms: SessionTerms) -> Value {
        var spelling = Spelling()
        spelling.put("owner", owner)
        spelling.put("idleMinutes", minutes)
        spelling.put("id", terms.id)
        terms.put(into: &spelling)
        return .word("session.open", spelling.value)
    }

    static func spellEnd(
        _ id: String,
        _ summary: String?,
        _ closing: SessionClosing
    ) -> Value {
        var spelling = Spelling()
        spelling.put("id", id)
        spelling.put("summary", summary)
        spelling.put("flush", closing.flushes, unless: false)
        spelling.put("facts", closing.facts)
        spelling.put("changes", closing.changes)
        return .word("session.end", spelling.value)
    }
}

extension SessionTerms {
    /// Those among the members of a `session.open` or a session, but for the id, which both have.
    init(_ members: inout SpelledMembers) throws(MnemeError) {
        self.init(
            parent: try members.optionalText("parent"),
            agent: try members.optionalText("agent"),
            secondsAfterEnd: try members.optionalInt("secondsAfterEnd"),
            data: members.value("data") ?? .null
        )
    }

    func put(into spelling: inout Spelling) {
        spelling.put("parent", parent)
        spelling.put("agent", agent)
        if let secondsAfterEnd { spelling.put("secondsAfterEnd", secondsAfterEnd) }
        if !data.isNull { spelling.put("data", data) }
    }
}

extension EntryTraits {
    /// Those among the members of a memory.
    init(_ members: inout SpelledMembers) throws(MnemeError) {
        self.init(
            lane: try members.optionalText("lane"),
            agent: try members.optionalText("agent"),
            tokens: try members.optionalInt("tokens").map { Int64($0) }
        )
    }

    func put(into spelling: inout Spelling) {
        spelling.put("lane", lane)
        spelling.put("agent", agent)
        if let tokens { spelling.put("tokens", .int(tokens)) }
    }
}
