// A pattern: records with names, and what leads from one to another. Every way to put records of
// the store in the places of the names is a row of the answer.

/// A question for records that stand to each other as a pattern says.
///
/// A row is one choice of records for the nodes, and of edges for the steps that have a name. Two
/// nodes may be the same record, and two steps the same edge, unless `different` says otherwise.
public struct Pattern: Hashable, Sendable {
    /// The most nodes of a pattern, and the most steps.
    public static let nodeLimit = 16
    /// The most steps of a pattern.
    public static let stepLimit = 24
    /// How much is looked at where nothing else is said: entries of indexes, edges and records.
    public static let standardWork = 1_000_000
    /// The most edges that a step with `hops` goes along.
    public static let hopLimit = 32

    /// What each name stands for, by name.
    public var nodes: [String: PatternNode]
    /// What joins them: all nodes are joined, directly or by others.
    public var steps: [PatternStep]
    /// Nodes that are not the same record, each list for itself.
    public var different: [[String]]
    /// Only records of this owner and of those below it, in the collections that have owners; what
    /// a step with `hops` passes through included.
    public var owner: String?
    /// Only records that were true at an instant, of collections with times of validity.
    public var asOf: Instant?
    /// What rows have: `node` (a reference), `node.field`, `step` (the number of an edge) and
    /// `step.property`; all nodes and all named steps when nil.
    public var select: [String]?
    /// Whether of rows that have the same only one comes.
    public var isDistinct: Bool
    /// The order, by `node.field` and `step.property`; that of the search when empty.
    public var order: [Order]
    /// At most this many rows.
    public var limit: Int
    /// Skips this many.
    public var offset: Int
    /// Whether only the number of rows is wanted, whatever `limit` and `offset` say.
    public var isCountOnly: Bool
    /// How many entries, edges and records are looked at before the search ends unfinished.
    public var work: Int
    /// Whether the answer says how it came about.
    public var isExplained: Bool

    /// A pattern of its parts.
    public init(
        _ nodes: [String: PatternNode],
        _ steps: [PatternStep] = [],
        different: [[String]] = [],
        owner: String? = nil,
        asOf: Instant? = nil,
        select: [String]? = nil,
        distinct: Bool = false,
        order: [Order] = [],
        limit: Int = 100,
        offset: Int = 0,
        countOnly: Bool = false,
        work: Int = Pattern.standardWork,
        explained: Bool = false
    ) {
        self.nodes = nodes
        self.steps = steps
        self.different = different
        self.owner = owner
        self.asOf = asOf
        self.select = select
        isDistinct = distinct
        self.order = order
        self.limit = limit
        self.offset = offset
        isCountOnly = countOnly
        self.work = work
        isExplained = explained
    }

    /// The filters that it has.
    package var filters: [Filter] {
        nodes.sorted { $0.key < $1.key }.compactMap(\.value.filter)
            + steps.compactMap { step in
                if case .edges(_, _, let filter, _) = step.way { filter } else { nil }
            }
    }
}

/// A record of a pattern.
public struct PatternNode: Hashable, Sendable {
    /// Its collection.
    public var collection: String
    /// Only one of these, any when nil.
    ///
    /// A key that no record has is none of an answer.
    public var keys: [Key]?
    /// Only records of this owner and of those below it.
    public var owner: String?
    /// Only records for which this holds.
    public var filter: Filter?

    /// A record of a collection.
    public init(
        _ collection: String,
        keys: [Key]? = nil,
        owner: String? = nil,
        where filter: Filter? = nil
    ) {
        self.collection = collection
        self.keys = keys
        self.owner = owner
        self.filter = filter
    }
}

/// What joins two records of a pattern.
public struct PatternStep: Hashable, Sendable {
    /// The node that it leads from.
    public var from: String
    /// The node that it leads to.
    public var to: String
    /// What it goes along.
    public var way: Way
    /// Its name, under which rows tell of its edge; nil where one edge that is there is enough.
    ///
    /// A step along one edge alone has a name.
    public var name: String?

    /// A step of its parts.
    public init(_ from: String, to: String, _ way: Way, as name: String? = nil) {
        self.from = from
        self.to = to
        self.way = way
        self.name = name
    }

    /// What a step goes along.
    public enum Way: Hashable, Sendable {
        /// Edges: of some types, all when nil; along them, against them, or both; whose properties
        /// a filter holds for; one of them, or up to `hops` one after the other.
        case edges([String]?, Direction = .out, where: Filter? = nil, hops: Int = 1)
        /// A rule of references of the collection that it leads from.
        case reference(String)
        /// Fields of the one that equal fields of the other, or its `$key`; null equals nothing.
        case equal([String: String])
    }
}

/// What fits a pattern.
public struct Matched: Hashable, Sendable {
    /// The rows in order: what was selected, by name, without nulls.
    public var rows: [[String: Value]]
    /// How many rows there are, also where only that was asked.
    public var count: Int
    /// Whether the search went to its end, or to the limit of rows; false where `work` ended it:
    /// rows are missing then, and with an order not the first ones may be there.
    public var isComplete: Bool
    /// The commit that the answer is of.
    public var sequence: UInt64
    /// In what order the pattern was searched, for people.
    public var plan: String
    /// The same in full, where it was asked for.
    public var explanation: MatchExplanation?

    /// An answer of its parts.
    public init(
        rows: [[String: Value]],
        count: Int,
        isComplete: Bool,
        sequence: UInt64,
        plan: String,
        explanation: MatchExplanation? = nil
    ) {
        self.rows = rows
        self.count = count
        self.isComplete = isComplete
        self.sequence = sequence
        self.plan = plan
        self.explanation = explanation
    }

    /// The records of a node, row by row; nil where a row does not have it.
    public func references(_ node: String) -> [Reference?] {
        rows.map { row in row[node].flatMap { try? Reference(spelling: $0) } }
    }
}

/// How a pattern was searched.
public struct MatchExplanation: Hashable, Sendable {
    /// What was done for each row of the one before, in order.
    public var stages: [Stage]
    /// How many entries, edges and records were looked at.
    public var work: Int
    /// How long it took.
    public var microseconds: Int

    /// An explanation of its parts.
    public init(stages: [Stage], work: Int, microseconds: Int = 0) {
        self.stages = stages
        self.work = work
        self.microseconds = microseconds
    }

    /// One part of the search.
    public struct Stage: Hashable, Sendable {
        /// What was done, such as `fact by reference author from user`.
        public var way: String
        /// How many rows were expected behind it.
        public var expected: Double
        /// How many entries and edges it looked at.
        public var entries: Int
        /// How many rows there were behind it.
        public var rows: Int

        /// A part of its parts.
        public init(way: String, expected: Double, entries: Int = 0, rows: Int = 0) {
            self.way = way
            self.expected = expected
            self.entries = entries
            self.rows = rows
        }
    }
}
