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

    /// What speaks for each record.
    ///
    /// `statistics`: how common words are, where the timeline does not have all records that are
    /// asked.
    ///
    /// - Complexity: O(words of the records · words asked / 8).
    package init(
        _ question: [AskedWord],
        _ timeline: Timeline,
        statistics: WordStatistics? = nil,
        meanLength: Float? = nil
    ) {
        let length = meanLength ?? timeline.meanLength
        lengthiness = min(max((length - 40) / 80, 0), 1)
        let asked = AskedWords(question, timeline, statistics)
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

    /// Cosines of a vector with those of records and their neighbours, added up as if they were
    /// one.
    ///
    /// - Parameters:
    ///   - cosines: Of each record alone, nil where it has no vector: [records].
    ///   - timeline: The records.
    ///   - before: What the records before count, the nearest first.
    ///   - after: What those behind count.
    ///   - likeness: What the cosine of two neighbours is taken to be.
    /// - Returns: 0 where a record has no vector, and none below zero.
    package static func blended(
        _ cosines: [Float?],
        _ timeline: Timeline,
        before: [Float],
        after: [Float],
        likeness: Float
    ) -> [Float] {
        var blended = [Float](repeating: 0, count: cosines.count)
        for index in cosines.indices {
            guard let own = cosines[index] else { continue }
            var (sum, weights, squares): (Float, Float, Float) = (own, 1, 1)
            func add(_ distance: Int, _ weight: Float) {
                guard let other = timeline.neighbour(of: index, at: distance),
                    let cosine = cosines[other]
                else { return }
                sum += weight * cosine
                weights += weight
                squares += weight * weight
            }
            for (place, weight) in before.enumerated() { add(-1 - place, weight) }
            for (place, weight) in after.enumerated() { add(1 + place, weight) }
            // |Σ wᵢvᵢ|² = Σ wᵢ² + Σ wᵢwⱼ cos(vᵢ, vⱼ), i ≠ j.
            let length = (squares + likeness * (weights * weights - squares)).squareRoot()
            blended[index] = max(0, sum / length)
        }
        return blended
    }
}
