// `{"audit": {"set": {"writes": true, "reads": true, "sample": 10, "failures": true, "days": 90}}}`

extension Request {
    /// Reads the parameters of `audit`.
    static func readAudit(_ content: Value) throws(MnemeError) -> Request {
        if content.isNull { return .audit(nil) }
        var members = try SpelledMembers(content, of: "audit")
        let setting: AuditSetting? = try members.optionalNoun("set")
        try members.finish()
        return .audit(setting)
    }

    /// The spelling of `audit`.
    static func spell(audit setting: AuditSetting?) -> Value {
        var spelling = Spelling()
        spelling.put("set", setting)
        return .word("audit", spelling.value)
    }
}

extension AuditRule: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "audit.set.collections")
        try self.init(of: &members)
        try members.finish()
    }

    /// Takes its members out of others.
    fileprivate init(of members: inout SpelledMembers) throws(MnemeError) {
        self.init(
            writes: try members.optionalBool("writes") ?? false,
            reads: try members.optionalBool("reads") ?? false,
            failures: try members.optionalBool("failures") ?? false,
            sample: try members.optionalInt("sample") ?? 1
        )
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        put(to: &spelling)
        return spelling.value
    }

    fileprivate func put(to spelling: inout Spelling) {
        spelling.put("writes", writes, unless: false)
        spelling.put("reads", reads, unless: false)
        spelling.put("failures", failures, unless: false)
        spelling.put("sample", sample, unless: 1)
    }
}

extension AuditSetting: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "audit.set")
        let rule = try AuditRule(of: &members)
        var collections: [String: AuditRule] = [:]
        for (name, value) in try members.map("collections") {
            collections[name] = try AuditRule(spelling: value)
        }
        self.init(
            rule,
            collections: collections,
            days: try members.optionalInt("days"),
            rows: try members.optionalInt("rows"),
            buffer: try members.optionalInt("buffer") ?? AuditSetting.usualBuffer,
            strict: try members.optionalBool("strict") ?? false
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        rule.put(to: &spelling)
        if !collections.isEmpty {
            spelling.put("collections", collections.mapValues(\.spelling))
        }
        if let days { spelling.put("days", days) }
        if let rows { spelling.put("rows", rows) }
        spelling.put("buffer", buffer, unless: AuditSetting.usualBuffer)
        spelling.put("strict", isStrict, unless: false)
        return spelling.value
    }
}

extension AuditStatus: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "audited")
        self.init(
            setting: try members.noun("setting"),
            rows: try members.int("rows"),
            waiting: try members.optionalInt("waiting") ?? 0,
            dropped: try members.optionalInt("dropped") ?? 0
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("setting", setting)
        spelling.put("rows", rows)
        spelling.put("waiting", waiting, unless: 0)
        spelling.put("dropped", dropped, unless: 0)
        return spelling.value
    }
}
