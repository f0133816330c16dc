// `{"collection": "notes", "where": {…}, "near": {…}, "match": {…}, "order": ["at"], "limit": 10}`

extension Find: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "find")
        self.init(
            try members.text("collection"),
            owner: try members.optionalText("owner"),
            where: try members.optionalNoun("where"),
            near: try members.optionalNoun("near"),
            match: try members.optionalNoun("match"),
            order: try members.nouns("order"),
            limit: try members.optionalInt("limit") ?? 10,
            offset: try members.optionalInt("offset") ?? 0,
            select: try members.optionalTexts("select"),
            knownAt: try members.optionalInstant("knownAt"),
            asOf: try members.optionalInstant("asOf")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("collection", collection)
        spelling.put("owner", owner)
        spelling.put("where", filter)
        spelling.put("near", near)
        spelling.put("match", match)
        spelling.put("order", order)
        spelling.put("limit", limit, unless: 10)
        spelling.put("offset", offset, unless: 0)
        spelling.put("select", optional: select)
        spelling.put("knownAt", knownAt)
        spelling.put("asOf", asOf)
        return spelling.value
    }
}

extension Near: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "near")
        _ = try members.required("vector")
        self.init(
            try members.text("field"),
            try members.optionalVector("vector") ?? [],
            minimum: try members.optionalFloat("minimum").map { Float($0) },
            isExact: try members.optionalBool("exact") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("field", field)
        spelling.put("vector", .vector(vector))
        if let minimum { spelling.put("minimum", Double(minimum)) }
        spelling.put("exact", isExact, unless: false)
        return spelling.value
    }
}

extension Match: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "match")
        self.init(try members.text("field"), try members.text("words"))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value { ["field": .text(field), "words": .text(words)] }
}
