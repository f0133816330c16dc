// What speaks for records of a timeline, against the definitions written down plainly.

import MnemeBase
import MnemeEmbed
import MnemeModel
import Testing

@testable import MnemeRecall

@Suite struct TimelineTests {
    private static let words = """
        coffee tea drink dog cat animal run walk race book novel read paint picture museum city \
        river mountain snow winter summer holiday travel train music guitar song doctor nurse
        """.split(separator: " ").map(String.init)

    private static func stem(_ word: String) -> UInt32 {
        UInt32(truncatingIfNeeded: Checksum.xxh3(Array(word.utf8)))
    }

    private static func token(_ word: String) -> UInt16 {
        let tokens = Tokenizer.tokens(of: word)
        return tokens.count == 1 ? tokens[0] : Digest.noToken
    }

    private struct Turn {
        var session: UInt32
        var words: [String]
        var asks = false
    }

    private static func timeline(_ turns: [Turn]) -> Timeline {
        var timeline = Timeline()
        for (place, turn) in turns.enumerated() {
            var digest = Digest()
            digest.session = turn.session
            digest.wordCount = UInt16(turn.words.count)
            if turn.asks { digest.traits = Digest.asks }
            for word in turn.words {
                if let known = digest.terms.firstIndex(where: { $0.stem == stem(word) }) {
                    digest.terms[known].count += 1
                } else {
                    digest.terms.append(Digest.Term(stem: stem(word), token: token(word)))
                }
            }
            timeline.append(UInt64(place), digest)
        }
        timeline.seal()
        return timeline
    }

    private static func cosine(_ left: String, _ right: String) -> Float {
        let vectors = [left, right].map { StaticEmbedder().embed($0) ?? [] }
        return zip(vectors[0], vectors[1]).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// How well a turn says a word: whole where it has it, in part where it has one near to it.
    private static func said(_ word: String, _ turn: Turn) -> Float {
        turn.words.map { other -> Float in
            if other == word { return 1 }
            let near = cosine(word, other)
            return near >= 0.3 ? near - 0.2 : 0
        }.max() ?? 0
    }

    @Test func windowsAreWhatTheDefinitionSays() {
        let seed = RealRandomness().next()
        print("windows: seed \(seed)")
        let chance = SeededRandomness(seed: seed)
        func some(_ count: Int) -> [String] {
            (0..<count).map { _ in Self.words[chance.below(Self.words.count)] }
        }
        for _ in 0..<20 {
            var turns: [Turn] = []
            for session in 0..<UInt32(1 + chance.below(4)) {
                for _ in 0..<(1 + chance.below(9)) {
                    turns.append(
                        Turn(
                            session: session,
                            words: some(chance.below(6)),
                            asks: chance.below(3) == 0
                        )
                    )
                }
            }
            let asked = some(1 + chance.below(12))
            let question = asked.map {
                AskedWord(stem: Self.stem($0), tokens: Tokenizer.tokens(of: $0), isStop: false)
            }
            let strengths = TimelineStrengths(question, Self.timeline(turns))
            let distinct = Array(Set(asked))
            let weights = distinct.map { word -> Float in
                let holding = Float(turns.count { $0.words.contains(word) })
                let rarity = 1 + (Float(turns.count) - holding + 0.5) / (holding + 0.5)
                return Float(asked.count { $0 == word }) * Self.logarithm(rarity)
            }
            let total = weights.reduce(0, +)
            func own(_ place: Int) -> Float {
                zip(distinct, weights).reduce(0) {
                    $0 + $1.1 * Self.said($1.0, turns[place])
                } / total
            }
            for place in turns.indices {
                var window: Float = 0
                for (word, weight) in zip(distinct, weights) {
                    var best: Float = 0
                    for other in turns.indices where abs(other - place) <= 4 {
                        // Session 0 is none: its records stand alone.
                        let isNear =
                            other == place
                            || (turns[other].session == turns[place].session
                                && turns[place].session != 0)
                        guard isNear else { continue }
                        var factor: Float = 1
                        for _ in 0..<abs(other - place) { factor *= other < place ? 0.8 : 0.6 }
                        best = max(best, factor * Self.said(word, turns[other]))
                    }
                    window += weight * best
                }
                // Cosines come in steps of 1 / 255, and just at the least one may fall either way.
                #expect(abs(strengths.window[place] - window / total) < 0.12)
                let isBehind =
                    place > 0 && turns[place - 1].session == turns[place].session
                    && turns[place].session != 0
                let before = isBehind ? own(place - 1) : 0
                #expect(abs(strengths.previous[place] - before) < 0.12)
                let asks = isBehind && turns[place - 1].asks
                #expect(strengths.reply[place] == (asks ? strengths.previous[place] : 0))
            }
            let differences = turns.indices.map { place -> Float in
                let isBehind =
                    place > 0 && turns[place - 1].session == turns[place].session
                    && turns[place].session != 0
                return abs(strengths.previous[place] - (isBehind ? own(place - 1) : 0))
            }
            #expect(differences.reduce(0, +) / Float(turns.count) < 0.02)
        }
    }

    private static func logarithm(_ number: Float) -> Float {
        // ln by halving: the room under test has its own.
        var (low, high): (Float, Float) = (0, 20)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if exponential(middle) < number { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    private static func exponential(_ number: Float) -> Float {
        var (sum, part): (Double, Double) = (1, 1)
        for step in 1..<80 {
            part *= Double(number) / Double(step)
            sum += part
        }
        return Float(sum)
    }

    /// The words of who speaks are not looked for; the one who is named is preferred.
    @Test func speakersAreNamed() {
        var timeline = Timeline()
        for (place, name) in ["ann", "bob", "ann"].enumerated() {
            var digest = Digest()
            digest.session = 1
            digest.names = [Self.stem(name)]
            digest.terms = [
                Digest.Term(stem: Self.stem(name), token: Self.token(name)),
                Digest.Term(stem: Self.stem("tea"), token: Self.token("tea")),
            ]
            timeline.append(UInt64(place), digest)
        }
        timeline.seal()
        func asked(_ words: String...) -> TimelineStrengths {
            TimelineStrengths(
                words.map {
                    AskedWord(
                        stem: Self.stem($0),
                        tokens: Tokenizer.tokens(of: $0),
                        isStop: $0 == "did"
                    )
                },
                timeline
            )
        }
        let strengths = asked("did", "ann", "tea")
        #expect(strengths.speaker == [1, 0, 1])
        #expect(strengths.words.count == 1)
        // Two are named: nobody is preferred.
        #expect(asked("ann", "bob", "tea").speaker == [0, 0, 0])
        // Nothing else is left to look for.
        #expect(asked("did", "ann").words.count == 1)
        #expect(asked("did").words.count == 1)
        #expect(asked().window == [0, 0, 0])
    }

    /// The cosine of a sum is that of its parts, where they are as like as is taken.
    @Test func blendedCosinesAreThoseOfSums() {
        let timeline = Self.timeline([
            Turn(session: 1, words: []), Turn(session: 1, words: []), Turn(session: 2, words: []),
        ])
        func blended(_ cosines: [Float], _ blend: Blend) -> [Float] {
            cosines.indices.map { blend.value(of: $0, cosines, timeline) }
        }
        let plain = blended([0.5, 0.9, .nan], Blend(before: [0.5], after: [0.25], likeness: 0))
        let first = (0.5 + 0.25 * 0.9) / (1 + 0.0625 as Float).squareRoot()
        let second = (0.9 + 0.5 * 0.5) / (1 + 0.25 as Float).squareRoot()
        #expect(abs(plain[0] - first) < 1e-6 && abs(plain[1] - second) < 1e-6)
        #expect(plain[2] == 0)
        let alike = blended([0.5, 0.5, -0.5], Blend(before: [0.5], after: [0.5], likeness: 1))
        #expect(abs(alike[0] - 0.5) < 1e-6 && alike[2] == 0)
    }
}
