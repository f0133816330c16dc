// Changes: the only way that state changes. A batch of them is applied whole or not at all.

/// One change.
public enum Change: Hashable, Sendable {
    case put(Put)
    case patch(Patch)
    case delete(Reference)
    /// Deletes a record, also for restores of earlier backups that know of it: those beside which a
    /// later backup stands, and those that are given the store as a ledger.
    case erase(Reference)
    /// Deletes or erases a record under conditions, or tells what it was.
    case remove(Removal)
    /// Deletes a record softly, archives it, or brings it back from there.
    case mark(Mark)
    case link(Link)
    /// Removes an edge by its number.
    case unlink(UInt64)
    /// Removes an edge by its number as `erase` does a record, and erases what its type keeps of it
    /// where it has ended before.
    case eraseEdge(UInt64)
    /// Puts a record in the place of another one as what is true from an instant on.
    case supersede(Supersede)
}

/// Puts a record.
public struct Put: Hashable, Sendable {
    /// The collection's name.
    public var collection: String
    /// The key; one is generated when nil.
    public var key: Key?
    /// The fields by name.
    public var fields: [String: Value]
    /// What to do when the key is taken.
    public var mode: Mode
    /// The instant from which the record is not there any more.
    public var expiresAt: Instant?
    /// In how many seconds the record is not there any more, counted by the store's clock from when
    /// the change is made ready; in the place of `expiresAt`.
    public var expiresIn: Int?
    /// Refuses the put unless the record that is there has this version, 0 for none
    /// (`conditionFailed`).
    public var version: UInt64?
    /// Refuses the put where it does not hold of a record that is there (`conditionFailed`).
    public var condition: Filter?
    /// What the outcome has of the record.
    public var returns: Returns?
    /// Whether the record comes from elsewhere as it was there: fields that are filled at every put
    /// keep what is given.
    public var isCopy = false
    /// The models that made vectors among the fields, by field: one that is not the field's refuses
    /// the put (`wrongModel`).
    public var models: [String: String] = [:]

    /// A put of its parts.
    public init(
        _ collection: String,
        _ key: Key? = nil,
        _ fields: [String: Value],
        mode: Mode = .replace,
        expiresAt: Instant? = nil,
        version: UInt64? = nil,
        if condition: Filter? = nil,
        returns: Returns? = nil
    ) {
        self.collection = collection
        self.key = key
        self.fields = fields
        self.mode = mode
        self.expiresAt = expiresAt
        self.version = version
        self.condition = condition
        self.returns = returns
    }

    /// What to do when the key is taken.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// The record is replaced.
        case replace
        /// The put is refused.
        case insert
        /// The record is replaced if its owner is the new one's, and the put is refused otherwise.
        case replaceOwned
    }
}

/// Which record or edge the outcome of a change has.
public enum Returns: String, Hashable, Sendable, CaseIterable {
    /// What was there before; nothing where there was none.
    case old
    /// What is there afterwards.
    case new
}

/// Links two records.
public struct Link: Hashable, Sendable {
    /// The edge type's name.
    public var type: String
    /// Where the edge starts.
    public var from: Reference
    /// Where it ends.
    public var to: Reference
    /// Its properties by name.
    public var fields: [String: Value]
    /// What to do when a unique type has an edge between the two already.
    public var mode: Mode
    /// Whether the outcome has the edge that was replaced, or the new one.
    public var returns: Returns?
    /// As of a `Put`.
    public var isCopy = false

    /// An edge to be.
    public init(
        _ type: String,
        from: Reference,
        to: Reference,
        fields: [String: Value] = [:],
        mode: Mode = .insert,
        returns: Returns? = nil
    ) {
        self.returns = returns
        self.type = type
        self.from = from
        self.to = to
        self.fields = fields
        self.mode = mode
    }

    /// What to do when a unique type has an edge between the two already.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// The link is refused.
        case insert
        /// The edge goes, and the new one takes its place, with a number and properties of its own;
        /// of unique types alone.
        case replace
    }
}

/// How long a commit is waited for.
public enum Durability: String, Hashable, Sendable, CaseIterable {
    /// Until it survives a power cut.
    case synced
    /// Until it is written; it survives the process, and a power cut soon after.
    case buffered
    /// As `buffered`, and nothing is promised about when it survives a power cut.
    case none
}

/// What a commit did.
public struct Committed: Hashable, Sendable {
    /// The commit's sequence.
    public var sequence: UInt64
    /// What each change gave: the record put or deleted, the edge linked or unlinked.
    public var outcomes: [Outcome]
    /// The version that each change made of its record, 0 for one that made none; empty where none
    /// of them did, and inside a transaction, whose records have no versions yet.
    public var versions: [UInt64]
    /// Whether it was done before, under the same idempotency key, and this is what it came to
    /// then.
    public var isRepeated: Bool
    /// The records that gave way to quotas, in the order in which they went; empty as a rule.
    public var evicted: [Reference]

    /// A commit of its parts.
    public init(
        sequence: UInt64,
        outcomes: [Outcome],
        versions: [UInt64] = [],
        isRepeated: Bool = false,
        evicted: [Reference] = []
    ) {
        self.isRepeated = isRepeated
        self.evicted = evicted
        self.sequence = sequence
        self.outcomes = outcomes
        self.versions = versions
    }

    /// What one change gave.
    public enum Outcome: Hashable, Sendable {
        /// The record stands under this key.
        case put(Reference)
        /// The record stands under its key, and was to be told as it is or was.
        case putReturning(Patched)
        /// The record was changed in its place, or put.
        case patched(Patched)
        /// The record is gone, deleted or erased; false when it was not there.
        case deleted(Bool)
        /// The record is gone, and was this one.
        case deletedReturning(Record)
        /// The edge has this number.
        case linked(UInt64)
        /// The edge has this number, and is, or took the place of, this one; nil where it took the
        /// place of none.
        case linkedReturning(UInt64, Edge?)
        /// The edge is gone, removed or erased; false when it was not there.
        case unlinked(Bool)
        /// One record is true in the place of another.
        case superseded(Superseded)
    }

    /// What a patch did, or a put that returns.
    public struct Patched: Hashable, Sendable {
        /// The record.
        public var reference: Reference
        /// Whether there was none before.
        public var isNew: Bool
        /// The record as it is now or was before, whichever was asked for.
        public var record: Record?

        /// What a patch did, of its parts.
        public init(reference: Reference, isNew: Bool, record: Record? = nil) {
            self.reference = reference
            self.isNew = isNew
            self.record = record
        }
    }
}
