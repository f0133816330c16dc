// `{"from": ["notes/a"], "types": ["cites"], "direction": "out", "hops": 2, "limit": 100}`

extension Walk: Spelled {
    /// Reads the spelling; `.badRequest` names what is wrong in it.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "walk")
        _ = try members.required("from")
        self.init(
            from: try members.nouns("from"),
            types: try members.optionalTexts("types"),
            direction: try members.optionalWord("direction") ?? .out,
            where: try members.optionalNoun("where"),
            hops: try members.optionalInt("hops") ?? 1,
            limit: try members.optionalInt("limit") ?? 1000,
            countOnly: try members.optionalBool("countOnly") ?? false
        )
        sight = try members.sight()
        through = try members.optionalNouns("through")
        only = try members.optionalNouns("only")
        fanOut = try members.optionalNoun("fanOut")
        asOf = try members.optionalInstant("asOf")
        knownAt = try members.optionalInstant("knownAt")
        try members.finish()
    }

    /// The spelling, without what has its default.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("from", from.spelling)
        spelling.put("types", optional: types)
        spelling.put("direction", direction, unless: .out)
        spelling.put("where", filter)
        spelling.put("hops", hops, unless: 1)
        spelling.put("limit", limit, unless: 1000)
        spelling.put("countOnly", isCountOnly, unless: false)
        spelling.put(sight)
        if let through { spelling.put("through", through.spelling) }
        if let only { spelling.put("only", only.spelling) }
        spelling.put("fanOut", fanOut)
        spelling.put("asOf", asOf)
        spelling.put("knownAt", knownAt)
        return spelling.value
    }
}

extension Walked: Spelled {
    /// Reads the spelling; `.badRequest` names what is wrong in it.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "walked")
        self.init(
            stops: try members.nouns("stops"),
            count: try members.int("count"),
            isComplete: try members.bool("complete"),
            sequence: try members.unsigned("sequence")
        )
        try members.finish()
    }

    /// The spelling, without what has its default.
    public var spelling: Value {
        [
            "stops": stops.spelling, "count": .int(Int64(count)),
            "complete": .bool(isComplete), "sequence": Value(sequence),
        ]
    }
}

extension Walked.Stop: Spelled {
    /// Reads the spelling; `.badRequest` names what is wrong in it.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A stop")
        self.init(reference: try members.noun("reference"), path: try members.nouns("path"))
        try members.finish()
    }

    /// The spelling, without what has its default.
    public var spelling: Value { ["reference": reference.spelling, "path": path.spelling] }
}

extension Path: Spelled {
    /// Reads the spelling; `.badRequest` names what is wrong in it.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "path")
        self.init(
            from: try members.noun("from"),
            to: try members.noun("to"),
            types: try members.optionalTexts("types"),
            direction: try members.optionalWord("direction") ?? .out,
            where: try members.optionalNoun("where"),
            hops: try members.optionalInt("hops") ?? 32
        )
        sight = try members.sight()
        through = try members.optionalNouns("through")
        fanOut = try members.optionalNoun("fanOut")
        asOf = try members.optionalInstant("asOf")
        knownAt = try members.optionalInstant("knownAt")
        try members.finish()
    }

    /// The spelling, without what has its default.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("from", from.spelling)
        spelling.put("to", to.spelling)
        spelling.put("types", optional: types)
        spelling.put("direction", direction, unless: .out)
        spelling.put("where", filter)
        spelling.put("hops", hops, unless: 32)
        spelling.put(sight)
        if let through { spelling.put("through", through.spelling) }
        spelling.put("fanOut", fanOut)
        spelling.put("asOf", asOf)
        spelling.put("knownAt", knownAt)
        return spelling.value
    }
}
