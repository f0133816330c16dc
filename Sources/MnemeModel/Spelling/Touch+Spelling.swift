// `{"keys": ["tea"], "reinforcement": 1.0}`, and what comes back: `{"accesses": [{"count": 3,
// "at": …, "reinforcement": 1.5}], "sequence": 12}`.

extension Touch: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "touch")
        self.init(
            try members.nouns("keys"),
            in: try members.optionalText("collection") ?? "memories",
            reinforcement: try members.optionalFloat("reinforcement") ?? 1
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        if collection != "memories" { spelling.put("collection", collection) }
        spelling.put("keys", keys)
        spelling.put("reinforcement", reinforcement, unless: 1)
        return spelling.value
    }
}

extension Access: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "An access")
        self.init(
            count: try members.int("count"),
            at: try members.instant("at"),
            reinforcement: try members.float("reinforcement")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        [
            "count": .int(Int64(count)), "at": .instant(at),
            "reinforcement": .float(reinforcement),
        ]
    }
}

extension Touched: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "touched")
        var accesses: [Access?] = []
        for value in try (try members.required("accesses")).spelledArray("touched.accesses") {
            accesses.append(value.isNull ? nil : try Access(spelling: value))
        }
        self.init(accesses: accesses, sequence: try members.unsigned("sequence"))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        [
            "accesses": .array(accesses.map { $0?.spelling ?? .null }),
            "sequence": Value(sequence),
        ]
    }
}
