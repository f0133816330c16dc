// `{"old": "facts/a", "collection": "facts", "key": "b", "fields": {…}, "at": …, "by": "replaces"}`

extension Supersede: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "supersede")
        self.init(
            try members.noun("old"),
            by: try members.optionalText("by"),
            in: try members.text("collection"),
            try members.optionalNoun("key"),
            try members.map("fields"),
            at: try members.instant("at")
        )
        edgeFields = try members.map("edgeFields")
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("old", old)
        spelling.put("collection", collection)
        spelling.put("key", key)
        spelling.put("fields", .map(fields))
        spelling.put("at", at)
        spelling.put("by", by)
        spelling.put("edgeFields", edgeFields)
        return spelling.value
    }
}

extension Committed.Superseded: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "superseded")
        self.init(
            reference: try members.noun("reference"),
            edge: try members.optionalUnsigned("edge")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("reference", reference)
        if let edge { spelling.put("edge", edge) }
        return spelling.value
    }
}
