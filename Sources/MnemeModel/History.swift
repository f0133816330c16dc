// What records were: who changed what, when and why, and questions about an earlier instant.

/// Who makes changes, and why; kept with the history of what is changed.
public struct Signature: Hashable, Sendable {
    /// The most characters of an author.
    public static let authorLimit = 255
    /// The most characters of a reason.
    public static let reasonLimit = 1000

    /// Who.
    public var author: String?
    /// Why.
    public var reason: String?

    /// A signature of its parts.
    public init(author: String? = nil, reason: String? = nil) {
        self.author = author
        self.reason = reason
    }

    /// Whether nobody and nothing is named.
    public var isEmpty: Bool { author == nil && reason == nil }

    /// Refuses texts that are too long.
    ///
    /// - Throws: `tooLarge`.
    package func check() throws(MnemeError) {
        for (name, text, limit) in [
            ("author", author, Self.authorLimit), ("reason", reason, Self.reasonLimit),
        ] {
            guard let text, text.count > limit else { continue }
            throw MnemeError(
                .tooLarge,
                "commit.\(name) has \(text.count) characters, and at most \(limit) are kept. "
                    + "Shorten it."
            )
        }
    }
}

/// A question for what a record was.
public struct VersionQuestion: Hashable, Sendable {
    /// The record; it need not be there any more.
    public var reference: Reference
    /// At most this many versions, newest first.
    public var limit: Int
    /// Only versions with lower numbers.
    public var before: UInt64?
    /// Whether each version comes with the whole record as it was, vectors apart.
    public var hasRecords: Bool

    /// A question of its parts.
    public init(
        _ reference: Reference,
        limit: Int = 20,
        before: UInt64? = nil,
        records: Bool = false
    ) {
        self.reference = reference
        self.limit = limit
        self.before = before
        hasRecords = records
    }
}

/// What a record was, as far as it is kept.
public struct History: Hashable, Sendable {
    /// The versions, newest first.
    public var versions: [Version]
    /// Whether no older version is kept than the last one here.
    public var isComplete: Bool
    /// The commit that the answer is of.
    public var sequence: UInt64

    /// An answer of its parts.
    public init(versions: [Version], isComplete: Bool, sequence: UInt64) {
        self.versions = versions
        self.isComplete = isComplete
        self.sequence = sequence
    }

    /// How a version came to be.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The record was put where there was none.
        case created
        /// It was put again, patched, or changed by a reference.
        case updated
        /// It was deleted.
        case deleted
        /// Its time was over.
        case expired
        /// What made it so is not kept.
        case unknown
    }

    /// One version.
    public struct Version: Hashable, Sendable {
        /// Its number, ascending; the end of a record has one too.
        public var number: UInt64
        /// When it became what the record is.
        public var at: Instant
        /// How.
        public var kind: Kind
        /// Who and why, as far as it was said.
        public var signature: Signature
        /// The fields that it changed, vectors apart.
        public var changes: [String: FieldChange]
        /// The record as it was then, without vectors, where it was asked for and is there.
        public var record: Record?

        /// A version of its parts.
        public init(
            number: UInt64,
            at: Instant,
            kind: Kind,
            signature: Signature = Signature(),
            changes: [String: FieldChange] = [:],
            record: Record? = nil
        ) {
            self.number = number
            self.at = at
            self.kind = kind
            self.signature = signature
            self.changes = changes
            self.record = record
        }
    }

    /// What became of a field; null stands for no value.
    public struct FieldChange: Hashable, Sendable {
        /// What it was before.
        public var old: Value
        /// What it was from then on.
        public var new: Value

        /// A change of its parts.
        public init(old: Value, new: Value) {
            self.old = old
            self.new = new
        }
    }
}

/// A read of records by key that says more than which.
public struct Get: Hashable, Sendable {
    /// The records.
    public var references: [Reference]
    /// Whether each comes with its version; of the records as they are now alone.
    public var hasVersions: Bool
    /// As the store had them at an instant; of collections with a history.
    public var knownAt: Instant?
    /// Only those that were true at an instant, by the roles validFrom and validTo.
    public var asOf: Instant?
    /// What is asked for of the records that are put aside: none of them as a rule.
    public var sight = Sight()

    /// A read of its parts.
    public init(
        _ references: [Reference],
        versions: Bool = false,
        knownAt: Instant? = nil,
        asOf: Instant? = nil
    ) {
        self.references = references
        hasVersions = versions
        self.knownAt = knownAt
        self.asOf = asOf
    }

    /// Whether it asks for nothing but the records as they are.
    public var isPlain: Bool { isOfNow && !hasVersions && sight.isStandard }

    /// Whether it asks for the records as they are, with or without their versions.
    package var isOfNow: Bool { knownAt == nil && asOf == nil }
}
