// `"searchable": true`, or `"searchable": {"language": "german", "k1": 0.9, "b": 0.4}`

extension SearchRules: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "searchable")
        self.init(
            language: try members.optionalText("language"),
            k1: try members.optionalFloat("k1"),
            b: try members.optionalFloat("b")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("language", language)
        if let k1 { spelling.put("k1", k1) }
        if let b { spelling.put("b", b) }
        return spelling.value
    }
}

extension SpelledMembers {
    /// The member `searchable` of a field: whether it is, and how.
    mutating func searchable() throws(MnemeError) -> (isOne: Bool, rules: SearchRules) {
        guard let value = value("searchable") else { return (false, SearchRules()) }
        if case .map = value { return (true, try SearchRules(spelling: value)) }
        return (try value.spelledBool(place + ".searchable"), SearchRules())
    }
}
