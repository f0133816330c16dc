// Counting: how many records or edges a filter holds for, by groups, with sums and the like.

/// A question for figures over one collection, or over the edges of one type.
///
/// Parts that are not given do not restrict.
public struct Count: Hashable, Sendable {
    /// The collection's name; empty where edges are counted.
    public var collection: String
    /// The edge type's name; nil where records are counted.
    public var edges: String?
    /// Only records of this owner and of those below it.
    public var owner: String?
    /// Only records or edges for which this holds.
    public var filter: Filter?
    /// As the store had its records at an instant; of collections with a history, without
    /// explanation.
    public var knownAt: Instant?
    /// Only records that were true at an instant, by the roles validFrom and validTo.
    public var asOf: Instant?
    /// What records have in common in a group; everything is one group where there is nothing.
    ///
    /// Null is a value like others here.
    public var groups: [Projection]
    /// What is found out of each group, by name; how many they are, as `count`, when empty.
    public var values: [String: Aggregate]
    /// Only groups for which this holds: a filter over the names of `groups` and `values`.
    public var having: Filter?
    /// The order of the groups, by the same names; by `groups` among equals.
    public var order: [Order]
    /// At most this many groups; all when nil.
    public var limit: Int?
    /// Whether the answer says how it came about.
    public var isExplained: Bool
    /// What is asked for of the records that are put aside: none of them as a rule.
    public var sight = Sight()

    /// A count of the records of a collection.
    public init(
        _ collection: String,
        owner: String? = nil,
        where filter: Filter? = nil,
        by groups: [Projection] = [],
        values: [String: Aggregate] = [:],
        having: Filter? = nil,
        order: [Order] = [],
        limit: Int? = nil,
        explained: Bool = false,
        knownAt: Instant? = nil,
        asOf: Instant? = nil
    ) {
        self.knownAt = knownAt
        self.collection = collection
        self.owner = owner
        self.filter = filter
        self.groups = groups
        self.values = values
        self.having = having
        self.order = order
        self.limit = limit
        isExplained = explained
        self.asOf = asOf
    }

    /// A count of the edges of a type.
    public init(
        edges: String,
        where filter: Filter? = nil,
        by groups: [Projection] = [],
        values: [String: Aggregate] = [:],
        having: Filter? = nil,
        order: [Order] = [],
        limit: Int? = nil,
        explained: Bool = false
    ) {
        self.init(
            "",
            where: filter,
            by: groups,
            values: values,
            having: having,
            order: order,
            limit: limit,
            explained: explained
        )
        self.edges = edges
    }

    /// What is found out of each group, the count where nothing is asked for.
    package var aggregates: [String: Aggregate] {
        values.isEmpty ? ["count": Aggregate(.count)] : values
    }
}

/// One figure of a group.
public struct Aggregate: Hashable, Sendable {
    /// How the values of a group become one.
    public enum Function: String, Hashable, Sendable, CaseIterable {
        /// How many there are: records, or values where there is an operand.
        case count
        /// Their sum: an int of ints, else a float.
        case sum
        /// Their mean, a float.
        case avg
        /// The first in their order.
        case min
        /// The last.
        case max
        /// How many different ones there are.
        case distinct
    }

    /// How values become one.
    public var function: Function
    /// Of what; nil of a count of records alone.
    ///
    /// Nulls are skipped.
    public var operand: Operand?

    /// A figure of its parts.
    public init(_ function: Function, of operand: Operand? = nil) {
        self.function = function
        self.operand = operand
    }

    /// What a figure is made of.
    public enum Operand: Hashable, Sendable, ExpressibleByStringLiteral {
        /// A field, or a pseudo-field.
        case field(String)
        /// What an expression makes of the fields.
        case computed(Expression)

        /// A field.
        public init(stringLiteral value: String) { self = .field(value) }

        /// The fields that it is made of.
        package var fields: Set<String> {
            switch self {
            case .field(let name): [name]
            case .computed(let expression): expression.fields
            }
        }
    }
}

/// Figures.
public struct Counted: Hashable, Sendable {
    /// The groups in order: what makes each, and its figures, by name, without nulls.
    public var rows: [[String: Value]]
    /// The commit that the answer is of.
    public var sequence: UInt64
    /// How it was found, for people.
    public var plan: String
    /// The same in full, where it was asked for.
    public var explanation: Explanation?

    /// An answer of its parts.
    public init(
        rows: [[String: Value]],
        sequence: UInt64,
        plan: String,
        explanation: Explanation? = nil
    ) {
        self.rows = rows
        self.sequence = sequence
        self.plan = plan
        self.explanation = explanation
    }
}
