// `{"collection": "notes", "key": "note-1", "fields": {…}}`

extension Record: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A record")
        self.init(
            Reference(try members.text("collection"), try members.noun("key")),
            fields: try members.map("fields")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        [
            "collection": .text(reference.collection), "key": reference.key.spelling,
            "fields": .map(fields),
        ]
    }
}
