// `{"owner": "ann", "put": [{"name": "greeting", "value": {…}}]}`: an owner and one thing to do.

extension NamedCall {
    private static let verbs = ["put", "get", "list", "search", "delete", "use"]

    /// Reads the spelling of a `procedure` or a `document`: formats/operations.md.
    init(_ spelling: Value, of place: String) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: place)
        let owner = try members.text("owner")
        var given: [(verb: String, content: Value)] = []
        for verb in Self.verbs {
            if let content = members.value(verb) { given.append((verb, content)) }
        }
        try members.finish()
        guard given.count == 1, let (verb, content) = given.first else {
            throw MnemeError(
                .badRequest,
                "\(place) takes one of \(listed(Self.verbs)) beside the owner, and got "
                    + (given.isEmpty ? "none." : "\(listed(given.map(\.verb))).")
            )
        }
        self.init(owner, try What(verb, content, place + "." + verb))
    }

    /// The spelling: formats/operations.md.
    var spelling: Value {
        let (verb, content) = what.spelled
        return ["owner": .text(owner), verb: content]
    }
}

extension NamedCall.What {
    fileprivate init(
        _ verb: String,
        _ content: Value,
        _ place: String
    ) throws(MnemeError) {
        switch verb {
        case "put":
            // One value needs no brackets.
            if case .map = content {
                self = .put([try NamedValue(spelling: content)])
            } else {
                self = .put(try content.spelledNouns(place))
            }
        case "get": self = .get(try Self.names(content, place))
        case "list": self = .list(try NamedList(spelling: content))
        case "search": self = .search(try NamedSearch(spelling: content))
        case "delete": self = .delete(try Self.names(content, place))
        default:
            var members = try SpelledMembers(content, of: place)
            self = .use(
                name: try members.text("name"),
                succeeded: try members.bool("succeeded")
            )
            try members.finish()
        }
    }

    /// Names; a single one needs no brackets.
    private static func names(_ content: Value, _ place: String) throws(MnemeError) -> [String] {
        if case .text(let name) = content { return [name] }
        return try content.spelledTexts(place)
    }

    fileprivate var spelled: (verb: String, content: Value) {
        switch self {
        case .put(let values): ("put", values.spelling)
        case .get(let names): ("get", .array(names.map(Value.text)))
        case .list(let list): ("list", list.spelling)
        case .search(let search): ("search", search.spelling)
        case .delete(let names): ("delete", .array(names.map(Value.text)))
        case .use(let name, let succeeded):
            ("use", ["name": .text(name), "succeeded": .bool(succeeded)])
        }
    }
}

extension NamedValue: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A named value")
        self.init(
            try members.text("name"),
            members.value("value") ?? .null,
            text: try members.optionalText("text"),
            type: try members.optionalText("type"),
            tags: try members.texts("tags")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("name", name)
        if !value.isNull { spelling.put("value", value) }
        spelling.put("text", text)
        spelling.put("type", type)
        spelling.put("tags", tags)
        return spelling.value
    }
}

extension NamedList: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A list of named values")
        self.init(
            prefix: try members.optionalText("prefix") ?? "",
            where: try members.optionalNoun("where"),
            bestFirst: try members.optionalBool("bestFirst") ?? false,
            limit: try members.optionalInt("limit") ?? 100,
            after: try members.optionalText("after")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        if !prefix.isEmpty { spelling.put("prefix", prefix) }
        spelling.put("where", filter)
        spelling.put("bestFirst", isBestFirst, unless: false)
        spelling.put("limit", limit, unless: 100)
        spelling.put("after", after)
        return spelling.value
    }
}

extension NamedSearch: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A search of named values")
        self.init(
            try members.text("question"),
            where: try members.optionalNoun("where"),
            limit: try members.optionalInt("limit") ?? 10
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("question", question)
        spelling.put("where", filter)
        spelling.put("limit", limit, unless: 10)
        return spelling.value
    }
}
