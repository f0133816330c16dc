// The change feed: what was committed, in order, from a sequence on. Nothing is kept for who
// watches: an answer says where to go on.

/// Asks for the events of durable commits behind a sequence.
public struct Watch: Hashable, Sendable {
    /// Events of commits behind this sequence: `next` of the answer before, or the `sequence` of an
    /// answer that read the store; 0 for all there ever were; nil for those from now on.
    public var after: UInt64?
    /// Only records of these collections; nil for all.
    public var collections: [String]?
    /// Only edges of these types; nil for all.
    public var edges: [String]?
    /// Only what is of this owner and of those below it.
    public var owner: String?
    /// No further commit is answered once there are so many events, 1 … 10,000.
    public var limit: Int
    /// How long the answer waits while there is nothing to tell, 0 … 60,000.
    public var waitMilliseconds: Int

    /// The bounds of `limit` and `waitMilliseconds`.
    package static let limits = 1...10_000
    package static let waits = 0...60_000

    /// A watch; see the properties.
    public init(
        after: UInt64? = nil,
        collections: [String]? = nil,
        edges: [String]? = nil,
        owner: String? = nil,
        limit: Int = 1000,
        waitMilliseconds: Int = 0
    ) {
        self.after = after
        self.collections = collections
        self.edges = edges
        self.owner = owner
        self.limit = limit
        self.waitMilliseconds = waitMilliseconds
    }

    /// - Throws: `badRequest` where a number is out of its bounds.
    package func check() throws(MnemeError) {
        for (name, number, bounds) in [
            ("limit", limit, Self.limits), ("waitMilliseconds", waitMilliseconds, Self.waits),
        ] where !bounds.contains(number) {
            throw MnemeError(
                .badRequest,
                "watch.\(name) is \(number); give \(bounds.lowerBound) to \(bounds.upperBound)"
            )
        }
    }
}

/// What was committed.
public struct Watched: Hashable, Sendable {
    /// The events of whole commits, in the order of their sequences; the last one may be a part of
    /// a very great commit, which is above `next` then.
    public var events: [Event]
    /// What the next watch is to go on after.
    public var next: UInt64
    /// The newest durable commit.
    public var sequence: UInt64

    /// An answer of its parts.
    public init(events: [Event], next: UInt64, sequence: UInt64) {
        self.events = events
        self.next = next
        self.sequence = sequence
    }

    /// One change.
    public struct Event: Hashable, Sendable {
        /// The change's own sequence.
        public var sequence: UInt64
        /// Its commit's.
        public var commit: UInt64
        /// When it was committed.
        public var time: Instant
        /// What was changed.
        public var what: What

        /// An event of its parts.
        public init(sequence: UInt64, commit: UInt64, time: Instant, what: What) {
            self.sequence = sequence
            self.commit = commit
            self.time = time
            self.what = what
        }
    }

    /// What was changed.
    public enum What: Hashable, Sendable {
        /// A record has this version; `isNew`: there was none of its key before.
        case put(Record, isNew: Bool)
        /// A record is gone, and with it the edges that touched it.
        case delete(Reference)
        /// Likewise, and it is to go from all files.
        case erase(Reference)
        /// An edge is there.
        case link(Edge)
        /// An edge is gone.
        case unlink(Unlinked)
        /// Something was defined.
        case define(Schema)
        /// Something defined is gone, and all that was of it.
        case drop(Drop)
        /// A vector field's name came to be another vector field's.
        case switchVector(VectorSwitch)
    }

    /// An edge that is gone.
    public struct Unlinked: Hashable, Sendable {
        /// The edge's number.
        public var id: UInt64
        /// Its type.
        public var type: String
        /// Where it began.
        public var from: Reference
        /// Where it ended.
        public var to: Reference
        /// Whether it was erased, and is to go from all files.
        public var isErased: Bool

        /// An edge of its parts.
        public init(
            id: UInt64,
            type: String,
            from: Reference,
            to: Reference,
            isErased: Bool = false
        ) {
            self.isErased = isErased
            self.id = id
            self.type = type
            self.from = from
            self.to = to
        }
    }
}
