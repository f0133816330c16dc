// mneme token add, list, rotate, expire, revoke: whom a server lets in

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine
internal import MnemeServer

/// What the verbs of tokens share.
private enum TokenParameter {
    static let root = Parameter(
        required: "root",
        .text("DIR"),
        "the directory that the server has for its stores (serve --root)"
    )
    static let name = Parameter(argument: "NAME", .text("NAME"), "the name of the token")

    static let about =
        "The tokens of a server stand in the file .tokens under its root, their hashes alone. A "
        + "server that runs looks at it again within a second, so that nothing has to be "
        + "started anew."

    static var now: Instant { Instant(microseconds: RealClock().now()) }

    /// The file that a command line names.
    static func file(_ invocation: Invocation) -> TokenFile { TokenFile(root: invocation[root]) }

    /// A list with commas between, nil where it is not given.
    static func names(_ text: String?) -> Set<String>? {
        text.map { Set($0.split(separator: ",").map(String.init)) }
    }

    /// Tells a token that was made: this once.
    static func tell(_ text: String, _ entry: TokenEntry, _ lines: [String], _ output: Output) {
        var told: [String: Value] = ["secret": .text(text)]
        told["token"] = entry.shownSpelling
        output.put(.map(told)) { [text] + lines }
    }
}

/// Makes a token.
enum TokenAddVerb {
    private static let role = Parameter<Permit.Role?>(
        option: "role",
        .word(Permit.Role.self),
        "what its bearer may do: ask; change records, too; change definitions and the store, too"
    )
    private static let stores = list("stores", "the stores that it opens; all where not given")
    private static let collections = list(
        "collections",
        "the collections that it reaches; all where not given"
    )
    private static let owners = list(
        "owners",
        "the owners whose records it reaches, and those below them; all where not given"
    )
    private static let verbs = list(
        "verbs",
        "the verbs of the requests that it allows; all of the role where not given"
    )
    private static let expires = Parameter<Instant?>(
        option: "expires",
        .instant(),
        "from when on it lets nobody in; never where not given"
    )

    private static func list(_ name: String, _ summary: String) -> Parameter<String?> {
        Parameter<String?>(option: name, .text("A,B"), summary)
    }

    static let command = Command(
        "token add",
        "Makes a token that lets somebody in at a server",
        details: [
            TokenParameter.about,
            "The token is told once, and nobody can find it out afterwards: give it to whoever is "
                + "to have it, who names a file with it by --token-file or MNEME_TOKEN_FILE. From "
                + "the first token on a server lets nobody in without one.",
        ],
        parameters: [
            TokenParameter.root.declaration, TokenParameter.name.declaration, role.declaration,
            stores.declaration, collections.declaration, owners.declaration, verbs.declaration,
            expires.declaration,
        ],
        examples: ["token add --root served ann-app --role write --owners ann"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        guard let role = invocation[role] else {
            throw CommandLineError("token add needs to know what for: --role read|write|admin.")
        }
        let text = TokenText.draw(RealRandomness())
        let permit = Permit(
            invocation[TokenParameter.name],
            role,
            collections: TokenParameter.names(invocation[collections]),
            owners: TokenParameter.names(invocation[owners]),
            verbs: TokenParameter.names(invocation[verbs]),
            expiresAt: invocation[expires]
        )
        let entry = TokenEntry(
            permit,
            stores: TokenParameter.names(invocation[stores]),
            created: TokenParameter.now,
            secrets: [TokenEntry.Secret(hash: TokenText.hash(Array(text.utf8)))]
        )
        try TokenParameter.file(invocation).change { list throws(MnemeError) in
            try list.add(entry)
        }
        TokenParameter.tell(
            text,
            entry,
            ["Keep it now: it is not told again."],
            Output(invocation)
        )
    }
}

/// Tells which tokens there are.
enum TokenListVerb {
    static let command = Command(
        "token list",
        "Tells which tokens a server has",
        details: [TokenParameter.about],
        parameters: [TokenParameter.root.declaration],
        examples: ["token list --root served"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let list = try TokenParameter.file(invocation).read()
        let entries = (list?.entries ?? [:]).values.sorted { $0.name < $1.name }
        let output = Output(invocation)
        output.put(["tokens": .array(entries.map(\.shownSpelling))]) {
            if list == nil { return ["There are no tokens, and nobody is asked for one."] }
            if entries.isEmpty { return ["There are no tokens, and nobody is let in."] }
            return entries.map(Self.line)
        }
    }

    private static func line(_ entry: TokenEntry) -> String {
        var parts = ["\(entry.name): \(entry.permit.role.rawValue)"]
        for (what, names) in [
            ("stores", entry.stores), ("collections", entry.permit.collections),
            ("owners", entry.permit.owners), ("verbs", entry.permit.verbs),
        ] {
            if let names { parts.append("\(what) \(names.sorted().joined(separator: ", "))") }
        }
        if let end = entry.permit.expiresAt { parts.append("until \(end)") }
        let before = entry.secrets.dropFirst().compactMap(\.until).max()
        if let before { parts.append("the one before it until \(before)") }
        return parts.joined(separator: "; ")
    }
}

/// Gives a token another secret.
enum TokenRotateVerb {
    private static let grace = Parameter(
        option: "grace",
        .int("SECONDS", in: 0...31_536_000),
        "how long the secret that it had lets in, too",
        default: 86_400
    )

    static let command = Command(
        "token rotate",
        "Draws a token's secret anew; the one before it lets in for a while",
        details: [TokenParameter.about],
        parameters: [
            TokenParameter.root.declaration, TokenParameter.name.declaration, grace.declaration,
        ],
        examples: ["token rotate --root served bot --grace 3600"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let name = invocation[TokenParameter.name]
        let text = TokenText.draw(RealRandomness())
        let now = TokenParameter.now
        let until = Instant(
            microseconds: now.microseconds + Int64(invocation[grace]) * 1_000_000
        )
        let entry = try TokenParameter.file(invocation).change { list throws(MnemeError) in
            let hash = TokenText.hash(Array(text.utf8))
            try list.rotate(name, to: hash, until: until, now: now)
            return try list.entry(name)
        }
        TokenParameter.tell(
            text,
            entry,
            ["Keep it now: it is not told again. The one before it lets in until \(until)."],
            Output(invocation)
        )
    }
}

/// Has a token end at an instant.
enum TokenExpireVerb {
    private static let at = Parameter<Instant?>(
        option: "at",
        .instant(),
        "from when on it lets nobody in; never where not given"
    )

    static let command = Command(
        "token expire",
        "Has a token let nobody in any more from an instant on",
        details: [TokenParameter.about],
        parameters: [
            TokenParameter.root.declaration, TokenParameter.name.declaration, at.declaration,
        ],
        examples: ["token expire --root served bot --at 2099-01-01T00:00:00Z"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let name = invocation[TokenParameter.name]
        let end = invocation[at]
        try TokenParameter.file(invocation).change { list throws(MnemeError) in
            try list.expire(name, at: end)
        }
        Output(invocation).put(.done) {
            [end.map { "Token \(name) ends at \($0)." } ?? "Token \(name) does not end by itself."]
        }
    }
}

/// Takes a token away.
enum TokenRevokeVerb {
    private static let isDry = Parameter(
        flag: "dry-run",
        "tells what would go, and changes nothing"
    )

    static let command = Command(
        "token revoke",
        "Takes a token away: nobody is let in by it, and who was is answered no more",
        details: [TokenParameter.about],
        parameters: [
            TokenParameter.root.declaration, TokenParameter.name.declaration, isDry.declaration,
        ],
        examples: ["token revoke --root served bot --dry-run"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let name = invocation[TokenParameter.name]
        let file = TokenParameter.file(invocation)
        guard invocation[isDry] else {
            try file.change { list throws(MnemeError) in try list.revoke(name) }
            return Output(invocation).put(.done) { ["Token \(name) is revoked."] }
        }
        let list = try file.read() ?? TokenList()
        let entry = try list.entry(name)
        Output(invocation).put(["token": entry.shownSpelling]) {
            ["Token \(name) would be revoked: its role is \(entry.permit.role.rawValue)."]
        }
    }
}
