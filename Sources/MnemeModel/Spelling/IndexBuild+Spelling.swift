// `{"collection": "notes", "name": "byTitle", "done": 32768, "of": 1000000}`

extension IndexBuild: Spelled {
    /// Reads the spelling: formats/operations.md#statistics.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "statistics.indexes")
        self.init(
            collection: try members.text("collection"),
            name: try members.text("name"),
            done: try members.int("done"),
            of: try members.int("of"),
            failure: try members.optionalText("failure")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md#statistics.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("collection", collection)
        spelling.put("name", name)
        spelling.put("done", done)
        spelling.put("of", of)
        spelling.put("failure", failure)
        return spelling.value
    }
}
