// Which records walks and paths come to, or tell of, and how many edges they take from one.

/// Some records of a collection.
public struct NodeChoice: Hashable, Sendable {
    /// Their collection.
    public var collection: String
    /// Only those for which this holds, all when nil.
    public var filter: Filter?

    /// A choice of its parts.
    public init(_ collection: String, where filter: Filter? = nil) {
        self.collection = collection
        self.filter = filter
    }
}

/// How many edges a walk takes from any one record.
public struct FanOut: Hashable, Sendable {
    /// So many at most.
    public var count: Int
    /// Those with the greatest number in this property, those without one last; the newest when
    /// nil, and among equals.
    public var strongest: String?

    /// A bound of its parts.
    public init(_ count: Int, strongest: String? = nil) {
        self.count = count
        self.strongest = strongest
    }
}
