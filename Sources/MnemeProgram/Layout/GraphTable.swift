// Where walks lead and which paths there are, as tables: a line a record, a line a path.

internal import Glibc
internal import Mneme
internal import MnemeCommandLine

/// Sets walks and paths in tables.
enum GraphTable {
    /// Each record that was reached: how far away, by which edge, and what that edge has.
    static func lines(_ walked: Walked, width: Int) -> [String] {
        let more = walked.isComplete ? "" : ", and there are more"
        let count = "(\(Figures.count(walked.count, "record"))\(more))"
        guard !walked.stops.isEmpty else { return [count] }
        let hasProperties = walked.stops.contains { $0.path.last?.fields.isEmpty == false }
        let properties: [(String, TextTable.Alignment)] =
            hasProperties ? [("properties", .left)] : []
        var table = TextTable(
            [
                ("record", .left), ("depth", .right), ("edge", .right), ("type", .left),
                ("direction", .left), ("from", .left),
            ] + properties
        )
        for stop in walked.stops {
            let step = Step(stop)
            let cells = [
                stop.reference.description, "\(stop.path.count)",
                step.map { "\($0.edge.id)" } ?? "", step?.edge.type ?? "",
                step?.direction ?? "", step?.from.description ?? "",
            ]
            let told = step.map { ValueLayout.properties($0.edge) } ?? ""
            table.add(cells + (hasProperties ? [told] : []))
        }
        return table.lines(width: width) + [count]
    }

    /// Each path: how long it is, by what was asked for, and its steps.
    static func lines(_ found: FoundPaths, answering asked: Paths?, width: Int) -> [String] {
        guard !found.paths.isEmpty else { return ["There is no path."] }
        var columns: [(String, TextTable.Alignment)] = [("edges", .right)]
        // Of the shortest the number of edges is all there is to tell.
        let measure = asked?.measure ?? .edges
        switch measure {
        case .edges: break
        case .cost: columns.append(("cost", .right))
        case .strength: columns.append(("strength", .right))
        }
        var table = TextTable(columns + [("path", .left)])
        for path in found.paths {
            var cells = ["\(path.edges.count)"]
            switch measure {
            case .edges: break
            case .cost: cells.append(Figures.decimal(path.cost, digits: 3))
            case .strength: cells.append(Figures.decimal(exp(-path.cost), digits: 3))
            }
            table.add(cells + [steps(path.edges, to: asked?.to)])
        }
        let more = found.isComplete ? "" : ", and there may be more"
        return table.lines(width: width)
            + ["(\(Figures.count(found.paths.count, "path"))\(more))"]
    }

    /// The steps of a path, `a —likes→ b —knows→ c`; collections are named where there are several.
    static func steps(_ edges: [Edge], to asked: Reference?) -> String {
        guard let last = edges.last else { return asked?.description ?? "" }
        let before = edges.dropLast().last
        // Where nobody said where it ends: not at what the last two have in common.
        let isBackward = before.map { last.to == $0.from || last.to == $0.to } ?? false
        let end = asked ?? (isBackward ? last.from : last.to)
        let collections = Set(edges.flatMap { [$0.from.collection, $0.to.collection] })
        return ValueLayout.path(edges, to: end) {
            collections.count > 1 ? $0.description : $0.key.description
        }
    }

    /// The last step of the way to a record.
    struct Step {
        let edge: Edge
        /// Where it came from.
        let from: Reference
        /// `out` along the edge, `in` against it.
        let direction: String

        /// The step to a record; nil where the walk began there.
        init?(_ stop: Walked.Stop) {
            guard let edge = stop.path.last else { return nil }
            let isForward = edge.to == stop.reference
            self.edge = edge
            from = isForward ? edge.from : edge.to
            direction = isForward ? "out" : "in"
        }
    }
}
