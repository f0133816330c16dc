// Patterns of `like`: formats/expressions.md#like. Between two `%` stands a segment, and the first
// place where it fits is as good as any later one, so that a text is gone through once. A segment
// of many characters is looked for with a bit for each of them (shift-and), which costs a step for
// every 64 of them and character of the text: a condition is asked of records of many megabytes,
// and nothing interrupts it.

/// A pattern of texts.
///
/// `%` stands for any characters or none, `_` for one, `\` before a character for itself.
package struct LikePattern: Sendable {
    /// As it was given.
    package let text: String
    private let characters: [Piece<Character>]
    private let segments: LikeSegments<Character>
    /// The same in bytes, where every character is one.
    private let bytes: LikeSegments<UInt8>?

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
        segments = LikePattern.segments(of: characters)
        bytes = LikePattern.bytes(of: characters).map { LikePattern.segments(of: $0) }
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
    /// - Complexity: O(*n* · (1 + *m* / 64)) in the characters of the text and of the longest
    ///   segment between two `%`.
    package func matches(_ text: String) -> Bool {
        if let bytes, text.hasByteCharacters { return bytes.match(text.utf8) }
        return segments.match(text)
    }

    /// As `matches`, of ASCII without CR in any collection; nil where the pattern has other
    /// characters.
    package func matches(ascii text: some BidirectionalCollection<UInt8>) -> Bool? {
        bytes?.match(text)
    }

    private static func segments<Element>(of pieces: [Piece<Element>]) -> LikeSegments<Element> {
        var segments: [[Element?]] = [[]]
        for piece in pieces {
            switch piece {
            case .any: segments.append([])
            case .one: segments[segments.count - 1].append(nil)
            case .exactly(let element): segments[segments.count - 1].append(.some(element))
            }
        }
        return LikeSegments(segments)
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
}

extension LikePattern: Hashable {
    package static func == (left: LikePattern, right: LikePattern) -> Bool {
        left.characters == right.characters && left.text == right.text
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension String {
    /// Whether every character is one byte: ASCII without CR, as CR LF is one character.
    var hasByteCharacters: Bool { utf8.allSatisfy { $0 < 0x80 && $0 != 0x0d } }
}
