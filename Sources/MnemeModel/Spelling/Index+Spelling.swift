// `{"name": "newest", "fields": ["user", {"field": "at", "descending": true}], "unique": true}`

extension Index: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "An index")
        self.init(
            try members.text("name"),
            on: try members.nouns("fields"),
            isUnique: try members.optionalBool("unique") ?? false,
            where: try members.optionalNoun("where"),
            hasDistinctNulls: try members.optionalBool("distinctNulls") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("name", name)
        spelling.put("fields", fields)
        spelling.put("unique", isUnique, unless: false)
        spelling.put("where", condition)
        spelling.put("distinctNulls", hasDistinctNulls, unless: false)
        return spelling.value
    }
}

extension IndexField: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        if case .text(let path) = spelling {
            self.init(path)
            return
        }
        var members = try SpelledMembers(spelling, of: "A field of an index")
        self.init(
            try members.text("field"),
            descending: try members.optionalBool("descending") ?? false,
            folded: try members.optionalBool("folded") ?? false,
            contains: try members.optionalBool("contains") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        guard isDescending || isFolded || isContaining else { return .text(path.description) }
        var spelling = Spelling()
        spelling.put("field", path.description)
        spelling.put("descending", isDescending, unless: false)
        spelling.put("folded", isFolded, unless: false)
        spelling.put("contains", isContaining, unless: false)
        return spelling.value
    }
}

extension Order: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        if case .text(let field) = spelling {
            self.init(field)
            return
        }
        var members = try SpelledMembers(spelling, of: "A field of an order")
        self.init(
            try members.text("field"),
            descending: try members.optionalBool("descending") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        isDescending ? ["field": .text(field), "descending": true] : .text(field)
    }
}
