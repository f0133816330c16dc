// `{"put": {"collection": "notes", "key": "a", "fields": {…}}}`, `{"delete": "notes/a"}`,
// `{"erase": "notes/a"}`, of an edge `{"erase": 7}`,
// `{"link": {"type": "cites", "from": "notes/a", "to": "notes/b"}}`, `{"unlink": 7}`

extension Change: Spelled {
    private static let known = [
        "put", "patch", "delete", "erase", "link", "unlink", "supersede", "restore", "archive",
        "unarchive",
    ]

    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        let (name, content) = try spelling.spelledChoice("A change", Change.known)
        switch name {
        case "put": self = .put(try Put(spelling: content))
        case "patch": self = .patch(try Patch(spelling: content))
        case "erase" where content.int != nil:
            self = .eraseEdge(try content.spelledUnsigned("erase"))
        case "delete", "erase": self = try Change.removal(name, content)
        case "link": self = .link(try Link(spelling: content))
        case "unlink": self = .unlink(try content.spelledUnsigned("unlink"))
        case "supersede": self = .supersede(try Supersede(spelling: content))
        case "restore": self = .mark(try Mark(.restore, spelling: content))
        case "archive": self = .mark(try Mark(.archive, spelling: content))
        case "unarchive": self = .mark(try Mark(.unarchive, spelling: content))
        default: throw unknown("change", name, Change.known)
        }
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        switch self {
        case .put(let put): .word("put", put.spelling)
        case .patch(let patch): .word("patch", patch.spelling)
        case .delete(let reference): .word("delete", reference.spelling)
        case .erase(let reference): .word("erase", reference.spelling)
        case .remove(let removal):
            .word(removal.erases ? "erase" : "delete", removal.spelling)
        case .mark(let mark): .word(mark.kind.rawValue, mark.spelling)
        case .link(let link): .word("link", link.spelling)
        case .unlink(let id): .word("unlink", Value(id))
        case .eraseEdge(let id): .word("erase", Value(id))
        case .supersede(let supersede): .word("supersede", supersede.spelling)
        }
    }
}

extension Put: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "put")
        let end = try members.end()
        self.init(
            try members.text("collection"),
            try members.optionalNoun("key"),
            try members.map("fields"),
            mode: try members.optionalWord("mode") ?? .replace,
            expiresAt: end.at,
            version: try members.optionalUnsigned("version"),
            if: try members.optionalNoun("if"),
            returns: try members.optionalReturns()
        )
        expiresIn = end.seconds
        isCopy = try members.optionalBool("copy") ?? false
        models = try members.models()
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("collection", collection)
        spelling.put("key", key)
        spelling.put("fields", .map(fields))
        spelling.put("mode", mode, unless: .replace)
        spelling.put("expiresAt", expiresAt)
        if let expiresIn { spelling.put("expiresIn", expiresIn) }
        spelling.put("version", version)
        spelling.put("if", condition)
        if let returns { spelling.put("returns", returns) }
        spelling.put("copy", isCopy, unless: false)
        spelling.put(models: models)
        return spelling.value
    }
}

extension Link: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "link")
        self.init(
            try members.text("type"),
            from: try members.noun("from"),
            to: try members.noun("to"),
            fields: try members.map("fields"),
            mode: try members.optionalWord("mode") ?? .insert,
            returns: try members.optionalReturns()
        )
        isCopy = try members.optionalBool("copy") ?? false
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("type", type)
        spelling.put("from", from)
        spelling.put("to", to)
        spelling.put("fields", fields)
        spelling.put("mode", mode, unless: .insert)
        if let returns { spelling.put("returns", returns) }
        spelling.put("copy", isCopy, unless: false)
        return spelling.value
    }
}
