// `{"delete": {"reference": "notes/a", "version": 12, "if": {…}, "returns": "old"}}`, and the same
// of `erase`; and what a change is to return.

extension Change {
    /// A delete or an erase: a reference alone, or an object with one.
    static func removal(_ verb: String, _ content: Value) throws(MnemeError) -> Change {
        guard case .map(let map) = content, map["reference"] != nil else {
            let reference = try Reference(spelling: content)
            return verb == "erase" ? .erase(reference) : .delete(reference)
        }
        if verb == "delete", map["soft"] == .bool(true) {
            return .mark(try Mark(.delete, spelling: content))
        }
        var members = try SpelledMembers(content, of: verb)
        if verb == "delete" { _ = try members.optionalBool("soft") }
        let removal = Removal(
            try members.noun("reference"),
            erases: verb == "erase",
            version: try members.optionalUnsigned("version"),
            if: try members.optionalNoun("if"),
            returnsRecord: try members.optionalReturns(standard: .old) != nil
        )
        if map["returns"]?.text == Returns.new.rawValue {
            throw MnemeError(
                .badRequest,
                "\(verb).returns is \"new\", and nothing is left of the record afterwards. Give "
                    + "\"old\"."
            )
        }
        try members.finish()
        return .remove(removal)
    }
}

extension Removal {
    /// The spelling: formats/operations.md.
    var spelling: Value {
        var spelling = Spelling()
        spelling.put("reference", reference)
        spelling.put("version", version)
        spelling.put("if", condition)
        if returnsRecord { spelling.put("returns", Returns.old) }
        return spelling.value
    }
}

extension SpelledMembers {
    /// What a change returns: "old", "new", or true for what it would be as a rule.
    mutating func optionalReturns(standard: Returns = .new) throws(MnemeError) -> Returns? {
        guard let value = value("returns") else { return nil }
        if case .bool(let flag) = value { return flag ? standard : nil }
        return try optionalWord("returns")
    }
}
