// `{"collections": [{"name": "notes", "fields": […]}], "edges": [{"name": "cites"}]}`

extension Schema: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A schema")
        self.init(
            collections: try members.nouns("collections"),
            edgeTypes: try members.nouns("edges")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("collections", collections)
        spelling.put("edges", edgeTypes)
        return spelling.value
    }
}

extension MnemeError {
    /// The same error, with what of a definition it is about before its message.
    func placed(in place: String) -> MnemeError {
        let isInside = ["field ", "collection "].contains { message.hasPrefix($0) }
        return MnemeError(code, place + (isInside ? ", " : ": ") + message, cause: cause)
    }
}

extension EdgeType: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "An edge type")
        let name = try members.text("name")
        do throws(MnemeError) {
            self.init(
                name,
                from: try members.optionalText("from"),
                to: try members.optionalText("to"),
                fields: try members.nouns("fields"),
                checks: try members.nouns("checks"),
                isUnique: try members.optionalBool("unique") ?? false,
                isUndirected: try members.optionalBool("undirected") ?? false,
                allowsLoops: try members.optionalBool("loops") ?? true,
                indexes: try members.nouns("indexes"),
                countsUsage: try members.optionalBool("usage") ?? false,
                history: try members.optionalNoun("history")
            )
            validFrom = try members.optionalText("validFrom")
            validTo = try members.optionalText("validTo")
            try members.finish()
        } catch {
            throw error.placed(in: "edge type \(quoted(name))")
        }
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("name", name)
        spelling.put("from", from)
        spelling.put("to", to)
        spelling.put("fields", fields)
        spelling.put("checks", checks)
        spelling.put("unique", isUnique, unless: false)
        spelling.put("undirected", isUndirected, unless: false)
        spelling.put("loops", allowsLoops, unless: true)
        spelling.put("indexes", indexes)
        spelling.put("usage", countsUsage, unless: false)
        spelling.put("history", history)
        spelling.put("validFrom", validFrom)
        spelling.put("validTo", validTo)
        return spelling.value
    }
}
