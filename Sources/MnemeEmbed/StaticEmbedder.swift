// The built-in embedder: no inference, a text's vector is the weighted sum of its tokens' rows,
// brought to length 1. Memories are weighted by the table's general weights, so that a stored
// vector never changes; questions by the owner's own statistics. Sums are in integers: a memory has
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
        embedQuestion(Tokenizer.tokens(of: text), statistics: statistics)
    }

    /// The vector of a question whose tokens are at hand.
    package func embedQuestion(
        _ tokens: [Token],
        statistics: (any TokenStatistics)?
    ) -> [Float]? {
        guard let statistics else { return embed(tokens) }
        let general = TokenTable.generalWeights(of: tokens)
        let weights = zip(tokens, general).map { token, general in
            Self.weight(of: token, general: general, in: statistics)
        }
        return unit(TokenTable.sum(tokens, weights))
    }

    /// How many memories of general text are taken to stand beside the owner's own.
    ///
    /// A few memories say little about which words are common. On LoCoMo (development part), the
    /// first 10 held .902 of the evidence in stores of 23 memories with none and .927 with 100
    /// (.647 → .703 nDCG against general weights alone); of 175 .706 and .717; of 575 .616 and
    /// .618.
    private static let generalMemories = 100.0

    /// A token's weight in the table's units: log(1 + (N − n + ½)/(n + ½)), n of N memories.
    ///
    /// Both include the general memories. A token of no general weight has none here.
    static func weight(
        of token: Token,
        general: Int16,
        in statistics: any TokenStatistics
    ) -> Int16 {
        guard general > 0 else { return 0 }
        let memories = max(statistics.memoryCount, 0)
        let holding = min(max(statistics.memoriesHolding(token), 0), memories)
        // The general weight is the logarithm of one over the token's share of general texts.
        let share = exp(-Double(general) / TokenTable.unitWeight)
        let total = Double(memories) + generalMemories
        let with = Double(holding) + generalMemories * share
        let weight = log(1 + (total - with + 0.5) / (with + 0.5)) * TokenTable.unitWeight
        return Int16(min(weight, Double(Int16.max)).rounded())
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
