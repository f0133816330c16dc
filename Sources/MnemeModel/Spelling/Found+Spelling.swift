// `{"rows": [{"record": {…}, "score": 0.5}], "exact": true, "sequence": 12, "plan": "…"}`

extension Found: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "found")
        self.init(
            rows: try members.nouns("rows"),
            isExact: try members.bool("exact"),
            sequence: try members.unsigned("sequence"),
            plan: try members.text("plan")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        [
            "rows": rows.spelling, "exact": .bool(isExact), "sequence": Value(sequence),
            "plan": .text(plan),
        ]
    }
}

extension Found.Row: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A row")
        self.init(record: try members.noun("record"), score: Float(try members.float("score")))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        ["record": record.spelling, "score": .float(Double(score))]
    }
}
