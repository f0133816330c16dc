// `{"nodes": {"fact": {"collection": "facts"}, …}, "steps": [{"from": "fact", "to": "user", …}]}`

extension Pattern: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "pattern")
        _ = try members.required("nodes")
        var nodes: [String: PatternNode] = [:]
        for (name, node) in try members.map("nodes").sorted(by: { $0.key < $1.key }) {
            nodes[name] = try PatternNode(node, of: "pattern.nodes." + name)
        }
        var different: [[String]] = []
        if let lists = members.value("different") {
            for list in try lists.spelledArray("pattern.different") {
                different.append(try list.spelledTexts("A list of pattern.different"))
            }
        }
        self.init(
            nodes,
            try members.nouns("steps"),
            different: different,
            owner: try members.optionalText("owner"),
            asOf: try members.optionalInstant("asOf"),
            select: try members.optionalTexts("select"),
            distinct: try members.optionalBool("distinct") ?? false,
            order: try members.nouns("order"),
            limit: try members.optionalInt("limit") ?? 100,
            offset: try members.optionalInt("offset") ?? 0,
            countOnly: try members.optionalBool("countOnly") ?? false,
            work: try members.optionalInt("work") ?? Pattern.standardWork,
            explained: try members.optionalBool("explain") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("nodes", .map(nodes.mapValues(\.spelling)))
        spelling.put("steps", steps)
        if !different.isEmpty {
            spelling.put("different", .array(different.map { .array($0.map(Value.text)) }))
        }
        spelling.put("owner", owner)
        spelling.put("asOf", asOf)
        spelling.put("select", optional: select)
        spelling.put("distinct", isDistinct, unless: false)
        spelling.put("order", order)
        spelling.put("limit", limit, unless: 100)
        spelling.put("offset", offset, unless: 0)
        spelling.put("countOnly", isCountOnly, unless: false)
        spelling.put("work", work, unless: Pattern.standardWork)
        spelling.put("explain", isExplained, unless: false)
        return spelling.value
    }
}

extension PatternNode {
    fileprivate init(_ spelling: Value, of place: String) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: place)
        self.init(
            try members.text("collection"),
            keys: try members.optionalNouns("keys"),
            owner: try members.optionalText("owner"),
            where: try members.optionalNoun("where")
        )
        try members.finish()
    }

    fileprivate var spelling: Value {
        var spelling = Spelling()
        spelling.put("collection", collection)
        if let keys { spelling.put("keys", keys.spelling) }
        spelling.put("owner", owner)
        spelling.put("where", filter)
        return spelling.value
    }
}

extension PatternStep: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A step of a pattern")
        let from = try members.text("from")
        let to = try members.text("to")
        let reference = try members.optionalText("reference")
        let equal = members.value("equal")
        let types = try members.optionalTexts("types")
        let direction: Direction? = try members.optionalWord("direction")
        let filter: Filter? = try members.optionalNoun("where")
        let hops = try members.optionalInt("hops")
        let name = try members.optionalText("as")
        try members.finish()
        let speaksOfEdges =
            types != nil || direction != nil || filter != nil || hops != nil || name != nil
        let isTwice = reference != nil && equal != nil
        if isTwice || speaksOfEdges && (reference != nil || equal != nil) {
            throw MnemeError(
                .badRequest,
                "a step from \(quoted(from)) to \(quoted(to)) goes along edges (\"types\", "
                    + "\"direction\", \"where\", \"hops\", \"as\"), by a \"reference\", or where "
                    + "fields are \"equal\"; give it one of these, and a second step for another"
            )
        }
        if let reference {
            self.init(from, to: to, .reference(reference))
        } else if let equal {
            guard case .map(let pairs) = equal else {
                throw wrong("A step's equal", "an object of fields by fields", equal)
            }
            var fields: [String: String] = [:]
            for (name, other) in pairs { fields[name] = try other.spelledText("equal." + name) }
            self.init(from, to: to, .equal(fields))
        } else {
            self.init(
                from,
                to: to,
                .edges(types, direction ?? .out, where: filter, hops: hops ?? 1),
                as: name
            )
        }
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("from", from)
        spelling.put("to", to)
        switch way {
        case .edges(let types, let direction, let filter, let hops):
            spelling.put("types", optional: types)
            spelling.put("direction", direction, unless: .out)
            spelling.put("where", filter)
            spelling.put("hops", hops, unless: 1)
        case .reference(let rule): spelling.put("reference", rule)
        case .equal(let fields): spelling.put("equal", .map(fields.mapValues(Value.text)))
        }
        spelling.put("as", name)
        return spelling.value
    }
}

extension Matched: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "matched")
        self.init(
            rows: try members.objects("rows"),
            count: try members.int("count"),
            isComplete: try members.bool("complete"),
            sequence: try members.unsigned("sequence"),
            plan: try members.text("plan"),
            explanation: try members.optionalNoun("explained")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("rows", .array(rows.map(Value.map)))
        spelling.put("count", count)
        spelling.put("complete", isComplete)
        spelling.put("sequence", sequence)
        spelling.put("plan", plan)
        spelling.put("explained", explanation)
        return spelling.value
    }
}

extension MatchExplanation: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "matched.explained")
        self.init(
            stages: try members.nouns("stages"),
            work: try members.int("work"),
            microseconds: try members.int("microseconds")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        [
            "stages": stages.spelling, "work": .int(Int64(work)),
            "microseconds": .int(Int64(microseconds)),
        ]
    }
}

extension MatchExplanation.Stage: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A stage of matched.explained")
        self.init(
            way: try members.text("way"),
            expected: try members.float("expected"),
            entries: try members.int("entries"),
            rows: try members.int("rows")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        [
            "way": .text(way), "expected": .float(expected), "entries": .int(Int64(entries)),
            "rows": .int(Int64(rows)),
        ]
    }
}
