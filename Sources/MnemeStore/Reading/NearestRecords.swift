// What a question for the nearest came to, and how.

internal import MnemeModel
internal import MnemeVectors

/// Nearest records by ordinal.
package struct NearestRecords: Sendable {
    /// Best first.
    package private(set) var hits: [(ordinal: UInt64, score: Float)] = []
    /// Whether nothing nearer can be missing.
    package private(set) var isExact = false
    /// How many codes were scored.
    package private(set) var scanned = 0
    /// Which way answered.
    private(set) var tier: NearestTier
    /// What ways were compared, where somebody asked.
    private let considered: [NearestChoice.Candidate]
    /// Those of an index that the answer was looked for among; nil where it was among all.
    var survivors: NearSurvivors?
    /// How many records were read to hold the filter against them.
    package private(set) var read = 0

    /// What a recall that was asked for came to, for people; nil where none was.
    let note: String?

    init(_ choice: NearestChoice, note: String?) {
        self.note = note
        tier = choice.tier
        considered = choice.considered
    }

    /// Whether a walk through the graph answered.
    package var isWalked: Bool { tier == .walk }

    mutating func take(_ answer: NearestAnswer, _ test: NearTest) {
        hits = answer.hits.map { ($0.ordinal, $0.score) }
        isExact = answer.isExact
        scanned = answer.scannedCount
        tier = answer.tier
        read = test.readCount
    }

    /// How it came about in a line.
    func plan(_ near: Near) -> String {
        // Pieces are put together: to interpolate them takes five times as long, in every answer.
        var plan = "nearest by "
        plan.reserveCapacity(80)
        plan += near.field
        plan += ", "
        plan += String(scanned)
        plan += " codes "
        plan += tier.done
        if let note {
            plan += ", "
            plan += note
        }
        return plan
    }

    /// How it came about; of a question that asked it.
    func explanation(_ near: Near, _ find: Find) -> Explanation {
        var explanation = Explanation(way: "nearest by \(near.field), \(tier.rawValue)")
        explanation.isOrdered = find.order.isEmpty
        explanation.held = find.filter?.conjuncts ?? []
        if let survivors {
            let plan = survivors.plan.explanation
            explanation.way += tier == .survivors ? " of " : " among those of "
            explanation.way += plan.way
            explanation.index = plan.index
            explanation.among = plan.among
            explanation.fixed = plan.fixed
            explanation.spans = plan.spans
            explanation.answered = plan.answered
            explanation.held = plan.held
        }
        for candidate in considered {
            if candidate.tier == tier { explanation.expected = candidate.codes }
            explanation.considered.append(
                Explanation.Candidate(
                    way: candidate.tier.rawValue,
                    expected: candidate.codes,
                    cost: candidate.cost
                )
            )
        }
        explanation.entries = scanned
        explanation.read = read
        explanation.matched = hits.count
        return explanation
    }
}

extension NearestTier {
    /// What became of the codes that were scored.
    var done: String {
        switch self {
        case .scan: "scanned"
        case .survivors: "of survivors"
        case .walk: "on a walk"
        }
    }
}
