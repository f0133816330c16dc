// The words of a question, as recall looks for them: without those of grammar and without the names
// of who speaks, each with how rare it is.

internal import Glibc
package import MnemeEmbed

/// A word of a question.
package struct AskedWord: Hashable, Sendable {
    /// A hash of its stem.
    package var stem: UInt32
    /// The tokens that spell it as it comes first.
    package var tokens: [Token]
    /// Whether it carries grammar, not topic.
    package var isStop: Bool

    /// A word of its parts.
    package init(stem: UInt32, tokens: [Token], isStop: Bool) {
        self.stem = stem
        self.tokens = tokens
        self.isStop = isStop
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

    /// - Complexity: O(words · speakers).
    init(_ words: [AskedWord], _ timeline: Timeline) {
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
        let counts = timeline.counts(of: terms.map(\.stem))
        let total = Float(timeline.count)
        for place in terms.indices {
            terms[place].holding = counts[place]
            let count = min(Float(counts[place]), total)
            terms[place].weight *= log(1 + (total - count + 0.5) / (count + 0.5))
        }
    }
}
