// `{"restore": "notes/a"}`, `{"archive": {"reference": "notes/a", "version": 12}}`,
// `{"delete": {"reference": "notes/a", "soft": true}}`; and `"deleted": "include"` of questions.

extension Mark {
    /// A mark of its verb: a reference alone, or an object with one.
    ///
    /// A delete is a mark where its object says that it is soft.
    init(_ kind: Kind, spelling: Value) throws(MnemeError) {
        guard case .map(let map) = spelling, map["reference"] != nil else {
            self.init(kind, try Reference(spelling: spelling))
            return
        }
        var members = try SpelledMembers(spelling, of: kind.rawValue)
        if kind == .delete { _ = try members.optionalBool("soft") }
        self.init(
            kind,
            try members.noun("reference"),
            version: try members.optionalUnsigned("version"),
            if: try members.optionalNoun("if"),
            returns: try members.optionalReturns(standard: kind == .delete ? .old : .new)
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    var spelling: Value {
        if kind != .delete, version == nil, condition == nil, returns == nil {
            return reference.spelling
        }
        var spelling = Spelling()
        spelling.put("reference", reference)
        spelling.put("soft", kind == .delete, unless: false)
        spelling.put("version", version)
        spelling.put("if", condition)
        if let returns { spelling.put("returns", returns) }
        return spelling.value
    }
}

extension SpelledMembers {
    /// Which of the records that are put aside are asked for.
    mutating func sight() throws(MnemeError) -> Sight {
        Sight(
            deleted: try optionalWord("deleted"),
            archived: try optionalWord("archived")
        )
    }
}

extension Spelling {
    /// Adds what is asked for of the records that are put aside.
    mutating func put(_ sight: Sight) {
        if let deleted = sight.deleted { put("deleted", deleted) }
        if let archived = sight.archived { put("archived", archived) }
    }
}
