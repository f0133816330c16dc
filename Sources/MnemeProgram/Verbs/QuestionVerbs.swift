// mneme find, perform

internal import Mneme
internal import MnemeCommandLine

/// Searches one collection.
enum FindVerb {
    private static let find = Parameter(
        argument: "JSON",
        .text("JSON"),
        "the question: collection or edges, owner, where, near, match, highlight, order, limit (10 "
            + "where it is not given), offset, after, select, deleted, archived, asOf, knownAt, "
            + "explain"
    )

    private static let isExplained = Parameter(
        flag: "explain",
        "says how the answer came about, as \"explain\": true in the question does"
    )

    static let command = Command(
        "find",
        "Finds records by filter, order, words or nearness",
        details: [
            "Long texts are cut, but with --json; get shows a record whole. 10 are shown where the "
                + "question has no limit, and it is said how to get the next ones."
        ],
        parameters: [find.declaration] + StoreOption.readingDeclarations + [
            isExplained.declaration
        ],
        examples: [
            "find '{\"collection\": \"notes\", \"where\": {\"stars\": {\"gte\": 3}}}' "
                + "--store notes.mneme",
            "find '{\"collection\": \"memories\", \"match\": {\"field\": \"text\", \"words\": "
                + "\"tea\"}}' --store notes.mneme",
            "find '{\"collection\": \"memories\", \"match\": {\"field\": \"text\", \"query\": "
                + "\"+tea -coffee lemon*\"}, \"highlight\": {}}' --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        var find = try GivenJSON.noun(invocation[find], as: "JSON", Find.self)
        if invocation[isExplained] { find.isExplained = true }
        try StoreOption.with(invocation) { memory in
            let found = try memory.find(find)
            Output(invocation).put(.found(found)) {
                let isScored = find.near != nil || find.match != nil
                let lines =
                    found.rows.flatMap { row in
                        ValueLayout.lines(
                            row.record,
                            note: isScored ? Figures.decimal(Double(row.score), digits: 3) : "",
                            limit: ValueLayout.textLimit
                        ) + FoundLayout.highlights(row)
                    } + FoundLayout.edges(found)
                let count =
                    find.edges == nil
                    ? Figures.count(found.rows.count, "record")
                    : Figures.count(found.edges.count, "edge")
                let exact = found.isExact ? "" : ", approximate"
                return lines + ValueLayout.block(found.plan, behind: "\(count)\(exact); ")
                    + FoundLayout.rest(found, of: find)
                    + (found.explanation.map(FoundLayout.lines) ?? [])
            }
        }
    }
}

/// Performs any request of the vocabulary.
enum PerformVerb {
    private static let request = Parameter(
        argument: "JSON",
        .text("JSON"),
        "the request, an object of one member: its verb"
    )

    static let command = Command(
        "perform",
        "Performs any request, spelled in JSON, and prints the response so",
        details: [
            "The verbs: define, drop, switch, describe, commit, get, find, count, walk, path, "
                + "paths, pattern, graph.run, graph.job, claim, history, watch, usage, purge, "
                + "deleteWhere, touch, supersede, "
                + "pin, why, upkeep, prune, session.open, session.append, session.end, "
                + "session.context, session.rehydrate, episodes, procedure, document, "
                + "remember, recall, relate, forget, statistics, "
                + "verify, vectors.check, checkpoint, audit, event.schedule, event.due, "
                + "event.claim, event.settle, scalar.set, scalar.get, and backup, which is for a "
                + "server that was started with --backups. Those of transactions belong to one "
                + "connection, and end with it. The store must be there; a define makes it."
        ],
        parameters: [request.declaration] + StoreOption.readingDeclarations,
        examples: [
            "perform '{\"session.open\": {\"owner\": \"ada\", \"idleMinutes\": 60}}' "
                + "--store notes.mneme"
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let request = try GivenJSON.noun(invocation[request], as: "JSON", Request.self)
        let defines = if case .define = request { true } else { false }
        try StoreOption.with(invocation, creating: defines, takesLong: true) { memory in
            let response = try Tool.metered("perform", invocation) {
                try memory.perform(request, durability: nil)
            }
            Output(invocation).put(response, answering: request) {
                [response.json(pretty: true)]
            }
        }
    }
}
