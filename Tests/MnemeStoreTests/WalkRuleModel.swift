// A graph as plain arrays, and what a walk that chooses its edges and records should come to.

import MnemeModel

/// A graph as arrays.
struct RuleGraph {
    struct Node {
        let collection: String
        var score: Int64
        var from: Int64?
        var to: Int64?
    }

    struct Edge {
        let id: UInt64
        let from: Int64
        let to: Int64
        let weight: Double?
        let since: Int64?
        let until: Int64?
    }

    var nodes: [Int64: Node] = [:]
    var edges: [Edge] = []
}

/// What is asked, in plain words.
struct RuleQuestion {
    var direction = Direction.out
    var hops = 1
    var weight: Double?
    var through: [String: Int64]?
    var only: [String: Int64]?
    var fanOut: FanOut?
    var asOf: Int64?

    static func isTrue(_ from: Int64?, _ to: Int64?, at instant: Int64?) -> Bool {
        guard let instant else { return true }
        return from ?? .min <= instant && instant < to ?? .max
    }

    static func holds(_ choice: [String: Int64]?, _ node: RuleGraph.Node) -> Bool {
        guard let choice else { return true }
        return choice[node.collection].map { node.score >= $0 } ?? false
    }

    /// The steps that may be taken from a record.
    func steps(
        _ node: Int64,
        _ graph: RuleGraph,
        end: Int64?
    ) -> [(edge: UInt64, to: Int64)] {
        var steps: [(edge: RuleGraph.Edge, to: Int64)] = []
        for edge in graph.edges {
            if direction != .in, edge.from == node {
                steps.append((edge, edge.to))
            } else if direction != .out, edge.to == node {
                steps.append((edge, edge.from))
            }
        }
        steps.removeAll { edge, to in
            guard let other = graph.nodes[to] else { return true }
            if let weight, edge.weight.map({ $0 <= weight }) ?? true { return true }
            return !Self.isTrue(edge.since, edge.until, at: asOf)
                || !Self.isTrue(other.from, other.to, at: asOf)
                || (to != end && !Self.holds(through, other))
        }
        if let fanOut {
            steps.sort { left, right in
                let (first, second) =
                    fanOut.strongest == nil
                    ? (0, 0)
                    : (left.edge.weight ?? -.infinity, right.edge.weight ?? -.infinity)
                return first == second ? left.edge.id > right.edge.id : first > second
            }
            steps = Array(steps.prefix(fanOut.count))
        }
        return steps.map { ($0.edge.id, $0.to) }
    }

    /// How far each record is, and how many shortest ways lead to it.
    func reached(
        from start: Int64,
        _ graph: RuleGraph,
        end: Int64? = nil
    ) -> [Int64: (distance: Int, ways: Int)] {
        var found = [start: (distance: 0, ways: 1)]
        var front = [start]
        for hop in stride(from: 1, through: hops, by: 1) {
            var next: [Int64] = []
            for node in front {
                let ways = found[node]?.ways ?? 0
                for step in steps(node, graph, end: end) {
                    if found[step.to] == nil {
                        found[step.to] = (hop, 0)
                        next.append(step.to)
                    }
                    if found[step.to]?.distance == hop { found[step.to]?.ways += ways }
                }
            }
            front = next
        }
        return found
    }
}
