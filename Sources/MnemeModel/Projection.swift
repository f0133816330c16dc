// What a row of an answer is made of: fields, what every record has besides its fields, and values
// that expressions make of fields.

/// Names under which questions speak of what every record or edge has besides its fields.
///
/// No field has such a name: a field's has no `$`.
public enum PseudoField {
    /// A record's key.
    public static let key = "$key"
    /// The sequence of the change that made this version of a record, an int.
    public static let version = "$version"
    /// An edge's number, an int.
    public static let id = "$id"
    /// The record that an edge starts at, as a reference.
    public static let from = "$from"
    /// The record that an edge ends at, as a reference.
    public static let to = "$to"

    /// Those of records, in the order of their documentation.
    package static let ofRecords = [key, version]
    /// Those of edges.
    package static let ofEdges = [id, from, to]

    /// Whether a name is none of a field.
    package static func isOne(_ name: String) -> Bool { name.utf8.first == UInt8(ascii: "$") }
}

/// One thing that a row has.
public enum Projection: Hashable, Sendable, ExpressibleByStringLiteral {
    /// A field, or a pseudo-field.
    case field(String)
    /// What an expression makes of the fields, under a name of its own.
    case computed(String, Expression)

    /// A field.
    public init(stringLiteral value: String) { self = .field(value) }

    /// Under what name it stands in the row.
    public var name: String {
        switch self {
        case .field(let name), .computed(let name, _): name
        }
    }

    /// The fields that it is made of.
    package var fields: Set<String> {
        switch self {
        case .field(let name): [name]
        case .computed(_, let expression): expression.fields
        }
    }
}

extension [Projection] {
    /// Fields by their names.
    public static func fields(_ names: [String]) -> [Projection] { names.map(Projection.field) }
}
