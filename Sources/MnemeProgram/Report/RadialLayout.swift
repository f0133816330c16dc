// Where the records of a neighbourhood are drawn: the first in the middle, the others on rings by
// how many edges they are away, each within the sector of the one that it was come to from. The
// sectors are as wide as what is in them has ends, so no two records of a ring come too near.

internal import Glibc

/// Places for the nodes of a tree around its root.
struct RadialLayout: Hashable, Sendable {
    /// A place.
    struct Spot: Hashable, Sendable {
        var x: Double
        var y: Double
        /// Its direction from the middle, in degrees clockwise from the right, 0 ..< 360.
        var angle: Double
    }

    /// Places by node, the root's at the origin.
    let spots: [Spot]
    /// How far the outermost ring is from the middle.
    let radius: Double

    /// Rings are at least so far apart.
    private static let gap = 130.0
    /// Nodes of a ring are at least so far apart.
    private static let room = 21.0

    /// Lays nodes out; `parents` has the place of each node's parent, which stands before it, and
    /// nil of the root, which is the first.
    ///
    /// - Complexity: O(nodes · depth).
    init(_ parents: [Int?]) {
        var weights = [Double](repeating: 0, count: parents.count)
        var hops = [Int](repeating: 0, count: parents.count)
        for node in parents.indices {
            if let parent = parents[node] { hops[node] = hops[parent] + 1 }
        }
        for node in parents.indices.reversed() {
            weights[node] = max(1, weights[node])
            if let parent = parents[node] { weights[parent] += weights[node] }
        }
        // Sectors in turns, from the top on.
        var start = [Double](repeating: -0.25, count: parents.count)
        var width = [Double](repeating: 1, count: parents.count)
        var taken = [Double](repeating: 0, count: parents.count)
        for node in parents.indices {
            guard let parent = parents[node] else { continue }
            width[node] = width[parent] * weights[node] / weights[parent]
            start[node] = start[parent] + taken[parent]
            taken[parent] += width[node]
        }
        var radii = [0.0]
        for hop in 1..<max(2, (hops.max() ?? 0) + 1) {
            let narrowest = width.indices.filter { hops[$0] == hop }.map { width[$0] }.min() ?? 1
            let needed = Self.room / (2 * Double.pi * narrowest)
            radii.append(max(radii[hop - 1] + Self.gap, needed))
        }
        spots = parents.indices.map { node in
            let turn = start[node] + width[node] / 2
            let radius = radii[hops[node]]
            let angle = (turn - turn.rounded(.down)) * 360
            return Spot(
                x: radius * cos(turn * 2 * .pi),
                y: radius * sin(turn * 2 * .pi),
                angle: angle
            )
        }
        radius = radii.last ?? 0
    }
}
