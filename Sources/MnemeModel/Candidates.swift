// What somebody should judge: memories that say the same, that may contradict each other, that
// fade, that hang on nothing. The engine proposes; the application's own model decides.
// formats/operations.md#upkeep

/// Asks for a page of candidates.
public struct Upkeep: Hashable, Sendable {
    /// What is looked for.
    public var kind: Kind
    /// The collection.
    public var collection: String
    /// Only memories of this owner and of those below it.
    public var owner: String?
    /// From what cosine on two memories are near; nil for 0.95 of duplicates and 0.8 of
    /// contradictions.
    public var near: Double?
    /// Below what strength a memory fades.
    public var below: Double
    /// So many candidates are a page.
    public var limit: Int
    /// Where the page before ended.
    public var after: Key?

    /// A question for candidates.
    public init(
        _ kind: Kind,
        in collection: String = "memories",
        owner: String? = nil,
        near: Double? = nil,
        below: Double = 0.2,
        limit: Int = 50,
        after: Key? = nil
    ) {
        self.kind = kind
        self.collection = collection
        self.owner = owner
        self.near = near
        self.below = below
        self.limit = limit
        self.after = after
    }

    /// What is looked for.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Two memories of an owner that are nearly the same.
        case duplicates
        /// Two memories of an owner about the same that do not say the same, both true now.
        case contradictions
        /// Memories of which little is left.
        case fading
        /// Memories without edges, session and sources, that nothing was made of.
        case unlinked
    }
}

/// A page of candidates.
public struct Candidates: Hashable, Sendable {
    /// What was looked for.
    public var kind: Upkeep.Kind
    /// What was found, by the key of the first memory of each.
    public var items: [Item]
    /// How many memories were looked at.
    public var looked: Int
    /// Where the next page begins, nil when this was the last.
    public var next: Key?
    /// The commit that the answer is of.
    public var sequence: UInt64

    /// A page of its parts.
    public init(
        kind: Upkeep.Kind,
        items: [Item],
        looked: Int,
        next: Key? = nil,
        sequence: UInt64
    ) {
        self.kind = kind
        self.items = items
        self.looked = looked
        self.next = next
        self.sequence = sequence
    }

    /// One candidate.
    public struct Item: Hashable, Sendable {
        /// The memory, or both, without their vectors.
        public var records: [Record]
        /// The cosine of two; the strength of one.
        public var score: Double

        /// A candidate of its parts.
        public init(_ records: [Record], score: Double) {
            self.records = records
            self.score = score
        }
    }
}

/// Takes memories away until no more are left than there may be: what has expired, then the
/// weakest, of equal ones the oldest; never one that is pinned.
public struct Prune: Hashable, Sendable {
    /// Whose memories; those below count together with them.
    public var owner: String?
    /// The collection.
    public var collection: String
    /// So many are left at most.
    public var records: Int?
    /// So many bytes are left at most, counted as `usage` does.
    public var bytes: Int?
    /// Those below this strength go whatever the other bounds say.
    public var below: Double?
    /// Whether it is only told what would go.
    public var isDry: Bool
    /// Whether they are erased, as of `Forget`.
    public var erases: Bool

    /// A prune; at least one of the bounds is given.
    public init(
        _ owner: String? = nil,
        in collection: String = "memories",
        records: Int? = nil,
        bytes: Int? = nil,
        below: Double? = nil,
        isDry: Bool = false,
        erases: Bool = false
    ) {
        self.owner = owner
        self.collection = collection
        self.records = records
        self.bytes = bytes
        self.below = below
        self.isDry = isDry
        self.erases = erases
    }
}
