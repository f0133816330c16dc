// `{"collection": "notes", "where": {…}, "near": {…}, "match": {…}, "order": ["at"],
// "limit": 10}`

extension Find: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "find")
        let (collection, edges) = try members.source()
        self.init(
            collection,
            owner: try members.optionalText("owner"),
            where: try members.optionalNoun("where"),
            near: try members.optionalNoun("near"),
            match: try members.optionalNoun("match"),
            order: try members.nouns("order"),
            limit: try members.optionalInt("limit") ?? 10,
            offset: try members.optionalInt("offset") ?? 0,
            after: try members.optionalText("after"),
            select: try members.optionalNouns("select"),
            explained: try members.optionalBool("explain") ?? false,
            knownAt: try members.optionalInstant("knownAt"),
            asOf: try members.optionalInstant("asOf")
        )
        self.edges = edges
        budget = try members.optionalNoun("budget")
        if budget != nil, members.value("limit") == nil { limit = Budget.limit }
        highlight = try members.optionalNoun("highlight")
        sight = try members.sight()
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        if edges == nil { spelling.put("collection", collection) }
        spelling.put("edges", edges)
        spelling.put("owner", owner)
        spelling.put("where", filter)
        spelling.put("near", near)
        spelling.put("match", match)
        spelling.put("order", order)
        spelling.put("limit", limit, unless: budget == nil ? 10 : Budget.limit)
        spelling.put("offset", offset, unless: 0)
        spelling.put("budget", budget)
        spelling.put("highlight", highlight)
        spelling.put("after", after)
        if let select { spelling.put("select", select.spelling) }
        spelling.put("explain", isExplained, unless: false)
        spelling.put("knownAt", knownAt)
        spelling.put("asOf", asOf)
        spelling.put(sight)
        return spelling.value
    }
}

extension SpelledMembers {
    /// The member `collection` of what is asked of records, or `edges` in its place.
    mutating func source() throws(MnemeError) -> (collection: String, edges: String?) {
        let collection = value("collection")
        guard let edges = try optionalText("edges") else { return (try text("collection"), nil) }
        guard collection == nil else {
            throw MnemeError(
                .badRequest,
                "\(place) has both a \"collection\" and \"edges\"; ask for the records of a "
                    + "collection, or for the edges of a type"
            )
        }
        return ("", edges)
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
            isExact: try members.optionalBool("exact") ?? false,
            beam: try members.optionalInt("beam"),
            model: try members.optionalText("model"),
            recall: try members.optionalFloat("recall")
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
        if let beam { spelling.put("beam", beam) }
        spelling.put("model", model)
        if let recall { spelling.put("recall", recall) }
        return spelling.value
    }
}
