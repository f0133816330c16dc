// Statements of a shell: command lines without the program's name, one after the other. Quotes,
// backslashes and comments are those of a POSIX shell; besides, a word that begins with a brace or
// a bracket goes on to the one that closes it, so that JSON needs no quotes. A statement ends with
// its line, or with `;` before a blank, and goes on over lines while something is open.

/// A command line that was typed, or stands in a file.
package struct Statement: Hashable, Sendable {
    /// Its words, without quotes.
    package let words: [String]
    /// How it was typed, on one line unless a text in it has several.
    package let text: String
    /// The line that it begins on, from 1.
    package let line: Int

    /// A statement of its parts.
    package init(words: [String], text: String, line: Int = 1) {
        self.words = words
        self.text = text
        self.line = line
    }
}

/// Makes statements of lines.
package struct StatementReader {
    private var pending: [Character] = []
    private var lineCount = 0
    private var firstLine = 1

    /// A reader that has read nothing.
    package init() {}

    /// Whether a statement was begun whose end was not read yet.
    package var isOpen: Bool { !pending.isEmpty }

    /// The line that a statement begins on that is open, from 1.
    package var openLine: Int { firstLine }

    /// What was read of a statement that is open.
    package var openText: String { String(pending) }

    /// Reads a line without its end; returns the statements that are whole now.
    ///
    /// - Complexity: O(*n*) in the characters of the statement so far.
    package mutating func read(_ line: String) -> [Statement] {
        lineCount += 1
        if pending.isEmpty { firstLine = lineCount }
        pending += line
        pending.append("\n")
        var scan = StatementScan(pending, firstLine: firstLine)
        scan.run()
        pending = scan.rest
        if !pending.isEmpty { firstLine = scan.restLine }
        return scan.statements
    }

    /// Forgets a statement that is open.
    package mutating func giveUp() { pending = [] }
}

/// The end of a text that is still typed: the words before, and the one at the cursor.
package struct OpenWords: Hashable, Sendable {
    /// What is open where the text ends.
    package enum Opening: Hashable, Sendable {
        /// Nothing: a blank ends the word.
        case bare
        /// A quote of this kind.
        case quote(Character)
        /// A brace or a bracket: the word is JSON.
        case bracket
    }

    /// The words that are whole.
    package let words: [String]
    /// What there is of the last one, without quotes.
    package let word: String
    /// What is open.
    package let opening: Opening

    /// The words of the last statement of a text.
    package init(_ text: String) {
        var scan = StatementScan(Array(text), firstLine: 1)
        scan.run()
        words = scan.words
        word = scan.word ?? ""
        opening = scan.opening
    }
}

/// One look through characters.
private struct StatementScan {
    private let characters: [Character]
    private var place = 0
    private var line: Int
    private var start = 0
    private var startLine: Int
    private var flat = ""
    private(set) var statements: [Statement] = []
    private(set) var words: [String] = []
    private(set) var word: String?
    private(set) var opening = OpenWords.Opening.bare

    init(_ characters: [Character], firstLine: Int) {
        self.characters = characters
        line = firstLine
        startLine = firstLine
    }

    /// What is left behind the last whole statement, where it is more than blanks.
    var rest: [Character] {
        let rest = characters[start...]
        return words.isEmpty && word == nil && opening == .bare ? [] : Array(rest)
    }

    /// The line that the rest begins on.
    var restLine: Int { startLine }

    mutating func run() {
        while let character = take() {
            switch character {
            case "\n", "\r\n": endStatement()
            case " ", "\t", "\r": endWord()
            case ";" where isBlank(next): endStatement()
            case "#" where word == nil && words.isEmpty: skipLine()
            case "\\": takeEscaped()
            case "'", "\"": takeQuoted(character)
            case "{", "[":
                if word == nil { takeBrackets(character) } else { append(character) }
            default: append(character)
            }
            if opening != .bare { return }
        }
    }

    private var next: Character? { place < characters.count ? characters[place] : nil }

    private func isBlank(_ character: Character?) -> Bool {
        character.map { $0.isWhitespace } ?? true
    }

    private mutating func take() -> Character? {
        guard place < characters.count else { return nil }
        defer { place += 1 }
        let character = characters[place]
        if character.isNewline { line += 1 }
        // In quotes a line end belongs to the text.
        let isJoined = if case .quote = opening { false } else { character.isNewline }
        flat.append(isJoined ? " " : character)
        return character
    }

    private mutating func append(_ character: Character) {
        word = word ?? ""
        word?.append(character)
    }

    private mutating func skipLine() {
        while let next, !next.isNewline { _ = take() }
        _ = take()
        beginStatement()
    }

    private mutating func endWord() {
        if let word { words.append(word) }
        word = nil
        if words.isEmpty { beginStatement() }
    }

    private mutating func endStatement() {
        endWord()
        if !words.isEmpty {
            var text = flat
            while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
            statements.append(Statement(words: words, text: text, line: startLine))
        }
        words = []
        beginStatement()
    }

    private mutating func beginStatement() {
        start = place
        startLine = line
        flat = ""
    }

    private mutating func takeEscaped() {
        guard let character = take() else { return open(.bare) }
        // A backslash before a line end joins the lines; the text goes on behind it.
        guard character.isNewline else { return append(character) }
        flat.removeLast(2)
        if next == nil { open(.bare) }
    }

    /// Keeps a statement open that has nothing open but its end.
    private mutating func open(_ opening: OpenWords.Opening) {
        self.opening = opening
        if words.isEmpty, word == nil { word = "" }
    }

    private mutating func takeQuoted(_ quote: Character) {
        opening = .quote(quote)
        word = word ?? ""
        while let character = take() {
            if character == quote {
                opening = .bare
                return
            }
            let isEscape = quote == "\"" && character == "\\" && (next == "\"" || next == "\\")
            if isEscape, let escaped = take() { append(escaped) } else { append(character) }
        }
    }

    private mutating func takeBrackets(_ first: Character) {
        opening = .bracket
        append(first)
        var depth = 1
        var isInText = false
        while depth > 0 {
            guard let character = take() else { return }
            append(character)
            if isInText {
                if character == "\\", let escaped = take() { append(escaped) }
                if character == "\"" { isInText = false }
                continue
            }
            switch character {
            case "\"": isInText = true
            case "{", "[": depth += 1
            case "}", "]": depth -= 1
            default: break
            }
        }
        opening = .bare
    }
}
