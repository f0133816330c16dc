// `{"way": "index newest", "index": "newest", "fixed": 1, "spans": 1, "ordered": true, …}`

extension Explanation: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "explained")
        self.init(way: try members.text("way"))
        index = try members.optionalText("index")
        among = try members.optionalText("among")
        fixed = try members.int("fixed")
        spans = try members.int("spans")
        isOrdered = try members.bool("ordered")
        isReversed = try members.bool("reversed")
        isCovered = try members.bool("covered")
        answered = try members.nouns("answered")
        held = try members.nouns("held")
        considered = try members.nouns("considered")
        expected = try members.optionalInt("expected")
        entries = try members.int("entries")
        read = try members.int("read")
        matched = try members.int("matched")
        microseconds = try members.int("microseconds")
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("way", way)
        spelling.put("index", index)
        spelling.put("among", among)
        spelling.put("fixed", fixed)
        spelling.put("spans", spans)
        spelling.put("ordered", isOrdered)
        spelling.put("reversed", isReversed)
        spelling.put("covered", isCovered)
        spelling.put("answered", answered.spelling)
        spelling.put("held", held.spelling)
        spelling.put("considered", considered.spelling)
        if let expected { spelling.put("expected", expected) }
        spelling.put("entries", entries)
        spelling.put("read", read)
        spelling.put("matched", matched)
        spelling.put("microseconds", microseconds)
        return spelling.value
    }
}

extension Explanation.Candidate: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A way that was considered")
        self.init(
            way: try members.text("way"),
            expected: try members.int("expected"),
            cost: try members.float("cost")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        ["way": .text(way), "expected": .int(Int64(expected)), "cost": .float(cost)]
    }
}
