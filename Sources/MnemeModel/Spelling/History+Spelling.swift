// `{"reference": "notes/a", "limit": 20, "before": 7, "records": true}`, and what comes back:
// `{"versions": [{"number": 3, "at": …, "kind": "updated", "changes": {…}}], …}`

extension HistoryRule: Spelled {
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

extension VersionQuestion: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "history")
        self.init(
            try members.noun("reference"),
            limit: try members.optionalInt("limit") ?? 20,
            before: try members.optionalUnsigned("before"),
            records: try members.optionalBool("records") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("reference", reference)
        spelling.put("limit", limit, unless: 20)
        if let before { spelling.put("before", before) }
        spelling.put("records", hasRecords, unless: false)
        return spelling.value
    }
}

extension History: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "history")
        self.init(
            versions: try members.nouns("versions"),
            isComplete: try members.bool("complete"),
            sequence: try members.unsigned("sequence")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        [
            "versions": versions.spelling, "complete": .bool(isComplete),
            "sequence": Value(sequence),
        ]
    }
}

extension History.Version: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A version")
        var changes: [String: History.FieldChange] = [:]
        for (field, change) in try members.map("changes") {
            changes[field] = try History.FieldChange(spelling: change)
        }
        self.init(
            number: try members.unsigned("number"),
            at: try members.instant("at"),
            kind: try members.word("kind"),
            signature: Signature(
                author: try members.optionalText("author"),
                reason: try members.optionalText("reason")
            ),
            changes: changes,
            record: try members.optionalNoun("record")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("number", number)
        spelling.put("at", at)
        spelling.put("kind", kind)
        spelling.put("author", signature.author)
        spelling.put("reason", signature.reason)
        spelling.put("changes", .map(changes.mapValues(\.spelling)))
        spelling.put("record", record)
        return spelling.value
    }
}

extension History.FieldChange: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A change of a field")
        self.init(
            old: members.value("old") ?? .null,
            new: members.value("new") ?? .null
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        if !old.isNull { spelling.put("old", old) }
        if !new.isNull { spelling.put("new", new) }
        return spelling.value
    }
}

extension Get: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        guard case .map = spelling else {
            self.init(try spelling.spelledNouns("get"))
            return
        }
        var members = try SpelledMembers(spelling, of: "get")
        _ = try members.required("references")
        self.init(
            try members.nouns("references"),
            versions: try members.optionalBool("versions") ?? false,
            knownAt: try members.optionalInstant("knownAt"),
            asOf: try members.optionalInstant("asOf")
        )
        sight = try members.sight()
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("references", references.spelling)
        spelling.put("versions", hasVersions, unless: false)
        spelling.put("knownAt", knownAt)
        spelling.put("asOf", asOf)
        spelling.put(sight)
        return spelling.value
    }
}
