// `{"key": "tea", "depth": 8}`, and what comes back: `{"record": {…}, "steps": [{"reference": …,
// "of": …, "by": "sources", "depth": 1, "record": {…}}], "whole": true, "sequence": 12}`.

extension Why: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "why")
        self.init(
            try members.noun("key"),
            in: try members.optionalText("collection") ?? "memories",
            depth: try members.optionalInt("depth") ?? 8
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("key", reference.key)
        if reference.collection != "memories" { spelling.put("collection", reference.collection) }
        spelling.put("depth", depth, unless: 8)
        return spelling.value
    }
}

extension Provenance: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "provenance")
        self.init(
            record: try members.noun("record"),
            access: try members.optionalNoun("access"),
            steps: try members.nouns("steps"),
            isWhole: try members.bool("whole"),
            sequence: try members.unsigned("sequence")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("record", record)
        spelling.put("access", access)
        spelling.put("steps", steps.spelling)
        spelling.put("whole", isWhole)
        spelling.put("sequence", sequence)
        return spelling.value
    }
}

extension Provenance.Step: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A step of a provenance")
        self.init(
            try members.noun("reference"),
            of: try members.noun("of"),
            by: try members.text("by"),
            depth: try members.int("depth"),
            record: try members.optionalNoun("record")
        )
        reason = try members.optionalText("reason")
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("reference", reference)
        spelling.put("of", of)
        spelling.put("by", by)
        spelling.put("depth", depth)
        spelling.put("reason", reason)
        spelling.put("record", record)
        return spelling.value
    }
}
