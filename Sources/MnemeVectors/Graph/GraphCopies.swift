// Nodes whose codes are the same. All that is near to one of them is as near to every other, and
// links of them all to one another would leave no room for links to anybody else: walks that come
// among many copies would not come out again, and nothing would tell which of them is to be linked
// with which. So one of them, the original, is linked as every node is, and the copies hang below
// it in a tree.

internal import MnemeBase

/// The nodes of a graph of which others are copies.
struct GraphCopies {
    /// Nodes that are no copy of one before them, ascending.
    private(set) var originals: [UInt32] = []
    /// The copies of a node, by its number, ascending.
    private(set) var copies: [UInt32: [UInt32]] = [:]

    /// How many copies a copy, or an original, leads to.
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
            let bytes = unsafe Array(UnsafeBufferPointer(start: code.code, count: count))
            let hash = Checksum.xxh3(bytes)
            guard let known = first[hash] else {
                first[hash] = node
                originals.append(node)
                continue
            }
            // Two that differ and have one checksum are both linked as others are.
            if code.isSame(as: graph.code(known), count) {
                copies[known, default: []].append(node)
            } else {
                originals.append(node)
            }
        }
    }

    /// Hangs the copies below their originals, which are linked already.
    ///
    /// A copy leads to its original, so that a walk that begins with it comes out.
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
                graph.setLinks([original] + below, of: copy)
            }
        }
    }
}

extension GraphCode {
    /// Whether two codes of so many bytes, and their factors, are the same.
    func isSame(as other: GraphCode, _ count: Int) -> Bool {
        guard unsafe scale.pointee == other.scale.pointee,
            unsafe bias.pointee == other.bias.pointee
        else { return false }
        for index in 0..<count where unsafe code[index] != other.code[index] { return false }
        return true
    }
}
