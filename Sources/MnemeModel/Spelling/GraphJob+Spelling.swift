// `{"name": "ranks", "measure": "pageRank", "types": ["cites"]}`, `{"do": "result", "name":
// "ranks", "limit": 10}`, and what is answered

extension GraphRun: Spelled {
    /// Reads the spelling: formats/operations.md#graphrun.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "graph.run")
        let measure: Measure = try members.word("measure")
        self.init(
            try members.optionalText("name") ?? measure.rawValue,
            measure,
            types: try members.optionalTexts("types"),
            collection: try members.optionalText("collection"),
            owner: try members.optionalText("owner"),
            direction: try members.optionalWord("direction"),
            weight: try members.optionalText("weight"),
            field: try members.optionalText("field"),
            seed: try members.optionalInt("seed") ?? 0,
            damping: try members.optionalFloat("damping") ?? Self.usualDamping,
            rounds: try members.optionalInt("rounds") ?? Self.usualRounds,
            replaces: try members.optionalBool("replace") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md#graphrun.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("name", name)
        spelling.put("measure", measure)
        spelling.put("types", optional: types)
        spelling.put("collection", collection)
        spelling.put("owner", owner)
        if let direction { spelling.put("direction", direction) }
        spelling.put("weight", weight)
        spelling.put("field", field)
        spelling.put("seed", seed, unless: 0)
        spelling.put("damping", damping, unless: Self.usualDamping)
        spelling.put("rounds", rounds, unless: Self.usualRounds)
        spelling.put("replace", replaces, unless: false)
        return spelling.value
    }
}

extension GraphJobCall: Spelled {
    /// Reads the spelling: formats/operations.md#graphjob.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling.isNull ? [:] : spelling, of: "graph.job")
        self.init(
            try members.optionalWord("do") ?? .tell,
            try members.optionalText("name"),
            offset: try members.optionalInt("offset") ?? 0,
            limit: try members.optionalInt("limit") ?? Self.usualLimit
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md#graphjob.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("do", what, unless: .tell)
        spelling.put("name", name)
        spelling.put("offset", offset, unless: 0)
        spelling.put("limit", limit, unless: Self.usualLimit)
        return spelling.value
    }
}

extension GraphJob: Spelled {
    /// Reads the spelling: formats/operations.md#graphjob-1.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A job")
        self.init(
            try members.noun("run"),
            try members.word("state"),
            progress: try members.share("progress"),
            asked: try members.instant("asked"),
            ended: try members.optionalInstant("ended"),
            sequence: try members.optionalUnsigned("sequence"),
            nodes: try members.int("nodes"),
            edges: try members.int("edges"),
            groups: try members.optionalInt("groups"),
            rounds: try members.optionalInt("rounds"),
            isSettled: try members.optionalBool("settled"),
            modularity: try members.optionalFloat("modularity"),
            written: try members.int("written"),
            failure: try members.optionalText("failure")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md#graphjob-1.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("run", run.spelling)
        spelling.put("state", state)
        spelling.put("progress", progress)
        spelling.put("asked", asked)
        spelling.put("ended", ended)
        spelling.put("sequence", sequence)
        spelling.put("nodes", nodes)
        spelling.put("edges", edges)
        if let groups { spelling.put("groups", groups) }
        if let rounds { spelling.put("rounds", rounds) }
        if let isSettled { spelling.put("settled", isSettled) }
        if let modularity { spelling.put("modularity", modularity) }
        spelling.put("written", written)
        spelling.put("failure", failure)
        return spelling.value
    }
}

extension GraphJobs.Row: Spelled {
    /// Reads the spelling: formats/operations.md#graphjob-1.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A row of a result")
        self.init(
            try members.int("rank"),
            try members.noun("record"),
            try members.required("value")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md#graphjob-1.
    public var spelling: Value {
        ["rank": .int(Int64(rank)), "record": reference.spelling, "value": value]
    }
}

extension GraphJobs: Spelled {
    /// Reads the spelling: formats/operations.md#graphjob-1.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "graphJob")
        self.init(
            jobs: try members.nouns("jobs"),
            rows: try members.nouns("rows"),
            next: try members.optionalInt("next"),
            sequence: try members.unsigned("sequence")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md#graphjob-1.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("jobs", jobs)
        spelling.put("rows", rows)
        if let next { spelling.put("next", next) }
        spelling.put("sequence", sequence)
        return spelling.value
    }
}
