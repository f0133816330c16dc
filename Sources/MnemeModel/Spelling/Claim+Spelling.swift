// `{"collection": "jobs", "where": {…}, "order": ["at"], "limit": 10, "edits": [{"set": {…}}]}`

extension Claim: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "claim")
        self.init(
            try members.text("collection"),
            owner: try members.optionalText("owner"),
            where: try members.optionalNoun("where"),
            order: try members.nouns("order"),
            limit: try members.optionalInt("limit") ?? 1,
            edits: try members.edits(),
            expiry: try members.expiry(),
            returns: try members.optionalReturns()
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("collection", collection)
        spelling.put("owner", owner)
        spelling.put("where", filter)
        spelling.put("order", order)
        spelling.put("limit", limit, unless: 1)
        spelling.put("edits", edits)
        spelling.put(expiry)
        spelling.put(patching: returns)
        return spelling.value
    }
}

extension Claimed: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "claimed")
        self.init(
            references: try members.nouns("references"),
            versions: try members.unsignedNumbers("versions"),
            records: try members.nouns("records"),
            sequence: try members.unsigned("sequence"),
            isRepeated: try members.optionalBool("repeated") ?? false,
            evicted: try members.nouns("evicted")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("references", .array(references.map(\.spelling)))
        spelling.put("versions", numbers: versions)
        spelling.put("records", records)
        spelling.put("sequence", sequence)
        spelling.put("repeated", isRepeated, unless: false)
        spelling.put("evicted", evicted)
        return spelling.value
    }
}
