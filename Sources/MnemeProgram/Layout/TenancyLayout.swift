// What a collection keeps, for how long, how much of it, and how it is recalled, for people.

internal import Mneme
internal import MnemeCommandLine

/// Sets history, usage, quotas, retention and recall in lines.
enum TenancyLayout {
    /// A line for each that the collection has.
    static func lines(_ collection: Collection) -> [String] {
        var lines: [String] = []
        if let history = collection.history { lines.append("  history: " + words(for: history)) }
        if collection.countsUsage { lines.append("  usage: it is counted what each owner has") }
        for quota in collection.quotas ?? [] { lines.append("  quota: " + words(for: quota)) }
        if let rule = collection.retention, rule.ends {
            lines += words(for: rule, collection.roles.time)
        }
        if let rule = collection.recall, rule != RecallRule() {
            lines.append("  recall: " + words(for: rule))
        }
        return lines
    }

    /// How much owners may have of a collection, a line for each quota.
    static func quotas(_ collection: Collection) -> [String] {
        (collection.quotas ?? []).map { words(for: $0) }
    }

    private static func words(for rule: HistoryRule) -> String {
        let changes =
            rule.versions.map { "the last \(Figures.count($0, "change")) of each record" }
            ?? "every change"
        return changes + (rule.days.map { ", for \(Figures.count($0, "day"))" } ?? ", for good")
    }

    private static func words(for quota: Quota) -> String {
        let bounds =
            [
                quota.records.map { Figures.count($0, "record") },
                quota.bytes.map { Figures.bytes($0) },
            ]
            .compactMap { $0 }
        let who = quota.owner.map { "\($0) and those below it" } ?? "each owner"
        guard !bounds.isEmpty else { return "\(who): no bound" }
        return "\(who): at most \(bounds.joined(separator: " and "))"
            + (quota.field.map { " of each \($0)" } ?? "")
            + (quota.isOverall ? " in all that is counted" : "")
            + (quota.evicts ? "; the weakest give way to more" : "; more is refused")
    }

    private static func words(for rule: RecallRule) -> String {
        let weights = rule.weights.map { weights in
            let named = Signal.allCases.filter { weights[$0] != 0 }
                .map { "\($0.rawValue) \(Figures.decimal(weights[$0], digits: 2))" }
            return named.isEmpty ? "no signal weighs" : "weights " + named.joined(separator: " · ")
        }
        return [
            weights,
            rule.fusion.map { "fusion \($0.rawValue)" },
            rule.hints.map { $0 ? "with hints" : "without hints" },
            rule.minimumSimilarity.map { "cosine at least \(Figures.decimal($0, digits: 2))" },
            rule.aliases.map { "names by edges \($0)" },
        ].compactMap { $0 }.joined(separator: "; ")
    }

    private static func words(for rule: RetentionRule, _ time: String?) -> [String] {
        let from = (rule.field ?? time).map { " from \($0) on" } ?? ""
        let own = rule.days.map { "\(Figures.count($0, "day"))\(from)" } ?? "for good"
        return ["  retention: records are kept \(own)"]
            + rule.exceptions.map { part in
                let which = [
                    part.owner.map { "of \($0)" },
                    part.filter.map { "where \($0.spelling.json())" },
                ]
                .compactMap { $0 }.joined(separator: " ")
                let days = part.days.map { "\(Figures.count($0, "day"))\(from)" } ?? "for good"
                return "    those \(which): \(days)"
            }
    }
}
