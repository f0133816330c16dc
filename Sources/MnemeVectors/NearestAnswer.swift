// What any tier is asked and answers: a caller does not see which one worked.

/// How many hits a search returns and how many entries it scores exactly for them.
@usableFromInline package struct NearestLimits: Equatable, Sendable {
    /// The most hits to return (k).
    package let count: Int
    /// How many of the best by code are scored at full precision; at least `count`.
    package let rescored: Int
    /// How wide the beam of a walk is; nil for what the index thinks right.
    package let beam: Int?
    /// Whether all that are accepted are scored exactly, however many they are.
    package let isExact: Bool

    /// The most entries that are scored exactly in one search.
    package static let most = 1 << 23

    /// Limits.
    ///
    /// Without `rescored`, twice the count and at least 20, which missed 2 of 10,000 true
    /// neighbours at k = 10 on 384-dimensional sentence vectors.
    ///
    /// - Precondition: `count` is in `0...most`.
    package init(count: Int, rescored: Int? = nil, beam: Int? = nil, isExact: Bool = false) {
        precondition((0...Self.most).contains(count))
        self.count = count
        self.rescored = max(count, rescored ?? max(20, 2 * count))
        self.beam = beam
        self.isExact = isExact
    }

    /// The same where there are so many entries at most.
    ///
    /// All of few are scored exactly, which takes no longer than to tell the best of them apart.
    func among(_ most: Int) -> NearestLimits {
        let scored = isExact || most <= Self.few ? most : min(rescored, most)
        return NearestLimits(
            count: min(count, most),
            rescored: max(1, min(scored, Self.most)),
            beam: beam,
            isExact: isExact
        )
    }

    /// Whether it is worth while to count the entries first, so as not to make room for more.
    var wantsMany: Bool { isExact || rescored > 4_096 }

    /// All of so many are scored exactly.
    private static let few = 64
}

/// An entry found.
package struct NearestHit: Equatable, Sendable {
    /// Who it is.
    package let ordinal: UInt64
    /// Its exact score under the index's metric; higher is closer.
    package let score: Float
}

/// Which tier answered.
package enum NearestTier: String, Equatable, Sendable {
    /// Every code of the scope was scored.
    case scan
    /// The codes of those alone were scored who might be in the answer.
    case survivors
    /// A walk through the graph, and a scan of what is not in it yet.
    case walk
}

/// The result of a search.
@usableFromInline package struct NearestAnswer: Equatable, Sendable {
    /// Best first; equal scores by ascending ordinal.
    package let hits: [NearestHit]
    /// Entries whose code was scored.
    package let scannedCount: Int
    /// True when every accepted entry was scored at full precision, so that nothing nearer exists.
    ///
    /// Of a walk it is false.
    package let isExact: Bool
    /// Who answered.
    package let tier: NearestTier
}
