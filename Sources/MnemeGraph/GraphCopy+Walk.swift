// Walks: breadth first, so that every node is reached by a shortest path.

package import MnemePages

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
    /// Whether it is told of, and not only passed through.
    package let isTold: Bool
}

/// What bounds a walk.
package struct WalkBounds: Sendable {
    /// So many edges from a start at most.
    package var hops: Int
    /// So many nodes at most, of those that are told of.
    package var limit: Int
    /// So many nodes from any one node on at most.
    package var fanOut: Int

    /// Bounds of their parts.
    package init(hops: Int, limit: Int = .max, fanOut: Int = .max) {
        self.hops = hops
        self.limit = limit
        self.fanOut = fanOut
    }
}

extension GraphCopy {
    /// The nodes within some edges of the starts, nearest first, each once; the starts are not
    /// among them.
    ///
    /// A node that is refused is neither reached nor walked through, unless another edge leads to
    /// it; one that is not told of is among them and does not count.
    ///
    /// - Returns: the nodes, and whether the limit cut the walk short.
    /// - Throws: as `ColumnTree.cursor`.
    /// - Complexity: O(edges of what is within `hops` − 1).
    package mutating func walk(
        from starts: [UInt64],
        _ choice: ReadyChoice,
        _ bounds: WalkBounds,
        _ source: GraphSource,
        _ judge: StepJudge
    ) throws(PageError) -> (reached: [Reached], isComplete: Bool) {
        var run = WalkRun(bounds, judge, keepsWays: true)
        try run.walk(from: starts, choice, source, &self)
        return (run.reached, run.isComplete)
    }

    /// How many nodes `walk` gives.
    ///
    /// - Throws: as `walk`.
    /// - Complexity: as `walk`; nothing is allocated once the lists are known.
    package mutating func count(
        from starts: [UInt64],
        _ choice: ReadyChoice,
        _ bounds: WalkBounds,
        _ source: GraphSource,
        _ judge: StepJudge
    ) throws(PageError) -> (count: Int, isComplete: Bool) {
        var run = WalkRun(bounds, judge, keepsWays: false)
        try run.walk(from: starts, choice, source, &self)
        return (run.count, run.isComplete)
    }

    /// As above, from one node.
    package mutating func count(
        from start: UInt64,
        _ choice: ReadyChoice,
        _ bounds: WalkBounds,
        _ source: GraphSource,
        _ judge: StepJudge
    ) throws(PageError) -> (count: Int, isComplete: Bool) {
        var run = WalkRun(bounds, judge, keepsWays: false)
        run.begin(&self)
        run.enter(start, &self)
        try run.go(choice, source, &self)
        return (run.count, run.isComplete)
    }
}

/// A walk under way: `front` of the copy has the starts, and behind them what was reached.
private struct WalkRun {
    private let bounds: WalkBounds
    private let judge: StepJudge
    private let keepsWays: Bool
    private var stamp: UInt32 = 0
    private var starts = 0
    private var patience = StepPatience()
    private var isOver = false
    private(set) var isComplete = true
    /// How many were reached that are told of.
    private(set) var count = 0
    private(set) var reached: [Reached] = []
    /// Room for the steps from a node.
    private var steps: [NodeStep] = []

    init(_ bounds: WalkBounds, _ judge: StepJudge, keepsWays: Bool) {
        self.bounds = bounds
        self.judge = judge
        self.keepsWays = keepsWays
    }

    mutating func walk(
        from nodes: [UInt64],
        _ choice: ReadyChoice,
        _ source: GraphSource,
        _ copy: inout GraphCopy
    ) throws(PageError) {
        begin(&copy)
        for node in nodes { enter(node, &copy) }
        try go(choice, source, &copy)
    }

    mutating func begin(_ copy: inout GraphCopy) {
        stamp = copy.newStamp(1)
        copy.front.removeAll(keepingCapacity: true)
    }

    /// Adds a start.
    mutating func enter(_ node: UInt64, _ copy: inout GraphCopy) {
        let number = copy.number(node)
        guard copy.stamps[number] != stamp else { return }
        copy.stamps[number] = stamp
        copy.front.append(UInt32(number))
        starts += 1
    }

    mutating func go(
        _ choice: ReadyChoice,
        _ source: GraphSource,
        _ copy: inout GraphCopy
    ) throws(PageError) {
        var first = 0
        var hop = 1
        while hop <= bounds.hops, !isOver {
            let end = copy.front.count
            if first == end { break }
            for place in first..<end {
                if judge.fan != nil {
                    try fanOut(place, hop, choice, source, &copy)
                    if isOver { break }
                    continue
                }
                let most = bounds.fanOut < .max - count ? count + bounds.fanOut : .max
                try expand(place, hop, .out, choice.out, most, source, &copy)
                try expand(place, hop, .arriving, choice.arriving, most, source, &copy)
                if isOver { break }
            }
            first = end
            hop += 1
        }
    }

    /// Takes those steps from the node at a place that the judge's fan leaves.
    private mutating func fanOut(
        _ place: Int,
        _ hop: Int,
        _ choice: ReadyChoice,
        _ source: GraphSource,
        _ copy: inout GraphCopy
    ) throws(PageError) {
        let node = Int(copy.front[place])
        guard try copy.gather(node, choice, source, judge, &patience, into: &steps) else {
            return end()
        }
        for step in steps where copy.stamps[step.other] != stamp {
            take(Step(place, hop, step.side, step.type, step.edge, step.other), &copy)
            if isOver { return }
        }
    }

    /// Takes the steps from the node at a place, as long as fewer than `most` were reached.
    @inline(__always)
    private mutating func expand(
        _ place: Int,
        _ hop: Int,
        _ side: EdgeSide,
        _ types: TypeSet,
        _ most: Int,
        _ source: GraphSource,
        _ copy: inout GraphCopy
    ) throws(PageError) {
        if isOver || types.isEmpty { return }
        if patience.hasEnded(judge) { return end() }
        let node = Int(copy.front[place])
        guard let list = try copy.list(node, side, source) else {
            return try expandLong(place, hop, side, types, most, source, &copy)
        }
        let isSettled = copy.isSettled(list, at: source.instant)
        for index in list {
            if patience.hasEnded(judge) { return end() }
            let link = copy.links[index]
            let type = UInt16(truncatingIfNeeded: link >> 32)
            let other = Int(link & 0xffff_ffff)
            if !types.contains(type) || copy.stamps[other] == stamp { continue }
            guard copy.holds(index, link, at: source.instant, isSettled: isSettled)
            else { continue }
            if count >= most { return }
            step(Step(place, hop, side, type, copy.edges[index], other), &copy)
            if isOver { return }
        }
    }

    /// The same with a list that is read where it stands.
    private mutating func expandLong(
        _ place: Int,
        _ hop: Int,
        _ side: EdgeSide,
        _ types: TypeSet,
        _ most: Int,
        _ source: GraphSource,
        _ copy: inout GraphCopy
    ) throws(PageError) {
        let node = copy.ordinals[Int(copy.front[place])]
        var list = try ListReading(node, side, source)
        while let neighbour = try list.next() {
            if patience.hasEnded(judge) { return end() }
            guard types.contains(neighbour.type) else { continue }
            let other = copy.number(neighbour.node)
            if copy.stamps[other] == stamp { continue }
            if count >= most { return }
            step(Step(place, hop, side, neighbour.type, neighbour.edge, other), &copy)
            if isOver { return }
        }
    }

    private struct Step {
        let place: Int
        let hop: Int
        let side: EdgeSide
        let type: UInt16
        let edge: UInt64
        let other: Int

        @inline(__always)
        init(
            _ place: Int,
            _ hop: Int,
            _ side: EdgeSide,
            _ type: UInt16,
            _ edge: UInt64,
            _ other: Int
        ) {
            self.place = place
            self.hop = hop
            self.side = side
            self.type = type
            self.edge = edge
            self.other = other
        }
    }

    /// Takes a step to a node that was not seen before, if it is accepted.
    @inline(__always)
    private mutating func step(_ step: Step, _ copy: inout GraphCopy) {
        if judge.asks {
            let node = copy.ordinals[step.other]
            guard judge.accepts(EdgeStep(edge: step.edge, type: step.type, node: node))
            else { return }
        }
        take(step, &copy)
    }

    /// Comes to a node that was not seen before.
    @inline(__always)
    private mutating func take(_ step: Step, _ copy: inout GraphCopy) {
        let isTold = judge.tells == nil || tells(step, copy)
        guard count < bounds.limit || !isTold else { return end() }
        copy.stamps[step.other] = stamp
        copy.front.append(UInt32(step.other))
        if isTold { count += 1 }
        if keepsWays { note(step, isTold, copy) }
    }

    private func tells(_ step: Step, _ copy: borrowing GraphCopy) -> Bool {
        let node = copy.ordinals[step.other]
        return judge.tells?(EdgeStep(edge: step.edge, type: step.type, node: node)) ?? true
    }

    private mutating func note(_ step: Step, _ isTold: Bool, _ copy: borrowing GraphCopy) {
        let previous = step.place < starts ? nil : step.place - starts
        reached.append(
            Reached(
                node: copy.ordinals[step.other],
                hops: step.hop,
                edge: step.edge,
                type: step.type,
                isAgainst: step.side == .arriving,
                previous: previous,
                start: previous.map { reached[$0].start }
                    ?? copy.ordinals[Int(copy.front[step.place])],
                isTold: isTold
            )
        )
    }

    private mutating func end() {
        isOver = true
        isComplete = false
    }
}
