// `{"name": "text", "type": "text", "required": true, "searchable": true}`

extension Field: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A field")
        let name = try members.text("name")
        do throws(MnemeError) {
            let searchable = try members.searchable()
            self.init(
                name,
                try members.noun("type"),
                isRequired: try members.optionalBool("required") ?? false,
                isSearchable: searchable.isOne,
                maximumLength: try members.optionalInt("maximumLength"),
                standard: members.value("default"),
                fill: try members.optionalWord("fill"),
                generated: try members.optionalNoun("generated"),
                search: searchable.rules
            )
            try members.finish()
        } catch {
            throw error.placed(in: "field \(quoted(name))")
        }
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("name", name)
        spelling.put("type", type)
        spelling.put("required", isRequired, unless: false)
        if isSearchable {
            let rules = search.spelling
            spelling.put("searchable", search == SearchRules() ? .bool(true) : rules)
        }
        if let maximumLength { spelling.put("maximumLength", maximumLength) }
        if let standard { spelling.put("default", standard) }
        if let fill { spelling.put("fill", fill) }
        spelling.put("generated", generated)
        return spelling.value
    }
}
