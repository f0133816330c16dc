// `{"name": "newest", "fields": ["user", {"field": "at", "descending": true}], "unique": true}`

extension Index: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "An index")
        self.init(
            try members.text("name"),
            on: try members.nouns("fields"),
            isUnique: try members.optionalBool("unique") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("name", name)
        spelling.put("fields", fields)
        spelling.put("unique", isUnique, unless: false)
        return spelling.value
    }
}

extension IndexField: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        let order = try Order(spelling: spelling)
        self.init(order.field, descending: order.isDescending)
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value { Order(name, descending: isDescending).spelling }
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
