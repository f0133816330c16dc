// Everything that a store has of an owner goes for good, with a receipt.

/// Erases everything of an owner.
public struct Purge: Hashable, Sendable {
    /// The owner; those below it go too.
    public var owner: String
    /// Whether it is only told what would go.
    public var isDry: Bool

    /// A purge of an owner.
    public init(_ owner: String, isDry: Bool = false) {
        self.owner = owner
        self.isDry = isDry
    }
}

/// What a purge came to.
public struct Purged: Hashable, Sendable {
    /// The owner.
    public var owner: String
    /// What went of each collection, as `Usage` counts bytes.
    public var collections: [String: Usage.Amount]
    /// Edges that went: those of the owner, and all others that touched what went.
    public var edges: [String: Usage.Amount]
    /// Rows of histories.
    public var historyRows: Int
    /// Answers that were kept under idempotency keys.
    public var answers: Int
    /// Commits that it took: with more than one, others saw a part of it gone meanwhile.
    public var commits: Int
    /// The last of them, or the commit as of which it is told what would go.
    public var sequence: UInt64
    /// When that was.
    public var at: Instant
    /// Whether nothing went.
    public var isDry: Bool
    /// What to run to have it proved that nothing is left.
    public var proof: [String]

    /// A receipt of its parts.
    public init(
        owner: String,
        collections: [String: Usage.Amount] = [:],
        edges: [String: Usage.Amount] = [:],
        historyRows: Int = 0,
        answers: Int = 0,
        commits: Int = 0,
        sequence: UInt64,
        at: Instant,
        isDry: Bool = false,
        proof: [String] = []
    ) {
        self.owner = owner
        self.collections = collections
        self.edges = edges
        self.historyRows = historyRows
        self.answers = answers
        self.commits = commits
        self.sequence = sequence
        self.at = at
        self.isDry = isDry
        self.proof = proof
    }
}
