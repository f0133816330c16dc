// `{"versions": 50, "days": 365}`,
// `{"number": 2, "fields": {…}, "from": …, "change": {"kind": "updated", "fields": {"n": [1, 2]}}}`

extension History: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "history")
        self.init(
            versions: try members.optionalInt("versions"),
            days: try members.optionalInt("days")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        if let versions { spelling.put("versions", versions) }
        if let days { spelling.put("days", days) }
        return spelling.value
    }
}

extension CommitNote: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "note")
        self.init(
            author: try members.optionalText("author"),
            reason: try members.optionalText("reason")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("author", author)
        spelling.put("reason", reason)
        return spelling.value
    }
}

extension Version: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A version")
        self.init(
            number: try members.int("number"),
            fields: try members.map("fields"),
            from: try members.optionalInstant("from"),
            until: try members.optionalInstant("until"),
            change: try members.optionalNoun("change")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("number", number)
        spelling.put("fields", .map(fields))
        spelling.put("from", from)
        spelling.put("until", until)
        spelling.put("change", change)
        return spelling.value
    }
}

extension Version.Change: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "change")
        var fields: [String: Version.Pair] = [:]
        for (name, value) in try members.map("fields") {
            let pair = try value.spelledArray("change.fields.\(name)")
            guard pair.count == 2 else {
                throw wrong("change.fields.\(name)", "what was and what is", value)
            }
            fields[name] = Version.Pair(before: pair[0], after: pair[1])
        }
        self.init(
            kind: try members.word("kind"),
            author: try members.optionalText("author"),
            reason: try members.optionalText("reason"),
            fields: fields
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("kind", kind)
        spelling.put("author", author)
        spelling.put("reason", reason)
        spelling.put("fields", fields.mapValues { [$0.before, $0.after] })
        return spelling.value
    }
}
