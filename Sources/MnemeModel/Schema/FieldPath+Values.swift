// What lies at the end of a path: through an array the way goes in each of its elements.

extension Value {
    /// Hands over what lies at the end of the way through members, until `body` says true.
    ///
    /// An array on the way is gone through; one at its end is handed over whole. Where there is no
    /// member of the name it is null; of an empty array on the way there is nothing.
    ///
    /// - Returns: whether `body` said true.
    /// - Complexity: O(*n*) in the elements of the arrays on the way.
    package func visit(_ members: ArraySlice<String>, _ body: (Value) -> Bool) -> Bool {
        guard let first = members.first else { return body(self) }
        switch self {
        case .map(let map): return (map[first] ?? .null).visit(members.dropFirst(), body)
        case .array(let elements): return elements.contains { $0.visit(members, body) }
        default: return body(.null)
        }
    }

    /// Whether a condition holds for some value at the end of the way; for null where there is
    /// none.
    package func hasSome(_ members: ArraySlice<String>, _ holds: (Value) -> Bool) -> Bool {
        if members.isEmpty { return holds(self) }
        var isEmpty = true
        let found = visit(members) { value in
            isEmpty = false
            return holds(value)
        }
        return found || isEmpty && holds(.null)
    }
}

extension FieldPath {
    /// What is wrong with it as a way into a field, as the end of a sentence; nil when nothing is.
    package var fault: String? {
        if field.isEmpty || members.contains("") { return "has an empty part between its dots" }
        if members.count > FieldPath.limit { return "goes more than \(FieldPath.limit) deep" }
        return nil
    }

    /// The most members of a path: json lies no deeper.
    private static let limit = 64
}
