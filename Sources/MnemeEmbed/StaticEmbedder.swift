// The built-in embedder: no inference, a text's vector is the weighted sum of its tokens' rows,
// brought to length 1. Memories are weighted by the table's general weights, so that a stored vector
// never changes; questions by the owner's own statistics. Sums are in integers: the same text has
// the same bits on every machine, and so has every order of its words.

internal import Glibc

/// Vectors from the token table that is linked into the binary.
package struct StaticEmbedder: Embedder {
    /// An embedder has no state of its own.
    package init() {}

    package var identity: String { "minilm-l6-static-256/1" }

    package var dimension: Int { TokenTable.dimension }

    /// The vector of a memory.
    ///
    /// - Complexity: O(bytes + tokens · dimension).
    package func embed(_ text: String) -> [Float]? { embed(Tokenizer.tokens(of: text)) }

    /// The vector of a memory whose tokens are at hand.
    package func embed(_ tokens: [Token]) -> [Float]? {
        unit(TokenTable.sum(tokens, TokenTable.generalWeights(of: tokens)))
    }

    /// The vector of a question; without statistics it is weighted like a memory.
    ///
    /// - Complexity: O(bytes + tokens · dimension), and one look-up a token.
    package func embedQuestion(_ text: String, statistics: (any TokenStatistics)?) -> [Float]? {
        let tokens = Tokenizer.tokens(of: text)
        guard let statistics else { return embed(tokens) }
        let weights = tokens.map { token in
            token == TokenTable.unknown ? 0 : Self.weight(of: token, in: statistics)
        }
        return unit(TokenTable.sum(tokens, weights))
    }

    /// log(1 + (N − n + ½)/(n + ½)) for a token in n of N memories, in the table's units.
    static func weight(of token: Token, in statistics: some TokenStatistics) -> Int16 {
        let total = max(statistics.memoryCount, 0)
        let holding = min(max(statistics.memoriesHolding(token), 0), total)
        let odds = (Double(total - holding) + 0.5) / (Double(holding) + 0.5)
        return Int16(min(log(1 + odds) * TokenTable.unitWeight, Double(Int16.max)).rounded())
    }

    /// Brings a sum to length 1; nil when it is zero.
    private func unit(_ sums: [Int64]) -> [Float]? {
        var squares = SIMD4<Double>()
        var index = 0
        while index + 4 <= sums.count {
            let part = SIMD4(
                Double(sums[index]),
                Double(sums[index + 1]),
                Double(sums[index + 2]),
                Double(sums[index + 3])
            )
            squares += part * part
            index += 4
        }
        let length = squares.sum().squareRoot()
        guard length > 0 else { return nil }
        return sums.map { Float(Double($0) / length) }
    }
}
