// Tables for people.

/// Rows of cells under a head, set in columns.
package struct TextTable: Sendable {
    /// How a column is set.
    package enum Alignment: Sendable {
        /// For words.
        case left
        /// For numbers.
        case right
    }

    private let alignments: [Alignment]
    private var rows: [[String]]
    private let indent: Int

    /// An empty table whose columns have these heads; every line starts with `indent` blanks.
    package init(_ columns: [(String, Alignment)], indent: Int = 0) {
        alignments = columns.map(\.1)
        rows = [columns.map(\.0)]
        self.indent = indent
    }

    /// Adds a row.
    ///
    /// - Precondition: there is a cell for every column.
    package mutating func add(_ cells: [String]) {
        precondition(cells.count == alignments.count, "a cell for every column")
        rows.append(cells)
    }

    /// Whether there is no row but the head.
    package var isEmpty: Bool { rows.count == 1 }

    /// The lines of the table: the head, a rule, the rows.
    ///
    /// The last column is cut where a line would be longer than `width`.
    ///
    /// - Complexity: O(*n*) in the characters.
    package func lines(width: Int = Program.width) -> [String] {
        var widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let others = widths.dropLast().reduce(0) { $0 + $1 + 2 } + indent
        if let last = widths.last { widths[widths.count - 1] = min(last, max(8, width - others)) }
        let rule = widths.map { String(repeating: "─", count: $0) }
        return ([rows[0], rule] + rows.dropFirst()).map { line($0, widths) }
    }

    /// The lines of the table as `lines`, where the widest columns are cut until all of them fit.
    ///
    /// Columns that do not fit with eight characters each are left out, the last ones first.
    ///
    /// - Returns: the lines, and how many columns were left out.
    /// - Complexity: O(*n*) in the characters.
    package func fitted(width: Int) -> (lines: [String], leftOut: Int) {
        var shown = alignments.count
        while shown > 1, indent + shown * 10 - 2 > width { shown -= 1 }
        let natural = (0..<shown).map { column in
            max(1, rows.map { TextFlow.shortened($0[column], to: .max).count }.max() ?? 0)
        }
        let room = max(8, width - indent - (shown - 1) * 2)
        var bound = natural.max() ?? 0
        while bound > 8, natural.reduce(0, { $0 + min($1, bound) }) > room { bound -= 1 }
        let widths = natural.map { min($0, bound) }
        let rule = widths.map { String(repeating: "─", count: $0) }
        let cut = rows.map { Array($0[..<shown]) }
        let lines = ([cut[0], rule] + cut.dropFirst()).map { line($0, widths) }
        return (lines, alignments.count - shown)
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let set = cells.indices.map { column in
            let cell = TextFlow.shortened(cells[column], to: widths[column])
            let gap = TextFlow.blanks(widths[column] - cell.count)
            return alignments[column] == .left ? cell + gap : gap + cell
        }
        let line = TextFlow.blanks(indent) + set.joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}
