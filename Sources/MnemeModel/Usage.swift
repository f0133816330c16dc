// What owners have in a store, counted as it changes: exact in every snapshot, and the same after
// a replay, a rebuild, a restore and a compaction.

/// Asks what owners have.
public struct UsageQuestion: Hashable, Sendable {
    /// The owner and those below it; all, and what is nobody's, when nil.
    public var owner: String?
    /// Only these collections and types of edges; all that count when empty.
    public var names: [String]

    /// A question; see the properties.
    public init(owner: String? = nil, of names: [String] = []) {
        self.owner = owner
        self.names = names
    }
}

/// What owners have.
///
/// Of a record count the bytes of its fields in CBOR before they are packed, of its key, and of its
/// vectors; of an edge those of its properties and of its vectors, and 16 for what it joins.
/// Versions that were replaced, rows of a history, indexes and whatever else a store keeps do not
/// count. What has expired counts until it is swept.
public struct Usage: Hashable, Sendable {
    /// How much there is of something.
    public struct Amount: Hashable, Sendable {
        /// Records, or edges.
        public var count: Int
        /// Their bytes.
        public var bytes: Int

        /// An amount of its parts.
        public init(count: Int = 0, bytes: Int = 0) {
            self.count = count
            self.bytes = bytes
        }
    }

    /// As it was asked.
    public var owner: String?
    /// By collection; those that do not count are not here.
    public var collections: [String: Amount]
    /// By type of edges; an edge is the owner's of the record that it was linked from.
    public var edges: [String: Amount]
    /// The commit as of which this is.
    public var sequence: UInt64

    /// What is used, of its parts.
    public init(
        owner: String? = nil,
        collections: [String: Amount],
        edges: [String: Amount] = [:],
        sequence: UInt64
    ) {
        self.owner = owner
        self.collections = collections
        self.edges = edges
        self.sequence = sequence
    }

    /// Records of all collections.
    public var records: Int { collections.values.reduce(0) { $0 &+ $1.count } }

    /// Bytes of records and edges together.
    public var bytes: Int {
        collections.values.reduce(0) { $0 &+ $1.bytes } &+ edges.values.reduce(0) { $0 &+ $1.bytes }
    }
}
