// How much an owner may have in a collection, and what happens where a put would make it more.

/// A bound on what each owner has in a collection.
///
/// Of the quotas of a collection that speak of the same, that with the longest `owner` above a
/// record's owner counts, and it alone: so one without an owner is the rule, and those with one are
/// the exceptions.
public struct Quota: Hashable, Sendable {
    /// The owners that it holds for: this one and those below it; all when nil.
    public var owner: String?
    /// At most so many records; any number when nil.
    public var records: Int?
    /// At most so many bytes, as `Usage` counts them; any number when nil.
    public var bytes: Int?
    /// The field of whose values each has a bound of its own, such as that with the role session.
    public var field: String?
    /// Takes owners whose paths have the same first so many parts together; each whole path is
    /// bounded by itself when nil.
    ///
    /// An owner of fewer parts is not bounded by it.
    public var depth: Int?
    /// Whether all collections and types of edges that count usage are taken together.
    public var isOverall: Bool
    /// Whether records give way; else what would be too much is refused.
    ///
    /// What has expired goes first, then the weakest, then the oldest; never one that is pinned.
    public var evicts: Bool

    /// A quota of its parts.
    public init(
        owner: String? = nil,
        records: Int? = nil,
        bytes: Int? = nil,
        per field: String? = nil,
        depth: Int? = nil,
        isOverall: Bool = false,
        evicts: Bool = false
    ) {
        self.owner = owner
        self.records = records
        self.bytes = bytes
        self.field = field
        self.depth = depth
        self.isOverall = isOverall
        self.evicts = evicts
    }
}

extension Quota {
    /// A collection has no more of them.
    static let most = 1000

    /// What it speaks of: among those of one subject one counts.
    package struct Subject: Hashable, Sendable {
        /// As of `Quota`.
        package let field: String?
        /// As of `Quota`.
        package let depth: Int?
        /// As of `Quota`.
        package let isOverall: Bool
    }

    /// What it speaks of.
    package var subject: Subject { Subject(field: field, depth: depth, isOverall: isOverall) }

    /// Checks the quota by itself.
    ///
    /// - Throws: `badSchema`.
    fileprivate func validate(in place: String) throws(MnemeError) {
        for (name, bound) in [("records", records), ("bytes", bytes)] {
            guard let bound, bound < 0 else { continue }
            throw MnemeError(
                .badSchema,
                "\(place): \(name) is \(bound), which is no bound. Give 0 or more, or leave it out."
            )
        }
        if records == nil, bytes == nil, owner == nil {
            throw MnemeError(
                .badSchema,
                "\(place) bounds nothing. Give records or bytes, or an owner that none of the "
                    + "other quotas is to hold for."
            )
        }
        if let owner, owner.isEmpty {
            throw MnemeError(
                .badSchema,
                "\(place): the owner is empty. Give a path, or leave it out to mean all."
            )
        }
        try validateDepth(in: place)
        guard let field else { return }
        if bytes != nil || isOverall {
            throw MnemeError(
                .badSchema,
                "\(place) is per \(quoted(field)), and only records are bounded per value of a "
                    + "field. Leave out \(bytes == nil ? "overall" : "bytes")."
            )
        }
    }
}

extension Quota {
    /// Checks how far paths are taken together.
    ///
    /// - Throws: `badSchema`.
    fileprivate func validateDepth(in place: String) throws(MnemeError) {
        guard let depth else { return }
        guard depth >= 1, depth <= Owner.maximumByteCount else {
            throw MnemeError(
                .badSchema,
                "\(place): depth is \(depth), and it says how many parts of a path are the same. "
                    + "Give 1 for all that is below a path's first part, 2 for its first two, up "
                    + "to \(Owner.maximumByteCount), or leave it out to bound each whole path."
            )
        }
        if let field {
            throw MnemeError(
                .badSchema,
                "\(place) is per \(quoted(field)), and that is bounded of each whole path alone. "
                    + "Leave out depth, or give two quotas."
            )
        }
        guard let owner else { return }
        let parts = owner.split(separator: "/", omittingEmptySubsequences: false).count
        if parts > depth {
            throw MnemeError(
                .badSchema,
                "\(place): the owner \(quoted(owner)) has \(parts) parts, and by depth \(depth) "
                    + "owners of fewer are taken together. Give a depth of \(parts) or more, or "
                    + "a shorter owner."
            )
        }
    }
}

extension Collection {
    /// Whether it is counted what each owner has in it: asked for, or as a quota needs it.
    package var isCounted: Bool { countsUsage || quotas != nil }

    /// Checks its quotas by themselves.
    ///
    /// - Throws: `badSchema`.
    func validateQuotas() throws(MnemeError) {
        guard let quotas else { return }
        let place = "collection \"\(name)\", quotas"
        guard quotas.count <= Quota.most else {
            throw MnemeError(
                .badSchema,
                "\(place): there are \(quotas.count), and at most \(Quota.most) are kept. Give "
                    + "owners of one bound a common path above them."
            )
        }
        var seen: [Quota.Subject: Set<String>] = [:]
        for (index, quota) in quotas.enumerated() {
            try quota.validate(in: "\(place)[\(index)]")
            guard seen[quota.subject, default: []].insert(quota.owner ?? "").inserted else {
                throw MnemeError(
                    .badSchema,
                    "\(place)[\(index)]: another one says the same of "
                        + (quota.owner.map(quoted) ?? "all owners") + ". Leave one of them out."
                )
            }
        }
    }
}
