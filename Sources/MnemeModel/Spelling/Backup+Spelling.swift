// `{"name": "tuesday", "base": "monday"}`; `{"id": …, "store": …, "sequence": 13, …}`

extension Backup: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "backup")
        self.init(
            try members.text("name"),
            base: try members.optionalText("base"),
            copies: try members.optionalBool("copies") ?? false,
            bytesPerSecond: try members.optionalInt("bytesPerSecond")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("name", name)
        spelling.put("base", base)
        spelling.put("copies", copies, unless: false)
        if let bytesPerSecond { spelling.put("bytesPerSecond", bytesPerSecond) }
        return spelling.value
    }
}

extension BackupSummary: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "backedUp")
        self.init(
            id: try members.uuid("id"),
            store: try members.uuid("store"),
            base: try members.optionalUUID("base"),
            sequence: try members.unsigned("sequence"),
            commit: try members.unsigned("commit"),
            exactFrom: try members.optionalUnsigned("exactFrom"),
            time: try members.optionalInstant("time"),
            made: try members.instant("made"),
            segments: try members.int("segments"),
            bytes: try members.int("bytes"),
            linkedBytes: try members.int("linkedBytes")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("id", .uuid(id))
        spelling.put("store", .uuid(store))
        if let base { spelling.put("base", .uuid(base)) }
        spelling.put("sequence", sequence)
        spelling.put("commit", commit)
        if exactFrom > 0 { spelling.put("exactFrom", exactFrom) }
        spelling.put("time", time)
        spelling.put("made", made)
        spelling.put("segments", segments)
        spelling.put("bytes", bytes)
        spelling.put("linkedBytes", linkedBytes)
        return spelling.value
    }
}

extension SpelledMembers {
    /// 0 where it is left out.
    fileprivate mutating func optionalUnsigned(_ name: String) throws(MnemeError) -> UInt64 {
        try value(name)?.spelledUnsigned(place + "." + name) ?? 0
    }

    fileprivate mutating func optionalUUID(_ name: String) throws(MnemeError) -> UniqueID? {
        guard let value = value(name) else { return nil }
        guard case .uuid(let id)? = value.coerced(to: .uuid) else {
            throw wrong(place + "." + name, "a uuid", value)
        }
        return id
    }

    fileprivate mutating func uuid(_ name: String) throws(MnemeError) -> UniqueID {
        _ = try required(name)
        return try optionalUUID(name) ?? UniqueID(high: 0, low: 0)
    }
}
