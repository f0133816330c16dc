// What a store holds: collections of records with typed fields and indexes, and types of edges.

/// Collections and edge types; defining one adds to what is there.
public struct Schema: Hashable, Sendable {
    /// The collections.
    public var collections: [Collection]
    /// The types of edges.
    public var edgeTypes: [EdgeType]

    /// A schema of its parts.
    public init(collections: [Collection] = [], edgeTypes: [EdgeType] = []) {
        self.collections = collections
        self.edgeTypes = edgeTypes
    }
}

/// A kind of record.
public struct Collection: Hashable, Sendable {
    /// The name: letters, digits, `_`, at most 64, not starting with a digit.
    public var name: String
    /// What keys are.
    public var key: KeyType
    /// The fields in order.
    public var fields: [Field]
    /// The indexes; one over the key is always there.
    public var indexes: [Index]
    /// What the memory layer may use each field for.
    public var roles: Roles

    /// A collection of its parts.
    public init(
        _ name: String,
        key: KeyType = .text,
        fields: [Field],
        indexes: [Index] = [],
        roles: Roles = Roles()
    ) {
        self.name = name
        self.key = key
        self.fields = fields
        self.indexes = indexes
        self.roles = roles
    }

    /// The field of a name.
    public func field(_ name: String) -> Field? { fields.first { $0.name == name } }
}

/// What the keys of a collection are.
///
/// A put without a key gets a generated one: for `int` the next number, otherwise a UUID of version
/// 7.
public enum KeyType: String, Hashable, Sendable, CaseIterable {
    case text
    case int
    case uuid
}

/// A field of a collection.
public struct Field: Hashable, Sendable {
    /// The name: as a collection's.
    public var name: String
    /// What it holds.
    public var type: FieldType
    /// Whether a record without it is refused.
    public var isRequired: Bool
    /// Whether its words are indexed; text fields only.
    public var isSearchable: Bool

    /// A field of its parts.
    public init(
        _ name: String,
        _ type: FieldType,
        isRequired: Bool = false,
        isSearchable: Bool = false
    ) {
        self.name = name
        self.type = type
        self.isRequired = isRequired
        self.isSearchable = isSearchable
    }
}

/// What a field holds.
public indirect enum FieldType: Hashable, Sendable {
    case bool
    case int
    case float
    case text
    case bytes
    case uuid
    case instant
    case date
    /// Anything that JSON can say.
    case json
    /// One of these texts.
    case oneOf([String])
    /// An array of one scalar type.
    case array(FieldType)
    case vector(VectorType)
}

/// A vector field's shape.
public struct VectorType: Hashable, Sendable {
    /// How many components.
    public var dimension: Int
    /// How components are kept.
    public var element: VectorElement
    /// How nearness is measured.
    public var metric: VectorMetric

    /// A shape of its parts.
    ///
    /// - Precondition: `dimension` is between 1 and 4,096; checked when it is defined.
    public init(
        dimension: Int,
        element: VectorElement = .float32,
        metric: VectorMetric = .cosine
    ) {
        self.dimension = dimension
        self.element = element
        self.metric = metric
    }
}

/// How a vector's components are kept in the log.
public enum VectorElement: String, Hashable, Sendable, CaseIterable {
    case float32
    case float16
}

/// How nearness is measured.
///
/// A score is higher for nearer vectors under each of them.
public enum VectorMetric: String, Hashable, Sendable, CaseIterable {
    /// The cosine of the angle; a zero vector is refused.
    case cosine
    /// The inner product.
    case dot
    /// Minus the squared Euclidean distance.
    case l2
}

/// An index over one or several fields.
public struct Index: Hashable, Sendable {
    /// The name: as a collection's.
    public var name: String
    /// The fields, first one first.
    public var fields: [IndexField]
    /// Whether two records with the same fields are refused.
    ///
    /// Nulls are not distinct.
    public var isUnique: Bool

    /// An index of its parts.
    public init(_ name: String, on fields: [IndexField], isUnique: Bool = false) {
        self.name = name
        self.fields = fields
        self.isUnique = isUnique
    }
}

/// A field in an index.
public struct IndexField: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The field's name.
    public var name: String
    /// Whether the index runs from high to low.
    public var isDescending: Bool

    /// A field of an index.
    public init(_ name: String, descending: Bool = false) {
        self.name = name
        isDescending = descending
    }

    /// A field from low to high.
    public init(stringLiteral value: String) { self.init(value) }
}

/// Which field is what to the memory layer.
///
/// A role that is not given is not used.
public struct Roles: Hashable, Sendable {
    /// The owner: a path such as `user/project`; text.
    public var owner: String?
    /// The text to embed and to match.
    public var text: String?
    /// When it happened; instant.
    public var time: String?
    /// How important it is, 0…1; float.
    public var importance: String?
    /// How fast it fades, per day; float.
    public var decayRate: String?
    /// Whether it never fades; bool.
    public var pinned: String?
    /// Which session it belongs to; text.
    public var session: String?
    /// Where it stands in its session; int.
    public var position: String?
    /// Who said it; text.
    public var speaker: String?

    /// Roles of nothing.
    public init() {}
}

/// A kind of edge.
public struct EdgeType: Hashable, Sendable {
    /// The name: as a collection's.
    public var name: String
    /// The collection that it starts in, any when nil.
    public var from: String?
    /// The collection that it ends in, any when nil.
    public var to: String?
    /// Its properties.
    public var fields: [Field]

    /// An edge type of its parts.
    public init(_ name: String, from: String? = nil, to: String? = nil, fields: [Field] = []) {
        self.name = name
        self.from = from
        self.to = to
        self.fields = fields
    }
}
