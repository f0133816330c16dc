// What was remembered, where it comes from, and what should be judged, for people.

internal import Mneme
internal import MnemeCommandLine

/// Sets what remembering came to in lines.
enum RememberedLayout {
    /// A line for each memory, behind words such as `Added as`, and what is near to it.
    static func lines(_ response: Response, _ words: String) -> [String] {
        guard case .remembered(let remembered) = response else { return [] }
        var lines: [String] = []
        for (index, key) in remembered.keys.enumerated() {
            lines.append("\(words) \(key).")
            let similar = index < remembered.similar.count ? remembered.similar[index] : []
            lines += similar.map {
                "  near to it: \($0.key) (\(Figures.decimal($0.score, digits: 3)))"
            }
        }
        if remembered.isRepeated { lines.append("It had been done before, under this --once.") }
        return lines + remembered.evicted.map { "\($0) gave way to it." }
    }
}

/// Sets facts in lines.
enum FactLayout {
    /// A memory, then each step behind what it explains, a level deeper.
    static func lines(_ provenance: Provenance) -> [String] {
        var lines = ValueLayout.lines(provenance.record, limit: ValueLayout.textLimit)
        if let access = provenance.access {
            lines.append("  used \(Figures.count(access.count, "time")), last at \(access.at)")
        }
        guard !provenance.steps.isEmpty else {
            return lines + ["Nothing says where it comes from."]
        }
        let children = Dictionary(grouping: provenance.steps, by: \.of)
        var told: Set<Reference> = []
        func tell(_ reference: Reference, _ level: Int) {
            guard told.insert(reference).inserted else { return }
            for step in children[reference] ?? [] {
                let start = TextFlow.blanks(2 * level) + "← \(step.by)  "
                let text = step.record.map { beginning($0) } ?? "(gone)"
                let reason = step.reason.map { " (\($0))" } ?? ""
                lines += ValueLayout.block("\(step.reference): \(text)\(reason)", behind: start)
                tell(step.reference, level + 1)
            }
        }
        tell(provenance.record.reference, 1)
        if !provenance.isWhole { lines.append("More lies beyond; give a larger --depth.") }
        return lines
    }

    /// Candidates, each as its records under a score.
    static func lines(_ candidates: Candidates) -> [String] {
        var lines = candidates.items.flatMap { item in
            item.records.enumerated().flatMap { index, record in
                let score = Figures.decimal(item.score, digits: 3)
                let start = index == 0 ? score + "  " : TextFlow.blanks(score.count + 2)
                return ValueLayout.block(
                    "\(record.reference.key)  \(beginning(record))",
                    behind: start
                )
            }
        }
        let looked = Figures.count(candidates.looked, "memory", "memories")
        let found = Figures.count(candidates.items.count, "candidate")
        lines.append("\(found) among \(looked).")
        if let next = candidates.next { lines.append("There may be more: give --after \(next).") }
        return lines
    }

    /// What went, or would go.
    static func lines(_ forgotten: Forgotten) -> [String] {
        var lines = forgotten.references.map(\.description)
        let rest = forgotten.count - lines.count
        if rest > 0, !lines.isEmpty { lines.append("and \(Figures.count(rest)) more") }
        let bytes = forgotten.bytes.map { ", \(Figures.bytes($0))" } ?? ""
        let count = Figures.count(forgotten.count, "memory", "memories") + bytes
        return lines + [
            forgotten.isDry ? "\(count) would go; nothing was changed." : "Pruned \(count)."
        ]
    }

    private static func beginning(_ record: Record) -> String {
        let text = record["text"].text ?? ValueLayout.line(.map(record.fields))
        return TextFlow.shortened(text, to: ValueLayout.textLimit)
    }
}
