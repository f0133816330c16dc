// `{"id": "…", "owner": "ann", "startedAt": …, "lastAt": …, "entryCount": 3, "new": false}`

extension Session: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "session")
        self.init(
            id: try members.text("id"),
            owner: try members.text("owner"),
            startedAt: try members.instant("startedAt"),
            lastAt: try members.instant("lastAt"),
            endedAt: try members.optionalInstant("endedAt"),
            entryCount: Int64(try members.int("entryCount")),
            summary: try members.optionalText("summary"),
            isNew: try members.bool("new"),
            evicted: try members.nouns("evicted")
        )
        terms = try SessionTerms(&members)
        replaced = try members.optionalText("replaced")
        episode = try members.optionalNoun("episode")
        flushed = try members.optionalInt("flushed").map { Int64($0) }
        facts = try members.nouns("facts")
        isRepeated = try members.optionalBool("repeated") ?? false
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("id", id)
        spelling.put("owner", owner)
        spelling.put("startedAt", startedAt)
        spelling.put("lastAt", lastAt)
        spelling.put("endedAt", endedAt)
        spelling.put("entryCount", .int(entryCount))
        spelling.put("summary", summary)
        spelling.put("new", isNew)
        spelling.put("evicted", evicted)
        terms.put(into: &spelling)
        spelling.put("replaced", replaced)
        spelling.put("episode", episode)
        if let flushed { spelling.put("flushed", .int(flushed)) }
        spelling.put("facts", facts)
        spelling.put("repeated", isRepeated, unless: false)
        return spelling.value
    }
}
