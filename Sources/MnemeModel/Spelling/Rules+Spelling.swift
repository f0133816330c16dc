// `{"name": "strength", "condition": "strength between 0 and 1"}`,
// `{"name": "author", "fields": ["user"], "to": "users", "delete": "cascade"}`, `"lower(name)"`

extension Check: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A check")
        self.init(try members.text("name"), try members.noun("condition"))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("name", name)
        spelling.put("condition", condition)
        return spelling.value
    }
}

extension ReferenceRule: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A reference of a collection")
        self.init(
            try members.text("name"),
            try members.texts("fields"),
            to: try members.text("to"),
            on: try members.texts("on"),
            onDelete: try members.optionalWord("delete") ?? .restrict
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("name", name)
        spelling.put("fields", fields)
        spelling.put("to", to)
        spelling.put("on", on)
        spelling.put("delete", onDelete, unless: .restrict)
        return spelling.value
    }
}

extension Expression: Spelled {
    /// Reads the text of an expression: formats/expressions.md.
    ///
    /// - Throws: `badRequest` for what is no text, `badExpression`.
    public init(spelling: Value) throws(MnemeError) {
        try self.init(try spelling.spelledText("An expression"))
    }

    /// The canonical text: formats/expressions.md.
    public var spelling: Value { .text(description) }
}
