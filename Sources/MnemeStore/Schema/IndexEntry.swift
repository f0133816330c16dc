// An index as the store uses it. Format: formats/store.md#keys.

package import MnemeModel

/// An index and its number.
package struct IndexEntry: Sendable {
    package let number: UInt16
    package let index: Index
    /// Its fields.
    let parts: [IndexPart]
    /// The one part that may put a record under several keys, or under another than its field has.
    let spread: Int?
    /// Whether every record has exactly one key in it, made of its fields as they are.
    let isPlain: Bool

    init(number: UInt16, index: Index, parts: [IndexPart]) {
        self.number = number
        self.index = index
        self.parts = parts
        spread = parts.firstIndex(where: \.isSpread)
        isPlain = spread == nil && index.condition == nil && !parts.contains(where: \.isFolded)
    }
}

/// A field of an index.
struct IndexPart: Sendable {
    /// The field's number.
    let field: UInt16
    /// The way into it.
    let path: FieldPath
    /// What the field holds.
    let type: FieldType
    var isDescending: Bool
    let isFolded: Bool
    /// Whether it has what json contains.
    let isContaining: Bool

    init(_ field: IndexField, number: UInt16, type: FieldType) {
        self.field = number
        self.type = type
        path = field.path
        isDescending = field.isDescending
        isFolded = field.isFolded
        isContaining = field.isContaining
    }

    /// Whether it is json, where numbers of both kinds stand in one order.
    var isJSON: Bool { type == .json }

    /// Whether a record may have several values in it.
    var isSpread: Bool {
        if case .array = type { return true }
        return isJSON
    }

    /// What one of its values is.
    var elementType: FieldType {
        if case .array(let element) = type { return element }
        return type
    }

    /// The values of a field that make keys: of an array its elements, of an empty one null, and
    /// null where there is nothing.
    func values(of value: Value) -> [Value] {
        if isContaining { return JSONLeaves.values(of: value, path) }
        var values: [Value] = []
        _ = value.visit(path.members[...]) { found in
            if case .array(let elements) = found, !elements.isEmpty {
                values += elements
            } else if case .array = found {
                values.append(.null)
            } else {
                values.append(found)
            }
            return false
        }
        return values.isEmpty ? [.null] : values
    }
}
