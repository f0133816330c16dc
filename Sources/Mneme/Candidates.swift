// The pure half of recall: strengths, fusion, packing. Nothing here reads a store.

internal import MnemeModel
internal import MnemeRecall

/// A memory that some signal spoke for, and what each signal measured.
struct Candidate {
    let ordinal: UInt64
    var raw: [Signal: Double] = [:]
    /// Strengths that do not follow from what was measured alone: of the graph and of recency.
    var strength: [Signal: Double] = [:]
    var rank: [Signal: Int] = [:]
    /// In which walk it was reached and where in it, when the graph speaks for it.
    var step: (walk: Int, step: Int)?

    init(_ ordinal: UInt64) { self.ordinal = ordinal }
}

/// Brings what a signal measured to 0…1.
enum Strength {
    /// What has no cosine has none of it; a negative cosine is no reason.
    static func cosine(_ raw: Double) -> Double { min(max(raw, 0), 1) }

    /// BM25 as a share of the best score for this question.
    static func words(_ raw: Double, best: Double) -> Double { best > 0 ? raw / best : 0 }

    /// What is left of a memory by its age, which counts from when it was used last; and that age.
    static func recency(
        since time: Instant?,
        now: Instant,
        _ access: Access?,
        rate: Double?,
        isPinned: Bool
    ) -> (days: Double, strength: Double) {
        guard var last = time else { return (0, 1) }
        if let access { last = max(last, access.at) }
        // Two instants may lie further apart than one can say in microseconds.
        let days = (Double(now.microseconds) - Double(last.microseconds)) / 86_400_000_000
        let fading = Fading(
            rate: rate ?? Fading.standardRate,
            isPinned: isPinned,
            reinforcement: access?.reinforcement ?? 0
        )
        return (days, fading.left(afterDays: days))
    }
}

/// The weights that a question really uses: a signal that does not run leaves its weight to its
/// kind, so that scores of different questions stay comparable.
struct Fusion {
    private(set) var weights: [Signal: Double]

    init(_ weights: RecallWeights, running: Set<Signal>, isGiven: Bool) {
        var all = weights.bySignal
        if !isGiven {
            if !running.contains(.vector), running.contains(.meaning) {
                all[.meaning, default: 0] += all[.vector] ?? 0
            } else if !running.contains(.meaning), running.contains(.vector) {
                all[.vector, default: 0] += all[.meaning] ?? 0
            }
        }
        self.weights = all.filter { running.contains($0.key) }
    }

    /// The parts of a candidate's score, heaviest signals first.
    func parts(_ candidate: Candidate, strength: (Signal, Double) -> Double) -> [Recalled.Part] {
        Signal.allCases.compactMap { signal in
            guard let weight = weights[signal], let raw = candidate.raw[signal] else { return nil }
            return Recalled.Part(
                signal: signal,
                raw: raw,
                strength: strength(signal, raw),
                weight: weight,
                rank: candidate.rank[signal] ?? 0
            )
        }
    }
}

/// A candidate with its score.
struct Scored {
    let candidate: Candidate
    let parts: [Recalled.Part]
    let score: Double

    init(_ candidate: Candidate, _ parts: [Recalled.Part]) {
        self.candidate = candidate
        self.parts = parts
        score = parts.reduce(0) { $0 + $1.value }
    }

    /// Higher scores first; among equals what came first into the store.
    static func isBetter(_ left: Scored, _ right: Scored) -> Bool {
        left.score != right.score
            ? left.score > right.score : left.candidate.ordinal < right.candidate.ordinal
    }
}

/// Fits items into a limit and a budget of tokens.
struct Packing {
    let limit: Int
    let tokens: Int?
    private(set) var spent = 0
    private(set) var count = 0

    init(limit: Int, tokens: Int?) {
        self.limit = limit
        self.tokens = tokens
    }

    /// Why an item of so many tokens does not fit, nil when it does and was taken in.
    mutating func take(_ size: Int) -> Recalled.Reason? {
        if count >= limit { return .overLimit }
        if let tokens, spent + size > tokens { return .overBudget }
        spent += size
        count += 1
        return nil
    }

    /// Tokens of a serialized item: its bytes / 4, rounded up.
    static func tokens(_ record: Record) -> Int { (record.jsonLength + 3) / 4 }
}
