// `{"id": "s1", "tokens": 2000, "question": "…"}` is answered with
// `{"entries": […], "recalled": […], "leftOut": 12, "tokens": 1873, "sequence": 7}`.

extension ContextQuestion: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "session.context")
        self.init(
            try members.noun("id"),
            tokens: try members.optionalInt("tokens") ?? 2000,
            lane: try members.optionalText("lane"),
            withParents: try members.optionalBool("parents") ?? false,
            question: try members.optionalText("question") ?? "",
            vectors: try members.vectors("vectors"),
            recallTokens: try members.optionalInt("recallTokens"),
            limit: try members.optionalInt("limit") ?? 10,
            collection: try members.optionalText("collection") ?? "memories",
            owner: try members.optionalText("owner"),
            tokensField: try members.optionalText("tokensField")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("id", id.spelling)
        spelling.put("tokens", tokens, unless: 2000)
        spelling.put("lane", lane)
        spelling.put("parents", withParents, unless: false)
        if !question.isEmpty { spelling.put("question", question) }
        spelling.put("vectors", vectors)
        if let recallTokens { spelling.put("recallTokens", recallTokens) }
        spelling.put("limit", limit, unless: 10)
        if collection != "memories" { spelling.put("collection", collection) }
        spelling.put("owner", owner)
        spelling.put("tokensField", tokensField)
        return spelling.value
    }
}

extension SessionContext: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "context")
        self.init(
            entries: try members.nouns("entries"),
            recalled: try members.nouns("recalled"),
            leftOut: try members.int("leftOut"),
            recallLeftOut: try members.nouns("recallLeftOut"),
            tokens: try members.int("tokens"),
            sequence: try members.unsigned("sequence")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        [
            "entries": entries.spelling, "recalled": recalled.spelling,
            "leftOut": .int(Int64(leftOut)), "recallLeftOut": recallLeftOut.spelling,
            "tokens": .int(Int64(tokens)), "sequence": Value(sequence),
        ]
    }
}
