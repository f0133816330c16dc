// A kind of edge: what it joins, and what holds of it.

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
    /// What holds of the properties of each edge.
    public var checks: [Check]
    /// Whether two records have at most one edge of the type, each way.
    public var isUnique: Bool
    /// Whether it means the same both ways: walks follow it both ways, and a unique one joins two
    /// records once.
    public var isUndirected: Bool
    /// Whether an edge may end where it starts.
    public var allowsLoops: Bool
    /// The indexes over its properties, `$from` and `$to`; none is unique.
    public var indexes: [Index]
    /// Whether it is counted what edges each owner has of it.
    public var countsUsage: Bool
    /// That it is kept which edges were there once, and for how long; nil where it is not.
    public var history: HistoryRule?
    /// The property, an instant, from which on what an edge says is true; nil where none says it.
    public var validFrom: String?
    /// The property, an instant, up to which it is.
    public var validTo: String?

    /// An edge type of its parts.
    public init(
        _ name: String,
        from: String? = nil,
        to: String? = nil,
        fields: [Field] = [],
        checks: [Check] = [],
        isUnique: Bool = false,
        isUndirected: Bool = false,
        allowsLoops: Bool = true,
        indexes: [Index] = [],
        countsUsage: Bool = false,
        history: HistoryRule? = nil
    ) {
        self.name = name
        self.from = from
        self.to = to
        self.fields = fields
        self.checks = checks
        self.isUnique = isUnique
        self.isUndirected = isUndirected
        self.allowsLoops = allowsLoops
        self.indexes = indexes
        self.countsUsage = countsUsage
        self.history = history
    }
}
