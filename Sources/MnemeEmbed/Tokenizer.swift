// BERT's tokenizer: characters folded (control characters dropped, accents stripped, lower case),
// split at white space, punctuation and ideographs, each word then split into the longest known
// pieces from the left. The folding is part of the token table, so a text has the same tokens with
// every Unicode version of the standard library. Special tokens spelled out in a text ("[CLS]") are
// ordinary characters here.

/// Splits texts into tokens.
package enum Tokenizer {
    /// The tokens of a text in order, without special tokens; a word that cannot be spelled is
    /// `TokenTable.unknown`.
    ///
    /// - Complexity: O(bytes).
    package static func tokens(of text: String) -> [Token] {
        var tokens: [Token] = []
        tokens.reserveCapacity(text.utf8.count / 4 + 2)
        var word: [UInt8] = []
        word.reserveCapacity(64)
        let bytes = text.utf8.span
        var offset = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte < 0x80 {
                offset += 1
                switch asciiKind(byte) {
                case .word: word.append(lowered(byte))
                case .space: finish(&word, &tokens)
                case .alone:
                    finish(&word, &tokens)
                    word.append(byte)
                    finish(&word, &tokens)
                case .dropped: break
                }
            } else {
                let length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
                take(bytes.extracting(offset..<(offset + length)), &word, &tokens)
                offset += length
            }
        }
        finish(&word, &tokens)
        return tokens
    }

    /// What an ASCII character becomes: the table's answer without a look at the table.
    @inline(__always)
    static func asciiKind(_ byte: UInt8) -> TokenTable.Fold.Kind {
        switch byte {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39: .word
        case 0x20, 0x09, 0x0A, 0x0D: .space
        case 0x00...0x1F, 0x7F: .dropped
        default: .alone
        }
    }

    @inline(__always)
    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    /// Takes one character of several bytes.
    private static func take(
        _ character: Span<UInt8>,
        _ word: inout [UInt8],
        _ tokens: inout [Token]
    ) {
        var scalar = UInt32(character[0]) & (0x7F >> UInt32(character.count))
        for index in 1..<character.count { scalar = scalar << 6 | UInt32(character[index] & 0x3F) }
        let before = word.count
        switch TokenTable.append(scalar, original: character, to: &word) {
        case .word, .dropped: break
        case .space: finish(&word, &tokens)
        case .alone:
            let own = Array(word[before...])
            word.removeSubrange(before...)
            finish(&word, &tokens)
            word.append(contentsOf: own)
            finish(&word, &tokens)
        }
    }

    /// Ends a word.
    private static func finish(_ word: inout [UInt8], _ tokens: inout [Token]) {
        guard !word.isEmpty else { return }
        if word.count > TokenTable.longestWord,
            characterCount(word) > TokenTable.longestWord
        {
            tokens.append(TokenTable.unknown)
        } else {
            TokenTable.appendPieces(of: word, to: &tokens)
        }
        word.removeAll(keepingCapacity: true)
    }

    private static func characterCount(_ bytes: [UInt8]) -> Int {
        var count = 0
        for byte in bytes where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }
}
