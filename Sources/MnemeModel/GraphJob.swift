// Jobs over a whole graph: what is asked of them, and what they say.

/// Asks jobs how far they are, or what they found out; or ends them.
public struct GraphJobCall: Hashable, Sendable {
    /// What is asked.
    public enum What: String, Hashable, Sendable, CaseIterable {
        /// How far it is; of all jobs where none is named.
        case tell
        /// What it found out, the best first.
        case result
        /// To end it; what it has written into records stays.
        case cancel
        /// To forget it, and its result.
        case forget

        /// Whether it is to change what the store holds.
        public var isChange: Bool { self == .cancel || self == .forget }
    }

    /// What is asked.
    public var what: What
    /// The job; all of them when nil, which only `tell` takes.
    public var name: String?
    /// So many rows of a result are passed over.
    public var offset: Int
    /// At most this many rows of a result.
    public var limit: Int

    /// How many rows of a result there may be in one answer.
    public static var limits: ClosedRange<Int> { 1...1000 }
    /// How many rows there are where nobody says.
    public static var usualLimit: Int { 100 }

    /// A call of its parts.
    public init(
        _ what: What = .tell,
        _ name: String? = nil,
        offset: Int = 0,
        limit: Int = GraphJobCall.usualLimit
    ) {
        self.what = what
        self.name = name
        self.offset = offset
        self.limit = limit
    }

    /// Expects the numbers to be within bounds, and a name where one is needed.
    ///
    /// - Throws: `.badRequest`.
    public func checkBounds() throws(MnemeError) {
        func refuse(_ message: String) -> MnemeError { MnemeError(.badRequest, message) }
        if let name { try GraphRun.check(name: name) }
        if what != .tell, name == nil {
            throw refuse("\"\(what.rawValue)\" needs the name of a job; give it as name")
        }
        guard offset >= 0 else { throw refuse("offset is \(offset); give 0 or more") }
        guard Self.limits.contains(limit) else {
            throw refuse("limit is \(limit); give 1 to \(Self.limits.upperBound)")
        }
    }
}

/// A job, as it stands.
public struct GraphJob: Hashable, Sendable {
    /// How far it has come.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Others come first.
        case waiting
        /// The edges are read.
        case reading
        /// It works on what was read.
        case computing
        /// What was found out is written.
        case writing
        /// It has done everything.
        case done
        /// It could not; `failure` says why.
        case failed
        /// Somebody has ended it.
        case cancelled
    }

    /// What was asked for.
    public var run: GraphRun
    /// How far it has come.
    public var state: State
    /// How much of what it does in this state is done, 0 to 1.
    public var progress: Double
    /// When it was asked for.
    public var asked: Instant
    /// When it ended; nil as long as it has not.
    public var ended: Instant?
    /// The commit of which the graph was read; nil before that.
    public var sequence: UInt64?
    /// How many records there are in the graph.
    public var nodes: Int
    /// How many edges.
    public var edges: Int
    /// How many components or communities; nil of other measures.
    public var groups: Int?
    /// How many rounds it took; nil of measures that take none.
    public var rounds: Int?
    /// Whether more rounds would have changed nothing of importance; nil as `rounds`.
    public var isSettled: Bool?
    /// How much better than chance the communities part the graph, −½ to 1; nil of other measures.
    public var modularity: Double?
    /// How many rows the result has; how many records had their field changed, where it is written
    /// there.
    public var written: Int
    /// Why it failed.
    public var failure: String?

    /// Whether nothing more comes of it.
    public var hasEnded: Bool { state == .done || state == .failed || state == .cancelled }

    /// A job of its parts.
    public init(
        _ run: GraphRun,
        _ state: State = .waiting,
        progress: Double = 0,
        asked: Instant,
        ended: Instant? = nil,
        sequence: UInt64? = nil,
        nodes: Int = 0,
        edges: Int = 0,
        groups: Int? = nil,
        rounds: Int? = nil,
        isSettled: Bool? = nil,
        modularity: Double? = nil,
        written: Int = 0,
        failure: String? = nil
    ) {
        self.run = run
        self.state = state
        self.progress = progress
        self.asked = asked
        self.ended = ended
        self.sequence = sequence
        self.nodes = nodes
        self.edges = edges
        self.groups = groups
        self.rounds = rounds
        self.isSettled = isSettled
        self.modularity = modularity
        self.written = written
        self.failure = failure
    }
}

/// What is told of jobs.
public struct GraphJobs: Hashable, Sendable {
    /// One row of a result.
    public struct Row: Hashable, Sendable {
        /// Its place in the result, from 1 on.
        public var rank: Int
        /// The record.
        public var reference: Reference
        /// What was found out: a float of page rank and of degrees by weight, else an int.
        public var value: Value

        /// A row of its parts.
        public init(_ rank: Int, _ reference: Reference, _ value: Value) {
            self.rank = rank
            self.reference = reference
            self.value = value
        }
    }

    /// The jobs that were asked about, those that were asked for first before others.
    public var jobs: [GraphJob]
    /// Rows of a result, without records that are not there any more.
    public var rows: [Row]
    /// The offset from which the result goes on; nil at its end.
    public var next: Int?
    /// The commit that the answer is of.
    public var sequence: UInt64

    /// An answer of its parts.
    public init(jobs: [GraphJob], rows: [Row] = [], next: Int? = nil, sequence: UInt64) {
        self.jobs = jobs
        self.rows = rows
        self.next = next
        self.sequence = sequence
    }
}
