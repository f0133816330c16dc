// mneme session context, session show, episodes: what there is of sessions

internal import Mneme
internal import MnemeCommandLine

/// Shows what a prompt needs of a session.
enum SessionContextVerb {
    private static let tokens = Parameter(
        option: "tokens",
        .int(in: 0...Int.max),
        "what all that is shown comes to at most",
        default: 2000
    )
    private static let lane = Parameter<String?>(
        option: "lane",
        .text("LANE"),
        "entries of this lane alone"
    )
    private static let parents = Parameter(
        flag: "parents",
        "puts entries of the sessions that it goes on from before its own"
    )
    private static let question = Parameter<String?>(
        option: "question",
        .text("QUESTION"),
        "recalls memories of the owner for it, beside the entries"
    )
    private static let limit = Parameter(
        option: "limit",
        .int(in: 0...Int.max),
        "the most memories that are recalled",
        default: 10
    )

    static let command = Command(
        "session context",
        "Shows the newest entries of a session that fit into a budget",
        details: [
            "Entries are taken from the newest on until one does not fit, and shown oldest first. "
                + "With --question a third of the tokens is left to memories that answer it."
        ],
        parameters: [SessionArguments.id.declaration] + StoreOption.readingDeclarations + [
            tokens.declaration, lane.declaration, parents.declaration, question.declaration,
            limit.declaration,
        ],
        examples: [
            "session context talk --tokens 500 --question \"What does Ada drink?\" "
                + "--store notes.mneme"
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let asked = ContextQuestion(
            .text(invocation[SessionArguments.id]),
            tokens: invocation[tokens],
            lane: invocation[lane],
            withParents: invocation[parents],
            question: invocation[question] ?? "",
            limit: invocation[limit]
        )
        try StoreOption.with(invocation) { memory in
            let context = try memory.context(asked)
            Output(invocation).put(.context(context)) { SessionLayout.lines(context) }
        }
    }
}

/// Shows a session as it was.
enum SessionShowVerb {
    private static let summaryOnly = Parameter(flag: "summary-only", "shows no entries")
    private static let limit = Parameter<Int?>(
        option: "limit",
        .int(in: 1...Int.max),
        "the most entries; all where it is not given"
    )
    private static let after = Parameter<String?>(
        option: "after",
        .text("CURSOR"),
        "goes on where an answer with a limit ended"
    )

    static let command = Command(
        "session show",
        "Shows a session as it was, with its entries in their order",
        parameters: [SessionArguments.id.declaration] + StoreOption.readingDeclarations + [
            summaryOnly.declaration, limit.declaration, after.declaration,
        ],
        examples: [
            "session show talk --store notes.mneme",
            "session show talk --summary-only --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let asked = Rehydration(
            .text(invocation[SessionArguments.id]),
            summaryOnly: invocation[summaryOnly],
            limit: invocation[limit],
            after: invocation[after]
        )
        try StoreOption.with(invocation) { memory in
            let rehydrated = try memory.rehydrate(asked)
            Output(invocation).put(.rehydrated(rehydrated)) { SessionLayout.lines(rehydrated) }
        }
    }
}

/// Finds what flushed sessions left.
enum EpisodesVerb {
    private static let question = Parameter<[String]>(
        rest: "QUESTION",
        .text("QUESTION"),
        "what was said in them; the newest come first where it is not given"
    )
    private static let owner = OwnerOption.scope
    private static let from = Parameter<Instant?>(
        option: "from",
        .instant(),
        "those that were not over before"
    )
    private static let to = Parameter<Instant?>(
        option: "to",
        .instant(),
        "those that had begun before"
    )
    private static let agent = Parameter<String?>(
        option: "agent",
        .text("AGENT"),
        "those in which he took part"
    )
    private static let filter = Parameter<String?>(
        option: "where",
        .text("JSON"),
        "only those for which this holds, such as '{\"entryCount\": {\"gte\": 2}}'"
    )
    private static let limit = Parameter(
        option: "limit",
        .int(in: 0...Int.max),
        "the most that are shown",
        default: 10
    )
    private static let after = Parameter<String?>(
        option: "after",
        .text("CURSOR"),
        "goes on where an answer without a question ended"
    )

    static let command = Command(
        "episodes",
        "Finds what sessions left that were flushed as they ended",
        details: [
            "With a QUESTION the best come first: an episode counts what its summary does, or the "
                + "best of its entries."
        ],
        parameters: [question.declaration] + StoreOption.readingDeclarations + [
            owner.declaration, from.declaration, to.declaration, agent.declaration,
            filter.declaration, limit.declaration, after.declaration,
        ],
        examples: [
            "episodes --owner ada --store notes.mneme",
            "episodes \"what was said of cake?\" --from 2024-01-01T00:00:00Z --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let asked = EpisodeQuestion(
            invocation[question].joined(separator: " "),
            owner: invocation[owner],
            from: invocation[from],
            to: invocation[to],
            agent: invocation[agent],
            where: try invocation[filter].map { try GivenJSON.noun($0, as: "--where") },
            limit: invocation[limit],
            after: invocation[after]
        )
        try StoreOption.with(invocation) { memory in
            let found = try memory.episodes(asked)
            Output(invocation).put(.found(found)) {
                SessionLayout.episodes(found, isScored: !asked.question.isEmpty)
            }
        }
    }
}
