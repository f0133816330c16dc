// A look into files, for people: what is known, the parts, and the bytes with what they mean.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Sets looks into files in lines.
enum InspectLayout {
    /// Bytes of a line.
    private static let perLine = 8
    /// The most bytes that are shown of a field.
    private static let byteLimit = 64

    /// The title, the facts, the rows and the bytes.
    static func lines(_ inspection: Inspection, width: Int) -> [String] {
        var lines = [inspection.title]
        let widest = inspection.facts.map { $0.name.count }.max() ?? 0
        for (name, value) in inspection.facts {
            let gap = TextFlow.blanks(widest - name.count)
            lines += ValueLayout.block(ValueLayout.line(value), behind: "  \(name)\(gap)  ")
        }
        if !inspection.columns.isEmpty {
            var table = TextTable(
                inspection.columns.enumerated().map { place, name in
                    let isNumber = inspection.rows.allSatisfy {
                        $0[place].number != nil || $0[place].isNull
                    }
                    return (name, isNumber ? .right : .left)
                },
                indent: 2
            )
            for row in inspection.rows {
                table.add(row.map { $0.isNull ? "" : ValueLayout.line($0).shown })
            }
            if !table.isEmpty { lines += table.fitted(width: width).lines }
        }
        return lines + self.lines(inspection.notes)
    }

    /// Each field's bytes, what the format calls it, and what it says.
    private static func lines(_ notes: [ByteNote]) -> [String] {
        guard !notes.isEmpty else { return [] }
        let widest = min(20, notes.map(\.field.count).max() ?? 0)
        let digits = max(5, String(notes.map(\.offset).max() ?? 0).count)
        return notes.flatMap { note in
            var lines: [String] = []
            let shown = note.bytes.prefix(byteLimit)
            for start in stride(from: 0, to: max(1, shown.count), by: perLine) {
                let part = shown.dropFirst(start).prefix(perLine)
                let place = String(note.offset + start)
                let hex = part.map(Hexadecimal.byte).joined(separator: " ")
                let left = "  " + TextFlow.blanks(digits - place.count) + place + "  " + hex
                guard start == 0 else {
                    lines.append(left)
                    continue
                }
                let gap = TextFlow.blanks(perLine * 3 - 1 - hex.count)
                let name = note.field + TextFlow.blanks(widest - note.field.count)
                lines.append("\(left)\(gap)  \(name)  \(note.meaning)")
            }
            if note.bytes.count > byteLimit {
                let rest = Figures.count(note.bytes.count - byteLimit, "byte")
                lines.append(TextFlow.blanks(digits + 4) + "… \(rest) more")
            }
            return lines
        }
    }
}
