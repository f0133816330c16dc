// `{"records": 12, "bytes": 30000, "coldRecords": 10, "coldBytes": 25000}`

extension ArchivedFigures: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "archived")
        self.init(
            records: try members.int("records"),
            bytes: try members.int("bytes"),
            coldRecords: try members.int("coldRecords"),
            coldBytes: try members.int("coldBytes")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("records", records)
        spelling.put("bytes", bytes)
        spelling.put("coldRecords", coldRecords)
        spelling.put("coldBytes", coldBytes)
        return spelling.value
    }
}
