// `{"sequence": 12, "records": {"notes": 3}, "edges": {"cites": 1}, "owners": 1, "logBytes": …}`

extension Statistics: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "statistics")
        var figures: ArchivedFigures?
        if let value = members.value("archived") {
            figures = try ArchivedFigures(spelling: value)
        }
        self.init(
            sequence: try members.unsigned("sequence"),
            records: try members.counts("records"),
            edges: try members.counts("edges"),
            owners: try members.int("owners"),
            logBytes: try members.int("logBytes"),
            pageBytes: try members.int("pageBytes"),
            freePageBytes: try members.int("freePageBytes"),
            residentPageBytes: try members.int("residentPageBytes"),
            textRuns: try members.int("textRuns"),
            oldestSnapshotMicroseconds: try members.optionalInt("oldestSnapshotMicroseconds"),
            upkeepFailure: try members.optionalText("upkeepFailure"),
            damage: try members.texts("damage"),
            indexes: try members.nouns("indexes"),
            archived: figures,
            vectors: try members.counts("vectors")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("sequence", sequence)
        spelling.put("records", .map(records.mapValues { .int(Int64($0)) }))
        spelling.put("edges", .map(edges.mapValues { .int(Int64($0)) }))
        spelling.put("owners", owners)
        spelling.put("logBytes", logBytes)
        spelling.put("pageBytes", pageBytes)
        spelling.put("freePageBytes", freePageBytes)
        spelling.put("residentPageBytes", residentPageBytes)
        spelling.put("textRuns", textRuns)
        if let age = oldestSnapshotMicroseconds {
            spelling.put("oldestSnapshotMicroseconds", age)
        }
        spelling.put("upkeepFailure", upkeepFailure)
        spelling.put("damage", damage)
        if !indexes.isEmpty { spelling.put("indexes", indexes) }
        if let archived { spelling.put("archived", archived.spelling) }
        if !vectors.isEmpty {
            spelling.put("vectors", .map(vectors.mapValues { .int(Int64($0)) }))
        }
        return spelling.value
    }
}

extension Verification: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "verified")
        self.init(
            frames: try members.int("frames"),
            records: try members.int("records"),
            edges: try members.int("edges"),
            findings: try members.texts("findings")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("frames", frames)
        spelling.put("records", records)
        spelling.put("edges", edges)
        spelling.put("findings", optional: findings)
        return spelling.value
    }
}
