// Questions: one record of optional parts for everything that searches, one for walks.

/// A question over one collection, or over the edges of one type.
///
/// Parts that are not given do not restrict.
public struct Find: Hashable, Sendable {
    /// The collection's name; empty where edges are asked for.
    public var collection: String
    /// The edge type's name; nil where records are asked for.
    public var edges: String?
    /// Only records of this owner and of those below it (`user` covers `user/project`).
    public var owner: String?
    /// Only records for which this holds.
    public var filter: Filter?
    /// The records nearest to a vector, best first.
    public var near: Near?
    /// The records that match words best, best first.
    public var match: Match?
    /// The order; by score when `near` or `match` is given, else by key, of edges by number.
    public var order: [Order]
    /// At most this many.
    public var limit: Int
    /// Skips this many.
    public var offset: Int
    /// As the store had its records at an instant; of collections with a history, without `near`,
    /// `match`, `after` and explanation.
    public var knownAt: Instant?
    /// Only records that were true at an instant, by the roles validFrom and validTo.
    public var asOf: Instant?
    /// Where to go on: `next` of an answer to the same question.
    public var after: String?
    /// What rows have, all fields when nil.
    public var select: [Projection]?
    /// Whether the answer says how it came about.
    public var isExplained: Bool
    /// What is asked for of the records that are put aside: none of them as a rule.
    public var sight = Sight()
    /// How much the rows may come to together; any amount when nil.
    public var budget: Budget?
    /// How the words that matched are shown with each row; not at all when nil.
    public var highlight: Highlight?

    /// A question of its parts.
    public init(
        _ collection: String,
        owner: String? = nil,
        where filter: Filter? = nil,
        near: Near? = nil,
        match: Match? = nil,
        order: [Order] = [],
        limit: Int = 10,
        offset: Int = 0,
        after: String? = nil,
        select: [Projection]? = nil,
        explained: Bool = false,
        knownAt: Instant? = nil,
        asOf: Instant? = nil
    ) {
        self.knownAt = knownAt
        self.asOf = asOf
        self.collection = collection
        self.owner = owner
        self.filter = filter
        self.near = near
        self.match = match
        self.order = order
        self.limit = limit
        self.offset = offset
        self.after = after
        self.select = select
        isExplained = explained
    }

    /// A question for the edges of a type.
    public init(
        edges: String,
        where filter: Filter? = nil,
        order: [Order] = [],
        limit: Int = 10,
        offset: Int = 0,
        after: String? = nil,
        select: [Projection]? = nil,
        explained: Bool = false
    ) {
        self.init(
            "",
            where: filter,
            order: order,
            limit: limit,
            offset: offset,
            after: after,
            select: select,
            explained: explained
        )
        self.edges = edges
    }
}

/// Nearness to a vector.
public struct Near: Hashable, Sendable {
    /// The vector field.
    public var field: String
    /// The vector, `[dimension]` of the field.
    public var vector: [Float]
    /// Only records with at least this score.
    public var minimum: Float?
    /// Whether to compare in full precision with every candidate.
    public var isExact: Bool
    /// How wide the beam of a walk through the field's graph is, where it has one; the wider, the
    /// more of what is truly nearest is found, and the longer it takes.
    ///
    /// nil for what the store thinks right.
    public var beam: Int?
    /// The model that made the vector: the question is refused (`wrongModel`) unless the field's
    /// vectors are of the same; nil where nobody looks.
    public var model: String?
    /// How much of what is truly nearest is to be found, 0.5 to 1, which is everything; in the
    /// place of a beam, which the store then chooses by what it has measured.
    ///
    /// nil for what the field's definition says, where it says something.
    public var recall: Double?

    /// The widest beam.
    public static var widestBeam: Int { 16_384 }

    /// Nearness of its parts.
    public init(
        _ field: String,
        _ vector: [Float],
        minimum: Float? = nil,
        isExact: Bool = false,
        beam: Int? = nil,
        model: String? = nil,
        recall: Double? = nil
    ) {
        self.recall = recall
        self.field = field
        self.vector = vector
        self.minimum = minimum
        self.isExact = isExact
        self.beam = beam
        self.model = model
    }
}

/// One field of an order.
public struct Order: Hashable, Sendable {
    /// The field's name.
    public var field: String
    /// Whether high values come first.
    public var isDescending: Bool

    /// A field of an order.
    public init(_ field: String, descending: Bool = false) {
        self.field = field
        isDescending = descending
    }
}

/// What a question found.
public struct Found: Hashable, Sendable {
    /// The records, best or first ones first.
    public var rows: [Row]
    /// The edges, first ones first, where edges were asked for.
    public var edges: [Edge]
    /// What speaks for each of the edges, in their order; empty where nothing scores.
    public var marks: [EdgeMark]
    /// Whether every record that should be there is; false where an approximate index decided.
    public var isExact: Bool
    /// The commit that the answer is of.
    public var sequence: UInt64
    /// How it was found: the index that was used and what it cost, for people.
    public var plan: String
    /// Where the same question goes on behind the last row, as `Find.after`; nil where there are no
    /// more rows, and of questions that rank.
    ///
    /// It survives writes: of what stays in its place nothing is skipped and nothing comes twice.
    public var next: String?
    /// How it was found in full, where that was asked for.
    public var explanation: Explanation?
    /// What the rows come to, where the question had a budget.
    public var spent: Budget.Spent?

    /// An answer of its parts.
    public init(
        rows: [Row],
        edges: [Edge] = [],
        marks: [EdgeMark] = [],
        isExact: Bool,
        sequence: UInt64,
        plan: String,
        next: String? = nil,
        explanation: Explanation? = nil,
        spent: Budget.Spent? = nil
    ) {
        self.marks = marks
        self.spent = spent
        self.rows = rows
        self.edges = edges
        self.isExact = isExact
        self.sequence = sequence
        self.plan = plan
        self.next = next
        self.explanation = explanation
    }

    /// One record and its score; 0 where nothing scores.
    public struct Row: Hashable, Sendable {
        /// The record, with the fields that were selected.
        public var record: Record
        /// How near or how well matching; 0 where nothing scores.
        public var score: Float
        /// The parts of its texts that matched, by field, where they were asked for.
        public var highlights: [String: [Snippet]]

        /// A row of its parts.
        public init(record: Record, score: Float, highlights: [String: [Snippet]] = [:]) {
            self.record = record
            self.score = score
            self.highlights = highlights
        }
    }

    /// What speaks for an edge that was found by words or by nearness.
    public struct EdgeMark: Hashable, Sendable {
        /// How near or how well matching.
        public var score: Float
        /// The parts of its texts that matched, by property, where they were asked for.
        public var highlights: [String: [Snippet]]

        /// A mark of its parts.
        public init(score: Float, highlights: [String: [Snippet]] = [:]) {
            self.score = score
            self.highlights = highlights
        }
    }
}

/// A walk along edges.
public struct Walk: Hashable, Sendable {
    /// Where it starts.
    public var from: [Reference]
    /// Only edges of these types, all when nil.
    public var types: [String]?
    /// Along edges, against them, or both.
    public var direction: Direction
    /// Only edges for whose properties this holds, nil for all.
    public var filter: Filter?
    /// How many edges at most.
    public var hops: Int
    /// At most this many records; fewer where their paths would be longer together than
    /// `Walked.pathLimit`.
    public var limit: Int
    /// Whether only the number of records is wanted.
    public var isCountOnly: Bool
    /// What is asked for of the records that are put aside: none of them as a rule.
    public var sight = Sight()
    /// Comes only to these records; to any when nil.
    public var through: [NodeChoice]?
    /// Tells only of these of the records that it comes to, and counts them; of all when nil.
    public var only: [NodeChoice]?
    /// Takes no more edges than this from any one record; all when nil.
    public var fanOut: FanOut?
    /// Only edges and records that were true at this instant: of types that are named, which have
    /// to have times of validity, else of all that have them, and of records where they have them.
    public var asOf: Instant?
    /// Follows the edges that were there at this instant, as they are known; those that are there
    /// when nil.
    public var knownAt: Instant?

    /// A walk of its parts.
    public init(
        from: [Reference],
        types: [String]? = nil,
        direction: Direction = .out,
        where filter: Filter? = nil,
        hops: Int = 1,
        limit: Int = 1000,
        countOnly: Bool = false
    ) {
        self.from = from
        self.types = types
        self.filter = filter
        self.direction = direction
        self.hops = hops
        self.limit = limit
        isCountOnly = countOnly
    }
}

extension Walk {
    /// The same walk along the edges that were there at an instant.
    public func known(at instant: Instant) -> Walk {
        var walk = self
        walk.knownAt = instant
        return walk
    }
}

/// A shortest path between two records.
public struct Path: Hashable, Sendable {
    /// Where it starts.
    public var from: Reference
    /// Where it ends.
    public var to: Reference
    /// Only edges of these types, all when nil.
    public var types: [String]?
    /// Along edges, against them, or both.
    public var direction: Direction
    /// Only edges for whose properties this holds, nil for all.
    public var filter: Filter?
    /// How many edges at most.
    public var hops: Int
    /// What is asked for of the records that are put aside: none of them as a rule.
    public var sight = Sight()
    /// Passes only through these records, its ends apart; through any when nil.
    public var through: [NodeChoice]?
    /// Takes no more edges than this from any one record; all when nil.
    public var fanOut: FanOut?
    /// Only edges and records that were true at this instant: of types that are named, which have
    /// to have times of validity, else of all that have them, and of records where they have them.
    public var asOf: Instant?
    /// Follows the edges that were there at this instant, as they are known; those that are there
    /// when nil.
    public var knownAt: Instant?

    /// A path of its parts.
    public init(
        from: Reference,
        to: Reference,
        types: [String]? = nil,
        direction: Direction = .out,
        where filter: Filter? = nil,
        hops: Int = 32
    ) {
        self.from = from
        self.to = to
        self.filter = filter
        self.types = types
        self.direction = direction
        self.hops = hops
    }
}

extension Path {
    /// The same path along the edges that were there at an instant.
    public func known(at instant: Instant) -> Path {
        var path = self
        path.knownAt = instant
        return path
    }
}

/// Which way edges are followed.
public enum Direction: String, Hashable, Sendable, CaseIterable {
    case out
    case `in`
    case both
}

/// Where a walk came to, nearest first; the start is not among it.
public struct Walked: Hashable, Sendable {
    /// The most edges in the paths of an answer, over all its stops.
    public static let pathLimit = 1 << 18

    /// The records reached, each once, nearest first.
    public var stops: [Stop]
    /// How many records were reached, also when only that was asked.
    public var count: Int
    /// Whether neither the limit nor `pathLimit` cut it short.
    public var isComplete: Bool
    /// The commit that the answer is of.
    public var sequence: UInt64

    /// An answer of its parts.
    public init(stops: [Stop], count: Int, isComplete: Bool, sequence: UInt64) {
        self.stops = stops
        self.count = count
        self.isComplete = isComplete
        self.sequence = sequence
    }

    /// One record and the shortest path to it.
    public struct Stop: Hashable, Sendable {
        /// The record.
        public var reference: Reference
        /// The edges from a start to here, in order.
        public var path: [Edge]

        /// A stop of its parts.
        public init(reference: Reference, path: [Edge]) {
            self.reference = reference
            self.path = path
        }
    }
}
