// How records are addressed: by collection and the caller's key.

/// A record's key within its collection.
public enum Key: Hashable, Sendable {
    case text(String)
    case int(Int64)
    case uuid(UniqueID)

    /// The key as a value.
    public var value: Value {
        switch self {
        case .text(let text): .text(text)
        case .int(let number): .int(number)
        case .uuid(let id): .uuid(id)
        }
    }
}

extension Key: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    /// A text key.
    public init(stringLiteral value: String) { self = .text(value) }
    /// An integer key.
    public init(integerLiteral value: Int64) { self = .int(value) }
}

extension Key: CustomStringConvertible {
    /// The key as text.
    public var description: String {
        switch self {
        case .text(let text): text
        case .int(let number): String(number)
        case .uuid(let id): id.description
        }
    }
}

/// A record of any collection.
public struct Reference: Hashable, Sendable {
    /// The collection's name.
    public var collection: String
    /// The key in it.
    public var key: Key

    /// A record of a collection by its key.
    public init(_ collection: String, _ key: Key) {
        self.collection = collection
        self.key = key
    }
}

extension Reference: CustomStringConvertible {
    /// Collection and key with a slash between.
    public var description: String { "\(collection)/\(key)" }
}

/// A record: a key and fields.
///
/// Fields that are not there are null.
public struct Record: Hashable, Sendable {
    /// The collection and key.
    public var reference: Reference
    /// The fields by name, without nulls.
    public var fields: [String: Value]
    /// The sequence of the change that made it what it is, where that was asked for.
    public var version: UInt64?

    /// A record of its parts.
    public init(_ reference: Reference, fields: [String: Value], version: UInt64? = nil) {
        self.reference = reference
        self.fields = fields
        self.version = version
    }

    /// A field's value, `null` when it is not there.
    public subscript(_ field: String) -> Value { fields[field] ?? .null }
}

/// An edge: a typed, directed connection between two records, with properties.
public struct Edge: Hashable, Sendable {
    /// The number that the store gave it, which unlinks it.
    public var id: UInt64
    /// The edge type's name.
    public var type: String
    /// Where it starts.
    public var from: Reference
    /// Where it ends.
    public var to: Reference
    /// Its properties by name.
    public var fields: [String: Value]

    /// An edge of its parts.
    public init(
        id: UInt64,
        type: String,
        from: Reference,
        to: Reference,
        fields: [String: Value] = [:]
    ) {
        self.id = id
        self.type = type
        self.from = from
        self.to = to
        self.fields = fields
    }
}
