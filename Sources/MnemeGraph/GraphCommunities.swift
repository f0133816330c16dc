// Communities by the Louvain method (Blondel, Guillaume, Lambiotte, Lefebvre 2008): nodes move to
// the community of a neighbour as long as modularity grows; then communities become nodes, and it
// begins anew. Label propagation would be simpler, but on dense graphs its labels run together into
// one, and nothing says how good they are.
//
// In which order nodes are looked at is drawn from a seed, and ties go to the community that the
// node has, then to the lowest: the same graph and seed come to the same.

internal import MnemeBase

extension MeasuredGraph {
    /// Gains below this are taken for rounding.
    private static let leastGain = 1e-12

    /// The community of each node; numbered as components are.
    ///
    /// The graph has both arcs of each edge. `mostRounds`: so often all nodes are looked at, at
    /// most, before communities become nodes.
    /// - Returns: nil when it was ended.
    /// - Complexity: O(rounds · (nodes + arcs)).
    package func communities(
        seed: UInt64,
        mostRounds: Int,
        _ goesOn: MeasureWatch = { _ in true }
    ) -> GraphMeasure? {
        var level = self
        var labels = Array(0..<nodeCount)
        let random = SeededRandomness(seed: seed)
        var rounds = 0
        var isSettled = true
        var depth = 0.0
        while true {
            let start = depth
            depth += (1 - depth) / 2
            guard
                var moves = level.moved(
                    random,
                    mostRounds: mostRounds,
                    { part in
                        goesOn(start + (1 - start) / 2 * part)
                    }
                )
            else { return nil }
            rounds += moves.rounds
            isSettled = isSettled && moves.isSettled
            let count = Self.numberInOrder(&moves.communities)
            for node in labels.indices { labels[node] = moves.communities[labels[node]] }
            if count == level.nodeCount { break }
            level = level.merged(moves.communities, count)
        }
        let (values, count) = Self.ranked(labels)
        return GraphMeasure(
            values: values,
            groupCount: count,
            rounds: rounds,
            isSettled: isSettled,
            modularity: modularity(labels)
        )
    }

    /// How much more of the arcs' weight lies within groups than chance would have it.
    ///
    /// `labels`: the group of each node, each below the number of nodes.
    func modularity(_ labels: [Int]) -> Double {
        let sums = degrees().values
        let total = sums.reduce(0, +)
        guard total > 0 else { return 0 }
        var within = [Double](repeating: 0, count: nodeCount)
        var around = [Double](repeating: 0, count: nodeCount)
        for node in labels.indices {
            around[labels[node]] += sums[node]
            for arc in starts[node]..<starts[node + 1]
            where labels[Int(targets[arc])] == labels[node] {
                within[labels[node]] += weight(arc)
            }
        }
        var modularity = 0.0
        for group in within.indices {
            let part = around[group] / total
            modularity += within[group] / total - part * part
        }
        return modularity
    }

    /// Gives groups numbers from 0 on, in the order of their first nodes; how many there are.
    private static func numberInOrder(_ labels: inout [Int]) -> Int {
        var numbers = [Int](repeating: -1, count: labels.count)
        var count = 0
        for node in labels.indices {
            if numbers[labels[node]] < 0 {
                numbers[labels[node]] = count
                count += 1
            }
            labels[node] = numbers[labels[node]]
        }
        return count
    }

    /// What moving nodes came to.
    private struct Moves {
        var communities: [Int]
        var rounds = 0
        var isSettled = false
    }

    /// Moves nodes to their neighbours' communities as long as that is better.
    private func moved(
        _ random: SeededRandomness,
        mostRounds: Int,
        _ goesOn: MeasureWatch
    ) -> Moves? {
        var moves = Moves(communities: Array(0..<nodeCount))
        let sums = degrees().values
        let total = sums.reduce(0, +)
        guard total > 0 else {
            moves.isSettled = true
            return moves
        }
        var around = sums
        var order = Array(0..<nodeCount)
        for place in stride(from: order.count - 1, to: 0, by: -1) {
            order.swapAt(place, random.below(place + 1))
        }
        var near = NearCommunities(nodeCount)
        while moves.rounds < mostRounds {
            var isStill = true
            for (place, node) in order.enumerated() {
                if place % Self.watchInterval == 0 {
                    let done = Double(place) / Double(nodeCount)
                    guard goesOn((Double(moves.rounds) + done) / Double(mostRounds)) else {
                        return nil
                    }
                }
                let own = moves.communities[node]
                for arc in starts[node]..<starts[node + 1] where Int(targets[arc]) != node {
                    near.add(moves.communities[Int(targets[arc])], weight(arc))
                }
                around[own] -= sums[node]
                let share = sums[node] / total
                var best = (community: own, gain: near.weight(own) - around[own] * share)
                for community in near.found where community != own {
                    let gain = near.weight(community) - around[community] * share
                    let isBetter = gain > best.gain + Self.leastGain * total
                    let isLower = best.community != own && community < best.community
                    if isBetter || isLower && gain >= best.gain { best = (community, gain) }
                }
                around[best.community] += sums[node]
                if best.community != own {
                    moves.communities[node] = best.community
                    isStill = false
                }
                near.clear()
            }
            moves.rounds += 1
            if isStill {
                moves.isSettled = true
                break
            }
        }
        return moves
    }

    /// The graph whose nodes are groups of these.
    ///
    /// `labels`: the group of each node, below `count`.
    private func merged(_ labels: [Int], _ count: Int) -> MeasuredGraph {
        // The nodes of each group, in a row.
        var places = [Int](repeating: 0, count: count + 1)
        for label in labels { places[label + 1] += 1 }
        for group in 0..<count { places[group + 1] += places[group] }
        var members = [Int](repeating: 0, count: nodeCount)
        var next = places
        for (node, label) in labels.enumerated() {
            members[next[label]] = node
            next[label] += 1
        }
        var from: [UInt32] = []
        var to: [UInt32] = []
        var sums: [Double] = []
        var near = NearCommunities(count)
        for group in 0..<count {
            for place in places[group]..<places[group + 1] {
                let node = members[place]
                for arc in starts[node]..<starts[node + 1] {
                    near.add(labels[Int(targets[arc])], weight(arc))
                }
            }
            for other in near.found.sorted() {
                from.append(UInt32(group))
                to.append(UInt32(other))
                sums.append(near.weight(other))
            }
            near.clear()
        }
        return MeasuredGraph(
            ordinals: (0..<UInt64(count)).map { $0 },
            from: from,
            to: to,
            weights: sums
        )
    }
}

/// What a node's arcs into each community weigh together.
private struct NearCommunities {
    private var weights: [Double]
    private var isFound: [Bool]
    /// Those that any arc leads to.
    private(set) var found: [Int] = []

    init(_ count: Int) {
        weights = [Double](repeating: 0, count: count)
        isFound = [Bool](repeating: false, count: count)
    }

    mutating func add(_ community: Int, _ weight: Double) {
        if !isFound[community] {
            isFound[community] = true
            found.append(community)
        }
        weights[community] += weight
    }

    func weight(_ community: Int) -> Double { weights[community] }

    mutating func clear() {
        for community in found { (weights[community], isFound[community]) = (0, false) }
        found.removeAll(keepingCapacity: true)
    }
}
