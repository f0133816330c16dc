// What a prompt needs of a session: its newest entries, and memories beside them, within a budget.

/// Asks for the newest entries of a session that fit a budget.
public struct ContextQuestion: Hashable, Sendable {
    /// The session: its id, or in a collection of your own what its field with the role session
    /// has.
    public var id: Key
    /// The entries and memories come to at most so many tokens.
    public var tokens: Int
    /// Only entries of this lane; of all lanes when nil.
    public var lane: String?
    /// Whether entries of the session that it goes on from come before its own, and so on.
    public var withParents: Bool
    /// What is to be recalled beside the entries; nothing when empty.
    public var question: String
    /// The caller's own vectors of the question, by the name of their field.
    public var vectors: [String: [Float]]
    /// So many of the tokens are left to what is recalled; a third of them when nil.
    public var recallTokens: Int?
    /// At most so many memories are recalled.
    public var limit: Int
    /// The collection that has the entries, by its roles session, and position or time.
    public var collection: String
    /// Only entries and memories of this owner and of those below it; of a session of the memory
    /// layer the session's when nil.
    public var owner: String?
    /// The int field that says how many tokens an entry takes; `tokens` of memories, and of a
    /// collection of your own none when nil.
    public var tokensField: String?

    /// The levels of parents that are gone up at most.
    public static let parentLimit = 16

    /// A question of its parts.
    public init(
        _ id: Key,
        tokens: Int = 2000,
        lane: String? = nil,
        withParents: Bool = false,
        question: String = "",
        vectors: [String: [Float]] = [:],
        recallTokens: Int? = nil,
        limit: Int = 10,
        collection: String = "memories",
        owner: String? = nil,
        tokensField: String? = nil
    ) {
        self.id = id
        self.tokens = tokens
        self.lane = lane
        self.withParents = withParents
        self.question = question
        self.vectors = vectors
        self.recallTokens = recallTokens
        self.limit = limit
        self.collection = collection
        self.owner = owner
        self.tokensField = tokensField
    }
}

/// What a prompt needs of a session.
public struct SessionContext: Hashable, Sendable {
    /// The newest entries in their order, oldest first, without their vectors.
    public var entries: [Record]
    /// Memories that answer the question and are not among the entries, best first.
    public var recalled: [Recalled.Item]
    /// How many entries before these there are that did not fit.
    public var leftOut: Int
    /// What came near in the recall and is not here, and why.
    public var recallLeftOut: [Recalled.LeftOut]
    /// What the entries and memories come to.
    public var tokens: Int
    /// The commit that the answer is of.
    public var sequence: UInt64

    /// An answer of its parts.
    public init(
        entries: [Record],
        recalled: [Recalled.Item],
        leftOut: Int,
        recallLeftOut: [Recalled.LeftOut],
        tokens: Int,
        sequence: UInt64
    ) {
        self.entries = entries
        self.recalled = recalled
        self.leftOut = leftOut
        self.recallLeftOut = recallLeftOut
        self.tokens = tokens
        self.sequence = sequence
    }
}
