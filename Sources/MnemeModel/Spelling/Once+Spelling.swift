// What is done once: the request with one member more, `idempotencyKey`. A list that is a request's
// whole content becomes a member of it then:
// `{"remember": {"memories": […], "idempotencyKey": …}}`.

extension Request {
    /// The verbs that take an idempotency key, and the member that a list of theirs becomes.
    private static let onceVerbs = [
        "commit": "", "remember": "memories", "session.append": "", "session.end": "",
        "relate": "links", "claim": "", "commitTransaction": "", "procedure": "", "document": "",
        "supersede": "", "pin": "", "event.schedule": "events", "event.settle": "",
        "scalar.set": "",
    ]

    /// A request with an idempotency key; nil where the spelling has none.
    ///
    /// A `remember` of one memory without brackets has none: its members are the memory's.
    static func once(_ spelling: Value) throws(MnemeError) -> Request? {
        guard case .map(let verbs) = spelling, verbs.count == 1, let (verb, content) = verbs.first,
            case .map(var members) = content
        else { return nil }
        let list = onceVerbs[verb] ?? ""
        let isWrapped = !list.isEmpty && members[list] != nil
        guard let given = members.removeValue(forKey: "idempotencyKey"), !given.isNull else {
            guard isWrapped else { return nil }
            return try unwrapped(verb, list, members)
        }
        let key = try given.spelledText(verb + ".idempotencyKey")
        guard onceVerbs[verb] != nil else {
            throw MnemeError(
                .badRequest,
                "\(verb) takes no idempotencyKey. These do: \(listed(onceVerbs.keys.sorted()))."
            )
        }
        if isWrapped { return .once(key: key, try unwrapped(verb, list, members)) }
        guard list.isEmpty else {
            throw MnemeError(
                .badRequest,
                "\(verb) with an idempotencyKey needs the member \(quoted(list)), which was not "
                    + "given."
            )
        }
        return .once(key: key, try Request(spelling: .word(verb, .map(members))))
    }

    private static func unwrapped(
        _ verb: String,
        _ list: String,
        _ given: [String: Value]
    ) throws(MnemeError) -> Request {
        var members = try SpelledMembers(.map(given), of: verb)
        let content = try members.required(list)
        _ = members.value("idempotencyKey")
        try members.finish()
        return try Request(
            spelling: .word(verb, .array(try content.spelledArray(verb + "." + list)))
        )
    }

    /// The spelling of a request that is done once.
    static func spell(once key: String, _ request: Request) -> Value {
        guard case .map(let verbs) = request.spelling, let (verb, content) = verbs.first else {
            return request.spelling
        }
        var members: [String: Value] = [:]
        if case .map(let map) = content {
            members = map
        } else {
            members[onceVerbs[verb] ?? "content"] = content
        }
        members["idempotencyKey"] = .text(key)
        return .word(verb, .map(members))
    }
}
