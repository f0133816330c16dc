// The one door to the token table that is linked into the binary (formats/token-table.md). Its C
// functions check every number that they are given, so nothing above this file is unsafe.

internal import CTokenTable

/// A number of the vocabulary.
package typealias Token = UInt16

/// The vocabulary, the folding of characters, the general weights and the rows.
package enum TokenTable {
    /// How many tokens there are; every token is below it.
    package static let tokenCount = Int(mneme_token_count())
    /// How many numbers a row has.
    package static let dimension = Int(mneme_token_dimension())
    /// The token of a word that no pieces spell.
    package static let unknown = Token(MNEME_UNKNOWN_TOKEN)
    /// The longest word that is looked up, in characters after folding; longer ones are unknown.
    package static let longestWord = Int(MNEME_LONGEST_WORD)
    /// A weight of 1.0.
    static let unitWeight = Double(1 << mneme_token_weight_bits())

    /// What a character becomes.
    struct Fold {
        enum Kind { case word, alone, space, dropped }
        let kind: Kind
        /// UTF-8 in its place, or nil when it stays as it is.
        let replacement: [UInt8]?
    }

    /// A token's text, `##` before a piece that continues a word; nil for a number that is no
    /// token.
    package static func text(of token: Token) -> String? {
        var count = 0
        guard let bytes = unsafe mneme_token_text(UInt32(token), &count) else { return nil }
        return unsafe String(
            decoding: UnsafeBufferPointer(start: bytes, count: count),
            as: UTF8.self
        )
    }

    /// The folding of a scalar, as a value; the tokenizer uses `append(_:to:)`.
    static func fold(_ scalar: UInt32) -> Fold {
        let fold = unsafe mneme_fold_scalar(scalar)
        let bytes = unsafe fold.bytes
        let replacement: [UInt8]? = unsafe bytes.map {
            unsafe Array(UnsafeBufferPointer(start: $0, count: Int(fold.count)))
        }
        return Fold(kind: kind(unsafe fold.kind), replacement: replacement)
    }

    /// Appends what a scalar becomes; white space and what is dropped append nothing.
    ///
    /// `original` is the scalar's UTF-8, taken when it stays as it is.
    static func append(_ scalar: UInt32, original: Span<UInt8>, to word: inout [UInt8]) -> Fold.Kind
    {
        let fold = unsafe mneme_fold_scalar(scalar)
        let kind = kind(unsafe fold.kind)
        guard kind == .word || kind == .alone else { return kind }
        if let bytes = unsafe fold.bytes {
            for index in 0..<Int(unsafe fold.count) { unsafe word.append(bytes[index]) }
        } else {
            for index in original.indices { word.append(original[index]) }
        }
        return kind
    }

    private static func kind(_ number: UInt32) -> Fold.Kind {
        switch number {
        case 0: .word
        case 1: .alone
        case 2: .space
        default: .dropped
        }
    }

    /// Appends the pieces of a folded word.
    ///
    /// - Complexity: O(bytes · pieces).
    static func appendPieces(of word: [UInt8], to tokens: inout [Token]) {
        unsafe withUnsafeTemporaryAllocation(of: Token.self, capacity: longestWord) {
            pieces in
            // SAFETY: an allocation of more than zero elements has an address, and C writes at most
            // that many.
            guard let target = pieces.baseAddress else { return }
            let count = unsafe word.withUnsafeBufferPointer { bytes in
                guard let source = bytes.baseAddress else { return 0 }
                return unsafe mneme_word_pieces(source, bytes.count, target)
            }
            for index in 0..<count { unsafe tokens.append(pieces[index]) }
        }
    }

    /// The general weights of tokens, in units of 1 / `unitWeight`.
    static func generalWeights(of tokens: [Token]) -> [Int16] {
        unsafe [Int16](unsafeUninitializedCapacity: tokens.count) { weights, written in
            written = tokens.count
            guard let target = weights.baseAddress else { return }
            unsafe tokens.withUnsafeBufferPointer { source in
                guard let first = source.baseAddress else { return }
                unsafe mneme_general_weights(first, source.count, target)
            }
        }
    }

    /// The sum of weight times row, exact; `plainly` by the definition that the kernels are held
    /// to.
    ///
    /// - Precondition: as many weights as tokens.
    static func sum(_ tokens: [Token], _ weights: [Int16], plainly: Bool = false) -> [Int64] {
        precondition(tokens.count == weights.count)
        let add = plainly ? unsafe mneme_sum_rows_plainly : unsafe mneme_sum_rows
        return unsafe [Int64](unsafeUninitializedCapacity: dimension) { sums, written in
            written = dimension
            guard let target = sums.baseAddress else { return }
            unsafe target.initialize(repeating: 0, count: dimension)
            unsafe tokens.withUnsafeBufferPointer { source in
                unsafe weights.withUnsafeBufferPointer { factors in
                    guard let first = source.baseAddress, let factor = factors.baseAddress
                    else { return }
                    unsafe add(first, factor, source.count, target)
                }
            }
        }
    }

    /// The table's bytes, for checks of the whole.
    static func bytes() -> [UInt8] {
        unsafe Array(
            UnsafeBufferPointer(start: mneme_token_table_bytes(), count: mneme_token_table_size())
        )
    }
}
