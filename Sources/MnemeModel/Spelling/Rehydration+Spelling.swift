// `{"id": "s1"}` is answered with `{"session": {…}, "lanes": {"main": 2}, "entries": […]}`.

extension Rehydration: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "session.rehydrate")
        self.init(
            try members.noun("id"),
            summaryOnly: try members.optionalBool("summaryOnly") ?? false,
            limit: try members.optionalInt("limit"),
            after: try members.optionalText("after"),
            collection: try members.optionalText("collection") ?? "memories",
            owner: try members.optionalText("owner")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("id", id.spelling)
        spelling.put("summaryOnly", isSummaryOnly, unless: false)
        if let limit { spelling.put("limit", limit) }
        spelling.put("after", after)
        if collection != "memories" { spelling.put("collection", collection) }
        spelling.put("owner", owner)
        return spelling.value
    }
}

extension Rehydrated: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "rehydrated")
        self.init(
            session: try members.optionalNoun("session"),
            lanes: try members.counts("lanes"),
            entries: try members.nouns("entries"),
            missing: Int64(try members.int("missing")),
            next: try members.optionalText("next"),
            sequence: try members.unsigned("sequence")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("session", session)
        spelling.put("lanes", .map(lanes.mapValues { .int(Int64($0)) }))
        spelling.put("entries", entries.spelling)
        spelling.put("missing", .int(missing))
        spelling.put("next", next)
        spelling.put("sequence", sequence)
        return spelling.value
    }
}
