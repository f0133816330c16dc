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
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("keys", .array(keys.map(\.spelling)))
        spelling.put("sequence", sequence)
        spelling.put("repeated", isRepeated, unless: false)
        spelling.put("evicted", evicted)
        return spelling.value
    }
}
