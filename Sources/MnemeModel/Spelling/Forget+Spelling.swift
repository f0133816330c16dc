// `{"keys": ["a"], "owner": "ann", "where": {…}, "collection": "memories", "erase": true}`

extension Forget: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "forget")
        self.init(
            keys: try members.nouns("keys"),
            owner: try members.optionalText("owner"),
            where: try members.optionalNoun("where"),
            collection: try members.optionalText("collection") ?? "memories",
            erases: try members.optionalBool("erase") ?? false
        )
        mode = try members.optionalWord("mode") ?? .hard
        derived = try members.optionalBool("derived") ?? false
        reason = try members.optionalText("reason")
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("keys", keys)
        spelling.put("owner", owner)
        spelling.put("where", filter)
        if collection != "memories" { spelling.put("collection", collection) }
        spelling.put("erase", erases, unless: false)
        spelling.put("mode", mode, unless: .hard)
        spelling.put("derived", derived, unless: false)
        spelling.put("reason", reason)
        return spelling.value
    }
}
