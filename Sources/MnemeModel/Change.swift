// Changes: the only way that state changes. A batch of them is applied whole or not at all.

/// One change.
public enum Change: Hashable, Sendable {
    case put(Put)
    case patch(Patch)
    case delete(Reference)
    /// Deletes a record, also for restores of earlier backups that know of it: those beside which a
    /// later backup stands, and those that are given the store as a ledger.
    case erase(Reference)
    case link(Link)
    /// Removes an edge by its number.
    case unlink(UInt64)
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

    /// A put of its parts.
    public init(
        _ collection: String,
        _ key: Key? = nil,
        _ fields: [String: Value],
        mode: Mode = .replace,
        expiresAt: Instant? = nil
    ) {
        self.collection = collection
        self.key = key
        self.fields = fields
        self.mode = mode
        self.expiresAt = expiresAt
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

    /// An edge to be.
    public init(
        _ type: String,
        from: Reference,
        to: Reference,
        fields: [String: Value] = [:],
        mode: Mode = .insert
    ) {
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

    /// A commit of its parts.
    public init(sequence: UInt64, outcomes: [Outcome]) {
        self.sequence = sequence
        self.outcomes = outcomes
    }

    /// What one change gave.
    public enum Outcome: Hashable, Sendable {
        /// The record stands under this key.
        case put(Reference)
        /// The record was changed in its place, or put.
        case patched(Patched)
        /// The record is gone, deleted or erased; false when it was not there.
        case deleted(Bool)
        /// The edge has this number.
        case linked(UInt64)
        /// The edge is gone; false when it was not there.
        case unlinked(Bool)
        /// One record is true in the place of another.
        case superseded(Superseded)
    }

    /// What a patch did.
    public struct Patched: Hashable, Sendable {
        /// The record.
        public var reference: Reference
        /// Whether there was none before.
        public var isNew: Bool
        /// The record as it is now, where the patch asked for it.
        public var record: Record?

        /// What a patch did, of its parts.
        public init(reference: Reference, isNew: Bool, record: Record? = nil) {
            self.reference = reference
            self.isNew = isNew
            self.record = record
        }
    }
}
