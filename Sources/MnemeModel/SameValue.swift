// Values that are told apart as filters do: an int and a float are one where they are one number.

/// A value among others of which those that are equal are one.
package struct SameValue: Hashable, Sendable {
    /// The value.
    package let value: Value

    /// A value.
    package init(_ value: Value) { self.value = value }

    package static func == (left: SameValue, right: SameValue) -> Bool {
        // No number is itself; here it is.
        if case .float(let a) = left.value, case .float(let b) = right.value, a.isNaN, b.isNaN {
            return true
        }
        return left.value.isSame(as: right.value)
    }

    package func hash(into hasher: inout Hasher) {
        switch value {
        case .float(let float):
            if float.isNaN {
                hasher.combine(Value.null)
            } else if let int = Int64(exactly: float) {
                hasher.combine(Value.int(int))
            } else {
                hasher.combine(value)
            }
        default: hasher.combine(value)
        }
    }
}
