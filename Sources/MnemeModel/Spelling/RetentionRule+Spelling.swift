// `{"days": 365, "field": "at", "except": [{"owner": "acme", "days": 30}, {"where": {…}}]}`

extension RetentionRule: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "retention")
        self.init(
            days: try members.optionalInt("days"),
            field: try members.optionalText("field"),
            exceptions: try members.nouns("except")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        if let days { spelling.put("days", days) }
        spelling.put("field", field)
        spelling.put("except", exceptions)
        return spelling.value
    }
}

extension RetentionRule.Exception: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "An exception of retention")
        self.init(
            owner: try members.optionalText("owner"),
            where: try members.optionalNoun("where"),
            days: try members.optionalInt("days")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("owner", owner)
        spelling.put("where", filter)
        if let days { spelling.put("days", days) }
        return spelling.value
    }
}
