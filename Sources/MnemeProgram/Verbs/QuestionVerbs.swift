// mneme find, forget, perform

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

    static let command = Command(
        "find",
        "Finds records by filter, order, words or nearness",
        details: [
            "Long texts are cut, but with --json; get shows a record whole. 10 are shown where the "
                + "question has no limit, and it is said how to get the next ones."
        ],
        parameters: [find.declaration] + StoreOption.readingDeclarations,
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
        let find = try GivenJSON.noun(invocation[find], as: "JSON", Find.self)
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
                    } + found.edges.flatMap { ValueLayout.lines($0, limit: ValueLayout.textLimit) }
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

/// Forgets memories.
enum ForgetVerb {
    private static let keys = Parameter<[String]>(
        rest: "KEY",
        .text("KEY"),
        "only memories with one of these keys"
    )
    private static let owner = Parameter<String?>(
        option: "owner",
        .text("OWNER"),
        "only those of this owner and of those below it"
    )
    private static let filter = Parameter<String?>(
        option: "where",
        .text("JSON"),
        "only those for which this holds, a filter that is not empty"
    )
    private static let collection = Parameter(
        option: "collection",
        .text("NAME"),
        "the collection",
        default: "memories"
    )
    private static let erases = Parameter(
        flag: "erase",
        "also for restores of earlier backups; make a backup afterwards, which tells them"
    )

    static let command = Command(
        "forget",
        "Forgets memories by key, by owner or by filter",
        details: [
            "Everything that is given restricts: a memory is forgotten when its key is among the "
                + "KEYs, its owner is --owner or below it, and --where holds for it, each as far "
                + "as it is given; one of the three must be.",
            "They are forgotten in batches of up to 16,384: each all of it or nothing. If it "
                + "fails, run it again for the rest.",
        ] + ErasureLayout.details,
        parameters: [keys.declaration] + StoreOption.declarations + [
            owner.declaration, filter.declaration, collection.declaration, erases.declaration,
        ],
        examples: [
            "forget --owner ada --store notes.mneme",
            "forget tea --owner ada --where '{\"kind\": \"episodic\"}' --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        guard !invocation[keys].isEmpty || invocation.has(owner) || invocation.has(filter) else {
            throw CommandLineError("Name what to forget: a KEY, --owner or --where.")
        }
        let filter: Filter? = try invocation[filter].map {
            try GivenJSON.noun($0, as: "--where")
        }
        let collection = invocation[collection]
        try StoreOption.with(invocation, takesLong: true) { memory in
            let keys = try invocation[keys].map {
                try RecordArguments.reference(collection, $0, in: memory).key
            }
            let forget = Forget(
                keys: keys,
                owner: invocation[owner],
                where: filter,
                collection: collection,
                erases: invocation[erases]
            )
            let response = try Tool.metered("forget", invocation) {
                try memory.perform(.forget(forget), durability: nil)
            }
            Output(invocation).put(response) {
                guard case .forgotten(let forgotten) = response else { return [] }
                let count = forgotten.count
                let line = "Forgot \(Figures.count(count, "memory", "memories"))."
                guard invocation[erases] else { return [line] }
                let lacks = count == 0 || count < Set(keys).count
                return [line] + ErasureLayout.lines(erased: count > 0, lacks: lacks)
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
            "The verbs: define, drop, describe, commit, get, find, count, walk, path, pattern, "
                + "claim, history, watch, usage, purge, deleteWhere, touch, supersede, "
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
            let response = try memory.perform(request, durability: nil)
            Output(invocation).put(response) { [response.json(pretty: true)] }
        }
    }
}
