// The part of a text that a memory says, without what only repeats its record: a stamp in brackets
// and the speaker's name before it, a note in brackets behind it. Many services write them into the
// text, so that words and names are found; what the text itself tells of dates, and what it means,
// they are not part of.

/// Finds what a text says.
package enum TextBody {
    /// The most bytes of a stamp, and of a note behind the text.
    private static let stampLimit = 64
    private static let noteLimit = 512

    /// A text without its stamp and its speaker's name.
    ///
    /// `[8 May 2023] Ann: I ran.` becomes `I ran.`
    ///
    /// - Complexity: O(bytes).
    package static func withoutHead(_ text: String, speaker: String?) -> Substring {
        var rest = text[...]
        if rest.first == "[", let end = rest.utf8.firstIndex(of: UInt8(ascii: "]")),
            rest.utf8.distance(from: rest.startIndex, to: end) < stampLimit
        {
            rest = trimmed(rest[rest.utf8.index(after: end)...])
        }
        if let speaker, !speaker.isEmpty, rest.hasPrefix(speaker) {
            let behind = rest.dropFirst(speaker.count)
            if behind.first == ":" { rest = trimmed(behind.dropFirst()) }
        }
        return rest.isEmpty ? text[...] : rest
    }

    /// A text without its head, and without a note in brackets behind it.
    ///
    /// - Complexity: O(bytes).
    package static func alone(_ text: String, speaker: String?) -> Substring {
        let rest = withoutHead(text, speaker: speaker)
        guard rest.utf8.last == UInt8(ascii: "]"),
            let start = rest.utf8.lastIndex(of: UInt8(ascii: "[")),
            rest.utf8.distance(from: start, to: rest.endIndex) < noteLimit
        else { return rest }
        var end = start
        while end > rest.startIndex {
            let before = rest.utf8.index(before: end)
            guard rest.utf8[before] == UInt8(ascii: " ") else { break }
            end = before
        }
        return end == rest.startIndex ? rest : rest[..<end]
    }

    private static func trimmed(_ text: Substring) -> Substring {
        text.drop { $0 == " " }
    }
}
