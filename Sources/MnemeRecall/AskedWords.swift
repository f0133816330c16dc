// The words of a question, as recall looks for them: without those of grammar and without the names
// of who speaks, each with how rare it is.

internal import Glibc
package import MnemeEmbed

/// A word of a question.
package struct AskedWord: Hashable, Sendable {
    /// A hash of its stem.
    package var stem: UInt32
    /// The word as it comes first.
    package var word: String
    /// The tokens that spell it.
    package var tokens: [Token]
    /// Whether it carries grammar, not topic.
    package var isStop: Bool

    /// A word of its parts.
    package init(stem: UInt32, word: String = "", tokens: [Token], isStop: Bool) {
        self.stem = stem
        self.word = word
        self.tokens = tokens
        self.isStop = isStop
    }
}

/// In how many records words are, where a timeline has only some of them.
package struct HeldWords: Sendable {
    /// How many records there are.
    package let records: Int
    /// In how many of them a word is, by the hash of its stem.
    package let holding: [UInt32: Int]

    /// Counts that were taken elsewhere.
    package init(records: Int, holding: [UInt32: Int]) {
        (self.records, self.holding) = (records, holding)
    }
}

/// The words that are looked for.
struct AskedWords {
    struct Term {
        let stem: UInt32
        let tokens: [Token]
        /// How often it is said, times how rare it is.
        var weight: Float
        /// In how many records it is.
        var holding = 0
    }

    private(set) var terms: [Term] = []
    /// The number of the one speaker who is named, nil where none or several are.
    let named: Int32?

    /// `held`: how rare words are, where the timeline's records do not tell.
    ///
    /// - Complexity: O(words · speakers).
    init(_ words: [AskedWord], _ timeline: Timeline, _ held: HeldWords? = nil) {
        let said = Set(words.map(\.stem))
        let names = Set(timeline.speakers.joined())
        let spoken = timeline.speakers.indices.filter { speaker in
            timeline.speakers[speaker].contains { said.contains($0) }
        }
        named = spoken.count == 1 ? Int32(spoken[0]) : nil
        let content = words.filter { !$0.isStop }
        let rest = content.filter { !names.contains($0.stem) }
        var places: [UInt32: Int] = [:]
        for word in rest.isEmpty ? (content.isEmpty ? words : content) : rest {
            if let place = places[word.stem] {
                terms[place].weight += 1
            } else {
                places[word.stem] = terms.count
                terms.append(Term(stem: word.stem, tokens: word.tokens, weight: 1))
            }
        }
        let stems = terms.map(\.stem)
        let counts =
            held.map { held in stems.map { held.holding[$0] ?? 0 } } ?? timeline.counts(of: stems)
        let total = Float(held?.records ?? timeline.count)
        for place in terms.indices {
            terms[place].holding = counts[place]
            let count = min(Float(counts[place]), total)
            terms[place].weight *= log(1 + (total - count + 0.5) / (count + 0.5))
        }
    }
}
