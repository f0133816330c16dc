// `{"rows": [{"record": {…}, "score": 0.5}], "exact": true, "sequence": 12, "plan": "…"}`,
// or with rows `{"edge": {…}}`.

extension Found: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "found")
        // Rows of edges stand behind those of records; there are never both.
        var rows: [Row] = []
        var edges: [Edge] = []
        for row in try members.value("rows")?.spelledArray("found.rows") ?? [] {
            if case .map(let parts) = row, let edge = parts["edge"], parts.count == 1 {
                edges.append(try Edge(spelling: edge))
            } else {
                rows.append(try Row(spelling: row))
            }
        }
        self.init(
            rows: rows,
            edges: edges,
            isExact: try members.bool("exact"),
            sequence: try members.unsigned("sequence"),
            plan: try members.text("plan"),
            next: try members.optionalText("next"),
            explanation: try members.optionalNoun("explained"),
            spent: try members.optionalNoun("spent")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        let edges = edges.map { Value.word("edge", $0.spelling) }
        spelling.put("rows", .array(rows.map(\.spelling) + edges))
        spelling.put("exact", isExact)
        spelling.put("sequence", sequence)
        spelling.put("plan", plan)
        spelling.put("next", next)
        spelling.put("explained", explanation)
        spelling.put("spent", spent)
        return spelling.value
    }
}

extension Found.Row: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A row")
        var highlights: [String: [Snippet]] = [:]
        for (field, snippets) in try members.map("highlights") {
            highlights[field] = try snippets.spelledNouns("A row.highlights.\(field)")
        }
        self.init(
            record: try members.noun("record"),
            score: Float(try members.float("score")),
            highlights: highlights
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("record", record)
        spelling.put("score", .float(Double(score)))
        spelling.put("highlights", highlights.mapValues { $0.spelling })
        return spelling.value
    }
}
