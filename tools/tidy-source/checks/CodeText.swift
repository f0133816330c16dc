// Swift without its comments and without the text of its string literals, so that a word in either
// is not taken for code. Line breaks stay; what is left out becomes blanks. Regular expression
// literals are taken for code.

/// A scanner over the bytes of a Swift file.
struct CodeText {
    private enum Mode {
        /// Code; inside an interpolation `parentheses` counts those that are open.
        case code(parentheses: Int?)
        case lineComment
        case blockComment(depth: Int)
        case string(pounds: Int, isMultiline: Bool)
    }

    private let bytes: [UInt8]
    private var position = 0
    private var modes: [Mode] = [.code(parentheses: nil)]
    private var output: [UInt8] = []

    /// The code of a file.
    static func strip(_ text: String) -> String {
        var scanner = CodeText(bytes: Array(text.utf8))
        scanner.run()
        return String(decoding: scanner.output, as: UTF8.self)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        output.reserveCapacity(bytes.count)
    }

    private mutating func run() {
        while position < bytes.count, let mode = modes.last {
            switch mode {
            case .code(let parentheses): scanCode(parentheses)
            case .lineComment:
                if starts("\n") { modes.removeLast() }
                blank(1)
            case .blockComment(let depth): scanBlockComment(depth)
            case .string(let pounds, let isMultiline): scanString(pounds, isMultiline)
            }
        }
    }

    private mutating func scanCode(_ parentheses: Int?) {
        if starts("//") {
            modes.append(.lineComment)
            blank(2)
        } else if starts("/*") {
            modes.append(.blockComment(depth: 1))
            blank(2)
        } else if let pounds = poundsBeforeQuote {
            position += pounds
            let isMultiline = starts("\"\"\"")
            position -= pounds
            modes.append(.string(pounds: pounds, isMultiline: isMultiline))
            blank(pounds + (isMultiline ? 3 : 1))
        } else if let parentheses, starts("(") || starts(")") {
            let open = parentheses + (starts("(") ? 1 : -1)
            modes.removeLast()
            if open > 0 {
                modes.append(.code(parentheses: open))
                keep()
            } else {
                blank(1)
            }
        } else {
            keep()
        }
    }

    private mutating func scanBlockComment(_ depth: Int) {
        guard starts("*/") || starts("/*") else { return blank(1) }
        let next = depth + (starts("/*") ? 1 : -1)
        modes.removeLast()
        if next > 0 { modes.append(.blockComment(depth: next)) }
        blank(2)
    }

    private mutating func scanString(_ pounds: Int, _ isMultiline: Bool) {
        let marks = String(repeating: "#", count: pounds)
        let end = (isMultiline ? "\"\"\"" : "\"") + marks
        if starts("\\" + marks + "(") {
            modes.append(.code(parentheses: 1))
            blank(pounds + 2)
        } else if starts("\\" + marks) {
            blank(pounds + 2)
        } else if starts(end) {
            modes.removeLast()
            blank(end.utf8.count)
        } else {
            if !isMultiline, starts("\n") { modes.removeLast() }
            blank(1)
        }
    }

    /// How many `#` stand before the quote that begins here; nil where no string begins.
    private var poundsBeforeQuote: Int? {
        var end = position
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
        return end - position
    }

    private func starts(_ text: String) -> Bool {
        bytes[position...].starts(with: text.utf8)
    }

    private mutating func keep() {
        output.append(bytes[position])
        position += 1
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where position < bytes.count {
            output.append(bytes[position] == UInt8(ascii: "\n") ? bytes[position] : 0x20)
            position += 1
        }
    }
}
