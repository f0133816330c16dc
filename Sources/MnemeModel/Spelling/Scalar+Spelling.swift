// `{"owner": "bot", "name": "valence", "by": 0.2, "trigger": "conversation"}`, what is asked of
// scalars, and what is answered.

extension ScalarChange: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "scalar.set")
        self.init(
            try members.text("name"),
            owner: try members.text("owner"),
            value: try members.optionalFloat("value"),
            by: try members.optionalFloat("by"),
            rest: try members.optionalFloat("rest"),
            decay: try members.optionalFloat("decay"),
            minimum: try members.optionalFloat("minimum"),
            maximum: try members.optionalFloat("maximum"),
            trigger: try members.optionalText("trigger"),
            reason: try members.optionalText("reason")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("name", name)
        spelling.put("owner", owner)
        spelling.put("value", number: value)
        spelling.put("by", number: by)
        spelling.put("rest", number: rest)
        spelling.put("decay", number: decay)
        spelling.put("minimum", number: minimum)
        spelling.put("maximum", number: maximum)
        spelling.put("trigger", trigger)
        spelling.put("reason", reason)
        return spelling.value
    }
}

extension ScalarQuestion: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "scalar.get")
        self.init(
            owner: try members.text("owner"),
            name: try members.optionalText("name"),
            asOf: try members.optionalInstant("asOf"),
            history: try members.optionalInt("history") ?? 0
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("owner", owner)
        spelling.put("name", name)
        spelling.put("asOf", asOf)
        spelling.put("history", history, unless: 0)
        return spelling.value
    }
}

extension Scalar.Change: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A change of a scalar")
        self.init(
            number: Int64(try members.int("number")),
            at: try members.instant("at"),
            before: try members.float("before"),
            value: try members.float("value"),
            trigger: try members.optionalText("trigger"),
            reason: try members.optionalText("reason")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("number", .int(number))
        spelling.put("at", at)
        spelling.put("before", before)
        spelling.put("value", value)
        spelling.put("trigger", trigger)
        spelling.put("reason", reason)
        return spelling.value
    }
}

extension Scalar: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A scalar")
        self.init(
            try members.text("name"),
            owner: try members.text("owner"),
            value: try members.float("value"),
            rest: try members.float("rest"),
            decay: try members.float("decay"),
            minimum: try members.optionalFloat("minimum"),
            maximum: try members.optionalFloat("maximum"),
            last: try members.noun("last"),
            history: try members.nouns("history")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("name", name)
        spelling.put("owner", owner)
        spelling.put("value", value)
        spelling.put("rest", rest)
        spelling.put("decay", decay)
        spelling.put("minimum", number: minimum)
        spelling.put("maximum", number: maximum)
        spelling.put("last", last.spelling)
        spelling.put("history", history)
        return spelling.value
    }
}

extension Scalars: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "scalars")
        self.init(
            try members.nouns("scalars"),
            at: try members.instant("at"),
            sequence: try members.unsigned("sequence")
        )
        isRepeated = try members.optionalBool("repeated") ?? false
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("scalars", .array(scalars.map(\.spelling)))
        spelling.put("at", at)
        spelling.put("sequence", sequence)
        spelling.put("repeated", isRepeated, unless: false)
        return spelling.value
    }
}

extension Spelling {
    /// Adds a number where there is one.
    fileprivate mutating func put(_ name: String, number: Double?) {
        if let number { put(name, number) }
    }
}
