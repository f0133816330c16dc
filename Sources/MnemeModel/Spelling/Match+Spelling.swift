// `{"fields": {"title": 3, "text": 1}, "words": "green tea", "operator": "all"}`, or
// `{"field": "text", "query": "+tea -\"green tea\" lemon*"}`, or with clauses.

extension Match: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "match")
        let spelled = members.value("fields") == nil ? [:] : try members.map("fields")
        var fields: [String: Double] = [:]
        if spelled.isEmpty {
            fields = [try members.text("field"): 1]
        } else {
            guard members.value("field") == nil else {
                throw MnemeError(
                    .badRequest,
                    "match has both \"field\" and \"fields\"; give the weights of all in \"fields\""
                )
            }
            for (name, weight) in spelled {
                fields[name] = try Match.weight(weight, of: name)
            }
        }
        let words = try members.optionalText("words")
        self.init(fields: fields, words ?? "")
        combination = try members.optionalWord("operator") ?? .any
        minimum = try members.optionalInt("minimum")
        query = try members.optionalText("query")
        must = try members.nouns("must")
        should = try members.nouns("should")
        not = try members.nouns("not")
        statistics = try members.optionalWord("statistics") ?? .owner
        if words == nil, query == nil, must.isEmpty, should.isEmpty, not.isEmpty {
            _ = try members.text("words")
        }
        try members.finish()
    }

    private static func weight(_ value: Value, of name: String) throws(MnemeError) -> Double {
        switch value {
        case .int(let number): return Double(number)
        case .float(let number): return number
        default: throw wrong("match.fields.\(name)", "a weight above 0", value)
        }
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        if fields.count == 1, let (name, weight) = fields.first, weight == 1 {
            spelling.put("field", name)
        } else {
            spelling.put("fields", .map(fields.mapValues { .float($0) }))
        }
        let isElse = query != nil || !must.isEmpty || !should.isEmpty || !not.isEmpty
        if !words.isEmpty || !isElse { spelling.put("words", words) }
        spelling.put("operator", combination, unless: .any)
        if let minimum { spelling.put("minimum", minimum) }
        spelling.put("query", query)
        spelling.put("must", must)
        spelling.put("should", should)
        spelling.put("not", not)
        spelling.put("statistics", statistics, unless: .owner)
        return spelling.value
    }
}

extension MatchClause: Spelled {
    /// Reads the spelling: a text is a word, else `{"phrase": "green tea", "field": "title"}`.
    public init(spelling: Value) throws(MnemeError) {
        if case .text(let word) = spelling {
            self.init(.word, word)
            return
        }
        var members = try SpelledMembers(spelling, of: "A clause of match")
        var found: [(Kind, String)] = []
        for kind in Kind.allCases {
            guard let text = try members.optionalText(kind.rawValue) else { continue }
            found.append((kind, text))
        }
        guard found.count == 1, let (kind, text) = found.first else {
            throw MnemeError(
                .badRequest,
                "A clause of match has one of \(listed(Kind.allCases.map(\.rawValue))), and this "
                    + "has \(found.isEmpty ? "none" : "more"); give a clause to each"
            )
        }
        self.init(kind, text, in: try members.optionalText("field"))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put(kind.rawValue, text)
        spelling.put("field", field)
        return spelling.value
    }
}
