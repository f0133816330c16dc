// Answers that have lists in their rows, spelled without them, so that each value has a column of
// its own: the parts of a score by signal, the last edge of a way, a path in words.

internal import Mneme

/// Spells answers for rows of comma-separated values.
enum FlatAnswer {
    /// The answer as its rows are to be; as it is spelled where no row has a list in it.
    static func spelling(_ response: Response, answering request: Request?) -> Value {
        switch response {
        case .recalled(let recalled):
            ["recalled": ["items": .array(recalled.items.enumerated().map(row))]]
        case .walked(let walked): ["walked": ["stops": .array(walked.stops.map(row))]]
        case .paths(let found):
            [
                "paths": [
                    "paths": .array(
                        found.paths.map { path in
                            [
                                "edges": .int(Int64(path.edges.count)), "cost": .float(path.cost),
                                "path": .text(GraphTable.steps(path.edges, to: request?.end)),
                            ]
                        }
                    )
                ]
            ]
        default: response.spelling
        }
    }

    private static func row(_ place: Int, _ item: Recalled.Item) -> Value {
        var members: [String: Value] = [
            "rank": .int(Int64(place + 1)), "score": .float(item.score),
            "tokens": .int(Int64(item.tokens)), "hops": .int(Int64(item.path.count)),
            "path": .text(GraphTable.steps(item.path, to: item.record.reference)),
            "record": item.record.spelling,
        ]
        if item.path.isEmpty { members["path"] = .text("") }
        for part in item.parts { members["part." + part.signal.rawValue] = .float(part.value) }
        return .map(members)
    }

    private static func row(_ stop: Walked.Stop) -> Value {
        var members: [String: Value] = [
            "reference": .text(stop.reference.description),
            "depth": .int(Int64(stop.path.count)),
            "path": .text(GraphTable.steps(stop.path, to: stop.reference)),
        ]
        if let step = GraphTable.Step(stop) {
            members["id"] = .int(Int64(step.edge.id))
            members["type"] = .text(step.edge.type)
            members["direction"] = .text(step.direction)
            members["from"] = .text(step.from.description)
            for (name, value) in step.edge.fields { members["edge." + name] = value }
        }
        return .map(members)
    }
}

extension Request {
    /// The paths that are asked for.
    var paths: Paths? {
        switch self {
        case .paths(let paths): paths
        case .inside(_, let request): request.paths
        default: nil
        }
    }

    /// Where the paths end that are asked for.
    fileprivate var end: Reference? { paths?.to }
}
