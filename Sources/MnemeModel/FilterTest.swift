// A filter made ready to be held against many records: ways are taken apart and long lists of
// values are sets. It holds where `Filter.holds` says so.

/// A filter that is ready to be held against many records.
package struct FilterTest: Sendable {
    private let root: FilterNode

    /// Makes a filter ready.
    ///
    /// - Complexity: O(*n*) in its values.
    package init(_ filter: Filter) { root = FilterNode(filter) }

    /// Whether the condition holds for fields that are looked up by name.
    ///
    /// - Complexity: O(*n*) in its comparisons and in the values that they see; of a list of values
    ///   O(1).
    package func holds(_ value: (String) -> Value) -> Bool { root.holds(value) }
}

private indirect enum FilterNode: Sendable {
    case compare(field: String, members: ArraySlice<String>, HeldComparison)
    case and([FilterNode])
    case or([FilterNode])
    case not(FilterNode)

    init(_ filter: Filter) {
        switch filter {
        case .compare(let name, let comparison):
            let path = FieldPath(name)
            self = .compare(
                field: path.field,
                members: path.members[...],
                HeldComparison(comparison)
            )
        case .and(let parts): self = .and(parts.map(FilterNode.init))
        case .or(let parts): self = .or(parts.map(FilterNode.init))
        case .not(let part): self = .not(FilterNode(part))
        }
    }

    func holds(_ value: (String) -> Value) -> Bool {
        switch self {
        case .compare(let field, let members, let comparison):
            if members.isEmpty { return comparison.holds(for: value(field)) }
            return value(field).hasSome(members) { comparison.holds(for: $0) }
        case .and(let parts): return parts.allSatisfy { $0.holds(value) }
        case .or(let parts): return parts.contains { $0.holds(value) }
        case .not(let part): return !part.holds(value)
        }
    }
}

private enum HeldComparison: Sendable {
    case plain(Comparison)
    case isIn(ValueSet, isWanted: Bool)
    case any(ValueSet)
    case some(FilterNode)

    /// From so many values on a set is faster.
    private static let few = 8

    init(_ comparison: Comparison) {
        switch comparison {
        case .isIn(let values) where values.count > HeldComparison.few:
            self = .isIn(ValueSet(values), isWanted: true)
        case .notIn(let values) where values.count > HeldComparison.few:
            self = .isIn(ValueSet(values), isWanted: false)
        case .any(let values) where values.count > HeldComparison.few:
            self = .any(ValueSet(values))
        case .some(let filter): self = .some(FilterNode(filter))
        default: self = .plain(comparison)
        }
    }

    func holds(for value: Value) -> Bool {
        switch self {
        case .plain(let comparison): return comparison.holds(for: value)
        case .isIn(let set, let isWanted): return set.contains(value) == isWanted
        case .any(let set):
            guard case .array(let elements) = value else { return false }
            return elements.contains { set.contains($0) }
        case .some(let node):
            guard case .array(let elements) = value else { return false }
            return elements.contains { element in
                guard case .map(let members) = element else { return false }
                return node.holds { members[$0] ?? .null }
            }
        }
    }
}

/// Values of which ints and floats are equal as the numbers that they are.
private struct ValueSet: Sendable {
    private let values: Set<Value>
    private let hasNaN: Bool

    init(_ values: [Value]) {
        self.values = Set(values.map(ValueSet.normal))
        hasNaN = values.contains(where: ValueSet.isNaN)
    }

    func contains(_ value: Value) -> Bool {
        ValueSet.isNaN(value) ? hasNaN : values.contains(ValueSet.normal(value))
    }

    private static func isNaN(_ value: Value) -> Bool {
        if case .float(let float) = value { float.isNaN } else { false }
    }

    /// A float that is an int as that int.
    private static func normal(_ value: Value) -> Value {
        guard case .float(let float) = value, let int = Int64(exactly: float) else { return value }
        return .int(int)
    }
}
