// `{"patch": {"collection": "notes", "key": "a", "edits": [{"set": {"title": "tea"}}]}}`

extension Patch: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "patch")
        let name = try members.text("collection")
        let by = try members.map("by")
        guard by.isEmpty || members.value("key") == nil else {
            throw MnemeError(
                .badRequest,
                "patch has both \"key\" and \"by\", and either names the record; give one of them"
            )
        }
        let key = by.isEmpty ? try members.noun("key", Key.self) : .int(0)
        let edits = try members.edits()
        let expiry = try members.expiry()
        var orPut: [String: Value]?
        if members.value("orPut") != nil { orPut = try members.map("orPut") }
        self.init(
            name,
            key,
            edits,
            if: try members.optionalNoun("if"),
            orPut: orPut,
            expiry: expiry,
            version: try members.optionalUnsigned("version"),
            returns: try members.optionalReturns()
        )
        self.by = by
        models = try members.models()
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("collection", collection)
        if by.isEmpty { spelling.put("key", key) } else { spelling.put("by", .map(by)) }
        spelling.put("edits", edits)
        spelling.put("if", condition)
        if let orPut { spelling.put("orPut", .map(orPut)) }
        spelling.put(expiry)
        spelling.put("version", version)
        spelling.put(patching: returns)
        spelling.put(models: models)
        return spelling.value
    }
}

extension SpelledMembers {
    /// Edits: members of their verbs, and those of a list after them.
    mutating func edits() throws(MnemeError) -> [Edit] {
        var edits: [Edit] = []
        for verb in Edit.verbs {
            if let content = value(verb) { edits += try Edit.read(verb, content) }
        }
        guard let list = value("edits") else { return edits }
        for edit in try list.spelledArray(place + ".edits") {
            let (verb, content) = try edit.spelledChoice("An edit", Edit.verbs)
            edits += try Edit.read(verb, content)
        }
        return edits
    }

    /// What becomes of the end of a record's time.
    mutating func expiry() throws(MnemeError) -> Patch.Expiry {
        let end = try optionalInstant("expiresAt")
        let seconds = try optionalInt("expiresIn")
        let isEndless = try optionalBool("neverExpires") ?? false
        let given = [
            ("expiresAt", end != nil), ("expiresIn", seconds != nil), ("neverExpires", isEndless),
        ]
        .filter(\.1).map(\.0)
        guard given.count < 2 else {
            throw MnemeError(
                .badRequest,
                "\(place) has both \(given[0]) and \(given[1]). Give one of them."
            )
        }
        if let end { return .at(end) }
        if let seconds { return .after(seconds: seconds) }
        return isEndless ? .never : .kept
    }

    /// The end of the time of what is put: an instant, or so many seconds from now.
    mutating func end() throws(MnemeError) -> (at: Instant?, seconds: Int?) {
        let (end, seconds) = (try optionalInstant("expiresAt"), try optionalInt("expiresIn"))
        guard end == nil || seconds == nil else {
            throw MnemeError(
                .badRequest,
                "\(place) has both expiresAt and expiresIn. Give one of them."
            )
        }
        return (end, seconds)
    }
}

extension Spelling {
    /// Adds what becomes of the end of a record's time, unless it stays.
    mutating func put(_ expiry: Patch.Expiry) {
        switch expiry {
        case .kept: break
        case .at(let end): put("expiresAt", end)
        case .after(let seconds): put("expiresIn", seconds)
        case .never: put("neverExpires", true)
        }
    }

    /// Adds what a patch returns: true where it is the record as it is now.
    mutating func put(patching returns: Returns?) {
        switch returns {
        case nil: break
        case .new: put("returns", true)
        case .old: put("returns", Returns.old)
        }
    }
}

extension Edit: Spelled {
    fileprivate static let verbs = [
        "set", "unset", "fill", "increment", "append", "prepend", "addToSet", "remove", "merge",
    ]

    /// Reads the spelling of one edit: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        let (verb, content) = try spelling.spelledChoice("An edit", Edit.verbs)
        let edits = try Edit.read(verb, content)
        guard edits.count == 1, let edit = edits.first else {
            throw MnemeError(.badRequest, "\(verb) names \(edits.count) fields; name one.")
        }
        self = edit
    }

    /// The edits that a verb's content says, in the order of their paths.
    fileprivate static func read(_ verb: String, _ content: Value) throws(MnemeError) -> [Edit] {
        if verb == "unset" {
            if case .text(let path) = content { return [.unset(FieldPath(path))] }
            return try content.spelledTexts("unset").map { .unset(FieldPath($0)) }
        }
        guard verbs.contains(verb) else { throw unknown("edit", verb, verbs) }
        guard case .map(let members) = content else {
            throw wrong(verb, "an object of values by field", content)
        }
        var edits: [Edit] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            edits.append(try read(verb, FieldPath(name), value))
        }
        return edits
    }

    private static func read(
        _ verb: String,
        _ path: FieldPath,
        _ value: Value
    ) throws(MnemeError) -> Edit {
        let place = "\(verb).\(path)"
        switch verb {
        case "set": return .set(path, value)
        case "fill": return .fill(path, value)
        case "increment":
            guard value.number != nil else { throw wrong(place, "a number", value) }
            return .increment(path, value)
        case "append", "prepend":
            let (values, limit) = try capped(value, place)
            return verb == "append"
                ? .append(path, values, limit: limit) : .prepend(path, values, limit: limit)
        case "addToSet": return .addToSet(path, try value.spelledArray(place))
        case "remove": return .remove(path, try value.spelledArray(place))
        default:
            guard case .map(let members) = value else { throw wrong(place, "an object", value) }
            return .merge(path, members)
        }
    }

    /// Elements, and how many stay: an array, or `{"values": […], "limit": 10}`.
    private static func capped(
        _ value: Value,
        _ place: String
    ) throws(MnemeError) -> (values: [Value], limit: Int?) {
        if case .array(let values) = value { return (values, nil) }
        var members = try SpelledMembers(value, of: place)
        let values = try members.required("values").spelledArray(place + ".values")
        let limit = try members.optionalInt("limit")
        try members.finish()
        if let limit, limit < 0 {
            throw MnemeError(.badRequest, "\(place).limit is \(limit); give 0 or more.")
        }
        return (values, limit)
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        let name = path.description
        switch self {
        case .set(_, let value): return ["set": [name: value]]
        case .unset: return ["unset": [.text(name)]]
        case .fill(_, let value): return ["fill": [name: value]]
        case .increment(_, let value): return ["increment": [name: value]]
        case .append(_, let values, let limit):
            return ["append": [name: Self.capped(values, limit)]]
        case .prepend(_, let values, let limit):
            return ["prepend": [name: Self.capped(values, limit)]]
        case .addToSet(_, let values): return ["addToSet": [name: .array(values)]]
        case .remove(_, let values): return ["remove": [name: .array(values)]]
        case .merge(_, let members): return ["merge": [name: .map(members)]]
        }
    }

    private static func capped(_ values: [Value], _ limit: Int?) -> Value {
        guard let limit else { return .array(values) }
        return ["values": .array(values), "limit": .int(Int64(limit))]
    }
}
