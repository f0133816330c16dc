// mneme link, unlink, walk, path

internal import Glibc
internal import Mneme
internal import MnemeCommandLine

/// Links two records.
enum LinkVerb {
    private static let type = Parameter(argument: "TYPE", .text("TYPE"), "the type of the edge")
    private static let from = Parameter(
        argument: "FROM",
        .text("FROM"),
        "the record where it starts, COLLECTION/KEY"
    )
    private static let to = Parameter(
        argument: "TO",
        .text("TO"),
        "the record where it ends, COLLECTION/KEY"
    )
    private static let fields = Parameter<String?>(
        option: "fields",
        .text("JSON"),
        "the properties of the edge, an object"
    )
    private static let replaces = Parameter(
        flag: "replace",
        "of a type that joins two records once: have it take the place of the edge that is there"
    )

    static let command = Command(
        "link",
        "Links two records by an edge",
        parameters: [type.declaration, from.declaration, to.declaration] + StoreOption.declarations
            + [
                fields.declaration, replaces.declaration, StoreOption.commitDurability.declaration,
            ],
        examples: ["link cites notes/tea notes/milk --store notes.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let fields = try invocation[fields].map { try GivenJSON.object($0, as: "--fields") }
        try StoreOption.with(invocation) { memory in
            let link = Link(
                invocation[type],
                from: try RecordArguments.reference(invocation[from], in: memory),
                to: try RecordArguments.reference(invocation[to], in: memory),
                fields: fields ?? [:],
                mode: invocation[replaces] ? .replace : .insert
            )
            let committed = try memory.commit(
                [.link(link)],
                invocation[StoreOption.commitDurability]
            )
            Output(invocation).put(.committed(committed)) { CommittedLayout.lines(committed) }
        }
    }
}

/// Removes an edge.
enum UnlinkVerb {
    private static let edge = Parameter(
        argument: "EDGE",
        .int("EDGE", in: 0...Int.max),
        "the edge's number"
    )
    private static let erases = Parameter(
        flag: "erase",
        "erase it: it does not come back with earlier backups, and what its type keeps of it once "
            + "it has ended goes too"
    )
    private static let isDry = Parameter(
        flag: "dry-run",
        "tells whether it would go, or why not, and changes nothing"
    )

    static let command = Command(
        "unlink",
        "Removes an edge, or erases it",
        details: [
            "A type of edges with a history keeps what has ended; with --erase nothing of the "
                + "edge is kept. One that has ended before can be erased by its number as well."
        ] + ErasureLayout.details,
        parameters: [edge.declaration] + StoreOption.declarations + [
            erases.declaration, isDry.declaration, StoreOption.commitDurability.declaration,
        ],
        examples: [
            "unlink 7 --dry-run --store notes.mneme", "unlink 7 --store notes.mneme",
            "unlink 7 --erase --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { memory in
            let number = UInt64(invocation[edge])
            if invocation[isDry] {
                let transaction = try memory.begin()
                let outcomes = try transaction.change([.unlink(number)])
                try transaction.rollback()
                let isThere = outcomes == [.unlinked(true)]
                return Output(invocation).put(["dryRun": true, "unlinked": .bool(isThere)]) {
                    let fate = isThere ? "would go" : "is not there"
                    return ["Edge \(number) \(fate); nothing was changed."]
                }
            }
            let committed = try memory.commit(
                [invocation[erases] ? .eraseEdge(number) : .unlink(number)],
                invocation[StoreOption.commitDurability]
            )
            Output(invocation).put(.committed(committed)) {
                let lines = CommittedLayout.lines(committed)
                guard invocation[erases] else { return lines }
                let erased = committed.outcomes == [.unlinked(true)]
                if erased { return lines + ErasureLayout.lines(erased: true, lacks: false) }
                return lines + [
                    "What its type had kept of it is erased, if there was anything. Backups that "
                        + "were made before it ended keep it."
                ]
            }
        }
    }
}

/// Follows edges.
enum WalkVerb {
    private static let walk = Parameter(
        argument: "JSON",
        .text("JSON"),
        "the walk: from, types, direction (out, in, both), where, through, only, fanOut, hops, "
            + "limit, countOnly, asOf, knownAt, deleted, archived"
    )

    static let command = Command(
        "walk",
        "Follows edges and says where they lead",
        parameters: [walk.declaration] + StoreOption.readingDeclarations,
        examples: [
            "walk '{\"from\": [\"notes/tea\"], \"types\": [\"cites\"], \"hops\": 2}' "
                + "--store notes.mneme",
            "walk '{\"from\": [\"notes/tea\"], \"hops\": 2, \"fanOut\": {\"count\": 5}, "
                + "\"only\": [{\"collection\": \"notes\"}]}' --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let walk = try GivenJSON.noun(invocation[walk], as: "JSON", Walk.self)
        try StoreOption.with(invocation) { memory in
            let walked = try memory.walk(walk)
            Output(invocation).put(.walked(walked)) {
                let isCut = walked.isComplete ? "" : ", and there are more"
                return [Figures.count(walked.count, "record") + isCut]
                    + walked.stops.flatMap { stop in
                        ValueLayout.block(
                            ValueLayout.numberedPath(stop.path, to: stop.reference),
                            behind: "  "
                        )
                    }
            }
        }
    }
}

/// Finds all shortest paths, or the cheapest.
enum PathsVerb {
    private static let paths = Parameter(
        argument: "JSON",
        .text("JSON"),
        "the paths: from, to, types, direction (out, in, both), where, through, fanOut, cost or "
            + "strength (a property of the edges), hops, limit, asOf, knownAt, deleted, archived"
    )

    static let command = Command(
        "paths",
        "Finds all shortest paths between two records, or the cheapest",
        parameters: [paths.declaration] + StoreOption.readingDeclarations,
        examples: [
            "paths '{\"from\": \"notes/tea\", \"to\": \"notes/cow\", \"direction\": \"both\"}' "
                + "--store notes.mneme"
        ],
        run: run
    )

    /// How long a path is, by what was asked for.
    private static func length(_ path: FoundPaths.FoundPath, _ measure: Paths.Measure) -> String {
        switch measure {
        case .edges: Figures.count(path.edges.count, "edge")
        case .cost: "cost " + Figures.decimal(path.cost, digits: 3)
        case .strength: "strength " + Figures.decimal(exp(-path.cost), digits: 3)
        }
    }

    private static func run(_ invocation: Invocation) throws {
        let paths = try GivenJSON.noun(invocation[paths], as: "JSON", Paths.self)
        try StoreOption.with(invocation) { memory in
            let found = try memory.paths(paths)
            Output(invocation).put(.paths(found), answering: .paths(paths)) {
                if found.paths.isEmpty { return ["There is no path."] }
                let more = found.isComplete ? "" : ", and there may be more"
                return [Figures.count(found.paths.count, "path") + more]
                    + found.paths.flatMap { path in
                        ValueLayout.block(
                            ValueLayout.numberedPath(path.edges, to: paths.to),
                            behind: "  " + length(path, paths.measure) + ": "
                        )
                    }
            }
        }
    }
}

/// Finds a shortest path.
enum PathVerb {
    private static let path = Parameter(
        argument: "JSON",
        .text("JSON"),
        "the path: from, to, types, direction (out, in, both), where, through, fanOut, hops, "
            + "asOf, knownAt, deleted, archived"
    )

    static let command = Command(
        "path",
        "Finds a shortest path between two records",
        parameters: [path.declaration] + StoreOption.readingDeclarations,
        examples: [
            "path '{\"from\": \"notes/tea\", \"to\": \"notes/cow\", \"direction\": \"both\"}' "
                + "--store notes.mneme"
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let path = try GivenJSON.noun(invocation[path], as: "JSON", Path.self)
        try StoreOption.with(invocation) { memory in
            let response = try memory.perform(.path(path), durability: nil)
            Output(invocation).put(response) {
                guard case .path(let edges?) = response else { return ["There is no path."] }
                let text = ValueLayout.numberedPath(edges, to: path.to)
                return ValueLayout.block(text, behind: Figures.count(edges.count, "edge") + ": ")
            }
        }
    }
}
