// What the indexes of a store take, as figures that anybody can read beside each other.

/// What one index takes, or what else a state keeps beside the log.
package struct IndexCost: Hashable, Sendable {
    /// What kind of index it is.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Records by their keys.
        case keys
        /// Records or edges by fields.
        case fields
        /// What owners have.
        case usage
        /// Owners, expiries, and what else the store keeps for itself.
        case own
        /// Codes of vectors.
        case vectors
        /// Words.
        case words
        /// Edges by their ends.
        case adjacency
    }

    /// What kind it is.
    package let kind: Kind
    /// Collection or edge type, and behind a dot index or field; empty where it is of all.
    package let name: String
    /// How many entries it has.
    package let entries: Int
    /// Bytes of the entries, without what their pages leave unused or share.
    package let byteCount: Int

    /// A cost of its parts.
    package init(_ kind: Kind, _ name: String, entries: Int, byteCount: Int) {
        self.kind = kind
        self.name = name
        self.entries = entries
        self.byteCount = byteCount
    }
}

/// How much of a segment of the log is needed.
package struct SegmentShare: Hashable, Sendable {
    /// Its file.
    package let name: String
    /// Whether compaction wrote it.
    package let isCold: Bool
    /// Bytes of it; of the newest one as far as it is written.
    package let byteCount: Int
    /// Of these, those that nobody needs any more, as far as that is known.
    package let deadBytes: Int

    /// A share of its parts.
    package init(name: String, isCold: Bool, byteCount: Int, deadBytes: Int) {
        self.name = name
        self.isCold = isCold
        self.byteCount = byteCount
        self.deadBytes = deadBytes
    }

    /// How much of it is needed, 0 … 1.
    package var live: Double {
        byteCount > 0 ? Double(max(0, byteCount - deadBytes)) / Double(byteCount) : 1
    }
}
