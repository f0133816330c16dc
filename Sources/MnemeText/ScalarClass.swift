// What a scalar means to the word breaker: the classes of UAX #29 that analysis version 1 tells
// apart. Page: formats/text-run.md#analysis-version-1.

/// The role of a scalar in a text.
enum ScalarClass: UInt8 {
    /// Ends a word.
    case other
    /// Part of a word.
    case letter
    case digit
    /// Belongs to the letter before it; alone it is nothing.
    case mark
    /// Stays inside a word between letters.
    case apostrophe
    /// Stays inside a number between digits.
    case point
    /// Takes no part: a soft hyphen, a joiner.
    case ignored
    /// Letters of texts without spaces: indexed as overlapping pairs.
    case ideograph
    case southeastAsian

    /// Classes of the ASCII bytes.
    static let ascii: InlineArray<128, ScalarClass> = {
        var table = InlineArray<128, ScalarClass>(repeating: .other)
        for byte in 0x30...0x39 { table[byte] = .digit }
        for byte in 0x41...0x5a { table[byte] = .letter }
        for byte in 0x61...0x7a { table[byte] = .letter }
        table[0x27] = .apostrophe
        table[0x2c] = .point
        table[0x2e] = .point
        return table
    }()

    /// The class of any scalar.
    static func of(_ scalar: Unicode.Scalar) -> ScalarClass {
        let value = scalar.value
        if value < 0x80 { return ascii[Int(value)] }
        if value < 0x250 {
            switch value {
            case 0xad: return .ignored
            case 0xd7, 0xf7: return .other
            case 0xaa, 0xb5, 0xba: return .letter
            default: return value >= 0xc0 ? .letter : .other
            }
        }
        if let script = unspaced(value) { return script }
        switch value {
        case 0x2019, 0xff07, 0x2bc: return .apostrophe
        case 0x66b, 0x66c: return .point
        case 0x200c, 0x200d, 0x2060, 0xfeff, 0x640: return .ignored
        case 0xfe00...0xfe0f, 0xe0100...0xe01ef, 0x20d0...0x20ff: return .ignored
        default: return byCategory(scalar)
        }
    }

    /// The scripts that are written without spaces between words.
    private static func unspaced(_ value: UInt32) -> ScalarClass? {
        switch value {
        case 0xe2f, 0xe3f, 0xe4f...0xe5b: nil  // Thai signs and digits
        case 0xed0...0xed9, 0x1040...0x104f, 0x17d4...0x17ef: nil  // Lao, Myanmar, Khmer ones
        case 0xe01...0xeff, 0x1000...0x109f, 0x1780...0x17ff: .southeastAsian
        case 0xa9e0...0xa9ff, 0xaa60...0xaa7f: .southeastAsian
        case 0x3005...0x3007, 0x303b, 0x3041...0x3096, 0x3099, 0x309a, 0x309d...0x309f: .ideograph
        case 0x30a1...0x30fa, 0x30fc...0x30ff, 0x31f0...0x31ff: .ideograph
        case 0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff: .ideograph
        case 0xff66...0xff9f, 0x1b000...0x1b16f, 0x20000...0x3ffff: .ideograph
        default: nil
        }
    }

    private static func byCategory(_ scalar: Unicode.Scalar) -> ScalarClass {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            .letter
        case .letterNumber: .letter
        case .decimalNumber: .digit
        case .nonspacingMark, .spacingMark, .enclosingMark: .mark
        default: .other
        }
    }
}
