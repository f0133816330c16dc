// Questions for more than one path, or for the cheapest, and what is answered.

/// Paths between two records: all of the fewest edges, or the cheapest.
public struct Paths: Hashable, Sendable {
    /// By what a path is better than another.
    public enum Measure: Hashable, Sendable {
        /// It has fewer edges; only paths of the fewest are told.
        case edges
        /// The numbers that its edges have in a property, none of them below 0, come to less.
        case cost(String)
        /// The numbers that its edges have in a property, each above 0 and up to 1, have a larger
        /// product; its cost is that product's negative natural logarithm.
        case strength(String)
    }

    /// The most paths that can be asked for.
    public static let mostPaths = 1000

    /// Where they start.
    public var from: Reference
    /// Where they end.
    public var to: Reference
    /// Only edges of these types, all when nil.
    public var types: [String]?
    /// Along edges, against them, or both.
    public var direction: Direction
    /// Only edges for whose properties this holds, nil for all.
    public var filter: Filter?
    /// By what they are chosen.
    public var measure: Measure
    /// How many edges at most.
    public var hops: Int
    /// At most this many paths.
    public var limit: Int
    /// What is asked for of the records that are put aside: none of them as a rule.
    public var sight = Sight()
    /// Pass only through these records, their ends apart; through any when nil.
    public var through: [NodeChoice]?
    /// Take no more edges than this from any one record; all when nil.
    public var fanOut: FanOut?
    /// Only edges and records that were true at this instant: of types that are named, which have
    /// to have times of validity, else of all that have them, and of records where they have them.
    public var asOf: Instant?
    /// Follows the edges that were there at this instant, as they are known; those that are there
    /// when nil.
    public var knownAt: Instant?

    /// A question of its parts.
    public init(
        from: Reference,
        to: Reference,
        types: [String]? = nil,
        direction: Direction = .out,
        where filter: Filter? = nil,
        by measure: Measure = .edges,
        hops: Int = 32,
        limit: Int = 10
    ) {
        self.from = from
        self.to = to
        self.types = types
        self.direction = direction
        self.filter = filter
        self.measure = measure
        self.hops = hops
        self.limit = limit
    }
}

extension Paths {
    /// The same question of the edges that were there at an instant.
    public func known(at instant: Instant) -> Paths {
        var paths = self
        paths.knownAt = instant
        return paths
    }
}

/// Paths that were found, the best first.
public struct FoundPaths: Hashable, Sendable {
    /// One of them.
    public struct FoundPath: Hashable, Sendable {
        /// Its edges in order; none from a record to itself.
        public var edges: [Edge]
        /// What it comes to: the number of its edges, or their cost.
        public var cost: Double

        /// A path of its parts.
        public init(edges: [Edge], cost: Double) {
            self.edges = edges
            self.cost = cost
        }
    }

    /// The paths; none of them comes to a record twice.
    public var paths: [FoundPath]
    /// Whether it is known that there are no others of the kind.
    public var isComplete: Bool
    /// The commit that the answer is of.
    public var sequence: UInt64

    /// An answer of its parts.
    public init(paths: [FoundPath], isComplete: Bool, sequence: UInt64) {
        self.paths = paths
        self.isComplete = isComplete
        self.sequence = sequence
    }
}
