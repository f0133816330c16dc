// `{"collection": "notes", "key": "note-1", "fields": {…}}`

extension Record: Spelled {
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A record")
        self.init(
            Reference(try members.text("collection"), try members.noun("key")),
            fields: try members.map("fields"))
        try members.finish()
    }

    public var spelling: Value {
        [
            "collection": .text(reference.collection), "key": reference.key.spelling,
            "fields": .map(fields),
        ]
    }
}
