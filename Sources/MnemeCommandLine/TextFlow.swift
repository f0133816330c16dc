// Text for people: broken into lines, set in columns.

/// Breaks and sets text; widths count characters.
package enum TextFlow {
    /// The text in lines of at most `width`, broken at blanks.
    ///
    /// The first line starts with `indent` blanks, later ones with `hanging` more. A word longer
    /// than a line has one of its own.
    ///
    /// - Complexity: O(*n*) in the characters.
    package static func wrapped(
        _ text: String,
        width: Int,
        indent: Int = 0,
        hanging: Int = 0
    ) -> String {
        var lines: [String] = []
        var line = ""
        var room = width - indent
        for word in text.split(whereSeparator: \.isWhitespace) {
            let used = line.isEmpty ? word.count : line.count + 1 + word.count
            if used > room, !line.isEmpty {
                lines.append(line)
                line = ""
                room = width - indent - hanging
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        if !line.isEmpty || lines.isEmpty { lines.append(line) }
        return lines.enumerated().map { index, line in
            blanks(index == 0 ? indent : indent + hanging) + line
        }.joined(separator: "\n")
    }

    /// Two columns, the second one broken into lines; ends with a line break.
    static func columns(_ rows: [(String, String)], width: Int) -> String {
        let longest = rows.map(\.0.count).max() ?? 0
        let start = min(longest, 30) + 4
        return rows.map { left, right in
            let text = wrapped(right, width: width, indent: start)
            guard left.count + 4 <= start else { return "  \(left)\n\(text)\n" }
            return "  \(left)\(blanks(start - left.count - 2))\(text.dropFirst(start))\n"
        }.joined()
    }

    /// The text in at most `width` characters on one line; what is cut off is shown by `…`.
    package static func shortened(_ text: String, to width: Int) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard line.count > width else { return line }
        return line.prefix(max(0, width - 1)) + "…"
    }

    /// Blanks.
    package static func blanks(_ count: Int) -> String {
        String(repeating: " ", count: max(0, count))
    }
}
