// Sessions: what they are, on what terms they are opened, and what becomes of them when they end.

/// A session: an ordered run of memories that belong together.
public struct Session: Hashable, Sendable {
    /// The session's key.
    public var id: String
    /// Whose it is.
    public var owner: String
    /// When it began and when something was last appended.
    public var startedAt: Instant
    /// When something was last appended.
    public var lastAt: Instant
    /// When it ended, nil while it goes on.
    public var endedAt: Instant?
    /// How many entries it has.
    public var entryCount: Int64
    /// What the caller said about it when it ended.
    public var summary: String?
    /// Whether this call started it.
    public var isNew: Bool
    /// The records that gave way to quotas as it was opened or ended, in the order in which they
    /// went; empty as a rule.
    public var evicted: [Reference]
    /// The terms on which it was opened.
    public var terms = SessionTerms()
    /// The one that had been idle for too long, and ended as this call started another one.
    public var replaced: String?
    /// The episode that it left, once it was flushed.
    public var episode: Reference?
    /// How many of its working entries this call turned into episodic ones; nil where it was not to
    /// flush, or had been flushed before.
    public var flushed: Int64?
    /// The memories that were remembered as this call ended it, in their order.
    public var facts: [Key] = []
    /// Whether this is what was answered before to the same request under its idempotency key.
    public var isRepeated = false

    /// A session of its parts.
    public init(
        id: String,
        owner: String,
        startedAt: Instant,
        lastAt: Instant,
        endedAt: Instant?,
        entryCount: Int64,
        summary: String?,
        isNew: Bool,
        evicted: [Reference] = []
    ) {
        self.evicted = evicted
        self.id = id
        self.owner = owner
        self.startedAt = startedAt
        self.lastAt = lastAt
        self.endedAt = endedAt
        self.entryCount = entryCount
        self.summary = summary
        self.isNew = isNew
    }
}

/// On what terms a session is opened; of one that is going on already they are what they were.
public struct SessionTerms: Hashable, Sendable {
    /// The session that it goes on from: one of the same owner, or of one above.
    ///
    /// An owner has one session at a time that goes on from each of them, and one from none.
    public var parent: String?
    /// Who runs it.
    public var agent: String?
    /// For how many seconds after the end there is still what goes with the session: entries that
    /// are working, and those that are of the layer session alone; for good when nil.
    public var secondsAfterEnd: Int?
    /// Anything else.
    public var data: Value
    /// The id of a session that is started on these terms; one is made when nil.
    ///
    /// Nil of the terms of a session that is there, which has its id.
    public var id: String?

    /// Terms of their parts.
    public init(
        parent: String? = nil,
        agent: String? = nil,
        secondsAfterEnd: Int? = nil,
        data: Value = .null,
        id: String? = nil
    ) {
        self.id = id
        self.parent = parent
        self.agent = agent
        self.secondsAfterEnd = secondsAfterEnd
        self.data = data
    }
}

/// What becomes of a session when it ends, in the commit that ends it.
public struct SessionClosing: Hashable, Sendable {
    /// Whether its working entries become episodic, and an episode is made of it.
    public var flushes: Bool
    /// What is remembered besides; an empty owner is the session's.
    public var facts: [Remember]
    /// What is changed besides, such as counters.
    public var changes: [Change]

    /// A closing of its parts.
    public init(flushes: Bool = false, facts: [Remember] = [], changes: [Change] = []) {
        self.flushes = flushes
        self.facts = facts
        self.changes = changes
    }
}

/// What a memory is as an entry of a session, besides what every memory is.
public struct EntryTraits: Hashable, Sendable {
    /// The lane of the session that it is in; nil, and `main`, for the main one.
    public var lane: String?
    /// Who made it, such as the agent's name.
    public var agent: String?
    /// How many tokens it takes where it is sent, as the caller's own tokenizer counts; estimated
    /// when nil.
    public var tokens: Int64?

    /// The lane of entries that name none.
    public static let mainLane = "main"

    /// Traits of their parts.
    public init(lane: String? = nil, agent: String? = nil, tokens: Int64? = nil) {
        self.lane = lane
        self.agent = agent
        self.tokens = tokens
    }
}
