// The verbs of the memory layer but for remember and sessions: recall, forget.

/// A question to the memory.
public struct Recall: Hashable, Sendable {
    /// What is asked; may be empty when vectors are given.
    public var question: String
    /// Only memories of this owner and of those below it.
    public var owner: String?
    /// The collection that is asked, by its roles.
    public var collection: String
    /// The caller's own vectors of the question, by the name of their field.
    public var vectors: [String: [Float]]
    /// Only memories for which this holds.
    public var filter: Filter?
    /// Memories to start from in the graph, besides what is found.
    public var around: [Key]
    /// How many edges away from what is found or given a memory may be brought in.
    public var hops: Int
    /// At most this many.
    public var limit: Int
    /// At most this many tokens of serialized memories, counted as bytes / 4.
    public var tokens: Int?
    /// Only memories whose best cosine is at least this; as the collection has it when nil.
    public var minimumSimilarity: Double?
    /// How much each signal counts; as the collection has it when nil, else the defaults.
    public var weights: RecallWeights?
    /// Which signals run.
    public var signals: Set<Signal>
    /// What is asked for of the records that are put aside: none of them as a rule.
    public var sight = Sight()
    /// Whether the memories of the answer count as used from then on, which renews them.
    public var touches = true
    /// How the signals become one score; as the collection has it when nil, else weighted.
    public var fusion: RecallFusion?
    /// Whether anything is guessed from the wording of the question and of the memories; as the
    /// collection has it when nil, else true.
    public var hints: Bool?
    /// Only memories that matter for one of these; all when empty.
    public var layers: [Remember.Layer] = []
    /// The zone whose clocks say which days the question means; UTC when nil.
    public var zone: String?
    /// Whether memories that say the same as a better one are left out.
    public var distinct = true

    /// A question; see the properties.
    public init(
        _ question: String,
        owner: String? = nil,
        collection: String = "memories",
        vectors: [String: [Float]] = [:],
        where filter: Filter? = nil,
        around: [Key] = [],
        hops: Int = 1,
        limit: Int = 10,
        tokens: Int? = nil,
        minimumSimilarity: Double? = nil,
        weights: RecallWeights? = nil,
        signals: Set<Signal> = Set(Signal.allCases)
    ) {
        self.question = question
        self.owner = owner
        self.collection = collection
        self.vectors = vectors
        self.filter = filter
        self.around = around
        self.hops = hops
        self.limit = limit
        self.tokens = tokens
        self.minimumSimilarity = minimumSimilarity
        self.weights = weights
        self.signals = signals
    }
}

/// What can speak for a memory.
public enum Signal: String, Hashable, Sendable, CaseIterable {
    /// The caller's own vectors, of the memory and of those beside it in its session.
    case vector
    /// The built-in embedder's vectors, in the same way.
    case meaning
    /// The question's words, or words near to them, in the memory and in those around it in its
    /// session.
    case window
    /// The words.
    case text
    /// That it follows a question that has the words.
    case reply
    /// That what stands before it has the words itself.
    case previous
    /// That it is by whom the question names.
    case speaker
    /// That it has what the question waits for: a date, a number, a place, a person, a reason.
    case answer
    /// That it names a day.
    case dated
    /// That it is a question itself.
    case question
    /// How well its day, or one that it names, agrees with days that the question names.
    case time
    /// Edges from what was found or given.
    case graph
    /// How long ago it was.
    case recency
    /// How important it was said to be.
    case importance
}

/// How much each signal counts; one that is not given does not.
///
/// A memory's score is the sum of weight times signal. A weight below zero speaks against it.
public struct RecallWeights: Hashable, Sendable {
    private var weights: [Signal: Double]

    /// Weights by signal.
    public init(_ weights: [Signal: Double]) { self.weights = weights.filter { $0.value != 0 } }

    /// A signal's weight, 0 where it has none.
    public subscript(_ signal: Signal) -> Double {
        get { weights[signal] ?? 0 }
        set {
            if newValue == 0 {
                weights.removeValue(forKey: signal)
            } else {
                weights[signal] = newValue
            }
        }
    }

    /// The signals that have a weight, and what they have.
    public var bySignal: [Signal: Double] { weights }
}

/// What was recalled.
public struct Recalled: Hashable, Sendable {
    /// The memories, best first.
    public var items: [Item]
    /// What came near and is not among them, and why.
    public var leftOut: [LeftOut]
    /// Tokens of the items, counted as bytes / 4 of their serialized form.
    public var tokens: Int
    /// Whether no approximate index decided.
    public var isExact: Bool
    /// The commit that the answer is of.
    public var sequence: UInt64
    /// What was asked for and could not be done, and what to do about it, for people.
    public var notes: [String] = []

    /// An answer of its parts.
    public init(
        items: [Item],
        leftOut: [LeftOut],
        tokens: Int,
        isExact: Bool,
        sequence: UInt64
    ) {
        self.items = items
        self.leftOut = leftOut
        self.tokens = tokens
        self.isExact = isExact
        self.sequence = sequence
    }

    /// One memory and why it is here.
    public struct Item: Hashable, Sendable {
        /// The memory, without its vectors.
        public var record: Record
        /// The sum of the parts.
        public var score: Double
        /// What each signal added.
        public var parts: [Part]
        /// The edges that its part of the graph came by, from the memory that the walk began at.
        public var path: [Edge]
        /// Its tokens.
        public var tokens: Int

        /// An item of its parts.
        public init(
            record: Record,
            score: Double,
            parts: [Part],
            path: [Edge],
            tokens: Int
        ) {
            self.record = record
            self.score = score
            self.parts = parts
            self.path = path
            self.tokens = tokens
        }
    }

    /// What one signal added to a score: `weight · strength`.
    public struct Part: Hashable, Sendable {
        /// Which signal.
        public var signal: Signal
        /// What the signal measured.
        ///
        /// Vector, meaning: the memory's own cosine. Window, previous, reply: the share of the
        /// question's words, each as rare as it is. Text: a BM25 score. Graph: how many hops away.
        /// Recency: the days since it was used last, or happened, 0 where no time is known.
        /// Importance: the importance, 0.5 where none is given. Of the others: as their strength.
        public var raw: Double
        /// What was made of it, 0…1.
        ///
        /// Vector, meaning: the cosine with the memory and those beside it, 0 below 0. Text: the
        /// share of the best BM25 score. Graph: how well the memory that the path starts from
        /// answers, halved with every hop. Recency: what is kept at that age. Speaker, answer,
        /// dated, question: 1. Of the others: what was measured.
        public var strength: Double
        /// How much the signal counts.
        public var weight: Double
        /// The place in the signal's own list, from 1; 0 when it was not on it.
        public var rank: Int

        /// What it adds.
        public var value: Double { weight * strength }

        /// A part of its parts.
        public init(signal: Signal, raw: Double, strength: Double, weight: Double, rank: Int) {
            self.signal = signal
            self.raw = raw
            self.strength = strength
            self.weight = weight
            self.rank = rank
        }
    }

    /// A memory that came near.
    public struct LeftOut: Hashable, Sendable {
        /// The memory.
        public var reference: Reference
        /// What it scored.
        public var score: Double
        /// Why it is not among the items.
        public var reason: Reason

        /// A memory left out for a reason.
        public init(reference: Reference, score: Double, reason: Reason) {
            self.reference = reference
            self.score = score
            self.reason = reason
        }
    }

    /// Why a memory was left out.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// Others scored higher.
        case overLimit
        /// It did not fit into what was left of the tokens.
        case overBudget
        /// Its best cosine was too low.
        case belowSimilarity
        /// It is not true any more.
        case superseded
        /// Its time is over.
        case expired
        /// A better one says the same.
        case duplicate
    }
}

/// Forgets memories: those that everything given names together.
public struct Forget: Hashable, Sendable {
    /// The collection.
    public var collection: String
    /// Only memories with one of these keys; with any key when empty.
    public var keys: [Key]
    /// Only those of this owner and of those below it; of any owner when nil.
    public var owner: String?
    /// Only those for which this holds.
    public var filter: Filter?
    /// Whether they are erased: no restore of an earlier backup brings them back that knows of it.
    public var erases: Bool
    /// How they go.
    public var mode = Mode.hard
    /// Whether what was made of them goes too, where it has no other source that is still there.
    public var derived = false
    /// Why, for the history of a collection that keeps one.
    public var reason: String?

    /// Memories to forget; at least one of keys, owner and filter is given.
    public init(
        keys: [Key] = [],
        owner: String? = nil,
        where filter: Filter? = nil,
        collection: String = "memories",
        erases: Bool = false
    ) {
        self.erases = erases
        self.keys = keys
        self.owner = owner
        self.filter = filter
        self.collection = collection
    }

    /// How memories go.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// They are deleted.
        case hard
        /// They are marked as deleted, and can come back.
        case soft
        /// They are archived: questions see them that ask for what is archived.
        case archive
    }
}
