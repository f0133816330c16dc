// That records were used: how often and when last, beside them, so that no version is made and no
// index written. formats/operations.md#touch

/// Says that records were used, as an answer of recall does of what it has.
public struct Touch: Hashable, Sendable {
    /// The collection.
    public var collection: String
    /// The keys of the records.
    public var keys: [Key]
    /// How much it slows their fading, 0 or more: a record with reinforcement *r* fades 1 + *r*
    /// times as slowly.
    public var reinforcement: Double

    /// A touch of records of a collection.
    public init(
        _ keys: [Key],
        in collection: String = "memories",
        reinforcement: Double = 1
    ) {
        self.collection = collection
        self.keys = keys
        self.reinforcement = reinforcement
    }
}

/// How a record was used since it was first put.
public struct Access: Hashable, Sendable {
    /// How often.
    public var count: Int
    /// When last.
    public var at: Instant
    /// How much its fading is slowed.
    public var reinforcement: Double

    /// An access of its parts.
    public init(count: Int, at: Instant, reinforcement: Double) {
        self.count = count
        self.at = at
        self.reinforcement = reinforcement
    }
}

/// What a touch came to.
public struct Touched: Hashable, Sendable {
    /// How each record was used, this time counted; nil in the place of one that is not there.
    public var accesses: [Access?]
    /// The commit that keeps it, or the newest where none was there.
    public var sequence: UInt64

    /// What a touch came to, of its parts.
    public init(accesses: [Access?], sequence: UInt64) {
        self.accesses = accesses
        self.sequence = sequence
    }
}
