// What any tier is asked and answers: a caller does not see which one worked.

/// How many hits a search returns and how many entries it scores exactly for them.
@usableFromInline package struct NearestLimits: Equatable, Sendable {
    /// The most hits to return (k).
    package let count: Int
    /// How many of the best by code are scored at full precision; at least `count`.
    package let rescored: Int
    /// How wide the beam of a walk is; nil for what the index thinks right.
    package let beam: Int?

    /// The most entries that are scored exactly in one search.
    package static let most = 1 << 23

    /// Limits.
    ///
    /// Without `rescored`, twice the count and at least 20, which missed 2 of 10,000 true
    /// neighbours at k = 10 on 384-dimensional sentence vectors.
    ///
    /// - Precondition: `count` is in `0...most`.
    package init(count: Int, rescored: Int? = nil, beam: Int? = nil) {
        precondition((0...Self.most).contains(count))
        self.count = count
        self.rescored = max(count, rescored ?? max(20, 2 * count))
        self.beam = beam
    }
}

/// An entry found.
package struct NearestHit: Equatable, Sendable {
    /// Who it is.
    package let ordinal: UInt64
    /// Its exact score under the index's metric; higher is closer.
    package let score: Float
}

/// Which tier answered.
package enum NearestTier: Equatable, Sendable {
    /// Every entry's code was scored.
    case scan
    /// A walk through the graph, and a scan of what is not in it yet.
    case graph
}

/// The result of a search.
@usableFromInline package struct NearestAnswer: Equatable, Sendable {
    /// Best first; equal scores by ascending ordinal.
    package let hits: [NearestHit]
    /// Entries whose code was scored.
    package let scannedCount: Int
    /// True when every accepted entry was scored at full precision, so that nothing nearer exists.
    package let isExact: Bool
    /// Who answered.
    package let tier: NearestTier
}
