// Nodes whose codes are the same, and their factors nearly: copies of one another. All that is near
// to one of them is as near to every other, and links of them all to one another would leave no
// room for links to anybody else: walks that come among many copies would not come out again, and
// nothing would tell which of them is to be linked with which. So one of them, the root, is linked
// as every node is, and the copies hang below it in a tree. What always holds of the tree:
//
// - A root's first link leads to no copy of it. The first link of every other copy leads to the one
//   that it hangs below; so all ways up end at the root.
// - Other links between copies lead down. Walks follow them when all else is done, and never from
//   one copy to what is none: only the root's links lead on.
// - A root that is linked to nobody else leads to a copy first, and that one to it. The lesser of
//   the two numbers is the root then.
//
// Where something else stands in the pages, walks find less, and `GraphReach` mends it.

internal import MnemeBase

/// The nodes of a graph that is to be built of which others are copies.
struct GraphCopies {
    /// Nodes that are no copy of one before them, ascending.
    private(set) var originals: [UInt32] = []
    /// The copies of a node, by its number, ascending.
    private(set) var copies: [UInt32: [UInt32]] = [:]

    /// How many copies a copy, or a root, leads to.
    static let branches = 8

    /// Looks at all nodes of a graph.
    ///
    /// - Complexity: O(bytes of codes).
    init(of graph: FlatGraph) {
        let count = graph.shape.codeByteCount
        originals.reserveCapacity(Int(graph.count))
        var first: [UInt64: UInt32] = [:]
        first.reserveCapacity(Int(graph.count))
        for node in 0..<graph.count {
            let code = graph.code(node)
            let hash = Checksum.xxh3(code.kind(count))
            guard let known = first[hash] else {
                first[hash] = node
                originals.append(node)
                continue
            }
            // Two that differ and have one checksum are both linked as others are.
            if code.isCopy(of: graph.code(known), count) {
                copies[known, default: []].append(node)
            } else {
                originals.append(node)
            }
        }
    }

    /// Hangs the copies below their originals, which are linked already.
    ///
    /// - Complexity: O(copies).
    func link(in graph: FlatGraph) {
        for (original, copies) in copies {
            let own = Array(copies.prefix(Self.branches))
            let room = GraphShape.degree - own.count
            graph.setLinks(graph.linkList(original).prefix(room) + own, of: original)
            for (place, copy) in copies.enumerated() {
                let start = Self.branches * (place + 1)
                let end = min(start + Self.branches, copies.count)
                let below = start < end ? copies[start..<end] : []
                let above = place < Self.branches ? original : copies[place / Self.branches - 1]
                graph.setLinks([above] + below, of: copy)
            }
        }
    }
}

extension GraphCode {
    /// Factors that differ in so many of their last bits alone are the same: of vectors that are
    /// equal but for their rounding.
    private static let spareBits: UInt32 = 10

    /// A factor without the bits that do not count.
    @inline(__always)
    static func coarse(_ factor: Float) -> UInt32 { factor.bitPattern >> spareBits }

    /// Whether two codes of so many bytes are the same, and their factors nearly.
    @inline(__always)
    func isCopy(of other: GraphCode, _ count: Int) -> Bool {
        guard unsafe Self.coarse(scale.pointee) == Self.coarse(other.scale.pointee) else {
            return false
        }
        return hasSameCode(as: other, count)
    }

    private func hasSameCode(as other: GraphCode, _ count: Int) -> Bool {
        guard unsafe Self.coarse(bias.pointee) == Self.coarse(other.bias.pointee) else {
            return false
        }
        for index in 0..<count where unsafe code[index] != other.code[index] { return false }
        return true
    }

    /// Bytes that copies of one another have, and nobody else.
    func kind(_ count: Int) -> [UInt8] {
        var bytes = unsafe Array(UnsafeBufferPointer(start: code, count: count))
        for factor in unsafe [Self.coarse(scale.pointee), Self.coarse(bias.pointee)] {
            for shift in [0, 8, 16] as [UInt32] {
                bytes.append(UInt8(truncatingIfNeeded: factor >> shift))
            }
        }
        return bytes
    }
}

/// A node's links by what they are for.
struct GraphLinks {
    /// The copy that the node hangs below.
    var up: UInt32?
    /// Nodes that are no copies.
    var others: [UInt32] = []
    /// Copies that hang below the node.
    var copies: [UInt32] = []

    /// All links in the order in which they stand.
    var list: [UInt32] {
        if let up { return [up] + others + copies }
        return others + copies
    }

    /// How many others there is room for beside the copies.
    var room: Int { GraphShape.degree - copies.count - (up == nil ? 0 : 1) }
    /// Whether there is room for one more.
    var hasRoom: Bool { others.count < room }
}

extension GraphNodes {
    /// Whether a node is a copy of another.
    @inline(__always)
    func isCopy(_ node: UInt32, of other: UInt32) throws(Failure) -> Bool {
        try code(node).isCopy(of: code(other), shape.codeByteCount)
    }

    /// Whether a node hangs below a copy of it.
    func isHung(_ node: UInt32) throws(Failure) -> Bool {
        let first = unsafe try links(node)[0]
        return first < count ? try isCopy(first, of: node) : false
    }

    /// Parts a list of a node's links by what they are for.
    func parted(_ links: [UInt32], of node: UInt32) throws(Failure) -> GraphLinks {
        var parts = GraphLinks()
        for (place, link) in links.enumerated() {
            if try !isCopy(link, of: node) {
                parts.others.append(link)
            } else if place == 0 {
                parts.up = link
            } else {
                parts.copies.append(link)
            }
        }
        return parts
    }
}

/// A graph with links that are to be others than they are.
struct EditedGraph<Nodes: GraphNodes> {
    let graph: Nodes
    private(set) var edits = GraphEdits()

    /// A tree of copies is no deeper than this, unless its pages are damaged.
    private static var steps: Int { 256 }

    init(_ graph: Nodes) { self.graph = graph }

    func links(_ node: UInt32) throws(Nodes.Failure) -> [UInt32] {
        if let edited = edits.links[node] { return edited }
        return try graph.linkList(node)
    }

    mutating func setLinks(_ links: [UInt32], of node: UInt32) { edits.links[node] = links }

    func parted(_ node: UInt32) throws(Nodes.Failure) -> GraphLinks {
        try graph.parted(links(node), of: node)
    }

    /// The root of the copies that a node is of; of one without copies, the node.
    ///
    /// - Complexity: O(log copies).
    func root(of node: UInt32) throws(Nodes.Failure) -> UInt32 {
        var (last, here) = (node, node)
        for _ in 0..<Self.steps {
            guard let up = try links(here).first, try graph.isCopy(up, of: here) else {
                return here
            }
            if up == last, last != here { return min(up, here) }
            (last, here) = (here, up)
        }
        return here
    }

    /// Hangs a node below the root of its copies; false where no place was found.
    ///
    /// The node keeps links to what is no copy of it, and to copies below it. `mayDrop`: a root
    /// without room gives up the last of its links to others.
    /// - Complexity: O(log copies).
    mutating func hang(
        _ node: UInt32,
        below root: UInt32,
        mayDrop: Bool
    ) throws(Nodes.Failure) -> Bool {
        var here = root
        for step in 0..<Self.steps {
            var parts = try parted(here)
            if mayDrop, !parts.hasRoom, parts.copies.isEmpty, !parts.others.isEmpty {
                parts.others.removeLast()
            }
            if parts.copies.count < GraphCopies.branches, parts.hasRoom {
                parts.copies.append(node)
                setLinks(parts.list, of: here)
                var own = try parted(node)
                if let below = own.up { own.copies.append(below) }
                own.up = here
                own.copies.removeAll { $0 == here }
                setLinks(Array(own.list.prefix(GraphShape.degree)), of: node)
                return true
            }
            guard !parts.copies.isEmpty else { return false }
            // Any of them, and another one for each node.
            let chance = (UInt64(node) &+ UInt64(step)) &* 0x9e37_79b9_7f4a_7c15
            here = parts.copies[Int(chance >> 40) % parts.copies.count]
            if here == node { return false }
        }
        return false
    }

    /// Has the roots of their copies stand for all candidates, each once.
    func rooted(_ candidates: inout [GraphCandidate]) throws(Nodes.Failure) {
        var seen = Set<UInt32>()
        var roots: [GraphCandidate] = []
        for candidate in candidates {
            let root = try root(of: candidate.node)
            if seen.insert(root).inserted {
                roots.append(GraphCandidate(score: candidate.score, node: root))
            }
        }
        candidates = roots
    }
}
