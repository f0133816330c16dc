// All shortest paths between two nodes: a search from the start, of which every step is kept that
// leads from one distance to the next, and the ways back along these.

package import MnemePages

/// Paths as the edges in order.
package struct PathList: Sendable {
    package var paths: [[UInt64]]
    /// What each comes to.
    package var costs: [Double]
    /// Whether there are no others.
    package var isComplete: Bool

    /// A list of its parts.
    package init(paths: [[UInt64]], costs: [Double], isComplete: Bool) {
        self.paths = paths
        self.costs = costs
        self.isComplete = isComplete
    }
}

/// What bounds a search for paths.
package struct PathBounds: Sendable {
    /// So many edges a path at most.
    package var hops: Int
    /// So many paths at most.
    package var limit: Int
    /// So many edges of all paths together at most.
    package var edges: Int

    /// Bounds of their parts.
    package init(hops: Int, limit: Int, edges: Int = .max) {
        self.hops = hops
        self.limit = limit
        self.edges = edges
    }
}

/// A step that leaves a node of a copy.
struct NodeStep {
    let edge: UInt64
    let type: UInt16
    let side: EdgeSide
    /// The number of the node that it leads to.
    let other: Int
}

extension GraphCopy {
    /// Puts the steps that leave a node, and are accepted, into an array in the place of others.
    ///
    /// - Returns: false where the walk is to end.
    /// - Throws: as `ColumnTree.cursor`.
    mutating func gather(
        _ node: Int,
        _ choice: ReadyChoice,
        _ source: GraphSource,
        _ judge: StepJudge,
        _ patience: inout StepPatience,
        into steps: inout [NodeStep]
    ) throws(PageError) -> Bool {
        steps.removeAll(keepingCapacity: true)
        for side in [EdgeSide.out, .arriving] {
            let types = choice.types(on: side)
            if types.isEmpty { continue }
            guard let list = try list(node, side, source) else {
                var entries = try ListReading(ordinals[node], side, source)
                while let found = try entries.next() {
                    if patience.hasEnded(judge) { return false }
                    guard types.contains(found.type) else { continue }
                    let other = number(found.node)
                    if isTwice(side, node, other, found.type, choice) { continue }
                    steps.append(
                        NodeStep(edge: found.edge, type: found.type, side: side, other: other)
                    )
                }
                continue
            }
            let isSettled = isSettled(list, at: source.instant)
            for index in list {
                if patience.hasEnded(judge) { return false }
                let link = links[index]
                let type = UInt16(truncatingIfNeeded: link >> 32)
                guard types.contains(type),
                    holds(index, link, at: source.instant, isSettled: isSettled)
                else { continue }
                let other = Int(link & 0xffff_ffff)
                if isTwice(side, node, other, type, choice) { continue }
                steps.append(NodeStep(edge: edges[index], type: type, side: side, other: other))
            }
        }
        if judge.asks {
            steps.removeAll { step in
                let node = ordinals[step.other]
                return !judge.accepts(EdgeStep(edge: step.edge, type: step.type, node: node))
            }
        }
        judge.fan?.cut(&steps, ordinals)
        return true
    }

    /// Whether an edge was come by already: a loop stands on both sides of its node.
    private func isTwice(
        _ side: EdgeSide,
        _ node: Int,
        _ other: Int,
        _ type: UInt16,
        _ choice: ReadyChoice
    ) -> Bool {
        side == .arriving && node == other && choice.out.contains(type)
    }

    /// Every path of the fewest edges, as far as the bounds allow, in the order of their edges'
    /// numbers, that of the first edge first.
    ///
    /// There is none where none has at most `hops` edges. From a node to itself there is one,
    /// without edges. Two paths are two where they differ in an edge.
    ///
    /// - Throws: as `ColumnTree.cursor`.
    /// - Complexity: O(edges of what is nearer than the end + edges of the answer).
    package mutating func shortestPaths(
        from: UInt64,
        to: UInt64,
        _ choice: ReadyChoice,
        _ bounds: PathBounds,
        _ source: GraphSource,
        _ judge: StepJudge
    ) throws(PageError) -> PathList {
        if bounds.limit == 0 { return PathList(paths: [], costs: [], isComplete: false) }
        if from == to { return PathList(paths: [[]], costs: [0], isComplete: true) }
        var ways = WaysBack(number(from), newStamp(1), &self)
        let end = number(to)
        var patience = StepPatience()
        var steps: [NodeStep] = []
        while ways.depth < bounds.hops, !ways.front.isEmpty {
            let front = ways.front
            ways.beginLevel()
            for place in front {
                let node = ways.nodes[place].number
                guard try gather(node, choice, source, judge, &patience, into: &steps) else {
                    return PathList(paths: [], costs: [], isComplete: false)
                }
                for step in steps { ways.note(step, from: place, &self) }
            }
            if let place = ways.place(of: end, self) { return ways.paths(to: place, bounds) }
        }
        return PathList(paths: [], costs: [], isComplete: true)
    }
}
