// `{"question": "work", "owner": "ann", "from": "2025-01-01T00:00:00Z", "limit": 5}`

extension EpisodeQuestion: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "episodes")
        self.init(
            try members.optionalText("question") ?? "",
            vectors: try members.vectors("vectors"),
            owner: try members.optionalText("owner"),
            from: try members.optionalInstant("from"),
            to: try members.optionalInstant("to"),
            agent: try members.optionalText("agent"),
            where: try members.optionalNoun("where"),
            limit: try members.optionalInt("limit") ?? 10,
            after: try members.optionalText("after")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        if !question.isEmpty { spelling.put("question", question) }
        spelling.put("vectors", vectors)
        spelling.put("owner", owner)
        spelling.put("from", from)
        spelling.put("to", to)
        spelling.put("agent", agent)
        spelling.put("where", filter)
        spelling.put("limit", limit, unless: 10)
        spelling.put("after", after)
        return spelling.value
    }
}
