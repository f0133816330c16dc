// `{"field": "tokens", "most": 4000}`, and what was spent of it: `{"used": 3920, "leftOut": 12}`.

extension Budget: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "budget")
        self.init(try members.text("field"), most: try members.int("most"))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        ["field": .text(field), "most": .int(Int64(most))]
    }
}

extension Budget.Spent: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "spent")
        let used = try members.required("used")
        switch used {
        case .int, .float: break
        default: throw wrong("spent.used", "a number", used)
        }
        self.init(used: used, leftOut: try members.int("leftOut"))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        ["used": used, "leftOut": .int(Int64(leftOut))]
    }
}
