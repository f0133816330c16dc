// Collections whose records go in more ways than by deletes, and leave more behind than an index
// knows: together, with time, for want of room, put aside, replaced by what is true now.

internal import MnemeModel

extension HarnessSchema {
    /// All of them.
    static let lives = [events, facts, files, cache]

    /// From a fact to the one whose place it took.
    static let replaces = EdgeType("replaces", from: "facts", to: "facts", countsUsage: true)

    /// The same with a history.
    static let keptReplaces: EdgeType = {
        var type = replaces
        type.history = HistoryRule()
        return type
    }()

    /// Records that one frame withdraws, and that are kept for a day.
    ///
    /// Some of it is dropped.
    private static let events: Collection = {
        var roles = Roles()
        roles.owner = "owner"
        roles.time = "at"
        return Collection(
            "events",
            fields: [
                Field("owner", .text), Field("at", .instant), Field("level", .int),
                Field("text", .text, isSearchable: true), Field("mood", .int),
                Field("sense", .vector(VectorType(dimension: 3))),
            ],
            indexes: [
                Index("byTime", on: ["owner", "at"]), Index("byLevel", on: ["level"]),
            ],
            roles: roles,
            retention: RetentionRule(days: 1)
        )
    }()

    /// The dropped fields once more, as others.
    static let again = with(events) { events in
        events.fields.removeAll { $0.name == "mood" || $0.name == "sense" }
        events.fields.append(Field("mood", .text))
        events.fields.append(Field("sense", .vector(VectorType(dimension: 6, metric: .l2))))
    }

    /// Records that are put aside, that others take the place of, and whose history is kept.
    private static let facts: Collection = {
        var roles = Roles()
        roles.owner = "owner"
        roles.validFrom = "since"
        roles.validTo = "until"
        roles.deletedAt = "deleted"
        roles.archived = "archived"
        return Collection(
            "facts",
            fields: [
                Field("owner", .text), Field("claim", .text, isSearchable: true),
                Field("weight", .int), Field("since", .instant), Field("until", .instant),
                Field("deleted", .instant), Field("archived", .bool),
            ],
            indexes: [Index("byWeight", on: ["weight", "since"])],
            roles: roles,
            history: HistoryRule()
        )
    }()

    /// Of which each owner has a few, and no more.
    private static let files: Collection = {
        var roles = Roles()
        roles.owner = "owner"
        return Collection(
            "files",
            fields: [Field("owner", .text), Field("size", .int), Field("data", .bytes)],
            indexes: [Index("bySize", on: ["owner", "size"])],
            roles: roles,
            quotas: [Quota(records: 3), Quota(owner: "bob", records: 5)]
        )
    }()

    /// Of which the oldest of an owner give way.
    private static let cache: Collection = {
        var roles = Roles()
        roles.owner = "owner"
        roles.time = "at"
        return Collection(
            "cache",
            key: .int,
            fields: [
                Field("owner", .text), Field("at", .instant, isRequired: true),
                Field("word", .text, isSearchable: true),
            ],
            indexes: [Index("byOwner", on: ["owner"])],
            roles: roles,
            history: HistoryRule(versions: 3),
            quotas: [Quota(records: 2, evicts: true)]
        )
    }()

    /// What is dropped of events, in this order.
    static let drops: [Drop] = [
        .field(collection: "events", name: "mood"), .field(collection: "events", name: "sense"),
        .search(collection: "events", name: "text"),
        .index(collection: "events", name: "byLevel"),
    ]

    /// The collections that keep a history: an owner's records there stay the same owner's.
    static let remembering: Set<String> = ["facts", "cache"]
    /// The collections whose records never expire by themselves.
    static let lasting: Set<String> = ["facts", "cache", "files"]
}
