// `{"rows": [{"record": {…}, "score": 0.5}], "exact": true, "sequence": 12, "plan": "…"}`,
// or with rows `{"edge": {…}}`, which have a score where the edges were found by one.

extension Found: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "found")
        // Rows of edges stand behind those of records; there are never both.
        var rows: [Row] = []
        var edges: [Edge] = []
        var marks: [EdgeMark] = []
        for row in try members.value("rows")?.spelledArray("found.rows") ?? [] {
            guard case .map(let parts) = row, let edge = parts["edge"] else {
                rows.append(try Row(spelling: row))
                continue
            }
            edges.append(try Edge(spelling: edge))
            if parts.count > 1 { marks.append(try EdgeMark(besideEdge: row)) }
        }
        guard marks.isEmpty || marks.count == edges.count else {
            throw MnemeError(
                .badRequest,
                "found.rows has edges with a score and edges without; give all of them one, or none"
            )
        }
        self.init(
            rows: rows,
            edges: edges,
            marks: marks,
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
        let edges = edges.enumerated().map { place, edge in
            marks.isEmpty ? Value.word("edge", edge.spelling) : marks[place].spelling(beside: edge)
        }
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

extension SpelledMembers {
    /// The snippets of a row, by field.
    fileprivate mutating func highlights() throws(MnemeError) -> [String: [Snippet]] {
        var highlights: [String: [Snippet]] = [:]
        for (field, snippets) in try map("highlights") {
            highlights[field] = try snippets.spelledNouns("A row.highlights.\(field)")
        }
        return highlights
    }
}

extension Found.EdgeMark {
    /// Reads what stands beside an edge in its row.
    fileprivate init(besideEdge row: Value) throws(MnemeError) {
        var members = try SpelledMembers(row, of: "A row")
        _ = members.value("edge")
        self.init(
            score: Float(try members.float("score")),
            highlights: try members.highlights()
        )
        try members.finish()
    }

    /// The row of an edge with what speaks for it.
    fileprivate func spelling(beside edge: Edge) -> Value {
        var spelling = Spelling()
        spelling.put("edge", edge)
        spelling.put("score", .float(Double(score)))
        spelling.put("highlights", highlights.mapValues { $0.spelling })
        return spelling.value
    }
}

extension Found.Row: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A row")
        self.init(
            record: try members.noun("record"),
            score: Float(try members.float("score")),
            highlights: try members.highlights()
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
