// Holding a filter against the schema before it is held against records: every field is there,
// every operator suits its field, every value is of the field's type or becomes one. What does not
// make sense is an error, never an empty answer.

package import MnemeModel

extension CollectionEntry {
    /// The filter with its values as the fields keep them: texts that are days, instants or UUIDs
    /// become those, an int becomes a float for a float field.
    ///
    /// A float is held against an int field as it is, and so is an int that no float is against a
    /// float field.
    ///
    /// - Throws: `.unknownField`, `.badFilter`.
    /// - Complexity: O(size of the filter).
    package func checked(_ filter: Filter) throws(MnemeError) -> Filter {
        try checked(filter, depth: 64)
    }
}

/// What a filter may speak of.
protocol FilterScope {
    /// The name of what has the fields, for messages.
    var filterPlace: String { get }

    /// The type of a field, or of a pseudo-field.
    ///
    /// - Throws: `.unknownField`.
    func filterType(of field: String) throws(MnemeError) -> FieldType

    /// A comparison that is checked otherwise than by the type of its field; nil where it is not.
    ///
    /// - Throws: `.badFilter`.
    func checkedApart(_ field: String, _ comparison: Comparison) throws(MnemeError) -> Filter?
}

extension FilterScope {
    func checkedApart(_ field: String, _ comparison: Comparison) throws(MnemeError) -> Filter? {
        nil
    }

    /// The filter with its values as the fields keep them.
    func checked(_ filter: Filter, depth: Int) throws(MnemeError) -> Filter {
        guard depth > 0 else {
            throw Filter.isTooDeep
        }
        switch filter {
        case .compare(let name, let comparison):
            if Filter.words.contains(name) { throw Filter.isWord(name) }
            if let apart = try checkedApart(name, comparison) { return apart }
            let path = FieldPath(name)
            let check = ComparisonCheck(
                place: "\(filterPlace).\(name)",
                type: try filterType(of: path.field),
                depth: depth
            )
            if path.goesInside { try check.check(path) }
            return .compare(field: name, try check.checked(comparison))
        case .and(let parts): return .and(try checked(parts, depth: depth))
        case .or(let parts): return .or(try checked(parts, depth: depth))
        case .not(let part): return .not(try checked(part, depth: depth - 1))
        }
    }

    private func checked(_ parts: [Filter], depth: Int) throws(MnemeError) -> [Filter] {
        var result: [Filter] = []
        result.reserveCapacity(parts.count)
        for part in parts { result.append(try checked(part, depth: depth - 1)) }
        return result
    }
}

extension CollectionEntry: FilterScope {
    var filterPlace: String { schema.name }

    func filterType(of field: String) throws(MnemeError) -> FieldType {
        if PseudoField.isOne(field) { return try pseudoType(of: field) }
        guard let known = schema.field(field) else {
            _ = try fieldNumber(field)
            throw MnemeError(.unknownField, "there is no field \(quoted(field))")
        }
        return known.type
    }

    /// What a pseudo-field of a record holds.
    ///
    /// - Throws: `.unknownField`.
    func pseudoType(of name: String) throws(MnemeError) -> FieldType {
        switch name {
        case PseudoField.version: return .int
        case PseudoField.key:
            switch schema.key {
            case .text: return .text
            case .int: return .int
            case .uuid: return .uuid
            }
        default:
            throw MnemeError(
                .unknownField,
                "records of collection \"\(schema.name)\" have no \(quoted(name)); besides fields "
                    + "they have " + listed(PseudoField.ofRecords)
            )
        }
    }
}

/// Checks what one field is held against.
private struct ComparisonCheck {
    /// Collection and field, for messages.
    let place: String
    let type: FieldType
    /// How deep a filter inside may be nested.
    let depth: Int

    /// Refuses a path that leads nowhere.
    func check(_ path: FieldPath) throws(MnemeError) {
        if let fault = path.fault {
            throw MnemeError(
                .badFilter,
                "\(place): the path \(fault); write a field and members of it with dots between "
                    + "them, such as data.theme"
            )
        }
        guard isJSON else { throw unsuited("a path into it", "a json field") }
    }

    func checked(_ comparison: Comparison) throws(MnemeError) -> Comparison {
        switch comparison {
        case .eq(let value): return .eq(try same(value))
        case .ne(let value): return .ne(try same(value))
        case .isIn(let values): return .isIn(try each(values, same))
        case .notIn(let values): return .notIn(try each(values, same))
        case .gt(let value): return .gt(try bound(value))
        case .gte(let value): return .gte(try bound(value))
        case .lt(let value): return .lt(try bound(value))
        case .lte(let value): return .lte(try bound(value))
        case .within(let low, let high): return .within(try bound(low), try bound(high))
        case .any(let values): return .any(try each(values, element))
        case .all(let values): return .all(try each(values, element))
        case .prefix:
            guard isText || isJSON else { throw unsuited("prefix", "a text field") }
            return comparison
        case .exists: return comparison
        case .contains(let part): return .contains(try contained(part))
        case .some(let filter):
            guard isJSON else { throw unsuited("some", "a json field") }
            return .some(try member(filter, depth: depth - 1))
        }
    }

    /// A filter over the members of an array's elements.
    private func member(_ filter: Filter, depth: Int) throws(MnemeError) -> Filter {
        guard depth > 0 else { throw Filter.isTooDeep }
        switch filter {
        case .compare(let name, let comparison):
            if Filter.words.contains(name) { throw Filter.isWord(name) }
            let check = ComparisonCheck(place: "\(place).\(name)", type: .json, depth: depth)
            try check.check(FieldPath(name))
            return .compare(field: name, try check.checked(comparison))
        case .and(let parts): return .and(try members(parts, depth))
        case .or(let parts): return .or(try members(parts, depth))
        case .not(let part): return .not(try member(part, depth: depth - 1))
        }
    }

    private func members(_ parts: [Filter], _ depth: Int) throws(MnemeError) -> [Filter] {
        var result: [Filter] = []
        result.reserveCapacity(parts.count)
        for part in parts { result.append(try member(part, depth: depth - 1)) }
        return result
    }

    private var isJSON: Bool { type == .json }

    private var isText: Bool {
        switch type {
        case .text, .oneOf: true
        default: false
        }
    }

    private func each(
        _ values: [Value],
        _ check: (Value) throws(MnemeError) -> Value
    )
        throws(MnemeError) -> [Value]
    {
        var result: [Value] = []
        result.reserveCapacity(values.count)
        for value in values { result.append(try check(value)) }
        return result
    }

    /// A value for equality.
    private func same(_ value: Value) throws(MnemeError) -> Value {
        try fitting(value, type)
    }

    /// A value for an order.
    private func bound(_ value: Value) throws(MnemeError) -> Value {
        if case .vector = type { throw unsuited("an order", "a field with one") }
        guard !value.isNull else {
            throw MnemeError(
                .badFilter,
                "\(place): nothing comes before or after null; use exists, or give a value"
            )
        }
        // Any text stands somewhere in the order of texts.
        if case .oneOf = type, value.text != nil { return value }
        return try fitting(value, type)
    }

    /// A value for an array's elements.
    private func element(_ value: Value) throws(MnemeError) -> Value {
        switch type {
        case .array(let element): return try fitting(value, element)
        case .json: return try fitting(value, type)
        default: throw unsuited("any and all", "an array field")
        }
    }

    private func contained(_ part: Value) throws(MnemeError) -> Value {
        switch type {
        case .json: return try fitting(part, type)
        case .array(let element):
            guard case .array(let parts) = part else {
                // A text is also looked for inside texts.
                if element == .text, part.text != nil { return part }
                return try fitting(part, element)
            }
            return .array(
                try each(parts) { (part) throws(MnemeError) in
                    try fitting(part, element)
                }
            )
        default:
            guard isText else { throw unsuited("contains", "a text, array or json field") }
            guard part.text != nil else { throw wrong(part, .text) }
            return part
        }
    }

    private func fitting(_ value: Value, _ type: FieldType) throws(MnemeError) -> Value {
        guard value.isNested(atMost: Value.maximumDepth) else {
            throw MnemeError(
                .badFilter,
                "\(place) is compared with a value whose parts lie more than "
                    + "\(Value.maximumDepth) deep inside each other; no field holds one. Flatten it"
            )
        }
        if case .int = type, case .float = value { return value }
        if case .float = type, value.isBetweenFloats { return value }
        guard let coerced = value.coerced(to: type) else { throw wrong(value, type) }
        return coerced
    }

    private func wrong(_ value: Value, _ type: FieldType) -> MnemeError {
        var wanted = type.named
        if case .oneOf(let texts) = type { wanted = "one of " + listed(texts.map(quoted)) }
        var advice = "give such a value"
        if case .array(let element) = type, value.coerced(to: element) != nil {
            let any: Value = ["any": [value]]
            advice += ", or look for what has it among its elements: \(any.json())"
        }
        return MnemeError(
            .badFilter,
            "\(place) is compared with \(wanted), not with \(value.shown); \(advice)"
        )
    }

    private func unsuited(_ operation: String, _ wanted: String) -> MnemeError {
        MnemeError(
            .badFilter,
            "\(place) is \(type.named) field; \(operation) needs \(wanted). Use another field or "
                + "another comparison"
        )
    }
}

extension Filter {
    /// How a filter is refused that is nested too deep.
    fileprivate static var isTooDeep: MnemeError {
        MnemeError(.badFilter, "the filter is nested more than 64 deep; write it flatter")
    }
}

extension Value {
    /// Whether it is an int that no float is: it would be rounded to one.
    var isBetweenFloats: Bool {
        guard case .int(let int) = self else { return false }
        return Int64(exactly: Double(int)) != int
    }
}
