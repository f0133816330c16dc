// `{"at": "2024-05-08T09:00:00Z", "owner": "ann", "recurrence": "yearly"}`, what is asked of events
// and of scalars by their verbs, and what is answered.

extension Request {
    /// Reads a request about events or scalars.
    static func timed(_ verb: String, _ content: Value) throws(MnemeError) -> Request {
        switch verb {
        case "event.schedule":
            // One event needs no brackets.
            if case .map = content { return .schedule([try Schedule(spelling: content)]) }
            return .schedule(try content.spelledNouns(verb))
        case "event.due": return .dueEvents(try DueQuestion(spelling: content))
        case "event.claim": return .claimEvents(try EventClaim(spelling: content))
        case "event.settle": return .settleEvent(try Settlement(spelling: content))
        case "scalar.set": return .setScalar(try ScalarChange(spelling: content))
        default: return .scalars(try ScalarQuestion(spelling: content))
        }
    }
}

extension Schedule: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "event.schedule")
        self.init(
            at: try members.instant("at"),
            owner: try members.optionalText("owner"),
            key: try members.optionalNoun("key"),
            payload: members.value("payload") ?? .null,
            recurrence: try members.optionalNoun("recurrence"),
            fields: try members.map("fields"),
            in: try members.optionalText("collection") ?? "events"
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        if collection != "events" { spelling.put("collection", collection) }
        spelling.put("key", key)
        spelling.put("owner", owner)
        spelling.put("at", at)
        if !payload.isNull { spelling.put("payload", payload) }
        spelling.put("recurrence", recurrence)
        spelling.put("fields", fields)
        return spelling.value
    }
}

extension DueQuestion: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling.isNull ? [:] : spelling, of: "event.due")
        self.init(
            try members.optionalText("collection") ?? "events",
            owner: try members.optionalText("owner"),
            until: try members.optionalInstant("until"),
            limit: try members.optionalInt("limit") ?? 100
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        if collection != "events" { spelling.put("collection", collection) }
        spelling.put("owner", owner)
        spelling.put("until", until)
        spelling.put("limit", limit, unless: 100)
        return spelling.value
    }
}

extension EventClaim: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling.isNull ? [:] : spelling, of: "event.claim")
        self.init(
            try members.optionalText("collection") ?? "events",
            owner: try members.optionalText("owner"),
            limit: try members.optionalInt("limit") ?? 1,
            leaseSeconds: try members.optionalInt("leaseSeconds")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        if collection != "events" { spelling.put("collection", collection) }
        spelling.put("owner", owner)
        spelling.put("limit", limit, unless: 1)
        if let leaseSeconds { spelling.put("leaseSeconds", leaseSeconds) }
        return spelling.value
    }
}

extension Settlement: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "event.settle")
        self.init(
            try members.noun("event"),
            try members.optionalWord("as") ?? .done,
            lease: try members.optionalInstant("lease"),
            leaseSeconds: try members.optionalInt("leaseSeconds")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("event", reference)
        spelling.put("as", outcome, unless: .done)
        spelling.put("lease", lease)
        if let leaseSeconds { spelling.put("leaseSeconds", leaseSeconds) }
        return spelling.value
    }
}

extension Event: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "An event")
        self.init(
            try members.noun("event"),
            owner: try members.optionalText("owner"),
            status: try members.text("status"),
            at: try members.instant("at"),
            next: try members.optionalInstant("next"),
            lease: try members.optionalInstant("lease"),
            payload: members.value("payload") ?? .null,
            recurrence: try members.optionalNoun("recurrence"),
            problem: try members.optionalText("problem")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("event", reference)
        spelling.put("owner", owner)
        spelling.put("status", status)
        spelling.put("at", at)
        spelling.put("next", next)
        spelling.put("lease", lease)
        if !payload.isNull { spelling.put("payload", payload) }
        spelling.put("recurrence", recurrence)
        spelling.put("problem", problem)
        return spelling.value
    }
}

extension Events: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "events")
        self.init(
            try members.nouns("events"),
            hasMore: try members.bool("more"),
            at: try members.instant("at"),
            sequence: try members.unsigned("sequence")
        )
        isRepeated = try members.optionalBool("repeated") ?? false
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("events", .array(events.map(\.spelling)))
        spelling.put("more", hasMore)
        spelling.put("at", at)
        spelling.put("sequence", sequence)
        spelling.put("repeated", isRepeated, unless: false)
        return spelling.value
    }
}
