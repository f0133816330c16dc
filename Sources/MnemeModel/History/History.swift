// What is kept of the versions that a record had before.

/// How much of its records' history a collection keeps.
///
/// Vectors are no part of it.
public struct History: Hashable, Sendable {
    /// The most versions of a record that are kept besides the one that stands; all when nil.
    public var versions: Int?
    /// For how many days a version is kept once another took its place; for ever when nil.
    public var days: Int?

    /// A history of its bounds.
    public init(versions: Int? = nil, days: Int? = nil) {
        self.versions = versions
        self.days = days
    }
}

/// Who makes a commit, and why: what the history of its records says of it.
public struct CommitNote: Hashable, Sendable {
    /// Who makes it.
    public var author: String?
    /// Why.
    public var reason: String?

    /// A note of its parts.
    public init(author: String? = nil, reason: String? = nil) {
        self.author = author
        self.reason = reason
    }
}

/// One version of a record, and what ended it.
public struct Version: Hashable, Sendable {
    /// Its number, from 1 on; a key that was deleted and put again goes on counting.
    public var number: Int
    /// Its fields, vectors left out.
    public var fields: [String: Value]
    /// When it was made, as far as the history that is kept says.
    public var from: Instant?
    /// When the next one took its place; nil of the one that stands.
    public var until: Instant?
    /// What made it of the version before; nil of one that nothing is kept before.
    public var change: Change?

    /// A version of its parts.
    public init(
        number: Int,
        fields: [String: Value],
        from: Instant? = nil,
        until: Instant? = nil,
        change: Change? = nil
    ) {
        self.number = number
        self.fields = fields
        self.from = from
        self.until = until
        self.change = change
    }

    /// What made a version.
    public struct Change: Hashable, Sendable {
        /// What was done.
        public var kind: Kind
        /// Who did it, where the commit said so.
        public var author: String?
        /// Why, where the commit said so.
        public var reason: String?
        /// The fields that it changed: what they were before and are since, null for none.
        public var fields: [String: Pair]

        /// A change of its parts.
        public init(
            kind: Kind,
            author: String? = nil,
            reason: String? = nil,
            fields: [String: Pair] = [:]
        ) {
            self.kind = kind
            self.author = author
            self.reason = reason
            self.fields = fields
        }
    }

    /// A field before and after a change.
    public struct Pair: Hashable, Sendable {
        /// What it was.
        public var before: Value
        /// What it is since.
        public var after: Value

        /// A pair of values.
        public init(before: Value, after: Value) {
            self.before = before
            self.after = after
        }
    }

    /// What is done to a record.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// It was put where there was none.
        case created
        /// It was put in the place of another version, or patched.
        case updated
        /// It was deleted, or its time ended. The version that this makes has no fields.
        case deleted
    }
}
