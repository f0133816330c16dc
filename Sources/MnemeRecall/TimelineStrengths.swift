// What speaks for each record of a timeline, each signal by itself, 0 … 1. What they weigh is for
// others to say. formats/operations.md#recall

package import MnemeEmbed

/// What speaks for the records of a timeline: for each signal [records].
package struct TimelineStrengths: Sendable {
    /// How much of the question's words a record and its neighbours say.
    package let window: [Float]
    /// How much of them the record before says.
    package let previous: [Float]
    /// The same, where the record before asks something.
    package let reply: [Float]
    /// Whether the record is by the one speaker who is named.
    package let speaker: [Float]
    /// Whether it is a question itself.
    package let question: [Float]
    /// 0 where records are short, as what is said is; 1 where they are as long as articles.
    package let lengthiness: Float
    /// The tokens of the words that were looked for, and in how many records each word is.
    package let words: [(tokens: [Token], holding: Int)]
    /// Of how many records these are.
    package let records: Int

    /// What speaks for each record.
    ///
    /// `held`: how rare words are, where the timeline's records are some of many.
    ///
    /// - Complexity: O(words of the records · words asked / 8).
    package init(_ question: [AskedWord], _ timeline: Timeline, _ held: HeldWords? = nil) {
        lengthiness = min(max((timeline.meanLength - 40) / 80, 0), 1)
        let asked = AskedWords(question, timeline, held)
        records = held?.records ?? timeline.count
        words = asked.terms.map { ($0.tokens, $0.holding) }
        let coverage = Coverage(asked, timeline, lengthiness: lengthiness)
        window = coverage.window
        let count = timeline.count
        let nothing = [Float](repeating: 0, count: count)
        var (previous, reply, speaker, isQuestion) = (nothing, nothing, nothing, nothing)
        for index in 0..<count {
            let entry = timeline.entries[index]
            if let before = timeline.neighbour(of: index, at: -1) {
                previous[index] = coverage.own[before]
                if timeline.entries[before].asks { reply[index] = previous[index] }
            }
            if let named = asked.named, entry.speaker == named { speaker[index] = 1 }
            if entry.asks { isQuestion[index] = 1 }
        }
        self.previous = previous
        self.reply = reply
        self.speaker = speaker
        self.question = isQuestion
    }
}

/// A cosine with a record and its neighbours, added up as if they were one.
package struct Blend: Sendable {
    private let before: [Float]
    private let after: [Float]
    private let likeness: Float
    /// The length of the sum where every neighbour is there.
    private let whole: Float

    /// - Parameters:
    ///   - before: What the records before count, the nearest first.
    ///   - after: What those behind count.
    ///   - likeness: What the cosine of two neighbours is taken to be.
    package init(before: [Float], after: [Float], likeness: Float) {
        (self.before, self.after, self.likeness) = (before, after, likeness)
        let all = before + after
        whole = Self.length(
            weights: 1 + all.reduce(0, +),
            squares: 1 + all.reduce(0) { $0 + $1 * $1 },
            likeness
        )
    }

    /// |Σ wᵢvᵢ|, of |Σ wᵢvᵢ|² = Σ wᵢ² + Σ wᵢwⱼ cos(vᵢ, vⱼ), i ≠ j.
    private static func length(weights: Float, squares: Float, _ likeness: Float) -> Float {
        (squares + likeness * (weights * weights - squares)).squareRoot()
    }

    /// That of one record; 0 where it has no vector, and none below zero.
    ///
    /// `cosines`: of each record alone, not a number where it has no vector: [records].
    package func value(of index: Int, _ cosines: [Float], _ timeline: Timeline) -> Float {
        let own = cosines[index]
        if own.isNaN { return 0 }
        var (sum, weights, squares): (Float, Float, Float) = (own, 1, 1)
        var isWhole = true
        func add(_ distance: Int, _ weight: Float) {
            guard let other = timeline.neighbour(of: index, at: distance), !cosines[other].isNaN
            else {
                isWhole = false
                return
            }
            sum += weight * cosines[other]
            weights += weight
            squares += weight * weight
        }
        for place in before.indices { add(-1 - place, before[place]) }
        for place in after.indices { add(1 + place, after[place]) }
        let length =
            isWhole ? whole : Self.length(weights: weights, squares: squares, likeness)
        return max(0, sum / length)
    }
}
