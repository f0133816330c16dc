// The cheapest paths between two nodes, one after another, none of which comes to a node twice.
// Sources: E. W. Dijkstra, A note on two problems in connexion with graphs, 1959; J. Y. Yen,
// Finding the K shortest loopless paths in a network, 1971.

package import MnemePages

extension GraphCopy {
    /// The cheapest paths in the order of their costs, as far as the bounds allow.
    ///
    /// From a node to itself there is one, without edges. Of those that cost the same the one with
    /// fewer edges comes first.
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
        if let first = try search.path(from: start, to: end, hops: bounds.hops, &self) {
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
            for place in next.edges.indices {
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
                        hops: bounds.hops - place,
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

/// A path that was found.
private struct CheapPath {
    var edges: [UInt64]
    /// The nodes on the way, both ends among them.
    var nodes: [Int]
    /// What the edges cost, one after another.
    var costs: [Double]

    var cost: Double { costs.reduce(0, +) }

    init(edges: [UInt64], nodes: [Int], costs: [Double]) {
        self.edges = edges
        self.nodes = nodes
        self.costs = costs
    }

    /// The beginning of a path up to a place, and another way on from there.
    init(root: CheapPath, _ place: Int, _ rest: CheapPath) {
        edges = root.edges[..<place] + rest.edges
        nodes = root.nodes[..<place] + rest.nodes
        costs = root.costs[..<place] + rest.costs
    }

    static func comesFirst(_ left: CheapPath, _ right: CheapPath) -> Bool {
        if left.cost != right.cost { return left.cost < right.cost }
        if left.edges.count != right.edges.count { return left.edges.count < right.edges.count }
        return left.edges.lexicographicallyPrecedes(right.edges)
    }
}

/// Searches for a cheapest path, with some nodes and edges left out.
private struct CheapestSearch {
    var bannedNodes: Set<Int> = []
    var bannedEdges: Set<UInt64> = []
    private(set) var isOver = false
    private let choice: ReadyChoice
    private let source: GraphSource
    private let judge: StepJudge
    private let cost: (EdgeStep) -> Double?
    private var patience = StepPatience()
    private var steps: [NodeStep] = []

    private struct Label {
        let node: Int
        /// Of the whole way, and of its last step.
        let cost: Double
        let step: Double
        let hops: Int
        /// The label before, −1 at the start.
        let previous: Int
        let edge: UInt64
    }

    init(
        _ choice: ReadyChoice,
        _ source: GraphSource,
        _ judge: StepJudge,
        _ cost: @escaping (EdgeStep) -> Double?
    ) {
        self.choice = choice
        self.source = source
        self.judge = judge
        self.cost = cost
    }

    /// A cheapest path of at most so many edges; nil where there is none.
    ///
    /// A node may be come to again at a higher cost with fewer edges, as more may follow then.
    mutating func path(
        from start: Int,
        to end: Int,
        hops: Int,
        _ copy: inout GraphCopy
    ) throws(PageError) -> CheapPath? {
        var labels = [Label(node: start, cost: 0, step: 0, hops: 0, previous: -1, edge: 0)]
        var heap = LabelHeap()
        heap.push(0, cost: 0, hops: 0)
        var fewest: [Int: Int] = [:]
        while let place = heap.pop() {
            let label = labels[place]
            if let known = fewest[label.node], known <= label.hops { continue }
            fewest[label.node] = label.hops
            if label.node == end { return path(to: place, labels) }
            if label.hops == hops { continue }
            guard
                try copy.gather(label.node, choice, source, judge, &patience, into: &steps)
            else {
                isOver = true
                return nil
            }
            for step in steps {
                if bannedNodes.contains(step.other) { continue }
                if label.previous < 0, bannedEdges.contains(step.edge) { continue }
                if let known = fewest[step.other], known <= label.hops + 1 { continue }
                let node = copy.ordinals[step.other]
                let asked = EdgeStep(edge: step.edge, type: step.type, node: node)
                guard let cost = cost(asked) else { continue }
                let next = Label(
                    node: step.other,
                    cost: label.cost + cost,
                    step: cost,
                    hops: label.hops + 1,
                    previous: place,
                    edge: step.edge
                )
                heap.push(labels.count, cost: next.cost, hops: next.hops)
                labels.append(next)
            }
        }
        return nil
    }

    private func path(to place: Int, _ labels: [Label]) -> CheapPath {
        var path = CheapPath(edges: [], nodes: [], costs: [])
        var place = place
        while place >= 0 {
            let label = labels[place]
            path.nodes.append(label.node)
            if label.previous >= 0 {
                path.edges.append(label.edge)
                path.costs.append(label.step)
            }
            place = label.previous
        }
        path.edges.reverse()
        path.nodes.reverse()
        path.costs.reverse()
        return path
    }
}

/// Places of labels, the cheapest on top; of the same cost that with fewer edges, then the older.
struct LabelHeap {
    private struct Entry {
        let place: Int
        let cost: Double
        let hops: Int

        func comesFirst(_ other: Entry) -> Bool {
            if cost != other.cost { return cost < other.cost }
            return hops != other.hops ? hops < other.hops : place < other.place
        }
    }

    private var entries: [Entry] = []

    mutating func push(_ place: Int, cost: Double, hops: Int) {
        entries.append(Entry(place: place, cost: cost, hops: hops))
        var child = entries.count - 1
        while child > 0, entries[child].comesFirst(entries[(child - 1) / 2]) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> Int? {
        guard let top = entries.first else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var parent = 0
        while 2 * parent + 1 < entries.count {
            var child = 2 * parent + 1
            if child + 1 < entries.count, entries[child + 1].comesFirst(entries[child]) {
                child += 1
            }
            guard entries[child].comesFirst(entries[parent]) else { break }
            entries.swapAt(child, parent)
            parent = child
        }
        return top.place
    }
}
