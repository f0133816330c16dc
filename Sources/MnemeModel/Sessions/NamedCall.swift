// Procedures and documents: values that an owner has under names, whatever session is going on.

/// What is asked of an owner's procedures or documents.
public struct NamedCall: Hashable, Sendable {
    /// Whose they are; `list` and `search` also see those below, everything else the owner's own.
    public var owner: String
    /// What is asked.
    public var what: What

    /// A call of its parts.
    public init(_ owner: String, _ what: What) {
        self.owner = owner
        self.what = what
    }

    /// What can be asked.
    public enum What: Hashable, Sendable {
        /// Puts values under their names, all or none, in the place of those that are there.
        case put([NamedValue])
        /// Reads values by their names; a missing one is nil in its place.
        case get([String])
        /// Reads values in the order of their names, or best first.
        case list(NamedList)
        /// Finds values by what they mean and say.
        case search(NamedSearch)
        /// Deletes values by their names.
        case delete([String])
        /// Counts that a procedure was used, and whether it did what it should.
        case use(name: String, succeeded: Bool)

        /// Whether it is to change what the store holds.
        package var isChange: Bool {
            switch self {
            case .put, .delete, .use: true
            case .get, .list, .search: false
            }
        }

        /// Whether it may be done once under a key: to delete is the same when it is done again.
        package var takesOnce: Bool {
            switch self {
            case .put, .use: true
            case .get, .list, .search, .delete: false
            }
        }
    }
}

/// A value under a name.
public struct NamedValue: Hashable, Sendable {
    /// The name, one of a kind with its owner.
    public var name: String
    /// The value: anything that JSON can say.
    public var value: Value
    /// What it is found by; the name and the texts in the value when nil.
    public var text: String?
    /// What sort of thing it is, such as `testing`.
    public var type: String?
    /// Words to find it by exactly.
    public var tags: [String]

    /// A value of its parts.
    public init(
        _ name: String,
        _ value: Value,
        text: String? = nil,
        type: String? = nil,
        tags: [String] = []
    ) {
        self.name = name
        self.value = value
        self.text = text
        self.type = type
        self.tags = tags
    }
}

/// A list of values.
public struct NamedList: Hashable, Sendable {
    /// Only names that start so.
    public var prefix: String
    /// Only those for which this holds.
    public var filter: Filter?
    /// Whether those that proved themselves come first, and not in the order of their names.
    public var isBestFirst: Bool
    /// At most so many.
    public var limit: Int
    /// Where to go on: `next` of an answer to the same question.
    public var after: String?

    /// A list of its parts.
    public init(
        prefix: String = "",
        where filter: Filter? = nil,
        bestFirst: Bool = false,
        limit: Int = 100,
        after: String? = nil
    ) {
        self.prefix = prefix
        self.filter = filter
        isBestFirst = bestFirst
        self.limit = limit
        self.after = after
    }
}

/// A search for values.
public struct NamedSearch: Hashable, Sendable {
    /// What is looked for.
    public var question: String
    /// Only those for which this holds.
    public var filter: Filter?
    /// At most so many.
    public var limit: Int

    /// A search of its parts.
    public init(_ question: String, where filter: Filter? = nil, limit: Int = 10) {
        self.question = question
        self.filter = filter
        self.limit = limit
    }
}
