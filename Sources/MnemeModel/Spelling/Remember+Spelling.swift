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
