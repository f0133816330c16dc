// `{"after": 196, "collections": ["notes"], "edges": ["cites"], "owner": "ann", "limit": 100}`

extension Watch: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "watch")
        self.init(
            after: try members.optionalUnsigned("after"),
            collections: try members.optionalTexts("collections"),
            edges: try members.optionalTexts("edges"),
            owner: try members.optionalText("owner"),
            limit: try members.optionalInt("limit") ?? 1000,
            waitMilliseconds: try members.optionalInt("waitMilliseconds") ?? 0
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("after", after)
        spelling.put("collections", optional: collections)
        spelling.put("edges", optional: edges)
        spelling.put("owner", owner)
        spelling.put("limit", limit, unless: 1000)
        spelling.put("waitMilliseconds", waitMilliseconds, unless: 0)
        return spelling.value
    }
}

extension Watched: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "watched")
        _ = try members.required("events")
        self.init(
            events: try members.nouns("events"),
            next: try members.unsigned("next"),
            sequence: try members.unsigned("sequence")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("events", .array(events.map(\.spelling)))
        spelling.put("next", next)
        spelling.put("sequence", sequence)
        return spelling.value
    }
}

extension Watched.Event: Spelled {
    private static let words = [
        "put", "delete", "erase", "link", "unlink", "define", "drop", "switch",
    ]

    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "An event")
        self.init(
            sequence: try members.unsigned("sequence"),
            commit: try members.unsigned("commit"),
            time: try members.instant("time"),
            what: try Self.what(&members)
        )
        try members.finish()
    }

    private static func what(_ members: inout SpelledMembers) throws(MnemeError) -> Watched.What {
        if let record = try members.optionalNoun("put", Record.self) {
            return .put(record, isNew: try members.bool("new"))
        }
        if let reference = try members.optionalNoun("delete", Reference.self) {
            return .delete(reference)
        }
        if let reference = try members.optionalNoun("erase", Reference.self) {
            return .erase(reference)
        }
        if let edge = try members.optionalNoun("link", Edge.self) { return .link(edge) }
        if let id = try members.optionalUnsigned("unlink") {
            return .unlink(
                Watched.Unlinked(
                    id: id,
                    type: try members.text("type"),
                    from: try members.noun("from"),
                    to: try members.noun("to"),
                    isErased: try members.optionalBool("erased") ?? false
                )
            )
        }
        if let schema = try members.optionalNoun("define", Schema.self) { return .define(schema) }
        if let drop = try members.optionalNoun("drop", Drop.self) { return .drop(drop) }
        if let change = try members.optionalNoun("switch", VectorSwitch.self) {
            return .switchVector(change)
        }
        throw MnemeError(
            .badRequest,
            "An event says what was changed, and this one says nothing of it. Known: "
                + "\(listed(words))."
        )
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("sequence", sequence)
        spelling.put("commit", commit)
        spelling.put("time", time)
        switch what {
        case .put(let record, let isNew):
            spelling.put("put", record)
            spelling.put("new", isNew)
        case .delete(let reference): spelling.put("delete", reference)
        case .erase(let reference): spelling.put("erase", reference)
        case .link(let edge): spelling.put("link", edge)
        case .unlink(let edge):
            spelling.put("unlink", edge.id)
            spelling.put("type", edge.type)
            spelling.put("from", edge.from)
            spelling.put("to", edge.to)
            spelling.put("erased", edge.isErased, unless: false)
        case .define(let schema): spelling.put("define", schema)
        case .drop(let drop): spelling.put("drop", drop)
        case .switchVector(let change): spelling.put("switch", change)
        }
        return spelling.value
    }
}
