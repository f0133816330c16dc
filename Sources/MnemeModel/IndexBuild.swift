// How far an index is that came to a collection with many records, and goes through them behind
// the commits.

/// An index on its way.
public struct IndexBuild: Hashable, Sendable {
    /// The collection.
    public var collection: String
    /// The index.
    public var name: String
    /// How many of the store's records and edges were looked at, of those that were there when the
    /// index was defined: they are looked at in the order in which they came.
    public var done: Int
    /// How many are to be looked at.
    public var of: Int
    /// Why it was given up, and dropped; nil as long as it goes on.
    ///
    /// Told until the store is closed.
    public var failure: String?

    /// An index of its parts.
    public init(
        collection: String,
        name: String,
        done: Int,
        of: Int,
        failure: String? = nil
    ) {
        self.collection = collection
        self.name = name
        self.done = done
        self.of = of
        self.failure = failure
    }
}
