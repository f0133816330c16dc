// How much of a question a record says, itself and with its neighbours. A word counts whole where
// its stem is there, and in part where a word is that is near to it in the token table; in a
// neighbour it counts less, the further away the less.

internal import MnemeEmbed

/// How much of a question each record of a timeline covers.
struct Coverage {
    /// By its own words: the share of the question's weight that they have, [records].
    private(set) var own: [Float]
    /// With those of its neighbours.
    private(set) var window: [Float]

    /// How far neighbours count, and what is left of a word at each distance: of records before,
    /// which are answered, and behind.
    static let width = 4
    static let before: Float = 0.8
    static let after: Float = 0.6
    /// From which cosine on a word stands for another, and what is taken off it.
    static let leastCosine: Float = 0.3
    static let offset: Float = 0.2

    /// `lengthiness`: 0 where records are short, so that saying a word once is saying it; 1 where
    /// they are long, so that saying it often counts.
    ///
    /// - Complexity: O(words of the records · words asked / 8).
    init(_ asked: AskedWords, _ timeline: Timeline, lengthiness: Float) {
        own = [Float](repeating: 0, count: timeline.count)
        window = own
        let total = asked.terms.reduce(0) { $0 + $1.weight }
        guard total > 0 else { return }
        for start in stride(from: 0, to: asked.terms.count, by: WordLanes.width) {
            let end = min(start + WordLanes.width, asked.terms.count)
            let lanes = Lanes(asked.terms[start..<end], timeline)
            let said = lanes.said(in: timeline, lengthiness: lengthiness)
            add(said, lanes.weights / total, timeline)
        }
    }

    /// Adds what some words come to.
    private mutating func add(
        _ said: [SIMD8<Float>],
        _ weights: SIMD8<Float>,
        _ timeline: Timeline
    ) {
        let entries = timeline.entries.span
        for index in said.indices {
            var best = said[index]
            own[index] += (best * weights).sum()
            let stretch = entries[index].stretch
            var factor: Float = 1
            var other = index - 1
            while other >= 0, index - other <= Self.width, entries[other].stretch == stretch {
                factor *= Self.before
                let there = said[other] * factor
                best.replace(with: there, where: there .> best)
                other -= 1
            }
            factor = 1
            other = index + 1
            while other < said.count, other - index <= Self.width, entries[other].stretch == stretch
            {
                factor *= Self.after
                let there = said[other] * factor
                best.replace(with: there, where: there .> best)
                other += 1
            }
            window[index] += (best * weights).sum()
        }
    }
}

/// Up to eight words of a question against the vocabulary of a timeline.
private struct Lanes {
    /// A word of the vocabulary that says some of the words asked, as well as each lane tells.
    struct Saying {
        let word: Int
        let strengths: SIMD8<Float>
        /// In which lanes it is the word asked itself.
        let exact: SIMDMask<SIMD8<Int32>>
    }

    let weights: SIMD8<Float>
    private var sayings: [Saying] = []

    init(_ terms: ArraySlice<AskedWords.Term>, _ timeline: Timeline) {
        var weights = SIMD8<Float>()
        var stems = SIMD8<UInt32>()
        for (lane, term) in terms.enumerated() {
            weights[lane] = term.weight
            stems[lane] = term.stem
        }
        self.weights = weights
        let cosines = WordLanes(terms.map(\.tokens)).cosines(of: timeline.tokens)
        let isAsked = SIMD8<UInt32>(0, 1, 2, 3, 4, 5, 6, 7) .< UInt32(terms.count)
        let known = timeline.stems.span
        for word in cosines.indices {
            let same = (stems .== SIMD8(repeating: known[word])) .& isAsked
            guard cosines[word].max() >= Self.leastStep || any(same) else { continue }
            var near = SIMD8<Float>(cosines[word]) / 255
            near = (near - Coverage.offset).replacing(with: 0, where: near .< Coverage.leastCosine)
            near.replace(with: 1, where: same)
            sayings.append(Saying(word: word, strengths: near, exact: same))
        }
    }

    /// The least step of a cosine that is not below the least cosine.
    private static let leastStep = UInt8((Coverage.leastCosine * 255).rounded(.down))

    /// How well each record says each of the words.
    func said(in timeline: Timeline, lengthiness: Float) -> [SIMD8<Float>] {
        var said = [SIMD8<Float>](repeating: SIMD8(), count: timeline.count)
        let uses = timeline.uses.span
        let first = timeline.firstUses.span
        for saying in sayings {
            let there = saying.strengths
            for place in Int(first[saying.word])..<Int(first[saying.word + 1]) {
                let entry = Int(uses[place].number)
                said[entry].replace(with: there, where: there .> said[entry])
            }
        }
        guard lengthiness > 0 else { return said }
        let mean = max(timeline.meanLength, 1)
        let (saturation, normalization) = (1.2 * lengthiness, 0.75 * lengthiness)
        for saying in sayings where any(saying.exact) {
            for place in Int(first[saying.word])..<Int(first[saying.word + 1]) {
                let entry = Int(uses[place].number)
                let length = Float(timeline.entries[entry].wordCount) / mean
                let held = saturation * (1 - normalization + normalization * length)
                let count = Float(uses[place].count)
                let strength = count * (saturation + 1) / (count + held)
                said[entry].replace(with: strength, where: saying.exact)
            }
        }
        return said
    }
}
