// Whether an index could be defined over a collection's fields.

extension Collection {
    /// Checks one of the indexes by itself.
    ///
    /// - Throws: `badSchema`; `badExpression` where its condition makes no sense.
    func validate(_ index: Index) throws(MnemeError) {
        try validate(index, in: "collection \"\(name)\"")
    }

    fileprivate func validate(_ index: Index, in owner: String) throws(MnemeError) {
        let place = "\(owner), index \"\(index.name)\""
        guard !index.fields.isEmpty else {
            throw MnemeError(.badSchema, "\(place) has no fields. Name at least one.")
        }
        var seen: Set<FieldPath> = []
        var spread: [String] = []
        for part in index.fields {
            guard seen.insert(part.path).inserted else {
                throw MnemeError(
                    .badSchema,
                    "\(place) names the field \"\(part.path)\" twice. Keep one."
                )
            }
            if try validate(part, place) { spread.append(part.path.description) }
            guard !part.isContaining || !index.isUnique else {
                throw MnemeError(
                    .badSchema,
                    "\(place) is unique over what \"\(part.path)\" contains, and records share "
                        + "that. Leave \"unique\" out, or \"contains\"."
                )
            }
        }
        guard spread.count <= 1 else {
            throw MnemeError(
                .badSchema,
                "\(place) has \(spread.count) array and json fields (\(listed(spread))); it may "
                    + "have one. Make an index for each."
            )
        }
        guard index.isUnique || !index.hasDistinctNulls else {
            throw MnemeError(
                .badSchema,
                "\(place) says that nulls are distinct, which matters in a unique index alone. "
                    + "Make it unique or leave that out."
            )
        }
        guard let condition = index.condition else { return }
        try condition.check(in: fields, place: "\(place), condition", wanting: .bool)
        guard !condition.dependsOnZones else {
            throw MnemeError(
                .badExpression,
                "\(place), condition: \(condition) depends on the tables of time zones, and those "
                    + "change; a record would be in the index and not belong there. Let a "
                    + "generated field have the day, and speak of that."
            )
        }
    }

    /// Checks a part of an index.
    ///
    /// - Returns: whether a record may have several values in it.
    private func validate(_ part: IndexField, _ place: String) throws(MnemeError) -> Bool {
        guard let field = field(part.name) else {
            throw MnemeError(
                .badSchema,
                "\(place) names the field \"\(part.name)\", which the collection does not "
                    + "have. Its fields: \(listed(fields.map(\.name)))."
            )
        }
        if let fault = part.path.fault {
            throw MnemeError(
                .badSchema,
                "\(place): the path \"\(part.path)\" \(fault). Write a field and members of it "
                    + "with dots between them, such as data.theme."
            )
        }
        guard !part.path.goesInside || field.type == .json else {
            throw MnemeError(
                .badSchema,
                "\(place): \(field.type.named) field \"\(part.name)\" has no members, and "
                    + "\"\(part.path)\" names one. Name the field alone, or make it json."
            )
        }
        guard field.type.isIndexable || field.type == .json else {
            throw MnemeError(
                .badSchema,
                "\(place): \(field.type.named) field \"\(part.name)\" has no order to index. "
                    + "Leave it out; vectors are found by nearness without an index."
            )
        }
        guard !part.isFolded || field.type.hasCase else {
            throw MnemeError(
                .badSchema,
                "\(place) folds \(field.type.named) field \"\(part.name)\", and only texts have "
                    + "a case. Leave \"folded\" out."
            )
        }
        guard !part.isContaining || field.type == .json && !part.isDescending && !part.isFolded
        else {
            throw MnemeError(
                .badSchema,
                "\(place): \"contains\" of \"\(part.path)\" takes a json field, neither "
                    + "descending nor folded, and this is \(field.type.named) field. Leave "
                    + "\"contains\" out."
            )
        }
        if case .array = field.type { return true }
        return field.type == .json
    }
}

extension EdgeType {
    /// Where an edge starts, and where it ends, as indexes and filters name them.
    public static let ends = (from: "$from", to: "$to")

    /// The type as a collection whose records are its edges: its properties, and behind them the
    /// numbers of the records that an edge joins.
    package var asCollection: Collection {
        Collection(
            name,
            fields: fields + [Field(EdgeType.ends.from, .int), Field(EdgeType.ends.to, .int)],
            indexes: indexes
        )
    }

    /// Checks its indexes.
    ///
    /// - Throws: `badSchema`; `badExpression` where a condition makes no sense.
    func validateIndexes(in place: String) throws(MnemeError) {
        try checkNames(indexes.map(\.name), of: "index", in: place)
        for index in indexes {
            guard !index.isUnique else {
                throw MnemeError(
                    .badSchema,
                    "\(place), index \"\(index.name)\" is unique, and indexes of edges cannot be. "
                        + "Leave that out; \"unique\" of the type itself joins two records once."
                )
            }
            let vectors = fields.filter { if case .vector = $0.type { true } else { false } }
            if let named = vectors.first(where: {
                index.condition?.fields.contains($0.name) ?? false
            }) {
                throw MnemeError(
                    .badSchema,
                    "\(place), index \"\(index.name)\": its condition speaks of the vector "
                        + "\"\(named.name)\", and those of edges cannot. Have it speak of another "
                        + "property."
                )
            }
            try asCollection.validate(index, in: place)
        }
    }
}

extension FieldType {
    /// Whether values of the type have an order that an index can keep.
    package var isIndexable: Bool {
        switch self {
        case .vector, .json: false
        case .array(let element): element.isIndexable
        default: true
        }
    }

    /// Whether there may be texts in it.
    fileprivate var hasCase: Bool {
        switch self {
        case .text, .oneOf, .json: true
        case .array(let element): element.hasCase
        default: false
        }
    }
}
