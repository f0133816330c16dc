// `{"kind": "duplicates", "owner": "ann"}`, and what comes back: `{"kind": "duplicates", "items":
// [{"records": [{…}, {…}], "score": 0.97}], "looked": 40, "sequence": 12}`; `{"owner": "ann",
// "records": 1000}`.

extension Upkeep: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "upkeep")
        self.init(
            try members.word("kind"),
            in: try members.optionalText("collection") ?? "memories",
            owner: try members.optionalText("owner"),
            near: try members.optionalFloat("near"),
            below: try members.optionalFloat("below") ?? 0.2,
            limit: try members.optionalInt("limit") ?? 50,
            after: try members.optionalNoun("after")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("kind", .text(kind.rawValue))
        if collection != "memories" { spelling.put("collection", collection) }
        spelling.put("owner", owner)
        if let near { spelling.put("near", near) }
        spelling.put("below", below, unless: 0.2)
        spelling.put("limit", limit, unless: 50)
        spelling.put("after", after)
        return spelling.value
    }
}

extension Candidates: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "candidates")
        self.init(
            kind: try members.word("kind"),
            items: try members.nouns("items"),
            looked: try members.int("looked"),
            next: try members.optionalNoun("next"),
            sequence: try members.unsigned("sequence")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("kind", .text(kind.rawValue))
        spelling.put("items", items.spelling)
        spelling.put("looked", looked)
        spelling.put("next", next)
        spelling.put("sequence", sequence)
        return spelling.value
    }
}

extension Candidates.Item: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A candidate")
        self.init(try members.nouns("records"), score: try members.float("score"))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value { ["records": records.spelling, "score": .float(score)] }
}

extension Prune: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "prune")
        self.init(
            try members.optionalText("owner"),
            in: try members.optionalText("collection") ?? "memories",
            records: try members.optionalInt("records"),
            bytes: try members.optionalInt("bytes"),
            below: try members.optionalFloat("below"),
            isDry: try members.optionalBool("dryRun") ?? false,
            erases: try members.optionalBool("erase") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("owner", owner)
        if collection != "memories" { spelling.put("collection", collection) }
        if let records { spelling.put("records", records) }
        if let bytes { spelling.put("bytes", bytes) }
        if let below { spelling.put("below", below) }
        spelling.put("dryRun", isDry, unless: false)
        spelling.put("erase", erases, unless: false)
        return spelling.value
    }
}

extension Forgotten: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "forgotten")
        self.init(
            count: try members.int("count"),
            derived: try members.optionalInt("derived") ?? 0,
            bytes: try members.optionalInt("bytes"),
            references: try members.nouns("references"),
            isDry: try members.optionalBool("dryRun") ?? false,
            sequence: try members.unsigned("sequence")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("count", count)
        spelling.put("derived", derived, unless: 0)
        if let bytes { spelling.put("bytes", bytes) }
        spelling.put("references", references)
        spelling.put("dryRun", isDry, unless: false)
        spelling.put("sequence", sequence)
        return spelling.value
    }
}
