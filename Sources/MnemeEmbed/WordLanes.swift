// How near tokens are to the words of a question: cosines of rows of the token table, so that a
// memory that says it in other words is found by them. Steps of 1 / 255, summed in integers: the
// same on every machine.

internal import CTokenTable

/// The vectors of some words of a question, held against tokens together.
package struct WordLanes: Sendable {
    /// How many words there are at most.
    package static let width = Int(MNEME_COSINE_LANES)

    /// How many there are.
    package let count: Int
    /// [count, dimension], the greatest component of each at ±127.
    private let rows: [Int8]
    /// What makes steps of sums, with the token's own scale.
    private let scales: [Float]

    /// Words by their tokens; of more than `width` the first.
    package init(_ words: [[Token]]) {
        count = min(words.count, Self.width)
        var rows: [Int8] = []
        var scales: [Float] = []
        for tokens in words.prefix(Self.width) {
            let sums = TokenTable.sum(tokens, TokenTable.generalWeights(of: tokens))
            let greatest = sums.map(\.magnitude).max() ?? 0
            var squares = 0.0
            for sum in sums {
                let part = greatest == 0 ? 0 : (Double(sum) * 127 / Double(greatest)).rounded()
                rows.append(Int8(part))
                squares += part * part
            }
            scales.append(squares > 0 ? Float(255 / squares.squareRoot()) : 0)
        }
        self.rows = rows
        self.scales = scales
    }

    /// The cosine of each token with each word in steps of 1 / 255, none below zero; zeros for
    /// words that are not there, and for numbers that are no token.
    ///
    /// - Complexity: O(tokens · words · dimension).
    package func cosines(of tokens: [Token], plainly: Bool = false) -> [SIMD8<UInt8>] {
        let compute = plainly ? unsafe mneme_token_cosines_plainly : unsafe mneme_token_cosines
        return unsafe [SIMD8<UInt8>](unsafeUninitializedCapacity: tokens.count) { steps, written in
            written = tokens.count
            // SAFETY: a lane is a byte, and C writes `width` of them for each token, and reads as
            // many rows and scales as there are words.
            unsafe tokens.withUnsafeBufferPointer { tokens in
                unsafe rows.withUnsafeBufferPointer { rows in
                    unsafe scales.withUnsafeBufferPointer { scales in
                        unsafe TokenTable.rowScales.withUnsafeBufferPointer { rowScales in
                            guard let target = UnsafeMutableRawPointer(steps.baseAddress),
                                let first = tokens.baseAddress, let row = rows.baseAddress,
                                let scale = scales.baseAddress,
                                let rowScale = rowScales.baseAddress
                            else {
                                unsafe steps.initialize(repeating: SIMD8())
                                return
                            }
                            unsafe compute(
                                first,
                                tokens.count,
                                rowScale,
                                row,
                                scale,
                                count,
                                target.assumingMemoryBound(to: UInt8.self)
                            )
                        }
                    }
                }
            }
        }
    }
}

extension TokenTable {
    /// One over the length of each token's row, 0 of a row of zeros.
    ///
    /// Worked out when it is asked for first, in less than a millisecond.
    static let rowScales: [Float] = {
        var squares = [UInt32](repeating: 0, count: tokenCount)
        // SAFETY: C writes a number for each token.
        unsafe squares.withUnsafeMutableBufferPointer {
            if let target = $0.baseAddress { unsafe mneme_token_squares(target) }
        }
        return squares.map { $0 == 0 ? 0 : 1 / Float($0).squareRoot() }
    }()
}
