// How a question was answered, for people who want it to be answered faster.

/// How a question was answered, and what that cost.
public struct Explanation: Hashable, Sendable {
    /// The way that was taken, such as `index byOwner`, `all records by key` or
    /// `nearest by meaning, walk`.
    public var way: String
    /// The index that was gone through; nil where it was none.
    public var index: String?
    /// A second index, among whose records the answer was looked for; nil where there was none.
    public var among: String?
    /// How many leading fields of the index are held to one value.
    public var fixed: Int
    /// How many runs of neighbouring entries were gone through.
    public var spans: Int
    /// Whether the entries came in the order that was asked for, so that none were sorted.
    public var isOrdered: Bool
    /// Whether they were gone through from their end.
    public var isReversed: Bool
    /// Whether no record had to be read to answer: entries said everything.
    public var isCovered: Bool
    /// The parts of the filter that hold for every entry that was gone through.
    public var answered: [Filter]
    /// The parts that were held against each of them.
    public var held: [Filter]
    /// What was compared before it was chosen, the chosen way among it.
    public var considered: [Candidate]
    /// How many entries the way was expected to touch; nil where nobody asked.
    public var expected: Int?
    /// How many entries it touched.
    public var entries: Int
    /// How many times a record's or an edge's frame was read.
    public var read: Int
    /// How many rows were found, skipped ones included.
    public var matched: Int
    /// How long it took.
    public var microseconds: Int

    /// A way, with nothing known of it.
    public init(way: String) {
        self.way = way
        fixed = 0
        spans = 0
        isOrdered = false
        isReversed = false
        isCovered = false
        answered = []
        held = []
        considered = []
        entries = 0
        read = 0
        matched = 0
        microseconds = 0
    }

    /// A way that could have been taken.
    public struct Candidate: Hashable, Sendable {
        /// What it is.
        public var way: String
        /// How many entries it was expected to have.
        public var expected: Int
        /// What it was expected to cost, in records that are read.
        public var cost: Double

        /// A candidate of its parts.
        public init(way: String, expected: Int, cost: Double) {
            self.way = way
            self.expected = expected
            self.cost = cost
        }
    }
}
