// The search for one cheapest path, of which several make a list.

internal import MnemePages

/// Searches for a cheapest path, with some nodes and edges left out.
struct CheapestSearch {
    var bannedNodes: Set<Int> = []
    var bannedEdges: Set<UInt64> = []
    private(set) var isOver = false
    private let choice: ReadyChoice
    private let source: GraphSource
    private let judge: StepJudge
    private let cost: (EdgeStep) -> Double?
    private var patience = StepPatience()
    private var steps: [NodeStep] = []

    /// Where a way has come to: ways of the same arrival differ in their edges alone.
    private struct Arrival: Hashable {
        let node: Int
        let cost: Double
        let hops: Int
    }

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
    /// `bounds`: how many edges it may have, and what was spent on the way to where it starts,
    /// which is added up first, so that paths of one root compare as the whole paths do. A node
    /// may be come to again at a higher cost with fewer edges, as more may follow then.
    mutating func path(
        from start: Int,
        to end: Int,
        _ bounds: (hops: Int, spent: Double),
        _ copy: inout GraphCopy
    ) throws(PageError) -> CheapPath? {
        var labels = [
            Label(node: start, cost: bounds.spent, step: 0, hops: 0, previous: -1, edge: 0)
        ]
        var heap = LabelHeap()
        heap.push(0, cost: bounds.spent, hops: 0)
        var fewest: [Int: Int] = [:]
        var waiting: [Arrival: Int] = [:]
        while let place = heap.pop() {
            let label = labels[place]
            if let known = fewest[label.node], known <= label.hops { continue }
            fewest[label.node] = label.hops
            if label.node == end { return path(to: place, labels) }
            if label.hops == bounds.hops { continue }
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
                let arrival = Arrival(node: next.node, cost: next.cost, hops: next.hops)
                if let known = waiting[arrival] {
                    // Nothing goes on from it yet: what leads there has less cost or fewer edges.
                    if Self.comesFirst(next, labels[known], labels) { labels[known] = next }
                    continue
                }
                waiting[arrival] = labels.count
                heap.push(labels.count, cost: next.cost, hops: next.hops)
                labels.append(next)
            }
        }
        return nil
    }

    /// Whether the edges of a way have lower numbers than those of another with as many.
    private static func comesFirst(_ left: Label, _ right: Label, _ labels: [Label]) -> Bool {
        var (left, right) = (left, right)
        var isLower = left.edge < right.edge
        while left.previous != right.previous {
            (left, right) = (labels[left.previous], labels[right.previous])
            if left.edge != right.edge { isLower = left.edge < right.edge }
        }
        return isLower
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
