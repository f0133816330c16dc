// mneme forget

internal import Mneme
internal import MnemeCommandLine

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
    private static let collection = FactArguments.collection
    private static let mode = Parameter(
        option: "mode",
        .word(Forget.Mode.self),
        "hard deletes them, soft marks them as deleted and archive as archived: both can be taken "
            + "back",
        default: .hard
    )
    private static let derived = Parameter(
        flag: "derived",
        "also what was made of them and has no other source that is still there"
    )
    private static let reason = Parameter<String?>(
        option: "reason",
        .text("TEXT"),
        "why, for the history of a collection that keeps one"
    )
    private static let erases = EraseOption.erases

    private static let isDry = Parameter(
        flag: "dry-run",
        "tells how many would go, and changes nothing"
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
            owner.declaration, filter.declaration, collection.declaration, mode.declaration,
            derived.declaration, reason.declaration, erases.declaration, isDry.declaration,
        ],
        examples: [
            "forget --owner ada --dry-run --store notes.mneme",
            "forget --owner ada --store notes.mneme",
            "forget tea --owner ada --where '{\"kind\": \"episodic\"}' --store notes.mneme",
            "forget tea --mode archive --derived --reason \"she asked for it\" "
                + "--store notes.mneme",
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
            let keys = try RecordArguments.keys(invocation[keys], of: collection, in: memory)
            if invocation[isDry] {
                return try count(keys, filter, collection, in: memory, invocation)
            }
            var forget = Forget(
                keys: keys,
                owner: invocation[owner],
                where: filter,
                collection: collection,
                erases: invocation[erases]
            )
            forget.mode = invocation[mode]
            forget.derived = invocation[derived]
            forget.reason = invocation[reason]
            let request = Request.forget(forget)
            let response = try Tool.metered("forget", invocation) {
                try memory.perform(request, durability: nil)
            }
            Output(invocation).put(response) {
                guard case .forgotten(let forgotten) = response else { return [] }
                let count = forgotten.count
                let isRestricted = invocation.has(owner) || invocation.has(Self.filter)
                let of = isRestricted ? ", or not of that kind" : ""
                guard count > 0 else {
                    return [nothing(keys, of)] + erasure(invocation, count, lacks: true)
                }
                let line = words(forgotten, invocation[mode])
                // What was made of others is counted with them.
                let lacks = count - forgotten.derived < Set(keys).count
                let others = lacks ? ["The others of those named are not there\(of)."] : []
                return [line] + others + erasure(invocation, count, lacks: lacks)
            }
        }
    }

    /// What is said where nothing was there to be forgotten.
    private static func nothing(_ keys: [Key], _ kind: String) -> String {
        guard !keys.isEmpty else { return "None is there of that kind; nothing was forgotten." }
        let names = keys.prefix(8).map(\.description).joined(separator: ", ")
        let more = keys.count > 8 ? " and \(keys.count - 8) more" : ""
        return "Not there\(kind): \(names)\(more). Nothing was forgotten."
    }

    private static func erasure(
        _ invocation: Invocation,
        _ count: Int,
        lacks: Bool
    ) -> [String] {
        guard invocation[erases] else { return [] }
        return ErasureLayout.lines(erased: count > 0, lacks: lacks)
    }

    /// Tells how many there are to be forgotten.
    private static func count(
        _ keys: [Key],
        _ filter: Filter?,
        _ collection: String,
        in memory: any BlockingDoor,
        _ invocation: Invocation
    ) throws {
        var parts = filter.map { [$0] } ?? []
        if !keys.isEmpty { parts.append(.compare(field: "$key", .isIn(keys.map(\.value)))) }
        let question = Count(
            collection,
            owner: invocation[owner],
            where: parts.isEmpty ? nil : parts.count == 1 ? parts[0] : .and(parts),
            values: ["count": Aggregate(.count)]
        )
        let counted = try memory.count(question)
        let number = counted.rows.first?["count"]?.number.map { Int($0) } ?? 0
        Output(invocation).put(["dryRun": true, "count": .int(Int64(number))]) {
            let made =
                invocation[derived]
                ? ", beside what was made of them and of nothing that is left" : ""
            return [
                "\(Figures.count(number, "memory", "memories")) would go\(made); nothing was "
                    + "changed."
            ]
        }
    }

    private static func words(_ forgotten: Forgotten, _ mode: Forget.Mode) -> String {
        let verb =
            switch mode {
            case .hard: "Forgot"
            case .soft: "Marked as deleted"
            case .archive: "Archived"
            }
        let made = forgotten.derived
        return "\(verb) \(Figures.count(forgotten.count, "memory", "memories"))"
            + (made > 0 ? ", \(Figures.count(made)) of them made of others that went." : ".")
    }
}
