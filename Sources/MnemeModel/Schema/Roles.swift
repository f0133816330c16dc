// Which field of a collection the memory layer uses for what.

/// Which field is what to the memory layer.
///
/// A role that is not given is not used.
public struct Roles: Hashable, Sendable {
    /// The owner: a path such as `user/project`; text.
    public var owner: String?
    /// The text to embed and to match.
    public var text: String?
    /// When it happened; instant.
    public var time: String?
    /// How important it is, 0…1; float.
    public var importance: String?
    /// How fast it fades, per day; float.
    public var decayRate: String?
    /// Whether it never fades; bool.
    public var pinned: String?
    /// Which session it belongs to; text.
    public var session: String?
    /// Where it stands in its session; int.
    public var position: String?
    /// Who said it; text.
    public var speaker: String?
    /// How sure it is, 0…1; float.
    public var confidence: String?
    /// What it was made of: keys of the same collection, or `collection/key`; an array of texts.
    public var sources: String?
    /// From when on it is true; instant.
    public var validFrom: String?
    /// Up to when it is true, itself not included; instant.
    public var validTo: String?
    /// Since when it is deleted, though it can come back; instant, null for what is not.
    public var deletedAt: String?
    /// Whether it is there; bool, false for what is deleted, though it can come back.
    public var active: String?
    /// Since when it is archived; instant, null for what is not.
    public var archivedAt: String?
    /// Whether it is archived; bool.
    public var archived: String?
    /// When an event is due next; instant.
    public var triggerAt: String?
    /// Whether an event is pending, claimed, done or cancelled; text.
    public var status: String?
    /// What an event is about; json or text.
    public var payload: String?
    /// How an event comes again; json or text, null for one that does not.
    public var recurrence: String?
    /// Which occurrence of an event was claimed last; instant.
    public var occurrence: String?
    /// When an event was claimed last; instant.
    public var claimedAt: String?
    /// Up to when an event is its claimer's; instant.
    public var leaseUntil: String?

    /// Roles of nothing.
    public init() {}
}
