// What any tier is asked and answers: a caller does not see which one worked.

/// How many hits a search returns, and how sure it is to be that nothing nearer is missing.
@usableFromInline package struct NearestLimits: Equatable, Sendable {
    /// The most hits to return (k).
    package let count: Int
    /// How many of the best by code are kept to be scored at full precision; at least `count`.
    package let kept: Int
    /// How many deviations of what codes are off an entry's code has to be below the last hit for
    /// the entry to be left out.
    package let sureness: Float
    /// How wide the beam of a walk is; nil for what the index thinks right.
    package let beam: Int?
    /// Whether nobody knows what a walk with that beam finds: where codes do not tell apart what it
    /// came to, it is no answer.
    package let isGuess: Bool
    /// Whether all that are accepted are scored exactly, however many they are.
    package let isExact: Bool

    /// The most entries that are scored exactly in one search.
    package static let most = 1 << 23
    /// Misses hardly anything: 0.999 or more of the nearest were found of sentences, and of
    /// vectors that lie close together or far from the origin.
    package static let usualSureness: Float = 3
    /// Misses next to nothing.
    package static let greatSureness: Float = 5

    /// Limits.
    ///
    /// Where more than `kept` entries have to be scored at full precision, they are, in another
    /// round: it is a question of time alone.
    ///
    /// - Precondition: `count` is in `0...most`.
    package init(
        count: Int,
        kept: Int? = nil,
        sureness: Float = NearestLimits.usualSureness,
        beam: Int? = nil,
        isGuess: Bool = false,
        isExact: Bool = false
    ) {
        self.isGuess = isGuess || beam == nil
        precondition((0...Self.most).contains(count))
        self.count = count
        self.kept = min(max(count, kept ?? max(24, 2 * count + 12)), Self.most)
        self.sureness = sureness
        self.beam = beam
        self.isExact = isExact
    }

    /// The same where there are so many entries at most.
    ///
    /// All of few are scored exactly, which takes no longer than to tell the best of them apart.
    func among(_ most: Int) -> NearestLimits {
        keeping(isExact || most <= Self.few ? most : min(kept, most), atMost: most)
    }

    /// The same with so many kept of at most so many.
    func keeping(_ kept: Int, atMost most: Int = Self.most) -> NearestLimits {
        NearestLimits(
            count: min(count, most),
            kept: max(1, kept),
            sureness: sureness,
            beam: beam,
            isGuess: isGuess,
            isExact: isExact
        )
    }

    /// How many are kept in the next round, where so many of so many were too few.
    func next(_ kept: Int, of most: Int) -> Int {
        let next = kept < Self.second ? Self.second : most
        return min(max(next, 4 * count), most, Self.most)
    }

    /// Whether it is worth while to count the entries first, so as not to make room for more.
    var wantsMany: Bool { isExact || kept > 4_096 }

    /// All of so many are scored exactly.
    private static let few = 64
    private static let second = 1_024
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
    /// How to look for entries that were left out and may be among the nearest; nil where none was,
    /// as far as codes can tell.
    let deeper: DeeperRound?
}

/// What a round of a search leaves to the next one.
struct DeeperRound: Equatable, Sendable {
    /// Only who scores more by code may be among the nearest.
    let floor: Float
    /// Who scores as much by code or more was looked at, or is a copy of who was; nil where
    /// everything is to be looked at again.
    let ceiling: Float?
    /// What was found above the ceiling; nothing where there is none.
    let hits: [NearestHit]
}
