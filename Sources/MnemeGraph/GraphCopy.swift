// A part of the graph as arrays, learned list by list from the adjacency as walks come by. Nodes
// have small numbers here, so that what a walk has seen is an array of stamps, and a list is read
// from one end to the other without a page being looked for.
//
// A list that is known is that of the state through which the copy was brought: whoever owns it has
// it forget the nodes whose edges came or went since. One thread uses it at a time.

package import MnemePages

/// The lists that were looked at lately.
package struct GraphCopy {
    /// Longer lists are read where they stand each time.
    static let longest = 1 << 16
    /// In a link: the edge has ended, so that its times say whether it was there.
    static let isTimed: UInt64 = 1 << 63

    /// Where a list stands in `links`.
    struct List {
        static let unknown = List(start: 0, count: .max)
        static let long = List(start: 0, count: .max - 1)

        var start: UInt32
        var count: UInt32

        @inline(__always)
        var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
    }

    /// The lists are those of a state of this sequence.
    package private(set) var through: UInt64
    /// How many entries there may be.
    let capacity: Int

    /// Numbers by ordinal, and the other way round.
    private var numbers = OrdinalMap()
    private(set) var ordinals: [UInt64] = []
    /// Two a node: what leaves it, and what arrives.
    private var lists: [List] = []
    /// Of an entry the number of the node at the other end, its type from bit 32 on, and `isTimed`.
    ///
    /// Before a list with the past stands when the last of it that is not timed was linked.
    private(set) var links: [UInt64] = []
    /// The ordinals of the edges.
    private(set) var edges: [UInt64] = []
    /// Whether lists have edges that have ended too, and `times` when each was there.
    package let keepsPast: Bool
    private(set) var times: [EdgeTimes] = []

    /// What the walk under way has seen has its stamp, and the place where it noted it.
    var stamps: [UInt32] = []
    var places: [UInt32] = []
    private var stamp: UInt32 = 0
    /// Room for walks.
    var front: [UInt32] = []
    var forward = HalfPath()
    var backward = HalfPath()

    /// Knows nothing yet.
    ///
    /// `keepsPast`: walks of earlier instants use it, and no others. `capacity`: so many entries of
    /// lists are kept at most, of 16 bytes each, of 32 with the past.
    package init(through sequence: UInt64, keepsPast: Bool = false, capacity: Int = 1 << 22) {
        through = sequence
        self.keepsPast = keepsPast
        self.capacity = min(capacity, Int(Int32.max))
    }

    // MARK: Staying right

    /// Forgets the lists of a node whose edges have changed.
    package mutating func forget(_ node: UInt64) {
        guard let number = numbers.value(node) else { return }
        lists[2 * Int(number)] = .unknown
        lists[2 * Int(number) + 1] = .unknown
    }

    /// Forgets everything.
    package mutating func forgetAll() {
        self = GraphCopy(through: through, keepsPast: keepsPast, capacity: capacity)
    }

    /// Says that what changed up to a sequence was forgotten.
    package mutating func reach(_ sequence: UInt64) { through = max(through, sequence) }

    /// Makes room where there is little; between walks.
    package mutating func tidy() {
        if links.count > capacity / 8 * 7 || ordinals.count > capacity { forgetAll() }
    }

    // MARK: Numbers

    /// The number of a node; a new one where it had none.
    @inline(__always)
    mutating func number(_ ordinal: UInt64) -> Int {
        if let known = numbers.value(ordinal) { return Int(known) }
        return enter(ordinal)
    }

    private mutating func enter(_ ordinal: UInt64) -> Int {
        let number = ordinals.count
        _ = numbers.insert(ordinal, Int32(number))
        ordinals.append(ordinal)
        lists.append(.unknown)
        lists.append(.unknown)
        stamps.append(0)
        places.append(0)
        return number
    }

    /// The first of so many stamps that nothing has.
    mutating func newStamp(_ count: UInt32) -> UInt32 {
        if stamp > .max - count - 1 {
            stamp = 0
            for index in stamps.indices { stamps[index] = 0 }
        }
        defer { stamp += count }
        return stamp + 1
    }

    // MARK: Lists

    /// A list of a node; nil of one that is too long to be kept.
    ///
    /// - Throws: as `ColumnTree.cursor`.
    @inline(__always)
    mutating func list(
        _ node: Int,
        _ side: EdgeSide,
        _ source: GraphSource
    ) throws(PageError) -> Range<Int>? {
        var list = lists[2 * node + Int(side.rawValue)]
        if list.count == List.unknown.count { list = try learn(node, side, source) }
        return list.count == List.long.count ? nil : list.range
    }

    private mutating func learn(
        _ node: Int,
        _ side: EdgeSide,
        _ source: GraphSource
    ) throws(PageError) -> List {
        if keepsPast { return try learnPast(node, side, source) }
        let start = links.count
        var list = List.long
        let key = ColumnKey(ordinals[node], Adjacency.low(side, 0, 0))
        let end = Adjacency.end(ordinals[node], side, nil)
        var cursor = try source.adjacency.tree.cursor(from: key, to: end, in: source.view)
        while let block = try cursor.next() {
            let count = links.count - start + block.count
            guard count <= Self.longest, start + count <= capacity else {
                links.removeSubrange(start...)
                edges.removeSubrange(start...)
                lists[2 * node + Int(side.rawValue)] = list
                return list
            }
            for index in block.range {
                let low = block.low(index)
                let other = number(block.entry(index).load64(0))
                links.append(UInt64(other) | (low >> 48 & 0x7fff) << 32)
                edges.append(low & (Adjacency.edgeLimit - 1))
            }
        }
        list = List(start: UInt32(start), count: UInt32(links.count - start))
        lists[2 * node + Int(side.rawValue)] = list
        return list
    }

    /// The same with what was there once.
    private mutating func learnPast(
        _ node: Int,
        _ side: EdgeSide,
        _ source: GraphSource
    ) throws(PageError) -> List {
        let head = links.count
        var list = List.long
        var lastLinked = Int64.min
        append(0, 0, .always)
        var entries = try ListReading(ordinals[node], side, source, withPast: true, at: nil)
        while let found = try entries.next() {
            guard links.count - head <= Self.longest, links.count < capacity else {
                links.removeSubrange(head...)
                edges.removeSubrange(head...)
                times.removeSubrange(head...)
                lists[2 * node + Int(side.rawValue)] = list
                return list
            }
            let link = UInt64(number(found.node)) | UInt64(found.type) << 32
            let hasEnded = found.times.ended != .max
            if !hasEnded { lastLinked = max(lastLinked, found.times.linked) }
            append(hasEnded ? link | Self.isTimed : link, found.edge, found.times)
        }
        links[head] = UInt64(bitPattern: lastLinked)
        list = List(start: UInt32(head + 1), count: UInt32(links.count - head - 1))
        lists[2 * node + Int(side.rawValue)] = list
        return list
    }

    private mutating func append(_ link: UInt64, _ edge: UInt64, _ time: EdgeTimes) {
        links.append(link)
        edges.append(edge)
        times.append(time)
    }

    /// Whether all entries of a list that are not timed were there at an instant.
    ///
    /// One word beside the links answers it: the times of edges are far from them, and of most they
    /// say nothing else.
    @inline(__always)
    func isSettled(_ list: Range<Int>, at instant: Int64?) -> Bool {
        guard let instant else { return true }
        return Int64(bitPattern: links[list.lowerBound - 1]) <= instant
    }

    /// Whether an entry of a list, which is settled or not, was there at an instant.
    @inline(__always)
    func holds(_ entry: Int, _ link: UInt64, at instant: Int64?, isSettled: Bool) -> Bool {
        if isSettled, link & Self.isTimed == 0 { return true }
        guard let instant else { return true }
        return times[entry].hold(at: instant)
    }
}

/// Where lists are learned from.
package struct GraphSource {
    let adjacency: Adjacency
    let view: PageView
    /// Edges that were there at it are followed; those that are there where there is none.
    let instant: Int64?

    /// The lists of a state, or what it knows of those of an earlier instant.
    package init(_ adjacency: Adjacency, _ view: PageView, at instant: Int64? = nil) {
        self.adjacency = adjacency
        self.view = view
        self.instant = instant
    }
}
