// One record takes the place of another as what is true: both changes at once, or neither.

/// Ends what a record says is true at an instant, and puts one that is true from then on.
///
/// The collection of the old one has the role validTo, that of the new one the role validFrom.
public struct Supersede: Hashable, Sendable {
    /// The record whose time of validity ends.
    public var old: Reference
    /// The collection of the new record.
    public var collection: String
    /// The new record's key; one is generated when nil.
    public var key: Key?
    /// Its fields by name, but for the one with the role validFrom.
    public var fields: [String: Value]
    /// When the one ends and the other begins.
    public var at: Instant
    /// The type of an edge that leads from the new record to the old one; none when nil.
    public var by: String?
    /// The properties of that edge by name.
    public var edgeFields: [String: Value] = [:]

    /// A change of its parts.
    public init(
        _ old: Reference,
        by edgeType: String? = nil,
        in collection: String,
        _ key: Key? = nil,
        _ fields: [String: Value],
        at: Instant
    ) {
        self.old = old
        self.collection = collection
        self.key = key
        self.fields = fields
        self.at = at
        by = edgeType
    }
}

extension Committed {
    /// What a supersede did.
    public struct Superseded: Hashable, Sendable {
        /// The new record.
        public var reference: Reference
        /// The number of the edge from it to the old one, where one was asked for.
        public var edge: UInt64?

        /// What it did, of its parts.
        public init(reference: Reference, edge: UInt64? = nil) {
            self.reference = reference
            self.edge = edge
        }
    }
}
