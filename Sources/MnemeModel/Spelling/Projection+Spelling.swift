// `"title"`, `"$key"`, `{"as": "long", "value": "length(text) > 1000"}`

extension Projection: Spelled {
    /// Reads the spelling: formats/operations.md.
    ///
    /// - Throws: `badRequest`, `badExpression`.
    public init(spelling: Value) throws(MnemeError) {
        if case .text(let name) = spelling {
            self = .field(name)
            return
        }
        var members = try SpelledMembers(spelling, of: "What is selected")
        self = .computed(try members.text("as"), try members.noun("value"))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        switch self {
        case .field(let name): .text(name)
        case .computed(let name, let expression):
            ["as": .text(name), "value": expression.spelling]
        }
    }
}
