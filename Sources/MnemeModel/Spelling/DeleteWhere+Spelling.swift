// `{"collection": "logs", "owner": "ann", "from": …, "to": …, "field": "at", "where": {…}}`

extension DeleteWhere: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "deleteWhere")
        self.init(
            try members.text("collection"),
            owner: try members.optionalText("owner"),
            from: try members.optionalInstant("from"),
            to: try members.optionalInstant("to"),
            field: try members.optionalText("field"),
            where: try members.optionalNoun("where"),
            erases: try members.optionalBool("erase") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("collection", collection)
        spelling.put("owner", owner)
        spelling.put("from", from)
        spelling.put("to", to)
        spelling.put("field", field)
        spelling.put("where", filter)
        spelling.put("erase", erases, unless: false)
        return spelling.value
    }
}

extension DeletedWhere: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "deletedWhere")
        self.init(
            count: try members.int("count"),
            sequence: try members.unsigned("sequence")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        ["count": .int(Int64(count)), "sequence": Value(sequence)]
    }
}
