// `{"collection": "notes", "vector": "meaning", "to": "meaning2", "old": "meaning1"}`

extension VectorSwitch: Spelled {
    /// Reads the spelling: formats/operations.md#switch.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "switch")
        self.init(
            try members.text("collection"),
            try members.text("vector"),
            to: try members.text("to"),
            keepingOldAs: try members.text("old"),
            isPartial: try members.optionalBool("partly") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md#switch.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("collection", collection)
        spelling.put("vector", field)
        spelling.put("to", successor)
        spelling.put("old", former)
        spelling.put("partly", isPartial, unless: false)
        return spelling.value
    }
}

extension SpelledMembers {
    /// The models of vectors by field, as a put and a patch name them.
    mutating func models() throws(MnemeError) -> [String: String] {
        var models: [String: String] = [:]
        for (field, model) in try map("models") {
            models[field] = try model.spelledText("\(place).models.\(field)")
        }
        return models
    }
}

extension Spelling {
    /// Adds the models of vectors by field, unless there is none.
    mutating func put(models: [String: String]) {
        if !models.isEmpty { put("models", .map(models.mapValues { .text($0) })) }
    }
}
