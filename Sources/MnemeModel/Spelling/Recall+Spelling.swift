// `{"question": "…", "owner": "ann", "where": {…}, "limit": 5, "signals": ["text"]}`

extension Recall: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "recall")
        self.init(
            try members.optionalText("question") ?? "",
            owner: try members.optionalText("owner"),
            collection: try members.optionalText("collection") ?? "memories",
            vectors: try members.vectors("vectors"),
            where: try members.optionalNoun("where"),
            around: try members.nouns("around"),
            hops: try members.optionalInt("hops") ?? 1,
            limit: try members.optionalInt("limit") ?? 10,
            tokens: try members.optionalInt("tokens"),
            minimumSimilarity: try members.optionalFloat("minimumSimilarity"),
            weights: try members.optionalNoun("weights"),
            signals: try Recall.signals(members.value("signals"))
        )
        sight = try members.sight()
        touches = try members.optionalBool("touch") ?? true
        fusion = try members.optionalWord("fusion")
        hints = try members.optionalBool("hints")
        for layer in try members.texts("layers") {
            layers.append(try Value.text(layer).spelledWord("recall.layers"))
        }
        zone = try Recall.zone(members.value("zone"))
        distinct = try members.optionalBool("distinct") ?? true
        try members.finish()
    }

    /// A zone's name, or how many minutes its clocks are ahead of UTC.
    private static func zone(_ value: Value?) throws(MnemeError) -> String? {
        guard let value else { return nil }
        guard let minutes = value.int else { return try value.spelledText("recall.zone") }
        guard (-1439...1439).contains(minutes) else {
            throw MnemeError(
                .badRequest,
                "recall.zone is \(minutes) minutes from UTC, and no clock is a day away; give "
                    + "-1439 to 1439, or a name such as \"Europe/Berlin\""
            )
        }
        func digits(_ number: Int64) -> String { (number < 10 ? "0" : "") + "\(number)" }
        let sign = minutes < 0 ? "-" : "+"
        return sign + digits(abs(minutes) / 60) + ":" + digits(abs(minutes) % 60)
    }

    private static func signals(_ value: Value?) throws(MnemeError) -> Set<Signal> {
        guard let value else { return Set(Signal.allCases) }
        var signals: Set<Signal> = []
        for word in try value.spelledArray("recall.signals") {
            signals.insert(try word.spelledWord("recall.signals"))
        }
        return signals
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("question", question)
        spelling.put("owner", owner)
        if collection != "memories" { spelling.put("collection", collection) }
        spelling.put("vectors", vectors)
        spelling.put("where", filter)
        spelling.put("around", around)
        spelling.put("hops", hops, unless: 1)
        spelling.put("limit", limit, unless: 10)
        if let tokens { spelling.put("tokens", tokens) }
        if let minimumSimilarity { spelling.put("minimumSimilarity", minimumSimilarity) }
        spelling.put("weights", weights)
        if signals.count < Signal.allCases.count {
            let words = Signal.allCases.filter(signals.contains).map(\.rawValue)
            spelling.put("signals", optional: words)
        }
        spelling.put(sight)
        spelling.put("touch", touches, unless: true)
        if let fusion { spelling.put("fusion", fusion) }
        if let hints { spelling.put("hints", hints) }
        spelling.put("layers", layers.map(\.rawValue))
        spelling.put("zone", zone)
        spelling.put("distinct", distinct, unless: true)
        return spelling.value
    }
}

extension RecallWeights: Spelled {
    /// The weights of their spelling; a weight that is not given is 0.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "weights")
        var weights: [Signal: Double] = [:]
        for signal in Signal.allCases {
            if let weight = try members.optionalFloat(signal.rawValue) { weights[signal] = weight }
        }
        try members.finish()
        self.init(weights)
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        for (signal, weight) in bySignal { spelling.put(signal.rawValue, weight) }
        return spelling.value
    }
}
