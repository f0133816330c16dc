// A terminal as a person sees it: what a program writes becomes lines, as far as a line editor
// moves about in them.

/// The lines of a terminal.
struct TestScreen {
    private var rows: [[Character]] = [[]]
    /// The line of the cursor.
    private(set) var row = 0
    private var column = 0
    private var held: [UInt8] = []

    /// The lines so far, without blanks at their ends.
    var lines: [String] {
        rows.map { row in String(row.reversed().drop { $0 == " " }.reversed()) }
    }

    /// The line of the cursor up to it, blanks included.
    var current: String { String(rows[row].prefix(column)) }

    /// Takes what was written.
    mutating func write(_ bytes: [UInt8]) {
        held += bytes
        while let (text, count) = next() {
            held.removeFirst(count)
            apply(text)
        }
    }

    /// The next character or control sequence, where it is whole, and its bytes.
    private func next() -> (String, Int)? {
        guard let first = held.first else { return nil }
        if first == 0x1b {
            guard held.count > 1 else { return nil }
            guard held[1] == UInt8(ascii: "[") else { return ("\u{1b}", 2) }
            guard let end = held.dropFirst(2).firstIndex(where: { 0x40...0x7e ~= $0 }) else {
                return nil
            }
            return (String(decoding: held[...end], as: UTF8.self), end + 1)
        }
        let count = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
        guard held.count >= count else { return nil }
        return (String(decoding: held[..<count], as: UTF8.self), count)
    }

    private mutating func apply(_ text: String) {
        switch text {
        case "\r": column = 0
        case "\n":
            row += 1
            if row == rows.count { rows.append([]) }
        case "\u{8}": column = max(0, column - 1)
        case "\u{7}", "\u{1b}": break
        default:
            guard text.hasPrefix("\u{1b}[") else { return put(text) }
            control(text.dropFirst(2))
        }
    }

    private mutating func put(_ text: String) {
        for character in text {
            while rows[row].count <= column { rows[row].append(" ") }
            rows[row][column] = character
            column += 1
        }
    }

    private mutating func control(_ text: Substring) {
        let number = Int(text.dropLast()) ?? 1
        switch text.last {
        case "A": row = max(0, row - number)
        case "B": row = min(rows.count - 1, row + number)
        case "C": column += number
        case "D": column = max(0, column - number)
        case "G": column = number - 1
        case "K", "J": rows[row] = Array(rows[row].prefix(column))
        case "P":
            let end = min(rows[row].count, column + number)
            if column < end { rows[row].removeSubrange(column..<end) }
        case "@":
            if column < rows[row].count {
                rows[row].insert(contentsOf: repeatElement(" ", count: number), at: column)
            }
        default: break
        }
    }
}
