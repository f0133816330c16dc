// What a field may hold.

/// What a field holds.
public indirect enum FieldType: Hashable, Sendable {
    case bool
    case int
    case float
    case text
    case bytes
    case uuid
    case instant
    case date
    /// Anything that JSON can say.
    case json
    /// One of these texts.
    case oneOf([String])
    /// An array of one scalar type.
    case array(FieldType)
    case vector(VectorType)
}

/// A vector field's shape.
public struct VectorType: Hashable, Sendable {
    /// How many components.
    public var dimension: Int
    /// How components are kept.
    public var element: VectorElement
    /// How nearness is measured.
    public var metric: VectorMetric
    /// What the model is called whose vectors these are; nil where nobody says.
    public var model: String?
    /// How much of what is truly nearest a search finds that does not say itself how it is made:
    /// 0.5 to 1, which is everything; nil for what the store thinks right.
    ///
    /// In a definition nil says nothing of a field that is there, and 0 takes away what it had.
    public var recall: Double?

    /// A shape of its parts.
    ///
    /// - Precondition: `dimension` is between 1 and 4,096, and `recall` 0 or in 0.5 ... 1; checked
    ///   when it is defined.
    public init(
        dimension: Int,
        element: VectorElement = .float32,
        metric: VectorMetric = .cosine,
        model: String? = nil,
        recall: Double? = nil
    ) {
        self.dimension = dimension
        self.element = element
        self.metric = metric
        self.model = model
        self.recall = recall
    }

    /// Characters that the name of a model may have.
    static let modelLimit = 255

    /// What it takes, for people: `3 components`, `384 components of the model "minilm"`.
    package var wanted: String {
        "\(dimension) components" + (model.map { " of the model \(quoted($0))" } ?? "")
    }

    /// What a recall that is asked for may be.
    public static var recalls: ClosedRange<Double> { 0.5...1 }
}

/// How a vector's components are kept in the log.
public enum VectorElement: String, Hashable, Sendable, CaseIterable {
    case float32
    case float16
}

/// How nearness is measured.
///
/// A score is higher for nearer vectors under each of them.
public enum VectorMetric: String, Hashable, Sendable, CaseIterable {
    /// The cosine of the angle; a zero vector is refused.
    case cosine
    /// The inner product.
    case dot
    /// Minus the squared Euclidean distance.
    case l2
}
