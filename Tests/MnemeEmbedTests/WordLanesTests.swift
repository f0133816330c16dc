// Cosines of tokens with words: the kernels against the plain definition, and both against vectors.

import MnemeBase
import Testing

@testable import MnemeEmbed

@Suite struct WordLanesTests {
    @Test func kernelsComeToTheSameBytes() {
        let seed = RealRandomness().next()
        print("cosines of tokens: seed \(seed)")
        let chance = SeededRandomness(seed: seed)
        for _ in 0..<30 {
            let words = (0..<chance.below(11)).map { _ in
                (0..<(1 + chance.below(3))).map { _ in Token(chance.below(TokenTable.tokenCount)) }
            }
            let lanes = WordLanes(words)
            let tokens = (0..<chance.below(200)).map { _ in Token(chance.below(1 << 16)) }
            let cosines = lanes.cosines(of: tokens)
            #expect(cosines == lanes.cosines(of: tokens, plainly: true))
            #expect(lanes.count == min(words.count, 8) && cosines.count == tokens.count)
            for (token, lanes) in zip(tokens, cosines) {
                let own = StaticEmbedder().embed([token])
                for (lane, word) in words.prefix(8).enumerated() {
                    guard let own, let other = StaticEmbedder().embed(word) else { continue }
                    let cosine = zip(own, other).reduce(0) { $0 + $1.0 * $1.1 }
                    #expect(abs(Float(lanes[lane]) / 255 - max(0, cosine)) < 0.02)
                }
                for lane in min(words.count, 8)..<8 { #expect(lanes[lane] == 0) }
            }
        }
    }
}
