// How much of what is truly nearest the searches of vector fields find, as a store measures it.

/// Asks how well searches of vector fields find what is truly nearest.
public struct VectorQuestion: Hashable, Sendable {
    /// Only fields of this collection; of all, and of all types of edges, when nil.
    public var collection: String?
    /// Only properties of this type of edges, in the place of a collection.
    public var edges: String?
    /// Only fields of this name.
    public var field: String?
    /// The recall that is wanted; what each field's definition asks for when nil.
    public var recall: Double?
    /// How many questions are asked of each field at most.
    public var sample: Int

    /// How many questions there may be.
    public static var samples: ClosedRange<Int> { 1...10_000 }
    /// How many questions are asked where nobody says.
    public static var usualSample: Int { 100 }

    /// A question; see the properties.
    public init(
        collection: String? = nil,
        edges: String? = nil,
        field: String? = nil,
        recall: Double? = nil,
        sample: Int = VectorQuestion.usualSample
    ) {
        self.edges = edges
        self.collection = collection
        self.field = field
        self.recall = recall
        self.sample = sample
    }
}

/// How well searches of vector fields find what is truly nearest.
public struct VectorsChecked: Hashable, Sendable {
    /// One way to search, and what came of it.
    public struct Way: Hashable, Sendable {
        /// How wide the beam of the walk is; nil where everything is scanned.
        public var beam: Int?
        /// How much of the 10 truly nearest it finds over all questions, 0 to 1.
        public var recall: Double
        /// How long a question takes, in the middle.
        public var microseconds: Double

        /// A way of its parts.
        public init(beam: Int? = nil, recall: Double, microseconds: Double) {
            self.beam = beam
            self.recall = recall
            self.microseconds = microseconds
        }
    }

    /// What the questions are.
    public enum Asked: String, Hashable, Sendable, CaseIterable {
        /// Some of those that were asked of the field last.
        case questions
        /// Vectors of records or edges, each without its own one: nobody has asked enough since the
        /// store was opened. Questions from outside need wider beams than these.
        case records
    }

    /// One vector field.
    public struct Field: Hashable, Sendable {
        /// The collection, or the type of edges.
        public var collection: String
        /// Whether it is a type of edges.
        public var isOfEdges: Bool
        /// The field.
        public var name: String
        /// How many vectors it has.
        public var vectors: Int
        /// How many nodes its graph has; 0 where it has none.
        public var nodes: Int
        /// Vectors that are not in the graph yet, and are scanned.
        public var fresh: Int
        /// Nodes whose vectors are gone.
        public var gone: Int
        /// What was asked.
        public var asked: Asked
        /// How many questions were asked.
        public var sample: Int
        /// What a question comes to that says nothing of beam and recall itself.
        public var inUse: Way
        /// Walks by their beams, ascending, and the scan at the end.
        public var ways: [Way]
        /// The recall that is wanted; nil where none is.
        public var wanted: Double?

        /// A field of its parts.
        public init(
            collection: String,
            isOfEdges: Bool = false,
            name: String,
            vectors: Int,
            nodes: Int = 0,
            fresh: Int = 0,
            gone: Int = 0,
            asked: Asked,
            sample: Int,
            inUse: Way,
            ways: [Way],
            wanted: Double? = nil
        ) {
            self.collection = collection
            self.isOfEdges = isOfEdges
            self.name = name
            self.vectors = vectors
            self.nodes = nodes
            self.fresh = fresh
            self.gone = gone
            self.asked = asked
            self.sample = sample
            self.inUse = inUse
            self.ways = ways
            self.wanted = wanted
        }

        /// Whether what is in use finds as much as is wanted.
        public var isReached: Bool { inUse.recall >= wanted ?? 0 }

        /// The first of the ways that finds as much as is wanted; nil where none does, or nothing
        /// is wanted.
        public var least: Way? {
            guard let wanted else { return nil }
            return ways.first { $0.recall >= wanted }
        }
    }

    /// The fields, by collection or type of edges and by name; those without a vector are not here.
    public var fields: [Field]
    /// The commit of which this is.
    public var sequence: UInt64

    /// What was measured, of its parts.
    public init(fields: [Field], sequence: UInt64) {
        self.fields = fields
        self.sequence = sequence
    }

    /// Whether every field finds as much as is wanted of it.
    public var isReached: Bool { fields.allSatisfy(\.isReached) }
}
