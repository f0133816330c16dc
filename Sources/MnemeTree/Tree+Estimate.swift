// How many keys a range has, about, without going through it: whoever chooses among indexes asks.

package import MnemePages

extension Tree {
    /// About how many keys there are in a range: exactly within one leaf, otherwise by how full the
    /// nodes on the ways down to its ends and its middle are.
    ///
    /// - Throws: `.pages`.
    /// - Complexity: O(log count).
    package func estimate(_ range: TreeRange, in view: PageView) throws(TreeError) -> Int {
        if range.isEmpty { return 0 }
        return try wrapping { () throws(PageError) in
            let lower = try way(to: range.lower, view)
            return try difference(lower, try way(to: range.upper, view), view)
        }
    }

    /// A node on a way down: how many entries it has, and before which of them the key stands, of a
    /// branch below which.
    private struct Step {
        let place: Int
        let count: Int
    }

    /// The way down to a key, to the end of the tree when nil; the root first.
    private func way(to key: [UInt8]?, _ view: PageView) throws(PageError) -> [Step] {
        var steps: [Step] = []
        var node = try TreeNode(try view.page(root), root, level: nil)
        while node.level > 0 {
            let place = key.map { node.childIndex($0) } ?? node.count - 1
            steps.append(Step(place: place, count: node.count))
            let id = try node.child(place)
            node = try TreeNode(try view.page(id), id, level: node.level - 1)
        }
        steps.append(Step(place: key.map { node.find($0).index } ?? node.count, count: node.count))
        return steps
    }

    private func difference(
        _ lower: [Step],
        _ upper: [Step],
        _ view: PageView
    ) throws(PageError) -> Int {
        guard lower.count == upper.count, let last = lower.indices.last else { return 0 }
        // How far the two ways are the same.
        var fork = 0
        while fork < last, lower[fork].place == upper[fork].place { fork += 1 }
        if fork == last { return max(0, upper[last].place - lower[last].place) }
        // What stands between the ways is taken to be as full as the nodes in the middle of it.
        let full = try middle(lower, upper, fork: fork, view)
        // How many entries stand below a child at the level that is looked at, from the leaves up.
        var below = full[last]
        var sum = Double(lower[last].count - lower[last].place + upper[last].place)
        var level = last - 1
        while level > fork {
            let (left, right) = (lower[level], upper[level])
            sum += Double(left.count - left.place - 1 + right.place) * below
            below *= full[level]
            level -= 1
        }
        sum += Double(max(0, upper[fork].place - lower[fork].place - 1)) * below
        return Int(min(sum, 1e15))
    }

    /// How many entries the nodes below a fork have: of some nodes between two ways where there are
    /// any, or else of both ways on average.
    ///
    /// The ways themselves say little where there are: they end in leaves that a neighbour has
    /// begun, or that were begun last; and so may one between them.
    private func middle(
        _ lower: [Step],
        _ upper: [Step],
        fork: Int,
        _ view: PageView
    ) throws(PageError) -> [Double] {
        var full = lower.indices.map { Double(lower[$0].count + upper[$0].count) / 2 }
        let leaf = full.count - 1
        // The first level at which children stand between the ways, and which ones.
        var way = lower
        var level = fork
        var between = lower[fork].place + 1..<max(lower[fork].place + 1, upper[fork].place)
        while between.isEmpty, level + 1 < leaf {
            level += 1
            let behind = lower[level].place + 1..<lower[level].count
            let before = 0..<upper[level].place
            (way, between) = behind.count >= before.count ? (lower, behind) : (upper, before)
        }
        if between.isEmpty { return full }
        let looks = min(3, between.count)
        for depth in full.indices where depth > level { full[depth] = 0 }
        for look in 0..<looks {
            let child = between.lowerBound + between.count * (2 * look + 1) / (2 * looks)
            var node = try TreeNode(try view.page(root), root, level: nil)
            var depth = 0
            while node.level > 0 {
                let place =
                    depth < level ? way[depth].place : depth == level ? child : node.count / 2
                let id = try node.child(place)
                node = try TreeNode(try view.page(id), id, level: node.level - 1)
                depth += 1
                if depth > level, depth < full.count {
                    full[depth] += Double(node.count) / Double(looks)
                }
            }
        }
        return full
    }
}
