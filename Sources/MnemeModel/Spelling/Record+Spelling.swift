// `{"collection": "notes", "key": "note-1", "fields": {…}}`

extension Record: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A record")
        self.init(
            Reference(try members.text("collection"), try members.noun("key")),
            fields: try members.map("fields"),
            version: try members.optionalUnsigned("version")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("collection", reference.collection)
        spelling.put("key", reference.key)
        spelling.put("fields", .map(fields))
        spelling.put("version", version)
        return spelling.value
    }
}
