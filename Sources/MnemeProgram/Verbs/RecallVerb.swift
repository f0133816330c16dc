// mneme recall

internal import Mneme
internal import MnemeCommandLine

/// Recalls memories for a question.
enum RecallVerb {
    private static let question = Parameter(
        argument: "QUESTION",
        .text("QUESTION"),
        "what is asked"
    )
    private static let owner = Parameter<String?>(
        option: "owner",
        .text("OWNER"),
        "only memories of this owner and of those below it"
    )
    private static let limit = Parameter(
        option: "limit",
        .int(in: 1...10_000),
        "at most this many",
        default: 10
    )
    private static let hops = Parameter(
        option: "hops",
        .int(in: 0...8),
        "how many edges away from what is found a memory may be brought in",
        default: 1
    )
    private static let tokens = Parameter<Int?>(
        option: "tokens",
        .int(in: 1...Int.max),
        "at most so many tokens in all"
    )
    private static let minimum = Parameter<Double?>(
        option: "minimum-similarity",
        .float(in: -1...1),
        "only memories whose best cosine is at least this"
    )
    private static let signals = Parameter(
        option: "signals",
        .list(of: .word(Signal.self)),
        "what may speak for a memory",
        default: Signal.allCases
    )
    private static let filter = Parameter<String?>(
        option: "where",
        .text("JSON"),
        "only memories for which this holds"
    )
    private static let collection = Parameter(
        option: "collection",
        .text("NAME"),
        "the collection that is asked",
        default: "memories"
    )
    private static let fusion = Parameter<RecallFusion?>(
        option: "fusion",
        .word(),
        "how the signals become one score; as the collection has it, else weighted"
    )
    private static let withoutHints = Parameter(
        flag: "no-hints",
        "guesses nothing from the wording of the question"
    )
    private static let layers = Parameter<[Remember.Layer]>(
        option: "layers",
        .list(of: .word(Remember.Layer.self)),
        "only memories that matter for one of these",
        default: []
    )
    private static let zone = Parameter<String?>(
        option: "zone",
        .text("ZONE"),
        "whose clocks say which days are meant, such as Europe/Berlin or +02:00"
    )
    private static let explain = Parameter(
        flag: "explain",
        "shows the parts of each score, the path through the graph, what was left out"
    )

    static let command = Command(
        "recall",
        "Recalls memories for a question",
        details: [
            "Memories are found by meaning, by their words and those around them, and by edges "
                + "from what was found, and weighed by how recent and how important they are. A "
                + "score is the sum of its parts; --explain shows them. Long texts are cut, but "
                + "with --json."
        ],
        parameters: [question.declaration] + StoreOption.readingDeclarations + [
            owner.declaration, limit.declaration, hops.declaration, explain.declaration,
            tokens.declaration, minimum.declaration, signals.declaration, filter.declaration,
            collection.declaration, layers.declaration, zone.declaration, fusion.declaration,
            withoutHints.declaration,
        ],
        examples: [
            "recall \"how does Ada take her tea?\" --owner ada --explain --store notes.mneme",
            "recall tea --where '{\"kind\": \"semantic\"}' --store notes.mneme",
            "recall \"what was yesterday?\" --zone Europe/Berlin --fusion relativeScore "
                + "--store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        var recall = Recall(
            invocation[question],
            owner: invocation[owner],
            collection: invocation[collection],
            where: try invocation[filter].map { try GivenJSON.noun($0, as: "--where") },
            hops: invocation[hops],
            limit: invocation[limit],
            tokens: invocation[tokens],
            minimumSimilarity: invocation[minimum],
            signals: Set(invocation[signals])
        )
        recall.fusion = invocation[fusion]
        if invocation[withoutHints] { recall.hints = false }
        recall.layers = invocation[layers]
        recall.zone = invocation[zone]
        // Who looks from a shell does not use it.
        recall.touches = false
        try StoreOption.with(invocation) { memory in
            let recalled = try memory.recall(recall)
            let output = Output(invocation)
            if invocation[explain], output.form == .table {
                // A table has no room for what is asked.
                let layout = try RecalledLayout.explained(recalled, in: memory)
                return output.say(layout.lines(recalled))
            }
            try output.put(.recalled(recalled)) {
                guard invocation[explain] else {
                    return RecalledLayout(isExplained: false).lines(recalled)
                }
                return try RecalledLayout.explained(recalled, in: memory).lines(recalled)
            }
        }
    }
}
