// Something to find out about all of a graph, by a job behind the requests.

/// Asks for a measure of every record that edges join.
public struct GraphRun: Hashable, Sendable {
    /// What is found out about each record.
    public enum Measure: String, Hashable, Sendable, CaseIterable {
        /// How many edges it has, or what these weigh together.
        case degree
        /// The number of the component that it is of: all that edges join in any way.
        case components
        /// How often somebody comes by who follows edges at random, as a share of all.
        case pageRank
        /// The number of the community that it is of: records with more edges among themselves than
        /// chance would give them.
        case communities
    }

    /// What the job is called; one job has a name at a time.
    public var name: String
    /// What is found out.
    public var measure: Measure
    /// Only edges of these types, all when nil.
    public var types: [String]?
    /// Only records of this collection, all of them; when nil those that the edges join.
    public var collection: String?
    /// Only records of this owner and those below it.
    public var owner: String?
    /// Along edges, against them, or both; when nil both, of page rank along them.
    public var direction: Direction?
    /// The property by which edges are weighed; each counts 1 when nil.
    public var weight: String?
    /// The field of the records that what was found out is written into; it is kept beside them
    /// when nil.
    public var field: String?
    /// What the order follows from in which communities are looked for.
    public var seed: Int
    /// How likely an edge is followed, of page rank.
    public var damping: Double
    /// How often everything is gone through at most, of page rank and communities.
    public var rounds: Int
    /// Whether it takes the place of a job of the name that has ended.
    public var replaces: Bool

    /// What `damping` may be.
    public static var dampings: ClosedRange<Double> { 0...0.999 }
    /// The damping where nobody says.
    public static var usualDamping: Double { 0.85 }
    /// What `rounds` may be.
    public static var roundCounts: ClosedRange<Int> { 1...10_000 }
    /// The rounds where nobody says.
    public static var usualRounds: Int { 100 }
    /// The most bytes of a name.
    public static var mostNameBytes: Int { 100 }

    /// A run of its parts.
    public init(
        _ name: String,
        _ measure: Measure,
        types: [String]? = nil,
        collection: String? = nil,
        owner: String? = nil,
        direction: Direction? = nil,
        weight: String? = nil,
        field: String? = nil,
        seed: Int = 0,
        damping: Double = GraphRun.usualDamping,
        rounds: Int = GraphRun.usualRounds,
        replaces: Bool = false
    ) {
        self.name = name
        self.measure = measure
        self.types = types
        self.collection = collection
        self.owner = owner
        self.direction = direction
        self.weight = weight
        self.field = field
        self.seed = seed
        self.damping = damping
        self.rounds = rounds
        self.replaces = replaces
    }

    /// The way in which edges are followed.
    public var followed: Direction { direction ?? (measure == .pageRank ? .out : .both) }

    /// Expects the numbers, and what goes with what, to be within bounds.
    ///
    /// - Throws: `.badRequest`, `.badOwner`.
    public func checkBounds() throws(MnemeError) {
        func refuse(_ message: String) -> MnemeError { MnemeError(.badRequest, message) }
        try Self.check(name: name)
        if let owner, owner.isEmpty {
            throw MnemeError(.badOwner, "the owner is empty; give a path, or leave it out for all")
        }
        if types?.isEmpty ?? false {
            throw refuse("types names none; name some, or leave it out to follow edges of all")
        }
        switch measure {
        case .components, .communities:
            if let direction, direction != .both {
                throw refuse(
                    "\(measure.rawValue) go by edges both ways, and direction is "
                        + "\(direction.rawValue); leave it out"
                )
            }
        case .degree, .pageRank: break
        }
        if measure == .components, weight != nil {
            throw refuse("components go by no weight; leave it out")
        }
        if field != nil, collection == nil {
            throw refuse("a field is written of the records of one collection; name it too")
        }
        guard Self.dampings.contains(damping) else {
            throw refuse("damping is \(damping); give a number from 0 to 0.999, as a rule 0.85")
        }
        guard Self.roundCounts.contains(rounds) else {
            throw refuse("rounds is \(rounds); give 1 to \(Self.roundCounts.upperBound)")
        }
    }

    /// Expects the name of a job to be one.
    ///
    /// - Throws: `.badRequest`.
    public static func check(name: String) throws(MnemeError) {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, (1...mostNameBytes).contains(name.utf8.count) else {
            throw MnemeError(
                .badRequest,
                "\(quoted(name)) is no name of a job; give 1 to \(mostNameBytes) letters, digits, "
                    + "hyphens, underscores and dots"
            )
        }
    }
}
