// Episodes: what flushed sessions left, found by what was said in them, by their summaries and by
// time.

/// Asks for episodes.
public struct EpisodeQuestion: Hashable, Sendable {
    /// What they are about: of their summaries, and of their entries; any when empty, newest
    /// first.
    public var question: String
    /// The caller's own vectors of the question, held against those of the entries.
    public var vectors: [String: [Float]]
    /// Only those of this owner and of those below it.
    public var owner: String?
    /// Only those that were not over before this.
    public var from: Instant?
    /// Only those that began before this.
    public var to: Instant?
    /// Only those in which this agent took part.
    public var agent: String?
    /// Only those for which this holds.
    public var filter: Filter?
    /// At most so many.
    public var limit: Int
    /// Where to go on, of an answer to the same question; not with a question or vectors.
    public var after: String?

    /// A question of its parts.
    public init(
        _ question: String = "",
        vectors: [String: [Float]] = [:],
        owner: String? = nil,
        from: Instant? = nil,
        to: Instant? = nil,
        agent: String? = nil,
        where filter: Filter? = nil,
        limit: Int = 10,
        after: String? = nil
    ) {
        self.question = question
        self.vectors = vectors
        self.owner = owner
        self.from = from
        self.to = to
        self.agent = agent
        self.filter = filter
        self.limit = limit
        self.after = after
    }
}
