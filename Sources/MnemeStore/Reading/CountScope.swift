// Checking a count: what it groups by and adds up has to be there and to suit, and what comes out
// is what its filter and its order speak of.

internal import MnemeModel

extension Count {
    /// The question whose rows are counted.
    var rows: Find {
        var find = Find(
            collection,
            owner: owner,
            where: filter,
            limit: .max,
            explained: isExplained,
            asOf: asOf
        )
        find.edges = edges
        find.sight = sight
        return find
    }

    /// The same with what is read of them, as they were known at an instant.
    var knownRows: Find {
        var find = rows
        find.select = names.sorted().map { .field($0) }
        return find
    }

    /// The fields and pseudo-fields that are read of what is counted, apart from the filter's.
    var names: Set<String> {
        var names: Set<String> = []
        for part in groups { names.formUnion(part.fields) }
        for aggregate in aggregates.values { names.formUnion(aggregate.operand?.fields ?? []) }
        return names
    }

    /// Those that expressions name.
    var computedNames: Set<String> {
        var names: Set<String> = []
        for case .computed(_, let expression) in groups { names.formUnion(expression.fields) }
        for aggregate in aggregates.values {
            if case .computed(let expression)? = aggregate.operand {
                names.formUnion(expression.fields)
            }
        }
        return names
    }

    /// Whether nothing is asked of a group but how many it has.
    var isPlain: Bool {
        aggregates.values.allSatisfy { $0.function == .count && $0.operand == nil }
    }

    /// Refuses what makes no sense, and gives `having` with its values as what comes out has them.
    ///
    /// `place`: the collection or edge type, for messages. `fields`: what expressions may name.
    /// `type`: of a field or pseudo-field, nil of an end of an edge; refuses what is not there.
    /// - Throws: `.unknownField`, `.badRequest`, `.badExpression`, `.badFilter`.
    func checked(
        _ place: String,
        _ fields: [Field],
        _ type: (String) throws(MnemeError) -> FieldType?
    ) throws(MnemeError) -> Count {
        try groups.check("by", fields) { (name) throws(MnemeError) in
            if case .vector? = try type(name) {
                throw MnemeError(
                    .badRequest,
                    "\(place).\(name) is a vector, and nothing is grouped by vectors; group by "
                        + "another field"
                )
            }
        }
        var outcome = OutcomeScope(place: place)
        for part in groups {
            switch part {
            case .field(let name): outcome.types[name] = try type(name) ?? .json
            case .computed(let name, let expression):
                let kinds = try expression.check(in: fields, place: "by", wanting: nil)
                try expression.checkZones()
                outcome.types[name] = kinds.fieldType
            }
        }
        for (name, aggregate) in values.sorted(by: { $0.key < $1.key }) {
            try check(figure: name)
            guard outcome.types[name] == nil else {
                throw MnemeError(
                    .badRequest,
                    "\(quoted(name)) is both what is grouped by and a figure; name the figure "
                        + "otherwise"
                )
            }
            outcome.types[name] = try aggregate.outcome(name, place, fields, type)
        }
        if values.isEmpty {
            guard outcome.types["count"] == nil else {
                throw MnemeError(
                    .badRequest,
                    "what is grouped by is called \"count\", as the figure is where none is named; "
                        + "give the figure a name in \"values\""
                )
            }
            outcome.types["count"] = .int
        }
        for part in order { _ = try outcome.filterType(of: part.field) }
        guard limit ?? 0 >= 0 else {
            throw MnemeError(.badRequest, "limit \(limit ?? 0) is negative; give 0 or more")
        }
        var checked = self
        if let having { checked.having = try outcome.checked(having, depth: 64) }
        return checked
    }

    private func check(figure name: String) throws(MnemeError) {
        guard !name.isEmpty, !PseudoField.isOne(name), !Filter.words.contains(name),
            !name.utf8.contains(UInt8(ascii: "."))
        else {
            throw MnemeError(
                .badRequest,
                "\(quoted(name)) is no name for a figure in \"values\"; give it one without dots "
                    + "that does not start with $ and is none of " + listed(Filter.words.sorted())
            )
        }
    }
}

extension Aggregate {
    /// What a figure comes out as.
    ///
    /// - Throws: as `Count.checked`.
    fileprivate func outcome(
        _ name: String,
        _ place: String,
        _ fields: [Field],
        _ type: (String) throws(MnemeError) -> FieldType?
    ) throws(MnemeError) -> FieldType {
        var operandType: FieldType?
        var kinds: ValueKinds = []
        switch operand {
        case .field(let field)?:
            operandType = try type(field)
            kinds = operandType.map { ValueKinds(in: $0) } ?? [.text, .object]
        case .computed(let expression)?:
            kinds = try expression.check(in: fields, place: "values \(quoted(name))", wanting: nil)
            try expression.checkZones()
        case nil:
            guard function == .count else {
                throw MnemeError(
                    .badRequest,
                    "the figure \(quoted(name)) is the \(function.rawValue) of nothing; say of "
                        + "what, as in {\"\(function.rawValue)\": \"field\"}"
                )
            }
        }
        switch function {
        case .count, .distinct:
            guard function == .count || kinds != .vector else { throw unsuited(name, "no vectors") }
            return .int
        case .sum, .avg:
            guard !kinds.isDisjoint(with: .numbers) else { throw unsuited(name, "numbers") }
            return function == .sum && kinds == .int ? .int : .float
        case .min, .max:
            let isOrdered =
                operandType == nil ? !kinds.isDisjoint(with: .ordered) : kinds.isOrdered
            guard isOrdered, operand.map({ !$0.isEnd }) ?? true else {
                throw unsuited(name, "values that have an order")
            }
            return operandType ?? kinds.fieldType
        }
    }

    private func unsuited(_ name: String, _ wanted: String) -> MnemeError {
        MnemeError(
            .badRequest,
            "the figure \(quoted(name)) is \(function == .avg ? "an" : "a") "
                + "\(function.rawValue), which takes \(wanted); use another field or another figure"
        )
    }
}

extension Aggregate.Operand {
    /// Whether it is an end of an edge, which has no order.
    fileprivate var isEnd: Bool {
        if case .field(let name) = self { EdgeScope.isEnd(name) } else { false }
    }
}

extension ValueKinds {
    /// Whether values of a field of these kinds have an order.
    fileprivate var isOrdered: Bool {
        !isSuperset(of: .json) && !contains(.vector)
    }

    /// The type of fields that hold such values; json where there is none but that.
    fileprivate var fieldType: FieldType {
        switch self {
        case .bool: .bool
        case .int: .int
        case .float, .numbers: .float
        case .text: .text
        case .bytes: .bytes
        case .uuid: .uuid
        case .instant: .instant
        case .date: .date
        default: .json
        }
    }
}

/// What comes out of a count, as its filter sees it.
private struct OutcomeScope: FilterScope {
    /// What is counted, for messages.
    let place: String
    var types: [String: FieldType] = [:]

    init(place: String) { self.place = place }

    var filterPlace: String { "count of \(place)" }

    func filterType(of name: String) throws(MnemeError) -> FieldType {
        if let type = types[name] { return type }
        throw MnemeError(
            .unknownField,
            "nothing called \(quoted(name)) comes out of the count of \(place); what does is "
                + listed(types.keys.sorted())
        )
    }
}
