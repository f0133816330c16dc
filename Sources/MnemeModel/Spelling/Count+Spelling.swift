// `{"collection": "notes", "by": ["state"], "values": {"n": "count", "mean": {"avg": "weight"}}}`

extension Count: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "count")
        let (collection, edges) = try members.source()
        self.init(
            collection,
            owner: try members.optionalText("owner"),
            where: try members.optionalNoun("where"),
            by: try members.nouns("by"),
            values: try Aggregate.all(members.map("values")),
            having: try members.optionalNoun("having"),
            order: try members.nouns("order"),
            limit: try members.optionalInt("limit"),
            explained: try members.optionalBool("explain") ?? false,
            knownAt: try members.optionalInstant("knownAt"),
            asOf: try members.optionalInstant("asOf")
        )
        self.edges = edges
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
        spelling.put("by", groups)
        spelling.put("values", values.mapValues(\.spelling))
        spelling.put("having", having)
        spelling.put("order", order)
        if let limit { spelling.put("limit", limit) }
        spelling.put("explain", isExplained, unless: false)
        spelling.put("knownAt", knownAt)
        spelling.put("asOf", asOf)
        spelling.put(sight)
        return spelling.value
    }
}

extension Aggregate: Spelled {
    /// Reads the spelling: formats/operations.md.
    ///
    /// - Throws: `badRequest`, `badExpression`.
    public init(spelling: Value) throws(MnemeError) {
        let known = Function.allCases.map(\.rawValue)
        if case .text(let word) = spelling {
            guard word == Function.count.rawValue else {
                throw MnemeError(
                    .badRequest,
                    Function(rawValue: word) == nil
                        ? "There is no figure \(quoted(word)). Known: \(listed(known))."
                        : "The figure \(quoted(word)) is one of a field; write "
                            + "{\"\(word)\": \"field\"}."
                )
            }
            self.init(.count)
            return
        }
        let (word, content) = try spelling.spelledChoice("A figure of count.values", known)
        guard let function = Function(rawValue: word) else {
            throw unknown("figure", word, known)
        }
        self.init(function, of: try Operand(spelling: content))
    }

    /// Those of an object.
    fileprivate static func all(
        _ members: [String: Value]
    ) throws(MnemeError) -> [String: Aggregate] {
        var all: [String: Aggregate] = [:]
        for (name, value) in members { all[name] = try Aggregate(spelling: value) }
        return all
    }

    /// The spelling: formats/operations.md.
    ///
    /// A figure of something that is given nothing, which no request reads, is spelled by its name.
    public var spelling: Value {
        guard let operand else { return .text(function.rawValue) }
        return .word(function.rawValue, operand.spelling)
    }
}

extension Aggregate.Operand: Spelled {
    /// Reads the spelling: formats/operations.md.
    ///
    /// - Throws: `badRequest`, `badExpression`.
    public init(spelling: Value) throws(MnemeError) {
        if case .text(let name) = spelling {
            self = .field(name)
            return
        }
        var members = try SpelledMembers(spelling, of: "What a figure is made of")
        self = .computed(try members.noun("value"))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        switch self {
        case .field(let name): .text(name)
        case .computed(let expression): ["value": expression.spelling]
        }
    }
}

extension Counted: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "counted")
        self.init(
            rows: try members.objects("rows"),
            sequence: try members.unsigned("sequence"),
            plan: try members.text("plan"),
            explanation: try members.optionalNoun("explained")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("rows", .array(rows.map(Value.map)))
        spelling.put("sequence", sequence)
        spelling.put("plan", plan)
        spelling.put("explained", explanation)
        return spelling.value
    }
}
