// What is found out about every node of a graph: how many edges it has, what it is joined with, and
// how often somebody comes by who follows edges at random. Each of them is a pure function of the
// graph; none draws anything by chance.

/// What was found out about a graph.
package struct GraphMeasure: Sendable {
    /// A value for each node, by its number.
    package var values: [Double]
    /// How many components or communities there are; nil of other measures.
    package var groupCount: Int?
    /// How many rounds it took; nil where there are none.
    package var rounds: Int?
    /// Whether more rounds would have changed nothing of importance.
    package var isSettled = true
    /// How much better than chance communities part the graph, −½ … 1; nil of other measures.
    package var modularity: Double?
}

/// Asked now and then how far it has come, from 0 to 1; whether to go on.
package typealias MeasureWatch = (Double) -> Bool

extension MeasuredGraph {
    /// So many nodes or arcs are gone through between two questions of whether to go on.
    static let watchInterval = 1 << 14

    /// How many arcs each node has, or what they weigh together.
    ///
    /// - Complexity: O(nodes + arcs).
    package func degrees() -> GraphMeasure {
        var values = [Double](repeating: 0, count: nodeCount)
        for node in values.indices {
            if weights.isEmpty {
                values[node] = Double(starts[node + 1] - starts[node])
            } else {
                for arc in starts[node]..<starts[node + 1] { values[node] += weights[arc] }
            }
        }
        return GraphMeasure(values: values)
    }

    /// The component of each node: those that arcs join in any way are of one.
    ///
    /// Components are numbered from 1 on by how many nodes they have, the largest first, and of
    /// those as large by their lowest ordinals.
    /// - Returns: nil when it was ended.
    /// - Complexity: O(nodes + arcs), nearly; union by size, with paths halved.
    package func components(_ goesOn: MeasureWatch = { _ in true }) -> GraphMeasure? {
        var sets = DisjointSets(nodeCount)
        for node in 0..<nodeCount {
            if node % Self.watchInterval == 0, !goesOn(Double(node) / Double(nodeCount)) {
                return nil
            }
            for arc in starts[node]..<starts[node + 1] { sets.join(node, Int(targets[arc])) }
        }
        var labels = [Int](repeating: 0, count: nodeCount)
        for node in labels.indices { labels[node] = sets.find(node) }
        let (values, count) = Self.ranked(labels)
        return GraphMeasure(values: values, groupCount: count)
    }

    /// How often somebody comes by each node who follows arcs at random, as a share of all; the
    /// shares come to 1.
    ///
    /// Power iteration (Page, Brin, Motwani, Winograd 1999): with the probability `damping` the
    /// next arc is followed, by weight, else any node is gone to, as from a node without arcs. It
    /// ends when a round moves less than `tolerance` together, or after `mostRounds`.
    /// - Returns: nil when it was ended.
    /// - Complexity: O(rounds · (nodes + arcs)).
    package func pageRank(
        damping: Double,
        mostRounds: Int,
        tolerance: Double = 1e-9,
        _ goesOn: MeasureWatch = { _ in true }
    ) -> GraphMeasure? {
        guard nodeCount > 0 else { return GraphMeasure(values: [], rounds: 0) }
        let share = 1 / Double(nodeCount)
        let sums = degrees().values
        var ranks = [Double](repeating: share, count: nodeCount)
        var next = ranks
        var rounds = 0
        var moved = Double.infinity
        while rounds < mostRounds, moved >= tolerance {
            var dangling = 0.0
            for node in next.indices { next[node] = 0 }
            for node in ranks.indices {
                if node % Self.watchInterval == 0 {
                    let done = Double(node) / Double(nodeCount)
                    guard goesOn((Double(rounds) + done) / Double(mostRounds)) else { return nil }
                }
                guard sums[node] > 0 else {
                    dangling += ranks[node]
                    continue
                }
                let part = ranks[node] / sums[node]
                for arc in starts[node]..<starts[node + 1] {
                    next[Int(targets[arc])] += part * weight(arc)
                }
            }
            moved = 0
            for node in next.indices {
                next[node] = (1 - damping) * share + damping * (next[node] + dangling * share)
                moved += abs(next[node] - ranks[node])
            }
            swap(&ranks, &next)
            rounds += 1
        }
        // What rounding has added or lost goes.
        let sum = ranks.reduce(0, +)
        for node in ranks.indices { ranks[node] /= sum }
        return GraphMeasure(values: ranks, rounds: rounds, isSettled: moved < tolerance)
    }

    /// Numbers groups from 1 on by their sizes, the largest first, then by their first nodes.
    ///
    /// `labels`: the group of each node, each below the number of nodes.
    static func ranked(_ labels: [Int]) -> (values: [Double], count: Int) {
        var sizes = [Int](repeating: 0, count: labels.count)
        var groups: [Int] = []
        for label in labels {
            if sizes[label] == 0 { groups.append(label) }
            sizes[label] += 1
        }
        // They stand by their first nodes, and a sort by size is to leave that so.
        let order = groups.indices.sorted {
            (sizes[groups[$0]], $1) > (sizes[groups[$1]], $0)
        }
        var numbers = [Double](repeating: 0, count: labels.count)
        for (rank, group) in order.enumerated() { numbers[groups[group]] = Double(rank + 1) }
        return (labels.map { numbers[$0] }, groups.count)
    }
}

/// Sets of numbers that are joined as it becomes known what belongs together.
struct DisjointSets {
    private var parents: [Int32]
    private var sizes: [Int32]

    /// Each number by itself.
    init(_ count: Int) {
        parents = (0..<Int32(count)).map { $0 }
        sizes = [Int32](repeating: 1, count: count)
    }

    /// The number that stands for a number's set.
    mutating func find(_ number: Int) -> Int {
        var place = number
        while Int(parents[place]) != place {
            parents[place] = parents[Int(parents[place])]
            place = Int(parents[place])
        }
        return place
    }

    /// Makes one set of those of two numbers.
    mutating func join(_ first: Int, _ second: Int) {
        var (large, small) = (find(first), find(second))
        if large == small { return }
        if sizes[large] < sizes[small] { swap(&large, &small) }
        parents[small] = Int32(large)
        sizes[large] += sizes[small]
    }
}
