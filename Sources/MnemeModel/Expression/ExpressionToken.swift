// Words, names, literals and marks of an expression's text: formats/expressions.md#tokens.

/// A piece of an expression's text.
struct ExpressionToken {
    /// What kind of piece.
    enum Kind: Equatable {
        /// A word of the language or a bare name.
        case word
        /// A name in double quotes.
        case name
        /// A text in single quotes.
        case text
        /// Digits alone.
        case whole
        /// Digits with a point or an exponent.
        case fraction
        /// An operator, a bracket, a comma or a point.
        case mark
        /// The end of the text.
        case end
    }

    /// What kind of piece.
    let kind: Kind
    /// The piece; without quotes where it had them.
    let text: String
    /// Where it starts, in bytes.
    let start: Int
}

/// Words that mean something by themselves, so that a field of such a name needs quotes.
enum ExpressionWord: String, CaseIterable {
    case and, or, not, `is`, null, `in`, between, like
    case `case`, when, then, `else`, end, `true`, `false`

    /// Whether a name reads as one, in any case.
    static func isReserved(_ name: String) -> Bool {
        ExpressionWord(rawValue: name.lowercased()) != nil
    }
}

/// Where in a text something is wrong, for messages.
struct ExpressionPlace {
    /// The text's bytes.
    let bytes: [UInt8]

    /// The column and what stands there.
    func describe(_ start: Int) -> String {
        let start = min(start, bytes.count)
        let rest = String(decoding: bytes[start...], as: UTF8.self)
        return "column \(start + 1), at \(rest.isEmpty ? "the end" : quoted(rest))"
    }

    /// An error of reading.
    func fault(_ what: String, at start: Int) -> MnemeError {
        MnemeError(.badExpression, "The expression, \(describe(start)): \(what)")
    }
}

/// Cuts a text into tokens.
struct ExpressionLexer {
    private let place: ExpressionPlace
    private var position = 0

    private var bytes: [UInt8] { place.bytes }
    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    init(_ place: ExpressionPlace) { self.place = place }

    /// All tokens; the last one is the end.
    mutating func tokens() throws(MnemeError) -> [ExpressionToken] {
        var tokens: [ExpressionToken] = []
        while true {
            let token = try token()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private mutating func token() throws(MnemeError) -> ExpressionToken {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d {
            position += 1
        }
        let start = position
        guard let byte = next else { return ExpressionToken(kind: .end, text: "", start: start) }
        if byte.isExpressionLetter { return word() }
        if byte.isExpressionDigit { return try number() }
        switch byte {
        case UInt8(ascii: "'"):
            return ExpressionToken(kind: .text, text: try quotedText(byte), start: start)
        case UInt8(ascii: "\""):
            let name = try quotedText(byte)
            guard !name.isEmpty else {
                throw place.fault("there is no name in the quotes. Name a field.", at: start)
            }
            return ExpressionToken(kind: .name, text: name, start: start)
        default: return try mark()
        }
    }

    private mutating func word() -> ExpressionToken {
        let start = position
        while let byte = next, byte.isExpressionLetter || byte.isExpressionDigit { position += 1 }
        return token(.word, from: start)
    }

    private mutating func number() throws(MnemeError) -> ExpressionToken {
        let start = position
        skipDigits()
        var kind = ExpressionToken.Kind.whole
        if next == UInt8(ascii: ".") {
            position += 1
            kind = .fraction
            try expectDigits(since: start)
        }
        if let byte = next, byte | 0x20 == UInt8(ascii: "e") {
            position += 1
            kind = .fraction
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try expectDigits(since: start)
        }
        if let byte = next, byte.isExpressionLetter {
            throw place.fault(
                "a letter follows a number. Put an operator between them.",
                at: start
            )
        }
        return token(kind, from: start)
    }

    private mutating func skipDigits() {
        while let byte = next, byte.isExpressionDigit { position += 1 }
    }

    private mutating func expectDigits(since start: Int) throws(MnemeError) {
        let first = position
        skipDigits()
        guard position > first else {
            throw place.fault(
                "digits are missing in a number. Write it such as 1.5 or 2e10.",
                at: start
            )
        }
    }

    /// What lies between two marks; the mark twice stands for itself.
    private mutating func quotedText(_ mark: UInt8) throws(MnemeError) -> String {
        let start = position
        var text: [UInt8] = []
        position += 1
        while let byte = next {
            position += 1
            if byte == mark {
                guard next == mark else { return String(decoding: text, as: UTF8.self) }
                position += 1
            }
            text.append(byte)
        }
        throw place.fault(
            "what is quoted here does not end. Close it with the mark that opened it.",
            at: start
        )
    }

    private static let pairs: [[UInt8]] = ["<>", "<=", ">=", "||"].map { Array($0.utf8) }
    private static let singles = Set("=<>+-*/%(),.[]".utf8)

    private mutating func mark() throws(MnemeError) -> ExpressionToken {
        let start = position
        let pair = Array(bytes[start..<min(start + 2, bytes.count)])
        if ExpressionLexer.pairs.contains(pair) {
            position += 2
            return token(.mark, from: start)
        }
        if pair == Array("!=".utf8) {
            throw place.fault("there is no operator !=. Write <>.", at: start)
        }
        if pair == Array("==".utf8) {
            throw place.fault("there is no operator ==. Write =.", at: start)
        }
        guard ExpressionLexer.singles.contains(bytes[start]) else {
            throw place.fault(
                "no word, number, text or operator starts so. Texts stand in 'single quotes', "
                    + "unusual names in \"double quotes\".",
                at: start
            )
        }
        position += 1
        return token(.mark, from: start)
    }

    private func token(_ kind: ExpressionToken.Kind, from start: Int) -> ExpressionToken {
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return ExpressionToken(kind: kind, text: text, start: start)
    }
}
