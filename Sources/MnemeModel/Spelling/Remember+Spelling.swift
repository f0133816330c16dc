// `{"text": "…", "owner": "ann/work", "importance": 0.8, "tags": ["a"], "links": [{…}]}`

extension Remember: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "remember")
        let end = try members.end()
        self.init(
            try members.text("text"),
            owner: try members.text("owner"),
            key: try members.optionalNoun("key"),
            kind: try members.optionalWord("kind") ?? .episodic,
            time: try members.optionalInstant("time"),
            importance: try members.optionalFloat("importance") ?? 0.5,
            decayRate: try members.optionalFloat("decayRate") ?? 0.1,
            isPinned: try members.optionalBool("pinned") ?? false,
            session: try members.optionalText("session"),
            position: try members.optionalInt("position").map { Int64($0) },
            speaker: try members.optionalText("speaker"),
            tags: try members.texts("tags"),
            data: members.value("data") ?? .null,
            vectors: try members.vectors("vectors"),
            links: try members.nouns("links"),
            expiresAt: end.at,
            mode: try members.optionalWord("mode") ?? .replaceOwned
        )
        expiresIn = end.seconds
        entry = try EntryTraits(&members)
        collection = try members.optionalText("collection") ?? "memories"
        confidence = try members.optionalFloat("confidence")
        validFrom = try members.optionalInstant("validFrom")
        validTo = try members.optionalInstant("validTo")
        source = try members.optionalNoun("source") ?? Source()
        for layer in try members.texts("layers") {
            layers.append(try Value.text(layer).spelledWord("remember.layers"))
        }
        onDuplicate = try members.optionalWord("onDuplicate")
        near = try members.optionalFloat("near") ?? 0.95
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("text", text)
        spelling.put("owner", owner)
        spelling.put("key", key)
        spelling.put("kind", kind, unless: .episodic)
        spelling.put("time", time)
        spelling.put("importance", importance, unless: 0.5)
        spelling.put("decayRate", decayRate, unless: 0.1)
        spelling.put("pinned", isPinned, unless: false)
        spelling.put("session", session)
        if let position { spelling.put("position", .int(position)) }
        spelling.put("speaker", speaker)
        spelling.put("tags", tags)
        if !data.isNull { spelling.put("data", data) }
        spelling.put("vectors", vectors)
        spelling.put("links", links)
        spelling.put("expiresAt", expiresAt)
        if let expiresIn { spelling.put("expiresIn", expiresIn) }
        entry.put(into: &spelling)
        spelling.put("mode", mode, unless: .replaceOwned)
        if collection != "memories" { spelling.put("collection", collection) }
        if let confidence { spelling.put("confidence", confidence) }
        spelling.put("validFrom", validFrom)
        spelling.put("validTo", validTo)
        if source != Source() { spelling.put("source", source) }
        spelling.put("layers", layers.map(\.rawValue))
        if let onDuplicate { spelling.put("onDuplicate", .text(onDuplicate.rawValue)) }
        spelling.put("near", near, unless: 0.95)
        return spelling.value
    }
}

extension Remember.Source: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A source")
        self.init(
            agent: try members.optionalText("agent"),
            tool: try members.optionalText("tool"),
            from: try members.nouns("from")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("agent", agent)
        spelling.put("tool", tool)
        spelling.put("from", from)
        return spelling.value
    }
}

extension MemoryLink: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A link of a memory")
        self.init(try members.text("type"), to: try members.noun("to"))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value { ["type": .text(type), "to": to.spelling] }
}
