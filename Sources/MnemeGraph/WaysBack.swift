// What a search for shortest paths has reached, and the paths that this comes to: those whose edges
// have lower numbers first, whatever the order in which they were found.

/// What was reached, and every step of a shortest way to it.
struct WaysBack {
    struct Node {
        let number: Int
        let depth: Int
        /// The steps that led here: the place before, and the edge.
        var ways: [(place: Int, edge: UInt64)]
    }

    private let stamp: UInt32
    private(set) var nodes: [Node]
    private(set) var depth = 0
    private var levelStart = 0

    init(_ start: Int, _ stamp: UInt32, _ copy: inout GraphCopy) {
        self.stamp = stamp
        nodes = [Node(number: start, depth: 0, ways: [])]
        copy.stamps[start] = stamp
        copy.places[start] = 0
    }

    /// The places of what was reached last.
    var front: Range<Int> { levelStart..<nodes.count }

    mutating func beginLevel() {
        levelStart = nodes.count
        depth += 1
    }

    mutating func note(_ step: NodeStep, from place: Int, _ copy: inout GraphCopy) {
        if copy.stamps[step.other] == stamp {
            let known = Int(copy.places[step.other])
            if nodes[known].depth == depth { nodes[known].ways.append((place, step.edge)) }
            return
        }
        copy.stamps[step.other] = stamp
        copy.places[step.other] = UInt32(nodes.count)
        nodes.append(Node(number: step.other, depth: depth, ways: [(place, step.edge)]))
    }

    func place(of number: Int, _ copy: borrowing GraphCopy) -> Int? {
        copy.stamps[number] == stamp ? Int(copy.places[number]) : nil
    }

    /// The ways from the start to a place, as far as the bounds allow, those whose edges have lower
    /// numbers first.
    ///
    /// - Precondition: the place is not the start.
    /// - Complexity: O(nodes and steps of what was reached + edges of the answer).
    func paths(to place: Int, _ bounds: PathBounds) -> PathList {
        let length = nodes[place].depth
        let most = min(bounds.limit, bounds.edges / length)
        let onward = stepsOnward(to: place)
        var list = PathList(paths: [], costs: [], isComplete: true)
        // Of each node on the way, the start first: which of its steps is gone.
        var way: [(place: Int, choice: Int)] = [(0, 0)]
        while let last = way.last {
            if last.place != place {
                way.append((onward[last.place][last.choice].place, 0))
                continue
            }
            if list.paths.count == most {
                list.isComplete = false
                return list
            }
            list.paths.append(way.dropLast().map { onward[$0.place][$0.choice].edge })
            list.costs.append(Double(length))
            way.removeLast()
            while let before = way.popLast() {
                guard before.choice + 1 < onward[before.place].count else { continue }
                way.append((before.place, before.choice + 1))
                break
            }
        }
        return list
    }

    /// Of each place the steps that lead on to an end, by the numbers of their edges.
    ///
    /// Every one of them is of a shortest way, so that none is gone for nothing.
    private func stepsOnward(to end: Int) -> [[(edge: UInt64, place: Int)]] {
        var onward = [[(edge: UInt64, place: Int)]](repeating: [], count: nodes.count)
        var leadsThere = [Bool](repeating: false, count: nodes.count)
        leadsThere[end] = true
        // What was reached later stands behind what led to it.
        for place in stride(from: end, through: 0, by: -1) where leadsThere[place] {
            for way in nodes[place].ways {
                leadsThere[way.place] = true
                onward[way.place].append((way.edge, place))
            }
            onward[place].sort { $0.edge < $1.edge }
        }
        return onward
    }
}
