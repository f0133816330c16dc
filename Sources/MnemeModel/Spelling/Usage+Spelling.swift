// `{"owner": "ann"}`, and what comes back: `{"owner": "ann", "records": 3, "bytes": 412,
// "collections": {"notes": {"count": 3, "bytes": 412}}, "sequence": 12}`; quotas of collections.

extension Quota: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A quota")
        self.init(
            owner: try members.optionalText("owner"),
            records: try members.optionalInt("records"),
            bytes: try members.optionalInt("bytes"),
            per: try members.optionalText("per"),
            depth: try members.optionalInt("depth"),
            isOverall: try members.optionalBool("overall") ?? false,
            evicts: try members.optionalBool("evict") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("owner", owner)
        if let records { spelling.put("records", records) }
        if let bytes { spelling.put("bytes", bytes) }
        spelling.put("per", field)
        if let depth { spelling.put("depth", depth) }
        spelling.put("overall", isOverall, unless: false)
        spelling.put("evict", evicts, unless: false)
        return spelling.value
    }
}

extension UsageQuestion: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "usage")
        self.init(
            owner: try members.optionalText("owner"),
            of: try members.texts("of")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("owner", owner)
        spelling.put("of", names)
        return spelling.value
    }
}

extension Usage.Amount: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "An amount")
        self.init(count: try members.int("count"), bytes: try members.int("bytes"))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        ["count": .int(Int64(count)), "bytes": .int(Int64(bytes))]
    }
}

extension Usage: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "usage")
        self.init(
            owner: try members.optionalText("owner"),
            collections: try members.amounts("collections"),
            edges: try members.amounts("edges"),
            sequence: try members.unsigned("sequence")
        )
        // What they come to together follows from them.
        _ = try members.int("records")
        _ = try members.int("bytes")
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("owner", owner)
        spelling.put("records", records)
        spelling.put("bytes", bytes)
        spelling.put("collections", .map(collections.mapValues(\.spelling)))
        spelling.put("edges", .map(edges.mapValues(\.spelling)))
        spelling.put("sequence", sequence)
        return spelling.value
    }
}

extension Purge: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "purge")
        self.init(
            try members.text("owner"),
            isDry: try members.optionalBool("dryRun") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("owner", owner)
        spelling.put("dryRun", isDry, unless: false)
        return spelling.value
    }
}

extension Purged: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "purged")
        self.init(
            owner: try members.text("owner"),
            collections: try members.amounts("collections"),
            edges: try members.amounts("edges"),
            historyRows: try members.int("historyRows"),
            answers: try members.int("answers"),
            commits: try members.int("commits"),
            sequence: try members.unsigned("sequence"),
            at: try members.instant("at"),
            isDry: try members.optionalBool("dryRun") ?? false,
            proof: try members.texts("proof")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("owner", owner)
        spelling.put("collections", .map(collections.mapValues(\.spelling)))
        spelling.put("edges", .map(edges.mapValues(\.spelling)))
        spelling.put("historyRows", historyRows)
        spelling.put("answers", answers)
        spelling.put("commits", commits)
        spelling.put("sequence", sequence)
        spelling.put("at", at)
        spelling.put("dryRun", isDry, unless: false)
        spelling.put("proof", proof)
        return spelling.value
    }
}

extension SpelledMembers {
    /// Amounts by name.
    fileprivate mutating func amounts(
        _ name: String
    ) throws(MnemeError) -> [String: Usage.Amount] {
        var amounts: [String: Usage.Amount] = [:]
        for (key, value) in try map(name) { amounts[key] = try Usage.Amount(spelling: value) }
        return amounts
    }
}
