// The same graph in plain arrays and breadth-first searches over them: what `--check` holds the
// store's answers against.

/// Typed, directed edges between nodes `0..<nodeCount`.
struct PlainGraph: Sendable {
    private var outgoing: [[(node: Int, type: Int)]]
    private var incoming: [[(node: Int, type: Int)]]
    private var types: [String: Int] = [:]

    /// A graph without edges.
    init(nodeCount: Int) {
        outgoing = Array(repeating: [], count: nodeCount)
        incoming = Array(repeating: [], count: nodeCount)
    }

    /// Adds an edge.
    mutating func add(from: Int, to: Int, type: String) {
        let number = types[type] ?? types.count
        types[type] = number
        outgoing[from].append((to, number))
        incoming[to].append((from, number))
    }

    /// How many nodes lie within so many edges, the start not counted.
    func countWithin(hops: Int, of start: Int) -> Int {
        var seen: Set<Int> = [start]
        var front = [start]
        for _ in 0..<hops {
            var next: [Int] = []
            for node in front {
                for edge in outgoing[node] where seen.insert(edge.node).inserted {
                    next.append(edge.node)
                }
            }
            front = next
        }
        return seen.count - 1
    }

    /// The length of a shortest path over edges of a type in both directions, −1 where there is
    /// none.
    func distance(from start: Int, to end: Int, type: String) -> Int {
        if start == end { return 0 }
        guard let type = types[type] else { return -1 }
        var seen: Set<Int> = [start]
        var front = [start]
        var length = 0
        while !front.isEmpty {
            length += 1
            var next: [Int] = []
            for node in front {
                for edges in [outgoing[node], incoming[node]] {
                    for edge in edges where edge.type == type && seen.insert(edge.node).inserted {
                        if edge.node == end { return length }
                        next.append(edge.node)
                    }
                }
            }
            front = next
        }
        return -1
    }

    /// How many nodes have an edge of a type into a node, itself not counted.
    func countInto(_ node: Int, type: String) -> Int {
        guard let type = types[type] else { return 0 }
        var sources: Set<Int> = []
        for edge in incoming[node] where edge.type == type && edge.node != node {
            sources.insert(edge.node)
        }
        return sources.count
    }
}
