// The cheapest paths between two nodes, one after another, none of which comes to a node twice.
// Sources: E. W. Dijkstra, A note on two problems in connexion with graphs, 1959; J. Y. Yen,
// Finding the K shortest loopless paths in a network, 1971; E. L. Lawler, A procedure for computing
// the K best solutions to discrete optimization problems, 1972.

package import MnemePages

extension GraphCopy {
    /// The cheapest paths in the order of their costs, as far as the bounds allow.
    ///
    /// From a node to itself there is one, without edges. Of those that cost the same the one with
    /// fewer edges comes first, and of those with as many the one whose edges have lower numbers.
    ///
    /// `cost`: of a step, not below 0; nil where it cannot be taken. The list is not told to be
    /// complete where the bounds end it, whether there are more or not.
    /// - Throws: as `ColumnTree.cursor`.
    /// - Complexity: O(paths · edges of a path) searches of O(edges · log edges).
    package mutating func cheapestPaths(
        from: UInt64,
        to: UInt64,
        _ choice: ReadyChoice,
        _ bounds: PathBounds,
        _ source: GraphSource,
        _ judge: StepJudge,
        cost: @escaping (EdgeStep) -> Double?
    ) throws(PageError) -> PathList {
        if bounds.limit == 0 { return PathList(paths: [], costs: [], isComplete: false) }
        if from == to { return PathList(paths: [[]], costs: [0], isComplete: true) }
        var search = CheapestSearch(choice, source, judge, cost)
        let (start, end) = (number(from), number(to))
        var found: [CheapPath] = []
        var waiting: [CheapPath] = []
        let whole = (hops: bounds.hops, spent: 0.0)
        if let first = try search.path(from: start, to: end, whole, &self) {
            waiting = [first]
        }
        var edges = 0
        var isCut = false
        while let next = waiting.min(by: CheapPath.comesFirst) {
            waiting.removeAll { $0.edges == next.edges }
            edges += next.edges.count
            isCut = edges > bounds.edges || search.isOver
            if isCut { break }
            found.append(next)
            // Whether there are more is not looked for.
            isCut = found.count == bounds.limit
            if isCut { break }
            // Ways on from before were looked for when the path was found that it begins as.
            for place in next.rootCount..<next.edges.count {
                let root = Array(next.edges[..<place])
                search.bannedNodes = Set(next.nodes[..<place])
                search.bannedEdges = Set(
                    found.filter { $0.edges.starts(with: root) && $0.edges.count > place }
                        .map { $0.edges[place] }
                )
                guard
                    let rest = try search.path(
                        from: next.nodes[place],
                        to: end,
                        (bounds.hops - place, next.costs[..<place].reduce(0, +)),
                        &self
                    )
                else { continue }
                let path = CheapPath(root: next, place, rest)
                if !waiting.contains(where: { $0.edges == path.edges }) { waiting.append(path) }
            }
        }
        return PathList(
            paths: found.map(\.edges),
            costs: found.map(\.cost),
            isComplete: !isCut && !search.isOver
        )
    }
}
