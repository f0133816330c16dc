// `{"sequence": 12, "outcomes": [{"put": "notes/a"}, {"deleted": true}, {"linked": 7}]}`

extension Committed: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "committed")
        self.init(
            sequence: try members.unsigned("sequence"),
            outcomes: try members.nouns("outcomes")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value { ["sequence": Value(sequence), "outcomes": outcomes.spelling] }
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
        case "put": self = .put(try Reference(spelling: content))
        case "patched": self = .patched(try Committed.Patched(spelling: content))
        case "deleted": self = .deleted(try content.spelledBool("deleted"))
        case "linked": self = .linked(try content.spelledUnsigned("linked"))
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
        case .patched(let patched): .word("patched", patched.spelling)
        case .deleted(let wasThere): .word("deleted", .bool(wasThere))
        case .linked(let id): .word("linked", Value(id))
        case .unlinked(let wasThere): .word("unlinked", .bool(wasThere))
        case .superseded(let superseded): .word("superseded", superseded.spelling)
        }
    }
}
