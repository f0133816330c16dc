// Indexes: what is found without reading every record, and what must not be there twice.

/// An index over one or several fields.
public struct Index: Hashable, Sendable {
    /// The name: as a collection's.
    public var name: String
    /// The fields, first one first.
    public var fields: [IndexField]
    /// Whether two records with the same fields are refused.
    public var isUnique: Bool
    /// Only records for which it holds are in the index; all of them when nil.
    public var condition: Expression?
    /// Whether records that lack a value in one of the fields may stand in a unique index together.
    ///
    /// Nulls are not distinct by default: one record without a value is the only one.
    public var hasDistinctNulls: Bool

    /// An index of its parts.
    public init(
        _ name: String,
        on fields: [IndexField],
        isUnique: Bool = false,
        where condition: Expression? = nil,
        hasDistinctNulls: Bool = false
    ) {
        self.name = name
        self.fields = fields
        self.isUnique = isUnique
        self.condition = condition
        self.hasDistinctNulls = hasDistinctNulls
    }
}

/// A field in an index.
public struct IndexField: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The field, or a path into it.
    ///
    /// An array, or a path through one, puts a record under each of the elements.
    public var path: FieldPath
    /// Whether the index runs from high to low.
    public var isDescending: Bool
    /// Whether texts that differ in case alone are the same here.
    public var isFolded: Bool
    /// Whether a json field is there for what objects in it contain: the record is found under each
    /// text, number, truth value and null in it, with the names of the members that lead there.
    public var isContaining: Bool

    /// A field of an index, as `FieldPath.init(_:)` reads it.
    public init(
        _ path: String,
        descending: Bool = false,
        folded: Bool = false,
        contains: Bool = false
    ) {
        isContaining = contains
        self.path = FieldPath(path)
        isDescending = descending
        isFolded = folded
    }

    /// A field from low to high.
    public init(stringLiteral value: String) { self.init(value) }

    /// The field's name, without the way into it.
    public var name: String { path.field }
}
