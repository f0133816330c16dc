// A memory takes the place of another as what is true, and memories are kept from fading.

/// Ends an old memory's validity and remembers what is true from then on, in one commit.
///
/// The old one stays: `asOf` and `history` tell it.
public struct Revision: Hashable, Sendable {
    /// The key of the memory that is not true any more.
    public var old: Key
    /// What is true in its place.
    public var memory: Remember
    /// When the one ends and the other begins; the memory's `validFrom` where that is given, and
    /// now otherwise, when nil.
    public var at: Instant?
    /// The type of the edge from the new memory to the old one.
    public var by: String
    /// Why, for the history.
    public var reason: String?

    /// A revision of its parts.
    public init(
        _ old: Key,
        _ memory: Remember,
        at: Instant? = nil,
        by: String = "SUPERSEDES",
        reason: String? = nil
    ) {
        self.old = old
        self.memory = memory
        self.at = at
        self.by = by
        self.reason = reason
    }
}

/// Keeps memories from fading and from being pruned, or does so no more.
public struct Pin: Hashable, Sendable {
    /// The collection.
    public var collection: String
    /// The keys of the memories.
    public var keys: [Key]
    /// Whether they are pinned from now on.
    public var isPinned: Bool

    /// A pin of memories of a collection.
    public init(_ keys: [Key], in collection: String = "memories", isPinned: Bool = true) {
        self.collection = collection
        self.keys = keys
        self.isPinned = isPinned
    }
}
