// What is to be remembered: a memory before it is a record.

/// What is to be remembered.
public struct Remember: Hashable, Sendable {
    /// The text.
    public var text: String
    /// Whose it is: a path such as `user/project`.
    public var owner: String
    /// The key; generated when nil.
    ///
    /// Keys are one namespace, whoever owns the memories. One that a memory of the same owner has
    /// means a new version, unless `mode` is insert; one that another owner's has is refused.
    public var key: Key?
    /// What kind of memory it is.
    public var kind: MemoryKind
    /// When it happened; now when nil.
    public var time: Instant?
    /// 0…1.
    public var importance: Double
    /// How fast it fades, per day, 0 or more; 0.1 halves it in a week.
    public var decayRate: Double
    /// Whether it never fades.
    public var isPinned: Bool
    /// The session that it belongs to, and where it stands there.
    public var session: String?
    /// Where it stands in the session, from 1.
    public var position: Int64?
    /// Who said it.
    public var speaker: String?
    /// Words to find it by exactly.
    public var tags: [String]
    /// Anything else.
    public var data: Value
    /// The caller's own vectors, by the name of their field.
    public var vectors: [String: [Float]]
    /// Edges from this memory to others.
    public var links: [MemoryLink]
    /// The instant from which it is not there any more.
    public var expiresAt: Instant?
    /// In how many seconds it is not there any more; in the place of `expiresAt`.
    public var expiresIn: Int?
    /// What it is as an entry of a session besides.
    public var entry = EntryTraits()
    /// What to do when the key is taken.
    public var mode: Mode
    /// The collection, by its roles; what has neither a role nor a field of its name there is
    /// refused, and the members of `data` are fields.
    public var collection = "memories"
    /// How sure it is, 0…1.
    public var confidence: Double?
    /// From when on it is true.
    public var validFrom: Instant?
    /// Up to when it is true, that instant not included.
    public var validTo: Instant?
    /// Who and what it comes from.
    public var source = Source()
    /// For what it matters.
    public var layers: [Layer] = []
    /// What to do where the owner has a memory that says nearly the same; nil does not look.
    public var onDuplicate: OnDuplicate?
    /// From what cosine on another memory says nearly the same.
    public var near = 0.95

    /// A memory to be; see the properties.
    public init(
        _ text: String,
        owner: String,
        key: Key? = nil,
        kind: MemoryKind = .episodic,
        time: Instant? = nil,
        importance: Double = 0.5,
        decayRate: Double = 0.1,
        isPinned: Bool = false,
        session: String? = nil,
        position: Int64? = nil,
        speaker: String? = nil,
        tags: [String] = [],
        data: Value = .null,
        vectors: [String: [Float]] = [:],
        links: [MemoryLink] = [],
        expiresAt: Instant? = nil,
        mode: Mode = .replaceOwned
    ) {
        self.text = text
        self.owner = owner
        self.key = key
        self.kind = kind
        self.time = time
        self.importance = importance
        self.decayRate = decayRate
        self.isPinned = isPinned
        self.session = session
        self.position = position
        self.speaker = speaker
        self.tags = tags
        self.data = data
        self.vectors = vectors
        self.links = links
        self.expiresAt = expiresAt
        self.mode = mode
    }

    /// What to do when the key is taken, as of a put; another owner's memory is never replaced.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// The owner's own memory is replaced.
        case replaceOwned
        /// It is refused.
        case insert
    }

    /// Where a memory comes from.
    public struct Source: Hashable, Sendable {
        /// Who it was.
        public var agent: String?
        /// What made it.
        public var tool: String?
        /// What it was made of: memories of the same collection.
        public var from: [Key]

        /// A source of its parts.
        public init(agent: String? = nil, tool: String? = nil, from keys: [Key] = []) {
            self.agent = agent
            self.tool = tool
            from = keys
        }
    }

    /// For what a memory matters.
    public enum Layer: String, Hashable, Sendable, CaseIterable {
        /// For the session.
        case session
        /// For the project.
        case project
        /// For everything.
        case global
        /// For a time.
        case temporal
    }

    /// What to do where the owner has a memory that says nearly the same.
    public enum OnDuplicate: String, Hashable, Sendable, CaseIterable {
        /// It is remembered all the same, and told what is similar.
        case add
        /// It is not remembered.
        case skip
        /// It is not remembered, and the other one counts as used and fades more slowly.
        case reinforce
        /// It takes the other one's place, under its key.
        case version
    }
}

/// What kind of memory something is.
public enum MemoryKind: String, Hashable, Sendable, CaseIterable {
    /// Of the session that is going on.
    case working
    /// Something that happened.
    case episodic
    /// Something that holds.
    case semantic
    /// How something is done.
    case procedural
}

/// An edge from a new memory.
public struct MemoryLink: Hashable, Sendable {
    /// The edge type's name.
    public var type: String
    /// The memory that it ends in.
    public var to: Key

    /// An edge of a type to a memory.
    public init(_ type: String, to: Key) {
        self.type = type
        self.to = to
    }
}
