// `{"weights": {"window": 1.0}, "fusion": "relativeScore", "hints": false, "aliases": "alias"}`

extension RecallRule: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "recall of a collection")
        self.init(
            weights: try members.optionalNoun("weights"),
            fusion: try members.optionalWord("fusion"),
            hints: try members.optionalBool("hints"),
            minimumSimilarity: try members.optionalFloat("minimumSimilarity"),
            aliases: try members.optionalText("aliases")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("weights", weights)
        if let fusion { spelling.put("fusion", fusion) }
        if let hints { spelling.put("hints", hints) }
        if let minimumSimilarity { spelling.put("minimumSimilarity", minimumSimilarity) }
        spelling.put("aliases", aliases)
        return spelling.value
    }
}
