// Patterns of `like`: formats/expressions.md#like. Matching goes back to the newest `%` alone, so
// it takes no more steps than the text has characters times the pattern's.

/// A pattern of texts.
///
/// `%` stands for any characters or none, `_` for one, `\` before a character for itself.
package struct LikePattern: Hashable, Sendable {
    /// As it was given.
    package let text: String
    private let characters: [Piece<Character>]
    /// The same in bytes, where every character is one.
    private let bytes: [Piece<UInt8>]?

    private enum Piece<Element: Hashable & Sendable>: Hashable, Sendable {
        case any
        case one
        case exactly(Element)
    }

    /// Nil where `\` ends the pattern.
    package init?(_ text: String) {
        var characters: [Piece<Character>] = []
        var isEscaped = false
        for character in text {
            if isEscaped {
                characters.append(.exactly(character))
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "%" {
                if characters.last != .any { characters.append(.any) }
            } else {
                characters.append(character == "_" ? .one : .exactly(character))
            }
        }
        guard !isEscaped else { return nil }
        self.text = text
        self.characters = characters
        bytes = LikePattern.bytes(of: characters)
    }

    /// The text with which everything starts that matches; empty when there is none.
    package var prefix: String {
        var prefix = ""
        for piece in characters {
            guard case .exactly(let character) = piece else { break }
            prefix.append(character)
        }
        return prefix
    }

    /// Whether a text is of this pattern.
    ///
    /// - Complexity: O(*n* · *m*) in the text and the pattern, O(*n*) where at most one `%` stands.
    package func matches(_ text: String) -> Bool {
        if let bytes, text.hasByteCharacters {
            return LikePattern.matches(text.utf8, bytes)
        }
        return LikePattern.matches(text, characters)
    }

    private static func bytes(of characters: [Piece<Character>]) -> [Piece<UInt8>]? {
        var bytes: [Piece<UInt8>] = []
        bytes.reserveCapacity(characters.count)
        for piece in characters {
            switch piece {
            case .any: bytes.append(.any)
            case .one: bytes.append(.one)
            case .exactly(let character):
                // CR LF is one character, and the value of it is that of LF.
                guard let byte = character.asciiValue, character != "\r\n" else { return nil }
                bytes.append(.exactly(byte))
            }
        }
        return bytes
    }

    private static func matches<Text: Swift.Collection>(
        _ text: Text,
        _ pattern: [Piece<Text.Element>]
    ) -> Bool {
        var place = text.startIndex
        var next = 0
        // Where to go on when it does not fit: behind the newest `%`, one element later each time.
        var retry: (place: Text.Index, next: Int)?
        while place < text.endIndex {
            if next < pattern.count {
                switch pattern[next] {
                case .any:
                    next += 1
                    retry = (place, next)
                    continue
                case .exactly(let element) where element != text[place]: break
                case .one, .exactly:
                    next += 1
                    place = text.index(after: place)
                    continue
                }
            }
            guard let start = retry else { return false }
            place = text.index(after: start.place)
            next = start.next
            retry = (place, next)
        }
        return pattern[next...].allSatisfy { $0 == .any }
    }
}

extension String {
    /// Whether every character is one byte: ASCII without CR, as CR LF is one character.
    var hasByteCharacters: Bool { utf8.allSatisfy { $0 < 0x80 && $0 != 0x0d } }
}
