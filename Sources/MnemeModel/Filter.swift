// The one grammar of filters. A missing field is null. `eq null` holds for it and `ne` of anything
// else; every other comparison with it fails. A path into json goes through the elements of arrays,
// and holds where it holds for one of them.

/// A condition on a record.
public indirect enum Filter: Hashable, Sendable {
    /// Compares a field, or what lies in a json field at the end of a path with dots.
    case compare(field: String, Comparison)
    /// All of them hold; true when there are none.
    case and([Filter])
    /// One of them holds; false when there are none.
    case or([Filter])
    /// It does not hold.
    case not(Filter)
}

/// What a field is held against.
public enum Comparison: Hashable, Sendable {
    case eq(Value)
    case ne(Value)
    case gt(Value)
    case gte(Value)
    case lt(Value)
    case lte(Value)
    /// Equal to one of them.
    case isIn([Value])
    /// Equal to none of them.
    case notIn([Value])
    /// An array with at least one of them.
    case any([Value])
    /// An array with all of them.
    case all([Value])
    /// A text that starts so.
    case prefix(String)
    /// Whether there is a value.
    case exists(Bool)
    /// A text with this part, an array with this element, an object with these members.
    case contains(Value)
    /// Between the two, ends included.
    case within(Value, Value)
    /// An array with an object for which a filter over its members holds.
    case some(Filter)
}

extension Filter {
    /// The names that mean something else in a filter, so that no field has them.
    package static let words: Set<String> = ["and", "or", "not"]

    /// How a filter is refused that compares a field of such a name.
    package static func isWord(_ name: String) -> MnemeError {
        MnemeError(
            .badFilter,
            "\"\(name)\" is a word of filters and no field; compare a field that the collection has"
        )
    }

    /// Makes sure that its spelling means what it does.
    ///
    /// What lies more than 128 deep is not looked at: no encoding takes it.
    ///
    /// - Throws: `badFilter` where a field has the name of a word.
    package func checkWords(depth: Int = 128) throws(MnemeError) {
        switch self {
        case .compare(let field, let comparison):
            if Filter.words.contains(field) { throw Filter.isWord(field) }
            guard depth > 0, case .some(let filter) = comparison else { return }
            try filter.checkWords(depth: depth - 1)
        case .and(let parts), .or(let parts):
            guard depth > 0 else { return }
            for part in parts { try part.checkWords(depth: depth - 1) }
        case .not(let part):
            guard depth > 0 else { return }
            try part.checkWords(depth: depth - 1)
        }
    }

    /// The field equals the value.
    public static func eq(_ field: String, _ value: Value) -> Filter {
        .compare(field: field, .eq(value))
    }

    /// The fields that it speaks of, without the ways into them.
    public var fields: Set<String> {
        switch self {
        case .compare(let field, _): [FieldPath.field(of: field)]
        case .and(let parts), .or(let parts): parts.reduce(into: []) { $0.formUnion($1.fields) }
        case .not(let part): part.fields
        }
    }

    /// Whether the condition holds for fields that are looked up by name.
    package func holds(_ value: (String) -> Value) -> Bool {
        switch self {
        case .compare(let field, let comparison):
            if FieldPath.field(of: field) == field {
                comparison.holds(for: value(field))
            } else {
                comparison.holds(at: FieldPath(field), value)
            }
        case .and(let parts): parts.allSatisfy { $0.holds(value) }
        case .or(let parts): parts.contains { $0.holds(value) }
        case .not(let part): !part.holds(value)
        }
    }
}

extension Comparison {
    /// Whether it holds at the end of a path into fields that are looked up by name.
    fileprivate func holds(at path: FieldPath, _ value: (String) -> Value) -> Bool {
        value(path.field).hasSome(path.members[...]) { holds(for: $0) }
    }

    /// Whether it holds for a value.
    package func holds(for value: Value) -> Bool {
        switch self {
        case .eq(let other): equal(value, other)
        case .ne(let other): !equal(value, other)
        case .gt(let other): ordered(value, other) { $0 > 0 }
        case .gte(let other): ordered(value, other) { $0 >= 0 }
        case .lt(let other): ordered(value, other) { $0 < 0 }
        case .lte(let other): ordered(value, other) { $0 <= 0 }
        case .isIn(let others): others.contains { equal(value, $0) }
        case .notIn(let others): !others.contains { equal(value, $0) }
        case .any(let others): elements(value).contains { e in others.contains { equal(e, $0) } }
        case .all(let others):
            !value.isNull && others.allSatisfy { o in elements(value).contains { equal($0, o) } }
        case .prefix(let text): value.text?.hasPrefix(text) ?? false
        case .exists(let wanted): value.isNull != wanted
        case .contains(let part): contains(value, part)
        case .within(let low, let high):
            ordered(value, low) { $0 >= 0 } && ordered(value, high) { $0 <= 0 }
        case .some(let filter):
            elements(value).contains { element in
                guard case .map(let members) = element else { return false }
                return filter.holds { members[$0] ?? .null }
            }
        }
    }

    private func equal(_ left: Value, _ right: Value) -> Bool { left.isSame(as: right) }

    private func ordered(_ left: Value, _ right: Value, _ test: (Int) -> Bool) -> Bool {
        let comparable =
            left.kind == right.kind || (left.number != nil && right.number != nil)
        return comparable && !left.isNull && test(Value.compare(left, right))
    }

    private func elements(_ value: Value) -> [Value] {
        if case .array(let elements) = value { elements } else { [] }
    }

    private func contains(_ value: Value, _ part: Value) -> Bool {
        switch (value, part) {
        case (.text(let text), .text(let piece)):
            return piece.isEmpty || text.contains(piece)
        case (.map(let members), .map(let wanted)):
            return wanted.allSatisfy { name, value in
                guard let member = members[name] else { return false }
                return equal(member, value) || containsInside(member, value)
            }
        case (.array(let elements), .array(let wanted)):
            return wanted.allSatisfy { w in elements.contains { equal($0, w) } }
        case (.array(let elements), let element):
            return elements.contains { equal($0, element) || contains($0, element) }
        default:
            return false
        }
    }

    /// As `contains`, for what lies in an object: a text there is equal or not.
    private func containsInside(_ value: Value, _ part: Value) -> Bool {
        switch (value, part) {
        case (.map, .map), (.array, .array): return contains(value, part)
        case (.array(let elements), let element):
            return elements.contains { equal($0, element) || containsInside($0, element) }
        default: return false
        }
    }
}

extension Value {
    /// Whether both are equal, an int and a float as the numbers that they are.
    func isSame(as other: Value) -> Bool {
        if number != nil, other.number != nil { return Value.compare(self, other) == 0 }
        return self == other
    }
}
