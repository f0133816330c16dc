// `{"name": "notes", "key": "text", "fields": […], "indexes": […], "roles": {"owner": "user"}}`

extension Collection: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A collection")
        let name = try members.text("name")
        do throws(MnemeError) {
            self.init(
                name,
                key: try members.optionalWord("key") ?? .text,
                fields: try members.nouns("fields"),
                indexes: try members.nouns("indexes"),
                checks: try members.nouns("checks"),
                references: try members.nouns("references"),
                roles: try members.optionalNoun("roles") ?? Roles(),
                history: try members.optionalNoun("history"),
                countsUsage: try members.optionalBool("usage") ?? false,
                quotas: try members.optionalNouns("quotas"),
                retention: try members.optionalNoun("retention"),
                recall: try members.optionalNoun("recall")
            )
            try members.finish()
        } catch {
            throw error.placed(in: "collection \(quoted(name))")
        }
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("name", name)
        spelling.put("key", key, unless: .text)
        spelling.put("fields", fields)
        spelling.put("indexes", indexes)
        spelling.put("checks", checks)
        spelling.put("references", references)
        if roles != Roles() { spelling.put("roles", roles) }
        spelling.put("history", history)
        spelling.put("usage", countsUsage, unless: false)
        if let quotas { spelling.put("quotas", quotas.spelling) }
        spelling.put("retention", retention)
        spelling.put("recall", recall)
        return spelling.value
    }
}

extension Roles: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "Roles")
        self.init()
        owner = try members.optionalText("owner")
        text = try members.optionalText("text")
        time = try members.optionalText("time")
        importance = try members.optionalText("importance")
        decayRate = try members.optionalText("decayRate")
        pinned = try members.optionalText("pinned")
        session = try members.optionalText("session")
        position = try members.optionalText("position")
        speaker = try members.optionalText("speaker")
        confidence = try members.optionalText("confidence")
        sources = try members.optionalText("sources")
        validFrom = try members.optionalText("validFrom")
        validTo = try members.optionalText("validTo")
        deletedAt = try members.optionalText("deletedAt")
        active = try members.optionalText("active")
        archivedAt = try members.optionalText("archivedAt")
        archived = try members.optionalText("archived")
        triggerAt = try members.optionalText("triggerAt")
        status = try members.optionalText("status")
        payload = try members.optionalText("payload")
        recurrence = try members.optionalText("recurrence")
        occurrence = try members.optionalText("occurrence")
        claimedAt = try members.optionalText("claimedAt")
        leaseUntil = try members.optionalText("leaseUntil")
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("owner", owner)
        spelling.put("text", text)
        spelling.put("time", time)
        spelling.put("importance", importance)
        spelling.put("decayRate", decayRate)
        spelling.put("pinned", pinned)
        spelling.put("session", session)
        spelling.put("position", position)
        spelling.put("speaker", speaker)
        spelling.put("confidence", confidence)
        spelling.put("sources", sources)
        spelling.put("validFrom", validFrom)
        spelling.put("validTo", validTo)
        spelling.put("deletedAt", deletedAt)
        spelling.put("active", active)
        spelling.put("archivedAt", archivedAt)
        spelling.put("archived", archived)
        spelling.put("triggerAt", triggerAt)
        spelling.put("status", status)
        spelling.put("payload", payload)
        spelling.put("recurrence", recurrence)
        spelling.put("occurrence", occurrence)
        spelling.put("claimedAt", claimedAt)
        spelling.put("leaseUntil", leaseUntil)
        return spelling.value
    }
}
