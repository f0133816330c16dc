// `{"items": [{"record": {…}, "score": 0.8, "parts": […], "path": [], "tokens": 54}],
// "leftOut": […], "tokens": 54, "exact": true, "sequence": 12}`

extension Recalled: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "recalled")
        self.init(
            items: try members.nouns("items"),
            leftOut: try members.nouns("leftOut"),
            tokens: try members.int("tokens"),
            isExact: try members.bool("exact"),
            sequence: try members.unsigned("sequence")
        )
        notes = try members.texts("notes")
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    ///
    /// `notes` is there where anything is noted.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("items", items.spelling)
        spelling.put("leftOut", leftOut.spelling)
        spelling.put("tokens", tokens)
        spelling.put("exact", isExact)
        spelling.put("sequence", sequence)
        spelling.put("notes", notes)
        return spelling.value
    }
}

extension Recalled.Item: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A recalled item")
        self.init(
            record: try members.noun("record"),
            score: try members.float("score"),
            parts: try members.nouns("parts"),
            path: try members.nouns("path"),
            tokens: try members.int("tokens")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        [
            "record": record.spelling, "score": .float(score), "parts": parts.spelling,
            "path": path.spelling, "tokens": .int(Int64(tokens)),
        ]
    }
}

extension Recalled.Part: Spelled {
    /// Reads the spelling.
    ///
    /// `value` is there to be read by people and is not taken over.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A part of a score")
        self.init(
            signal: try members.word("signal"),
            raw: try members.float("raw"),
            strength: try members.float("strength"),
            weight: try members.float("weight"),
            rank: try members.int("rank")
        )
        _ = try members.optionalFloat("value")
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        [
            "signal": .text(signal.rawValue), "raw": .float(raw), "strength": .float(strength),
            "weight": .float(weight), "rank": .int(Int64(rank)), "value": .float(value),
        ]
    }
}

extension Recalled.LeftOut: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A memory left out")
        self.init(
            reference: try members.noun("reference"),
            score: try members.float("score"),
            reason: try members.word("reason")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        [
            "reference": reference.spelling, "score": .float(score),
            "reason": .text(reason.rawValue),
        ]
    }
}
