// An answer of the memory for people: each memory with its score, and, explained, the parts of the
// score and the path through the graph.

internal import Mneme
internal import MnemeCommandLine

/// Sets what was recalled in lines.
struct RecalledLayout {
    /// Whether the parts of the scores are shown.
    var isExplained = true
    /// Whether what came near and was left out is named; only where scores are explained.
    var showsLeftOut = true
    /// What a memory is called in paths.
    var label: (Reference) -> String = { $0.key.description }

    /// The lines of an answer.
    func lines(_ recalled: Recalled) -> [String] {
        var lines: [String] = []
        if recalled.items.isEmpty {
            lines.append("Nothing was recalled.")
            if !isExplained, !recalled.leftOut.isEmpty {
                lines.append("What came near was left out; --explain says why.")
            }
        }
        for (index, item) in recalled.items.enumerated() {
            if index > 0, isExplained { lines.append("") }
            lines += self.lines(item, place: index + 1)
        }
        guard isExplained else { return lines }
        if showsLeftOut, !recalled.leftOut.isEmpty {
            lines += [""] + leftOut(recalled.leftOut)
        }
        if !recalled.notes.isEmpty { lines.append("") }
        for note in recalled.notes { lines += ValueLayout.block(note, behind: "note: ") }
        return lines
    }

    private func lines(_ item: Recalled.Item, place: Int) -> [String] {
        let number = "\(place)."
        let start =
            TextFlow.blanks(3 - number.count) + number + " "
            + Figures.decimal(item.score, digits: 3) + "  "
        let text = item.record["text"].text ?? ValueLayout.line(.map(item.record.fields))
        let shown =
            text.count > ValueLayout.textLimit
            ? TextFlow.shortened(text, to: ValueLayout.textLimit) : text
        let lines = ValueLayout.block("\(item.record.reference.key)  \(shown)", behind: start)
        return isExplained ? lines + explanation(item, indent: start.count) : lines
    }

    private func explanation(_ item: Recalled.Item, indent: Int) -> [String] {
        var lines: [String] = []
        let parts = item.parts.filter { $0.value != 0 || $0.rank > 0 }
        for (index, part) in parts.enumerated() {
            let name = part.signal.rawValue
            var line = TextFlow.blanks(indent) + (index == 0 ? "  " : "+ ")
            line += Figures.decimal(part.value, digits: 3) + " " + name
            line += TextFlow.blanks(11 - name.count)
            line += "= \(Figures.decimal(part.weight, digits: 3)) × "
            line += Figures.decimal(part.strength, digits: 3) + measure(part)
            if part.rank > 0 { line += ", rank \(part.rank)" }
            lines.append(line)
        }
        let sum = parts.reduce(0) { $0 + $1.value }
        lines.append(TextFlow.blanks(indent) + "= \(Figures.decimal(sum, digits: 3))")
        if !item.path.isEmpty {
            let path = ValueLayout.path(item.path, to: item.record.reference, label: label)
            lines += ValueLayout.block(path, behind: TextFlow.blanks(indent) + "  by ")
        }
        return lines
    }

    /// What the signal measured, where it is more than its strength.
    private func measure(_ part: Recalled.Part) -> String {
        switch part.signal {
        case .vector, .meaning:
            // With what stands beside it in its session.
            abs(part.raw - part.strength) < 0.0005
                ? "" : ", cosine \(Figures.decimal(part.raw, digits: 3))"
        case .window, .reply, .previous, .speaker, .answer, .dated, .question, .time, .importance:
            ""
        case .graph: part.raw == 1 ? ", 1 hop" : ", \(Int(part.raw)) hops"
        case .recency: ", \(Figures.decimal(part.raw, digits: 1)) days"
        case .text: ", BM25 \(Figures.decimal(part.raw, digits: 2))"
        }
    }

    private func leftOut(_ leftOut: [Recalled.LeftOut]) -> [String] {
        var reasons: [(reason: Recalled.Reason, keys: [String])] = []
        for one in leftOut {
            let text = "\(one.reference.key) (\(Figures.decimal(one.score, digits: 3)))"
            if let index = reasons.firstIndex(where: { $0.reason == one.reason }) {
                reasons[index].keys.append(text)
            } else {
                reasons.append((one.reason, [text]))
            }
        }
        return reasons.flatMap { reason, keys in
            let shown = keys.prefix(5).joined(separator: ", ")
            let more = keys.count > 5 ? " and \(keys.count - 5) more" : ""
            return ValueLayout.block(shown + more, behind: "left out, \(words(reason)): ")
        }
    }

    private func words(_ reason: Recalled.Reason) -> String {
        switch reason {
        case .overLimit: "others scored higher"
        case .overBudget: "no tokens left"
        case .belowSimilarity: "not similar enough"
        case .superseded: "not true any more"
        case .expired: "expired"
        case .duplicate: "a better one says the same"
        }
    }
}

extension RecalledLayout {
    /// A layout that calls the memories of the answer's paths by key and the beginning of their
    /// text.
    ///
    /// - Throws: as `Memory.get`.
    static func explained(
        _ recalled: Recalled,
        in memory: any BlockingDoor
    ) throws -> RecalledLayout {
        RecalledLayout(label: try labels(recalled.items.flatMap(\.path), in: memory))
    }

    /// What the ends of edges are called: by key and the beginning of their text.
    ///
    /// - Throws: as `Memory.get`.
    static func labels(_ edges: [Edge], in memory: any BlockingDoor) throws -> (Reference) -> String
    {
        let references = Array(Set(edges.flatMap { [$0.from, $0.to] }))
        var labels: [Reference: String] = [:]
        for case let record? in try memory.get(references) {
            guard let text = record["text"].text else { continue }
            let beginning = String(text.prefix { !":,.;".contains($0) })
            labels[record.reference] =
                "\(record.reference.key) (\(TextFlow.shortened(beginning, to: 24)))"
        }
        return { labels[$0] ?? $0.key.description }
    }
}
