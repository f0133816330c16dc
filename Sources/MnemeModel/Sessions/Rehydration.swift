// A session as it was: every entry that is still there, in order, with its lanes.

/// Asks for a session as it was.
public struct Rehydration: Hashable, Sendable {
    /// The session, as of a `ContextQuestion`.
    public var id: Key
    /// Whether the session and its lanes are enough, without entries.
    public var isSummaryOnly: Bool
    /// At most so many entries; all of them when nil.
    public var limit: Int?
    /// Where to go on: `next` of an answer to the same question.
    public var after: String?
    /// The collection that has the entries, as of a `ContextQuestion`.
    public var collection: String
    /// Only entries of this owner and of those below it; as of a `ContextQuestion`.
    public var owner: String?

    /// A question of its parts.
    public init(
        _ id: Key,
        summaryOnly: Bool = false,
        limit: Int? = nil,
        after: String? = nil,
        collection: String = "memories",
        owner: String? = nil
    ) {
        self.id = id
        isSummaryOnly = summaryOnly
        self.limit = limit
        self.after = after
        self.collection = collection
        self.owner = owner
    }
}

/// A session as it was.
public struct Rehydrated: Hashable, Sendable {
    /// The session; nil where the entries are those of a collection of your own.
    public var session: Session?
    /// Its lanes by name, with how many entries each has.
    public var lanes: [String: Int]
    /// The entries in their order, without their vectors.
    public var entries: [Record]
    /// How many entries were appended that are not there any more: forgotten, or expired.
    public var missing: Int64
    /// Where the same question goes on behind the last entry, nil where there are no more.
    public var next: String?
    /// The commit that the answer is of.
    public var sequence: UInt64

    /// An answer of its parts.
    public init(
        session: Session?,
        lanes: [String: Int],
        entries: [Record],
        missing: Int64,
        next: String? = nil,
        sequence: UInt64
    ) {
        self.session = session
        self.lanes = lanes
        self.entries = entries
        self.missing = missing
        self.next = next
        self.sequence = sequence
    }
}
