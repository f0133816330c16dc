// mneme usage and mneme purge: what owners have, and that everything of one goes

internal import Mneme
internal import MnemeCommandLine

/// Tells what owners have.
enum UsageVerb {
    private static let owner = Parameter<String?>(
        option: "owner",
        .text("PATH"),
        "of this owner and those below it; of all where it is not given"
    )

    static let command = Command(
        "usage",
        "Tells how many records and bytes owners have",
        details: [
            "Collections and types of edges count that are defined with \"usage\": true, or with "
                + "quotas. Of a record count its fields, its key and its vectors, of an edge its "
                + "properties and 16 bytes; what else a store keeps for them does not."
        ],
        parameters: StoreOption.readingDeclarations + [owner.declaration],
        examples: ["usage --store wordnet.mneme --owner wordnet"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { door in
            let usage = try door.usage(of: invocation[owner])
            Output(invocation).put(.usage(usage)) { AmountLayout.lines(usage) }
        }
    }
}

/// Erases everything of an owner.
enum PurgeVerb {
    private static let owner = Parameter<String?>(
        option: "owner",
        .text("PATH"),
        "the owner, who has to be given; those below go too"
    )
    private static let isDry = Parameter(
        flag: "dry-run",
        "tells what would go, and changes nothing"
    )

    static let command = Command(
        "purge",
        "Erases everything of an owner, and tells what that was",
        details: [
            "Records of all collections, their histories, edges from and to them, and what was "
                + "kept under idempotency keys: they are gone when this returns, leave the files "
                + "within seven days or with mneme compact, and do not come back with a backup "
                + "that was made before. The owner's name stays, and nothing with it. With --json "
                + "the receipt is for programs."
        ],
        parameters: StoreOption.declarations + [owner.declaration, isDry.declaration],
        examples: ["purge --store wordnet.mneme --owner wordnet --dry-run"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        guard let path = invocation[owner] else {
            throw CommandLineError("purge needs to know whom: give --owner PATH.")
        }
        try StoreOption.with(invocation, takesLong: true) { door in
            let purge = Purge(path, isDry: invocation[isDry])
            let purged = try Tool.metered("purge", invocation) { try door.purge(purge) }
            Output(invocation).put(.purged(purged)) {
                AmountLayout.lines(
                    purged,
                    place: invocation[StoreOption.directory],
                    isRemote: invocation.has(StoreOption.connect)
                )
            }
        }
    }
}

extension Purged {
    /// Whether the owner had anything.
    fileprivate var hasAnything: Bool {
        !collections.isEmpty || !edges.isEmpty || historyRows > 0 || answers > 0 || commits > 0
    }
}

/// Amounts, for people.
enum AmountLayout {
    static func lines(_ usage: Usage) -> [String] {
        let total = Figures.count(usage.records, "record")
        return amounts(usage.collections, "record") + amounts(usage.edges, "edge") + [
            "\(total) in \(Figures.bytes(usage.bytes)) all together."
        ]
    }

    /// `place`: the directory of the store, or its name on a server, for the lines to be typed.
    static func lines(_ purged: Purged, place: String?, isRemote: Bool) -> [String] {
        guard purged.hasAnything else {
            return ["The owner \(purged.owner) has nothing here; nothing was changed."]
        }
        var lines = amounts(purged.collections, "record") + amounts(purged.edges, "edge")
        if purged.historyRows > 0 {
            lines.append(Figures.count(purged.historyRows, "row") + " of histories")
        }
        if purged.answers > 0 {
            lines.append(Figures.count(purged.answers, "answer") + " under idempotency keys")
        }
        guard !purged.isDry else {
            return lines + ["That would go; nothing was changed."]
        }
        lines.append(
            "Gone in \(Figures.count(purged.commits, "commit")), the last at sequence "
                + "\(purged.sequence)."
        )
        if isRemote {
            lines += ValueLayout.block(
                "What proves it reads the store's files, and no connection does: on the machine "
                    + "of the server, which has to be stopped for it, with the directory that it "
                    + "serves as ROOT:",
                behind: ""
            )
        } else {
            lines.append("To have it proved:")
        }
        var shown = place.map { $0.contains(" ") ? "'\($0)'" : $0 } ?? "DIRECTORY"
        if isRemote { shown = "ROOT/" + (place.map { _ in shown } ?? "NAME") }
        return lines
            + purged.proof.map {
                "  " + $0.replacing("--store DIRECTORY", with: "--store \(shown)")
            }
    }

    private static func amounts(_ amounts: [String: Usage.Amount], _ noun: String) -> [String] {
        amounts.sorted { $0.key < $1.key }.map { name, amount in
            "\(name): \(Figures.count(amount.count, noun)) in \(Figures.bytes(amount.bytes))"
        }
    }
}
