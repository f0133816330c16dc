// Letters and marks beyond ASCII, as far as the tables need them: capitals of the Latin supplement,
// Greek and Cyrillic, typographic quotes, dashes and spaces.

extension Tokens {
    static func isASCIILetter(_ byte: UInt8) -> Bool {
        let folded = byte | 0x20
        return folded >= 0x61 && folded <= 0x7a
    }

    static func isLetter(_ byte: UInt8) -> Bool { isASCIILetter(byte) || byte >= 0x80 }

    /// The mark that begins at a byte above ASCII, as a token has it, and its bytes; a length of 0
    /// where a letter begins.
    static func wideMark(
        _ bytes: Span<UInt8>,
        _ index: Int,
        _ end: Int
    ) -> (mark: Int32, length: Int) {
        guard index + 1 < end else { return (0, 0) }
        switch bytes[index] {
        case 0xc2:
            switch bytes[index + 1] {
            case 0xa0: return (0x20, 2)
            case 0xab, 0xbb: return (0x22, 2)
            case 0xaa, 0xb5, 0xba: return (0, 0)
            default: return (Int32(bytes[index + 1]), 2)
            }
        case 0xe2 where index + 2 < end && bytes[index + 1] == 0x80:
            switch bytes[index + 2] {
            case 0x80...0x8b, 0xa8, 0xa9, 0xaf: return (0x20, 3)
            case 0x90...0x95: return (0x2d, 3)
            case 0x98, 0x99, 0x9b: return (0x27, 3)
            case 0x9c...0x9f: return (0x22, 3)
            case 0xb9, 0xba: return (0x27, 3)
            default: return (0x2026, 3)
            }
        case 0xe3 where index + 2 < end && bytes[index + 1] == 0x80:
            switch bytes[index + 2] {
            case 0x80: return (0x20, 3)
            case 0x81: return (0x2c, 3)
            case 0x82: return (0x2e, 3)
            case 0x8c...0x8f: return (0x22, 3)
            default: return (0, 0)
            }
        case 0xef where index + 2 < end && bytes[index + 1] == 0xbc:
            switch bytes[index + 2] {
            case 0x81: return (0x21, 3)
            case 0x8c: return (0x2c, 3)
            case 0x9f: return (0x3f, 3)
            default: return (0, 0)
            }
        default: return (0, 0)
        }
    }

    /// Takes one letter beyond ASCII into a key, in its small form where the tables could have it.
    ///
    /// - Returns: whether it was a capital.
    static func takeWide(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        _ end: Int,
        _ key: inout WordKey
    ) -> Bool {
        let first = bytes[index]
        let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
        let stop = Swift.min(index + length, end)
        var isCapital = false
        if length == 2, stop == index + 2 {
            let second = bytes[index + 1]
            switch (first, second) {
            case (0xc3, 0x80...0x9e) where second != 0x97:
                key.append(first)
                key.append(second + 0x20)
                index = stop
                return true
            case (0xce, 0x86...0xab), (0xd0, 0x80...0xaf): isCapital = true
            default: break
            }
        }
        while index < stop {
            key.append(bytes[index])
            index += 1
        }
        return isCapital
    }
}
