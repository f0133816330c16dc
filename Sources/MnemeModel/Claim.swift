// Taking work: the first records of a question become the claimer's in one step.

/// Takes the first records of a question and patches all of them in one commit.
///
/// Among those who claim at the same time, each record goes to one. The edits have to take a record
/// out of the question, or the next who claims is given it again.
public struct Claim: Hashable, Sendable {
    /// The collection.
    public var collection: String
    /// Only records of this owner and of those below it.
    public var owner: String?
    /// Only records for which this holds.
    public var filter: Filter?
    /// Which come first, as of `Find`.
    public var order: [Order]
    /// At most this many.
    public var limit: Int
    /// What becomes of the fields of each.
    public var edits: [Edit]
    /// What becomes of the instant from which each is not there any more.
    public var expiry: Patch.Expiry
    /// Whether the answer has the records as they are now, or as they were.
    public var returns: Returns?

    /// A claim; see the properties.
    public init(
        _ collection: String,
        owner: String? = nil,
        where filter: Filter? = nil,
        order: [Order] = [],
        limit: Int = 1,
        edits: [Edit],
        expiry: Patch.Expiry = .kept,
        returns: Returns? = nil
    ) {
        self.collection = collection
        self.owner = owner
        self.filter = filter
        self.order = order
        self.limit = limit
        self.edits = edits
        self.expiry = expiry
        self.returns = returns
    }
}

/// What was claimed.
public struct Claimed: Hashable, Sendable {
    /// The records, in the order of the question.
    public var references: [Reference]
    /// The version that the claim made of each.
    public var versions: [UInt64]
    /// The records themselves where the claim asked for them; else empty.
    public var records: [Record]
    /// The claim's commit.
    public var sequence: UInt64
    /// As of `Committed`.
    public var isRepeated: Bool
    /// As of `Committed`.
    public var evicted: [Reference]

    /// A claim of its parts.
    public init(
        references: [Reference],
        versions: [UInt64],
        records: [Record] = [],
        sequence: UInt64,
        isRepeated: Bool = false,
        evicted: [Reference] = []
    ) {
        self.evicted = evicted
        self.references = references
        self.versions = versions
        self.records = records
        self.sequence = sequence
        self.isRepeated = isRepeated
    }
}
