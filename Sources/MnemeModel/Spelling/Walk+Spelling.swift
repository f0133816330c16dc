// `{"from": ["notes/a"], "types": ["cites"], "direction": "out", "hops": 2, "limit": 100}`

extension Walk: Spelled {
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "walk")
        _ = try members.required("from")
        self.init(
            from: try members.nouns("from"), types: try members.optionalTexts("types"),
            direction: try members.optionalWord("direction") ?? .out,
            hops: try members.optionalInt("hops") ?? 1,
            limit: try members.optionalInt("limit") ?? 1000)
        try members.finish()
    }

    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("from", from.spelling)
        spelling.put("types", optional: types)
        spelling.put("direction", direction, unless: .out)
        spelling.put("hops", hops, unless: 1)
        spelling.put("limit", limit, unless: 1000)
        return spelling.value
    }
}

extension Walked: Spelled {
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "walked")
        self.init(
            stops: try members.nouns("stops"), isComplete: try members.bool("complete"),
            sequence: try members.unsigned("sequence"))
        try members.finish()
    }

    public var spelling: Value {
        ["stops": stops.spelling, "complete": .bool(isComplete), "sequence": Value(sequence)]
    }
}

extension Walked.Stop: Spelled {
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A stop")
        self.init(reference: try members.noun("reference"), path: try members.nouns("path"))
        try members.finish()
    }

    public var spelling: Value { ["reference": reference.spelling, "path": path.spelling] }
}
