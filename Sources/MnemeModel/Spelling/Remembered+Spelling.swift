// `{"keys": ["tea"], "sequence": 12, "evicted": ["memories/old"]}`

extension Remembered: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "remembered")
        self.init(
            keys: try members.nouns("keys"),
            sequence: try members.unsigned("sequence"),
            isRepeated: try members.optionalBool("repeated") ?? false,
            evicted: try members.nouns("evicted")
        )
        for word in try members.texts("outcomes") {
            outcomes.append(try Value.text(word).spelledWord("remembered.outcomes"))
        }
        for list in try (members.value("similar") ?? []).spelledArray("remembered.similar") {
            similar.append(try list.spelledNouns("remembered.similar"))
        }
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("keys", .array(keys.map(\.spelling)))
        spelling.put("sequence", sequence)
        spelling.put("repeated", isRepeated, unless: false)
        spelling.put("evicted", evicted)
        spelling.put("outcomes", outcomes.map(\.rawValue))
        if !similar.isEmpty { spelling.put("similar", .array(similar.map(\.spelling))) }
        return spelling.value
    }
}

extension Remembered.Similar: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A similar memory")
        self.init(try members.noun("key"), score: try members.float("score"))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value { ["key": key.spelling, "score": .float(score)] }
}
