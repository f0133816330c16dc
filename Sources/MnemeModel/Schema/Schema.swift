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
    /// What holds of each of its records.
    public var checks: [Check]
    /// Which fields name records of this or another collection.
    public var references: [ReferenceRule]
    /// What the memory layer may use each field for.
    public var roles: Roles
    /// What is kept of what its records were; nothing when nil.
    public var history: HistoryRule?
    /// Whether it is counted what each owner has in it; quotas have it counted as well.
    public var countsUsage: Bool
    /// How much each owner may have in it; a definition without them leaves those that are there.
    public var quotas: [Quota]?
    /// How long its records are kept; for good when nil.
    public var retention: RetentionRule?
    /// How its records are recalled where a call does not say; a definition without it leaves the
    /// one that is there.
    public var recall: RecallRule?

    /// A collection of its parts.
    public init(
        _ name: String,
        key: KeyType = .text,
        fields: [Field],
        indexes: [Index] = [],
        checks: [Check] = [],
        references: [ReferenceRule] = [],
        roles: Roles = Roles(),
        history: HistoryRule? = nil,
        countsUsage: Bool = false,
        quotas: [Quota]? = nil,
        retention: RetentionRule? = nil,
        recall: RecallRule? = nil
    ) {
        self.name = name
        self.key = key
        self.fields = fields
        self.indexes = indexes
        self.checks = checks
        self.references = references
        self.roles = roles
        self.history = history
        self.countsUsage = countsUsage
        self.quotas = quotas
        self.retention = retention
        self.recall = recall
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
