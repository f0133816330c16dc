// What an answer comes to and how it was found, of which nothing is a value of a record.

internal import MnemeModel

/// What is told of the answer to a slow request.
struct AnswerFigures: Sendable {
    /// How many records, edges, groups or other things it has; nil where that means nothing.
    var rows: Int?
    /// How it was found; nil where there is but one way.
    var plan: String?

    /// Of an answer.
    ///
    /// - Complexity: O(rows).
    init(_ response: Response) {
        rows = Self.rows(of: response)
        plan = Self.plan(of: response)
    }

    init(rows: Int) { self.rows = rows }

    private static func rows(of response: Response) -> Int? {
        switch response {
        case .records(let records): records.count
        case .found(let found): found.rows.count + found.edges.count
        case .walked(let walked): walked.stops.count
        case .path(let edges): edges?.count ?? 0
        case .paths(let found): found.paths.count
        case .remembered(let remembered): remembered.keys.count
        case .recalled(let recalled): recalled.items.count
        case .counted(let counted): counted.rows.count
        case .matched(let matched): matched.rows.count
        case .watched(let watched): watched.events.count
        case .context(let context): context.entries.count + context.recalled.count
        case .committed(let committed): committed.outcomes.count
        default: nil
        }
    }

    private static func plan(of response: Response) -> String? {
        switch response {
        case .found(let found): found.plan
        case .counted(let counted): counted.plan
        case .matched(let matched): matched.plan
        case .walked(let walked): plan(of: walked)
        case .recalled(let recalled):
            plan(recalled.items, leftOut: recalled.leftOut.count, isExact: recalled.isExact)
        case .context(let context):
            plan(context.recalled, leftOut: context.recallLeftOut.count, isExact: nil)
        default: nil
        }
    }

    // "12 reached, at most 3 hops away, the whole of it"
    private static func plan(of walked: Walked) -> String {
        let hops = walked.stops.map(\.path.count).max() ?? 0
        let end = walked.isComplete ? "the whole of it" : "cut short"
        return "\(walked.count) reached, at most \(hops) hops away, \(end)"
    }

    // "10 items, 32 left out, by meaning 10, text 7; exact"
    private static func plan(
        _ items: [Recalled.Item],
        leftOut: Int,
        isExact: Bool?
    ) -> String {
        let spoke = Signal.allCases.compactMap { signal -> String? in
            let count = items.count { item in
                item.parts.contains { $0.signal == signal && $0.strength > 0 }
            }
            return count == 0 ? nil : "\(signal.rawValue) \(count)"
        }
        var plan = "\(items.count) items, \(leftOut) left out"
        if !spoke.isEmpty { plan += ", by " + spoke.joined(separator: ", ") }
        if let isExact { plan += isExact ? "; exact" : "; approximate" }
        return plan
    }
}
