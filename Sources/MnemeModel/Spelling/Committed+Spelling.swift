// `{"sequence": 12, "outcomes": [{"put": "notes/a"}, {"deleted": true}, {"linked": 7}]}`

extension Committed: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "committed")
        self.init(
            sequence: try members.unsigned("sequence"),
            outcomes: try members.nouns("outcomes"),
            versions: try members.unsignedNumbers("versions"),
            isRepeated: try members.optionalBool("repeated") ?? false,
            evicted: try members.nouns("evicted")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("sequence", sequence)
        spelling.put("outcomes", .array(outcomes.map(\.spelling)))
        spelling.put("versions", numbers: versions)
        spelling.put("repeated", isRepeated, unless: false)
        spelling.put("evicted", evicted)
        return spelling.value
    }
}

extension Committed.Patched: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "patched")
        self.init(
            reference: try members.noun("reference"),
            isNew: try members.bool("new"),
            record: try members.optionalNoun("record")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("reference", reference)
        spelling.put("new", isNew)
        spelling.put("record", record)
        return spelling.value
    }
}

extension Committed.Outcome: Spelled {
    private static let known = ["put", "patched", "deleted", "linked", "unlinked", "superseded"]

    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        let (name, content) = try spelling.spelledChoice("An outcome", Committed.Outcome.known)
        switch name {
        case "put":
            if case .map(let map) = content, map["reference"] != nil {
                self = .putReturning(try Committed.Patched(spelling: content))
            } else {
                self = .put(try Reference(spelling: content))
            }
        case "patched": self = .patched(try Committed.Patched(spelling: content))
        case "deleted":
            if case .map = content {
                self = .deletedReturning(try Record(spelling: content))
            } else {
                self = .deleted(try content.spelledBool("deleted"))
            }
        case "linked":
            if case .map = content {
                var members = try SpelledMembers(content, of: "linked")
                self = .linkedReturning(
                    try members.unsigned("id"),
                    try members.optionalNoun("edge")
                )
                try members.finish()
            } else {
                self = .linked(try content.spelledUnsigned("linked"))
            }
        case "unlinked": self = .unlinked(try content.spelledBool("unlinked"))
        case "superseded":
            self = .superseded(try Committed.Superseded(spelling: content))
        default: throw unknown("outcome", name, Committed.Outcome.known)
        }
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        switch self {
        case .put(let reference): .word("put", reference.spelling)
        case .putReturning(let put): .word("put", put.spelling)
        case .patched(let patched): .word("patched", patched.spelling)
        case .deleted(let wasThere): .word("deleted", .bool(wasThere))
        case .deletedReturning(let record): .word("deleted", record.spelling)
        case .linked(let id): .word("linked", Value(id))
        case .linkedReturning(let id, let edge): .word("linked", Self.spell(id, edge))
        case .unlinked(let wasThere): .word("unlinked", .bool(wasThere))
        case .superseded(let superseded): .word("superseded", superseded.spelling)
        }
    }

    private static func spell(_ id: UInt64, _ edge: Edge?) -> Value {
        var spelling = Spelling()
        spelling.put("id", id)
        spelling.put("edge", edge)
        return spelling.value
    }
}

extension SpelledMembers {
    /// Numbers of zero or more.
    mutating func unsignedNumbers(_ name: String) throws(MnemeError) -> [UInt64] {
        guard let value = value(name) else { return [] }
        var numbers: [UInt64] = []
        for number in try value.spelledArray(place + "." + name) {
            numbers.append(try number.spelledUnsigned(place + "." + name))
        }
        return numbers
    }
}

extension Spelling {
    /// Adds numbers unless there are none.
    mutating func put(_ name: String, numbers: [UInt64]) {
        if !numbers.isEmpty { put(name, .array(numbers.map { Value($0) })) }
    }
}
