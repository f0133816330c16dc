// The list of tokens as its file has it, and what the program tells of tokens:
// formats/security.md#token-file.

extension TokenEntry: Spelled {
    /// Reads the spelling: formats/security.md.
    package init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A token")
        let permit = Permit(
            try members.text("name"),
            try members.word("role"),
            collections: try members.optionalTexts("collections").map { Set($0) },
            owners: try members.optionalTexts("owners").map { Set($0) },
            verbs: try members.optionalTexts("verbs").map { Set($0) },
            expiresAt: try members.optionalInstant("expires")
        )
        self.init(
            permit,
            stores: try members.optionalTexts("stores").map { Set($0) },
            created: try members.instant("created"),
            secrets: try members.nouns("secrets")
        )
        try members.finish()
    }

    /// The spelling: formats/security.md.
    package var spelling: Value {
        var spelling = plainSpelling
        spelling.put("secrets", secrets)
        return spelling.value
    }

    /// What may be shown: everything but the secrets.
    package var shownSpelling: Value {
        var spelling = plainSpelling
        let ends = secrets.compactMap(\.until)
        if let last = ends.max() { spelling.put("rotates", last) }
        return spelling.value
    }

    private var plainSpelling: Spelling {
        var spelling = Spelling()
        spelling.put("name", permit.name)
        spelling.put("role", .text(permit.role.rawValue))
        spelling.put("stores", optional: stores?.sorted())
        spelling.put("collections", optional: permit.collections?.sorted())
        spelling.put("owners", optional: permit.owners?.sorted())
        spelling.put("verbs", optional: permit.verbs?.sorted())
        spelling.put("created", created)
        spelling.put("expires", permit.expiresAt)
        return spelling
    }
}

extension TokenEntry.Secret: Spelled {
    /// Reads the spelling: formats/security.md.
    package init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A secret of a token")
        let text = try members.text("hash")
        guard let hash = Base64.decode(text), hash.count == TokenEntry.hashByteCount else {
            throw MnemeError(
                .badRequest,
                "the hash of a token is \(TokenEntry.hashByteCount) bytes in base 64, and "
                    + "\(quoted(text)) is not"
            )
        }
        self.init(hash: hash, until: try members.optionalInstant("until"))
        try members.finish()
    }

    /// The spelling: formats/security.md.
    package var spelling: Value {
        var spelling = Spelling()
        spelling.put("hash", Base64.encode(hash))
        spelling.put("until", until)
        return spelling.value
    }
}

extension TokenList: Spelled {
    /// The one format that is known.
    private static let format = 1

    /// Reads the spelling: formats/security.md.
    package init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A token file")
        let format = try members.int("format")
        guard format == Self.format else {
            throw MnemeError(
                .newerFormat,
                "the token file has format \(format), and this program knows \(Self.format); use "
                    + "a newer program"
            )
        }
        try self.init(try members.nouns("tokens"))
        try members.finish()
    }

    /// The spelling: formats/security.md.
    package var spelling: Value {
        var spelling = Spelling()
        spelling.put("format", .int(Int64(Self.format)))
        spelling.put("tokens", entries.keys.sorted().compactMap { entries[$0] })
        return spelling.value
    }
}
