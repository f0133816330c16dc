// `{"old": "tea", "memory": {"text": "…", "owner": "ann"}, "reason": "…"}`; `{"keys": ["tea"]}`

extension Revision: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "supersede")
        self.init(
            try members.noun("old"),
            try members.noun("memory"),
            at: try members.optionalInstant("at"),
            by: try members.optionalText("by") ?? "SUPERSEDES",
            reason: try members.optionalText("reason")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("old", old)
        spelling.put("memory", memory)
        spelling.put("at", at)
        if by != "SUPERSEDES" { spelling.put("by", by) }
        spelling.put("reason", reason)
        return spelling.value
    }
}

extension Pin: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "pin")
        self.init(
            try members.nouns("keys"),
            in: try members.optionalText("collection") ?? "memories",
            isPinned: try members.optionalBool("pinned") ?? true
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        if collection != "memories" { spelling.put("collection", collection) }
        spelling.put("keys", keys)
        spelling.put("pinned", isPinned, unless: true)
        return spelling.value
    }
}
