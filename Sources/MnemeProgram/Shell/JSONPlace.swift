// Where in a JSON text the cursor stands, read from the part before it: which members lead there,
// and what was begun.

/// The end of a JSON text that is still typed.
struct JSONPlace: Hashable, Sendable {
    /// The names of the members that lead to the end; arrays do not count.
    private(set) var path: [String] = []
    /// Whether the name of a member stands here, and not a value.
    private(set) var isName = false
    /// Whether a text was begun, and not ended.
    private(set) var isInText = false
    /// What there is of that text.
    private(set) var begun = ""
    /// The members of the whole that have texts, the newest of each name.
    private(set) var texts: [String: String] = [:]

    private enum Level {
        case object(String?)
        case array
    }

    /// The place at the end of a text.
    ///
    /// - Complexity: O(*n*) in its characters.
    init(_ text: String) {
        var levels: [Level] = []
        var isAfterColon = false
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case "{":
                levels.append(.object(nil))
                isAfterColon = false
            case "[":
                levels.append(.array)
                isAfterColon = false
            case "}", "]":
                _ = levels.popLast()
                isAfterColon = false
            case ":": isAfterColon = true
            case ",":
                isAfterColon = false
                if case .object = levels.last { levels[levels.count - 1] = .object(nil) }
            case "\"":
                let (word, isWhole) = Self.text(&rest)
                if case .object(let name) = levels.last {
                    if isAfterColon, let name, isWhole { texts[name] = word }
                    if !isAfterColon, isWhole { levels[levels.count - 1] = .object(word) }
                    if !isWhole { isName = !isAfterColon }
                }
                if !isWhole {
                    isInText = true
                    begun = word
                }
            default: break
            }
        }
        path = levels.compactMap { if case .object(let name) = $0 { name } else { nil } }
        if !isInText, case .object(nil) = levels.last { isName = true }
        if isInText, isName, case .object(_?) = levels.last { path.removeLast() }
    }

    /// Takes a text up to its quote; false where that is missing.
    private static func text(_ rest: inout Substring) -> (String, Bool) {
        var word = ""
        while let character = rest.popFirst() {
            if character == "\"" { return (word, true) }
            if character == "\\", let escaped = rest.popFirst() {
                word.append(escaped)
            } else {
                word.append(character)
            }
        }
        return (word, false)
    }
}
