// `{"collection": "notes", "where": {"state": "open"}}` and `{"count": 5, "strongest": "weight"}`

extension NodeChoice: Spelled {
    /// Reads the spelling: formats/operations.md#walk.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A choice of records")
        self.init(try members.text("collection"), where: try members.optionalNoun("where"))
        try members.finish()
    }

    /// The spelling: formats/operations.md#walk.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("collection", collection)
        spelling.put("where", filter)
        return spelling.value
    }
}

extension FanOut: Spelled {
    /// Reads the spelling: formats/operations.md#walk.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "fanOut")
        self.init(try members.int("count"), strongest: try members.optionalText("strongest"))
        try members.finish()
    }

    /// The spelling: formats/operations.md#walk.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("count", count)
        spelling.put("strongest", strongest)
        return spelling.value
    }
}
