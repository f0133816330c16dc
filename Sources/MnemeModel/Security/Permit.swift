// What somebody may ask of a store: a role, and how far it reaches. A permit only ever takes away:
// where a request is answered under one, what it does not reach is as if it were not there. The
// page: formats/security.md.

/// What somebody may ask of a store, and of which part of it.
public struct Permit: Hashable, Sendable {
    /// What somebody may do, each role all that those before it may.
    public enum Role: String, Sendable, CaseIterable, Comparable {
        /// Asks.
        case read
        /// Changes records and edges, too.
        case write
        /// Changes what is defined and how the store is kept, too.
        case admin

        private var rank: Int {
            switch self {
            case .read: 0
            case .write: 1
            case .admin: 2
            }
        }

        /// Less before more.
        public static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }
    }

    /// Whose it is, as audits tell it.
    public var name: String
    /// What he may do.
    public var role: Role
    /// The names of the collections that he reaches; nil for all.
    public var collections: Set<String>?
    /// The paths of the owners whose records he reaches, with all below them; nil for everybody's,
    /// and those that are nobody's.
    public var owners: Set<String>?
    /// The verbs of the requests that he may ask; nil for all that the role allows.
    public var verbs: Set<String>?
    /// From when on it is worth nothing; nil for never.
    public var expiresAt: Instant?

    /// A permit of its parts.
    public init(
        _ name: String,
        _ role: Role,
        collections: Set<String>? = nil,
        owners: Set<String>? = nil,
        verbs: Set<String>? = nil,
        expiresAt: Instant? = nil
    ) {
        self.name = name
        self.role = role
        self.collections = collections
        self.owners = owners
        self.verbs = verbs
        self.expiresAt = expiresAt
    }

    /// Whether it reaches every record of the store.
    public var isWhole: Bool { collections == nil && owners == nil }

    /// The most names of one kind that a permit lists.
    package static let mostNames = 256

    /// Makes sure that it can be meant.
    ///
    /// - Throws: `.badRequest`, `.badOwner`.
    public func check() throws(MnemeError) {
        guard PlainName.isOne(name) else {
            throw MnemeError(
                .badRequest,
                "\"\(name.prefix(80))\" is no name for a permit; use 1 to \(PlainName.limit) "
                    + "letters, digits, dots, hyphens and underscores, the first no dot"
            )
        }
        for (what, names) in [
            ("collections", collections), ("owners", owners), ("verbs", verbs),
        ] {
            guard let names else { continue }
            guard (1...Self.mostNames).contains(names.count) else {
                throw MnemeError(
                    .badRequest,
                    "\(what) of permit \"\(name)\" has \(names.count) names; give 1 to "
                        + "\(Self.mostNames), or leave it out to mean all"
                )
            }
        }
        for owner in (owners ?? []).sorted() {
            guard let fault = Owner.fault(in: owner) else { continue }
            throw MnemeError(
                .badOwner,
                "the owner \"\(owner.prefix(80))\" of permit \"\(name)\" \(fault)"
            )
        }
        for verb in (verbs ?? []).sorted() where !Request.verbs.contains(verb) {
            throw MnemeError(
                .badRequest,
                "\"\(verb.prefix(80))\" of permit \"\(name)\" is the verb of no request; those "
                    + "there are: \(Request.verbs.sorted().joined(separator: ", "))"
            )
        }
    }
}
