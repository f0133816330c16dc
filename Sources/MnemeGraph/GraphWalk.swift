// Walks: breadth first, so that every node is reached by a shortest path; and the shortest path
// between two nodes, searched from both ends at once.

package import MnemePages

/// Which edges a walk follows.
package struct EdgeChoice: Sendable {
    /// Only these types, all when nil; sorted.
    package var types: [UInt16]?
    /// Along edges.
    package var goesOut: Bool
    /// Against edges.
    package var goesIn: Bool
    /// Types that are followed both ways whatever the direction, where they are chosen; sorted.
    package var bothWays: [UInt16]

    /// A choice of its parts.
    package init(
        types: [UInt16]?,
        goesOut: Bool,
        goesIn: Bool,
        bothWays: [UInt16] = []
    ) {
        self.types = types?.sorted()
        self.goesOut = goesOut
        self.goesIn = goesIn
        self.bothWays = bothWays.sorted()
    }

    /// The same edges the other way round.
    var reversed: EdgeChoice {
        EdgeChoice(types: types, goesOut: goesIn, goesIn: goesOut, bothWays: bothWays)
    }

    /// The types that are followed on a side of a record, all when nil.
    package func types(on side: EdgeSide) -> [UInt16]? {
        if side == .out ? goesOut : goesIn { return types }
        guard let types else { return bothWays }
        return bothWays.isEmpty ? [] : types.filter { bothWays.contains($0) }
    }

    /// Whether edges of a type are followed on a side of a record.
    package func follows(_ type: UInt16, on side: EdgeSide) -> Bool {
        types(on: side)?.contains(type) ?? true
    }
}

/// A node that a walk reached.
package struct Reached: Equatable, Sendable {
    /// Its ordinal.
    package let node: UInt64
    /// How many edges it is away from the nearest start.
    package let hops: Int
    /// The edge that led to it, its type, and whether it was followed against its direction.
    package let edge: UInt64
    package let type: UInt16
    package let isAgainst: Bool
    /// The index in the answer of the node before it, nil when that is a start, `start` then.
    package let previous: Int?
    package let start: UInt64
}

extension Adjacency {
    /// Every edge of a node that the choice follows.
    func forEach(
        of node: UInt64,
        _ choice: EdgeChoice,
        in view: PageView,
        _ body: (Neighbour, _ isAgainst: Bool) -> Void
    ) throws(PageError) {
        try forEach(of: node, .out, choice.types(on: .out), in: view, body)
        try forEach(of: node, .arriving, choice.types(on: .arriving), in: view, body)
    }

    private func forEach(
        of node: UInt64,
        _ side: EdgeSide,
        _ types: [UInt16]?,
        in view: PageView,
        _ body: (Neighbour, _ isAgainst: Bool) -> Void
    ) throws(PageError) {
        guard let types else {
            return try forEach(of: node, side, in: view) { body($0, side == .arriving) }
        }
        for type in types {
            try forEach(of: node, side, type: type, in: view) { body($0, side == .arriving) }
        }
    }

    /// The nodes within `hops` edges of the starts, nearest first, each once; the starts are not
    /// among them.
    ///
    /// `accepts`: whether a node and the edge to it may be stepped on; a node that is
    /// refused is neither reached nor walked through, unless another edge leads to it.
    /// - Returns: the nodes, and whether the limit cut the walk short.
    /// - Throws: as `ColumnTree.cursor`.
    /// - Complexity: O(edges of what is within `hops` − 1).
    package func walk(
        from starts: [UInt64],
        _ choice: EdgeChoice,
        hops: Int,
        limit: Int,
        in view: PageView,
        accepts: (Neighbour) -> Bool
    ) throws(PageError) -> (reached: [Reached], isComplete: Bool) {
        var seen = OrdinalMap()
        for start in starts { _ = seen.insert(start, -1) }
        var reached: [Reached] = []
        var isComplete = true
        var frontier: Range<Int> = 0..<0
        for hop in stride(from: 1, through: hops, by: 1) {
            let width = hop == 1 ? starts.count : frontier.count
            for step in 0..<width where isComplete {
                let previous = hop == 1 ? nil : frontier.lowerBound + step
                let node = previous.map { reached[$0].node } ?? starts[step]
                let start = previous.map { reached[$0].start } ?? starts[step]
                try forEach(of: node, choice, in: view) { neighbour, isAgainst in
                    guard isComplete, seen.value(neighbour.node) == nil, accepts(neighbour)
                    else { return }
                    guard reached.count < limit else {
                        isComplete = false
                        return
                    }
                    _ = seen.insert(neighbour.node, Int32(truncatingIfNeeded: reached.count))
                    reached.append(
                        Reached(
                            node: neighbour.node,
                            hops: hop,
                            edge: neighbour.edge,
                            type: neighbour.type,
                            isAgainst: isAgainst,
                            previous: previous,
                            start: start
                        )
                    )
                }
            }
            frontier = frontier.upperBound..<reached.count
            if frontier.isEmpty || !isComplete { break }
        }
        return (reached, isComplete)
    }

    /// The edges of one shortest path, in order; nil when there is none of at most `hops` edges.
    ///
    /// `accepts`: as in `walk`: asked of every step in the path's own direction, of the
    /// last one to `to` too; never of `from`.
    /// - Returns: the edges in order, nil when there is no path.
    /// - Throws: as `ColumnTree.cursor`.
    /// - Complexity: two half-searches, the smaller frontier first.
    package func shortestPath(
        from: UInt64,
        to: UInt64,
        _ choice: EdgeChoice,
        hops: Int,
        in view: PageView,
        accepts: (Neighbour) -> Bool
    ) throws(PageError) -> [UInt64]? {
        if from == to { return [] }
        var forward = HalfSearch(from: from, choice, isBackward: false)
        var backward = HalfSearch(from: to, choice.reversed, isBackward: true)
        while forward.depth + backward.depth < hops {
            if forward.isExhausted || backward.isExhausted { return nil }
            if forward.width <= backward.width {
                try forward.step(self, view, accepts)
            } else {
                try backward.step(self, view, accepts)
            }
            if let meeting = HalfSearch.meeting(forward, backward) {
                return forward.edges(to: meeting).reversed() + backward.edges(to: meeting)
            }
        }
        return nil
    }
}

extension Neighbour {
    /// The same edge as the node at its other end sees it.
    fileprivate func seen(from node: UInt64) -> Neighbour {
        Neighbour(edge: edge, type: type, node: node, birth: birth, death: death)
    }
}

/// One side of a search from both ends.
private struct HalfSearch {
    private let choice: EdgeChoice
    private let isBackward: Bool
    private var seen = OrdinalMap()
    private var nodes: [(node: UInt64, previous: Int32, edge: UInt64)]
    private var frontier: Range<Int> = 0..<1
    private(set) var depth = 0

    init(from start: UInt64, _ choice: EdgeChoice, isBackward: Bool) {
        self.choice = choice
        self.isBackward = isBackward
        nodes = [(start, -1, 0)]
        _ = seen.insert(start, 0)
    }

    var width: Int { frontier.count }
    var isExhausted: Bool { frontier.isEmpty }

    mutating func step(
        _ adjacency: Adjacency,
        _ view: PageView,
        _ accepts: (Neighbour) -> Bool
    ) throws(PageError) {
        let end = nodes.count
        for place in frontier {
            let node = nodes[place].node
            try adjacency.forEach(of: node, choice, in: view) { neighbour, _ in
                let number = Int32(truncatingIfNeeded: nodes.count)
                // What is searched from its end is walked from its start: the step leads here.
                let step = isBackward ? neighbour.seen(from: node) : neighbour
                if seen.value(neighbour.node) == nil, accepts(step) {
                    _ = seen.insert(neighbour.node, number)
                    nodes.append(
                        (neighbour.node, Int32(truncatingIfNeeded: place), neighbour.edge)
                    )
                }
            }
        }
        frontier = end..<nodes.count
        depth += 1
    }

    /// A node that both sides have seen.
    ///
    /// Looked for after every step, the first one found lies on a shortest path: before the step
    /// the two sides had none in common.
    static func meeting(_ left: HalfSearch, _ right: HalfSearch) -> UInt64? {
        let newer = left.frontier.count <= right.frontier.count ? left : right
        let other = left.frontier.count <= right.frontier.count ? right : left
        return newer.frontier.lazy.map { newer.nodes[$0].node }
            .first { other.seen.value($0) != nil }
    }

    /// The edges from a node back to the start.
    func edges(to node: UInt64) -> [UInt64] {
        var result: [UInt64] = []
        var place = seen.value(node) ?? 0
        while place > 0 {
            result.append(nodes[Int(place)].edge)
            place = nodes[Int(place)].previous
        }
        return result
    }
}
