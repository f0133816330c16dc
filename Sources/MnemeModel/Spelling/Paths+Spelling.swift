// `{"from": "notes/a", "to": "notes/c", "cost": "weight", "limit": 3}`, and what is answered

extension Paths: Spelled {
    /// Reads the spelling: formats/operations.md#paths.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "paths")
        self.init(
            from: try members.noun("from"),
            to: try members.noun("to"),
            types: try members.optionalTexts("types"),
            direction: try members.optionalWord("direction") ?? .out,
            where: try members.optionalNoun("where"),
            by: try Self.measure(&members),
            hops: try members.optionalInt("hops") ?? 32,
            limit: try members.optionalInt("limit") ?? 10
        )
        sight = try members.sight()
        through = try members.optionalNouns("through")
        fanOut = try members.optionalNoun("fanOut")
        asOf = try members.optionalInstant("asOf")
        knownAt = try members.optionalInstant("knownAt")
        try members.finish()
    }

    private static func measure(_ members: inout SpelledMembers) throws(MnemeError) -> Measure {
        let cost = try members.optionalText("cost")
        let strength = try members.optionalText("strength")
        guard cost == nil || strength == nil else {
            throw MnemeError(
                .badRequest,
                "paths are measured by one property, and both \"cost\" and \"strength\" name one; "
                    + "leave one of them out"
            )
        }
        if let cost { return .cost(cost) }
        return strength.map { .strength($0) } ?? .edges
    }

    /// The spelling: formats/operations.md#paths.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("from", from.spelling)
        spelling.put("to", to.spelling)
        spelling.put("types", optional: types)
        spelling.put("direction", direction, unless: .out)
        spelling.put("where", filter)
        switch measure {
        case .edges: break
        case .cost(let property): spelling.put("cost", property)
        case .strength(let property): spelling.put("strength", property)
        }
        spelling.put("hops", hops, unless: 32)
        spelling.put("limit", limit, unless: 10)
        spelling.put(sight)
        if let through { spelling.put("through", through.spelling) }
        spelling.put("fanOut", fanOut)
        spelling.put("asOf", asOf)
        spelling.put("knownAt", knownAt)
        return spelling.value
    }
}

extension FoundPaths: Spelled {
    /// Reads the spelling: formats/operations.md#paths-1.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "paths")
        self.init(
            paths: try members.nouns("paths"),
            isComplete: try members.bool("complete"),
            sequence: try members.unsigned("sequence")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md#paths-1.
    public var spelling: Value {
        [
            "paths": paths.spelling, "complete": .bool(isComplete), "sequence": Value(sequence),
        ]
    }
}

extension FoundPaths.FoundPath: Spelled {
    /// Reads the spelling: formats/operations.md#paths-1.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A path")
        self.init(edges: try members.nouns("edges"), cost: try members.float("cost"))
        try members.finish()
    }

    /// The spelling: formats/operations.md#paths-1.
    public var spelling: Value { ["edges": edges.spelling, "cost": .float(cost)] }
}
