// `{"id": 7, "type": "cites", "from": "notes/a", "to": "notes/b", "fields": {…}}`

extension Edge: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "An edge")
        self.init(
            id: try members.unsigned("id"),
            type: try members.text("type"),
            from: try members.noun("from"),
            to: try members.noun("to"),
            fields: try members.map("fields")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("id", id)
        spelling.put("type", type)
        spelling.put("from", from)
        spelling.put("to", to)
        spelling.put("fields", fields)
        return spelling.value
    }
}
