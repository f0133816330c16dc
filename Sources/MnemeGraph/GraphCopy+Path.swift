// The shortest path between two nodes, searched from both ends at once.

package import MnemePages

extension GraphCopy {
    /// The edges of one shortest path, in order; nil when there is none of at most `hops` edges.
    ///
    /// Steps are asked about in the path's own direction, the last one to `to` too; never about
    /// `from`.
    ///
    /// - Throws: as `ColumnTree.cursor`.
    /// - Complexity: two half-searches, the smaller frontier first.
    package mutating func shortestPath(
        from: UInt64,
        to: UInt64,
        _ choice: ReadyChoice,
        hops: Int,
        _ source: GraphSource,
        _ judge: StepJudge
    ) throws(PageError) -> [UInt64]? {
        if from == to { return [] }
        // From its end nobody knows which edges of a node are taken.
        if judge.fan != nil {
            let bounds = PathBounds(hops: hops, limit: 1)
            return try shortestPaths(from: from, to: to, choice, bounds, source, judge).paths.first
        }
        // The room of earlier searches is taken along, and given back.
        var (near, far) = (HalfPath(), HalfPath())
        swap(&near, &forward)
        swap(&far, &backward)
        defer {
            swap(&near, &forward)
            swap(&far, &backward)
        }
        let stamp = newStamp(2)
        near.begin(number(from), stamp, other: stamp + 1, choice, isBackward: false, &self)
        far.begin(number(to), stamp + 1, other: stamp, choice.reversed, isBackward: true, &self)
        while near.depth + far.depth < hops {
            if near.isExhausted || far.isExhausted { return nil }
            let meeting =
                near.width <= far.width
                ? try near.step(source, judge, &self) : try far.step(source, judge, &self)
            if near.isOver || far.isOver { return nil }
            guard let meeting else { continue }
            let (left, right) =
                meeting.isOfForward ? (meeting.own, meeting.other) : (meeting.other, meeting.own)
            return near.edges(to: left).reversed() + far.edges(to: right)
        }
        return nil
    }
}

/// Where the two sides of a search met: at a node that either has.
struct Meeting {
    let isOfForward: Bool
    /// The node's place on the side that found it, and on the other one.
    let own: Int
    let other: Int
}

/// One side of a search from both ends.
struct HalfPath {
    private var nodes: [UInt32] = []
    private var previous: [UInt32] = []
    private var edges: [UInt64] = []
    private var frontier = 0..<0
    private(set) var depth = 0
    private(set) var isOver = false
    private var isBackward = false
    private var stamp: UInt32 = 0
    private var otherStamp: UInt32 = 0
    private var out = TypeSet(nil)
    private var arriving = TypeSet(nil)
    private var patience = StepPatience()

    var width: Int { frontier.count }
    var isExhausted: Bool { frontier.isEmpty }

    mutating func begin(
        _ start: Int,
        _ stamp: UInt32,
        other: UInt32,
        _ choice: ReadyChoice,
        isBackward: Bool,
        _ copy: inout GraphCopy
    ) {
        nodes.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        edges.removeAll(keepingCapacity: true)
        self.stamp = stamp
        otherStamp = other
        self.isBackward = isBackward
        (out, arriving) = (choice.out, choice.arriving)
        (depth, patience, isOver) = (0, StepPatience(), false)
        frontier = 0..<1
        _ = enter(start, previous: 0, edge: 0, &copy)
    }

    private mutating func enter(
        _ node: Int,
        previous place: Int,
        edge: UInt64,
        _ copy: inout GraphCopy
    ) -> Int {
        let own = nodes.count
        copy.stamps[node] = stamp
        copy.places[node] = UInt32(own)
        nodes.append(UInt32(node))
        previous.append(UInt32(place))
        edges.append(edge)
        return own
    }

    /// Goes one edge further on all ways.
    ///
    /// Before it the two sides had no node in common, so that the first one found lies on a
    /// shortest path.
    mutating func step(
        _ source: GraphSource,
        _ judge: StepJudge,
        _ copy: inout GraphCopy
    ) throws(PageError) -> Meeting? {
        let end = nodes.count
        for place in frontier {
            if let met = try expand(place, .out, out, source, judge, &copy) { return met }
            if let met = try expand(place, .arriving, arriving, source, judge, &copy) {
                return met
            }
            if isOver { return nil }
        }
        frontier = end..<nodes.count
        depth += 1
        return nil
    }

    @inline(__always)
    private mutating func expand(
        _ place: Int,
        _ side: EdgeSide,
        _ types: TypeSet,
        _ source: GraphSource,
        _ judge: StepJudge,
        _ copy: inout GraphCopy
    ) throws(PageError) -> Meeting? {
        if isOver || types.isEmpty { return nil }
        if patience.hasEnded(judge) {
            isOver = true
            return nil
        }
        let node = Int(nodes[place])
        guard let list = try copy.list(node, side, source) else {
            return try expandLong(place, side, types, source, judge, &copy)
        }
        let isSettled = copy.isSettled(list, at: source.instant)
        for index in list {
            if patience.hasEnded(judge) {
                isOver = true
                return nil
            }
            let link = copy.links[index]
            let other = Int(link & 0xffff_ffff)
            let type = UInt16(truncatingIfNeeded: link >> 32)
            if !types.contains(type) || copy.stamps[other] == stamp { continue }
            guard copy.holds(index, link, at: source.instant, isSettled: isSettled)
            else { continue }
            let edge = copy.edges[index]
            if let met = take(place, node, edge, type, other, judge, &copy) { return met }
        }
        return nil
    }

    /// The same with a list that is read where it stands.
    private mutating func expandLong(
        _ place: Int,
        _ side: EdgeSide,
        _ types: TypeSet,
        _ source: GraphSource,
        _ judge: StepJudge,
        _ copy: inout GraphCopy
    ) throws(PageError) -> Meeting? {
        let node = Int(nodes[place])
        var list = try ListReading(copy.ordinals[node], side, source)
        while let found = try list.next() {
            if patience.hasEnded(judge) {
                isOver = true
                return nil
            }
            guard types.contains(found.type) else { continue }
            let other = copy.number(found.node)
            if copy.stamps[other] == stamp { continue }
            if let met = take(place, node, found.edge, found.type, other, judge, &copy) {
                return met
            }
        }
        return nil
    }

    /// Takes a step to a node that this side has not seen, if it is accepted.
    @inline(__always)
    private mutating func take(
        _ place: Int,
        _ node: Int,
        _ edge: UInt64,
        _ type: UInt16,
        _ other: Int,
        _ judge: StepJudge,
        _ copy: inout GraphCopy
    ) -> Meeting? {
        if judge.asks {
            // What is searched from its end is walked from its start: the step leads here.
            let target = copy.ordinals[isBackward ? node : other]
            guard judge.accepts(EdgeStep(edge: edge, type: type, node: target)) else {
                return nil
            }
        }
        let met = copy.stamps[other] == otherStamp ? Int(copy.places[other]) : nil
        let own = enter(other, previous: place, edge: edge, &copy)
        return met.map { Meeting(isOfForward: !isBackward, own: own, other: $0) }
    }

    /// The edges from the node at a place back to the start.
    func edges(to place: Int) -> [UInt64] {
        var result: [UInt64] = []
        var place = place
        while place > 0 {
            result.append(edges[place])
            place = Int(previous[place])
        }
        return result
    }
}
