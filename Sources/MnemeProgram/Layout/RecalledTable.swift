// What was recalled as a table: a line a memory, with what spoke for it in few words. The lines of
// `--explain` say the same at length.

internal import Mneme
internal import MnemeCommandLine

/// Sets what was recalled in a table.
enum RecalledTable {
    /// The least room that the texts get before what spoke for them is told in fewer words.
    private static let textRoom = 28

    /// How many signals are told, and whether each with its part of the score.
    private static let details = [(4, true), (2, true), (2, false), (1, false)]

    /// Rank, key, score, signals and text of each memory, in lines of at most `width`.
    static func lines(_ recalled: Recalled, width: Int) -> [String] {
        guard !recalled.items.isEmpty else {
            return RecalledLayout(isExplained: false).lines(recalled)
        }
        let texts = recalled.items.map { item in
            item.record["text"].text ?? ValueLayout.line(.map(item.record.fields))
        }
        let rest = recalled.items.enumerated().map { place, item in
            [
                "\(place + 1)", item.record.reference.key.description,
                Figures.decimal(item.score, digits: 3),
            ]
        }
        let fixed = zip(["rank", "key", "score"], 0..<3).reduce(0) { sum, column in
            let widest = rest.map { $0[column.1].count }.max() ?? 0
            return sum + 2 + max(column.0.count, widest)
        }
        let wanted = min(textRoom, texts.map(\.count).max() ?? 0)
        var signals: [String] = []
        for (count, hasParts) in details {
            signals = recalled.items.map { self.signals($0, count, hasParts) }
            let room = width - fixed - 2 - (["signals"] + signals).reduce(0) { max($0, $1.count) }
            if room >= wanted { break }
        }
        var table = TextTable([
            ("rank", .right), ("key", .left), ("score", .right), ("signals", .left),
            ("text", .left),
        ])
        for (place, cells) in rest.enumerated() {
            table.add(cells + [signals[place], TextFlow.shortened(texts[place], to: .max)])
        }
        let count = Figures.count(recalled.items.count, "memory", "memories")
        let leftOut = recalled.leftOut.isEmpty ? "" : ", others left out"
        return table.lines(width: width) + ["(\(count)\(leftOut); recall --explain says why)"]
    }

    /// What brought a memory, what brought it most first.
    private static func signals(_ item: Recalled.Item, _ count: Int, _ hasParts: Bool) -> String {
        let parts = item.parts.filter { $0.value > 0 }.sorted { $0.value > $1.value }
        return parts.prefix(count).map { part in
            let name = part.signal.rawValue
            return hasParts ? "\(name) \(Figures.decimal(part.value, digits: 2))" : name
        }.joined(separator: ", ")
    }
}
