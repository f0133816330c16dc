// Which of many candidates a node is linked to: the nearest first, but none that is much nearer to
// one that was taken already, so that links lead into every direction (the robust pruning of
// DiskANN, Subramanya et al. 2019, with its two rounds: first strictly, then with some slack until
// the links are full). Nodes are compared by their codes.

internal import CKernels

/// Numbers that decide how a graph is linked.
enum GraphTuning {
    /// The beam with which the neighbours of a new node are looked for.
    static let buildBeam = 128
    /// Links that a new node is given.
    static let forward = 24
    /// Links that are kept when a node has no room for one more.
    static let kept = 28
    /// How much nearer to a taken candidate one may be than to the node itself, in the second
    /// round, in squared distances.
    static let slack: Float = 1.2
    /// Nodes that walks begin with.
    static let entryCount = 64
    /// Fewer candidates than these for a node that lost links, and more are looked for.
    static let least = 16
    /// The most links to copies below it that a node keeps when nodes go.
    static let mostCopies = 16
}

/// A code as a query, to compare nodes with one another.
///
/// SAFETY: the lanes lie in `memory`, with room for 128 bytes for every 64 bytes of code.
@safe
struct GraphQuery: ~Copyable {
    private let memory: AlignedBytes
    private let lanes: UnsafeMutablePointer<Int8>
    private let shape: GraphShape
    private(set) var query: mneme_code_query

    init(_ shape: GraphShape) {
        self.shape = shape
        let laneCount = (shape.codeByteCount + 63) / 64 * 128
        memory = AlignedBytes(byteCount: laneCount)
        unsafe lanes = memory.part(at: 0, of: Int8.self)
        unsafe query = mneme_code_query(
            lanes: lanes,
            code_byte_count: shape.codeByteCount,
            correction: 0,
            scale: 0,
            offset: 0
        )
    }

    /// Takes on the vector that a code stands for: twice its levels as weights.
    mutating func become(_ node: GraphCode) {
        let sum = unsafe mneme_code_lanes(node.code, shape.codeByteCount, lanes)
        let scale = unsafe node.scale.pointee
        unsafe query.correction = 15 * sum
        unsafe query.scale = shape.metric == .squaredEuclidean ? scale / 8 : scale / 4
        unsafe query.offset = shape.metric == .squaredEuclidean ? node.bias.pointee : 0
    }
}

/// Chooses links.
///
/// Used by one thread at a time.
///
/// SAFETY: the columns lie side by side in `memory`, with `capacity` places each.
@safe
struct GraphPruner: ~Copyable {
    private var query: GraphQuery
    private let metric: VectorMetric
    private var memory: AlignedBytes
    private var capacity: Int
    // Candidates that are not taken and not out of the question, nearest first.
    private var count = 0
    private var codes: UnsafeMutablePointer<UnsafePointer<UInt8>>
    private var scales: UnsafeMutablePointer<Float>
    private var biases: UnsafeMutablePointer<Float>
    private var scores: UnsafeMutablePointer<Float>
    /// How near each is to the node.
    private var own: UnsafeMutablePointer<Float>
    /// The greatest ratio of its distance to the node over that to one that was taken.
    private var shadows: UnsafeMutablePointer<Float>
    private var nodes: UnsafeMutablePointer<UInt32>

    init(_ shape: GraphShape) {
        query = GraphQuery(shape)
        metric = shape.metric
        capacity = 0
        memory = AlignedBytes(byteCount: 0)
        unsafe codes = memory.part(at: 0, of: UnsafePointer<UInt8>.self)
        unsafe scales = memory.part(at: 0, of: Float.self)
        unsafe (biases, scores, own, shadows) = (scales, scales, scales, scales)
        unsafe nodes = memory.part(at: 0, of: UInt32.self)
        reserve(GraphTuning.buildBeam)
    }

    /// Makes room for so many candidates.
    private mutating func reserve(_ wanted: Int) {
        if wanted <= capacity { return }
        // Whole lines, and a vector's slack behind each column.
        capacity = (wanted + 31) / 16 * 16
        memory = AlignedBytes(byteCount: capacity * 32)
        unsafe codes = memory.part(at: 0, of: UnsafePointer<UInt8>.self)
        unsafe scales = memory.part(at: capacity * 8, of: Float.self)
        unsafe biases = memory.part(at: capacity * 12, of: Float.self)
        unsafe scores = memory.part(at: capacity * 16, of: Float.self)
        unsafe own = memory.part(at: capacity * 20, of: Float.self)
        unsafe shadows = memory.part(at: capacity * 24, of: Float.self)
        unsafe nodes = memory.part(at: capacity * 28, of: UInt32.self)
    }

    /// The scores of nodes against one of them.
    mutating func score<Nodes: GraphNodes>(
        _ others: [UInt32],
        against node: UInt32,
        in graph: Nodes
    ) throws(Nodes.Failure) -> [GraphCandidate] {
        reserve(others.count)
        count = 0
        for other in others { try add(other, 0, graph) }
        try query.become(graph.code(node))
        score(from: 0)
        return others.indices.map {
            unsafe GraphCandidate(score: scores[$0], node: others[$0])
        }
    }

    /// The best links of a node among candidates, at most `limit`.
    ///
    /// - Complexity: O(limit · candidates) scores.
    mutating func choose<Nodes: GraphNodes>(
        for node: UInt32,
        among candidates: inout [GraphCandidate],
        atMost limit: Int,
        in graph: Nodes
    ) throws(Nodes.Failure) -> [UInt32] {
        candidates.sort { $0.score > $1.score || ($0.score == $1.score && $0.node < $1.node) }
        reserve(candidates.count)
        count = 0
        for candidate in candidates where candidate.node != node {
            try add(candidate.node, candidate.score, graph)
        }
        var chosen: [UInt32] = []
        chosen.reserveCapacity(GraphShape.degree)
        for slack in [1, GraphTuning.slack] {
            var place = 0
            while place < count, chosen.count < limit {
                if unsafe shadows[place] > slack {
                    place += 1
                    continue
                }
                chosen.append(unsafe nodes[place])
                try unsafe query.become(graph.code(nodes[place]))
                take(place)
            }
        }
        return chosen
    }

    @inline(__always)
    private mutating func add<Nodes: GraphNodes>(
        _ node: UInt32,
        _ score: Float,
        _ graph: Nodes
    ) throws(Nodes.Failure) {
        let place = try graph.code(node)
        unsafe mneme_prefetch(place.code, graph.shape.codeByteCount)
        unsafe codes[count] = place.code
        unsafe scales[count] = place.scale.pointee
        unsafe biases[count] = place.bias.pointee
        unsafe own[count] = score
        unsafe shadows[count] = 0
        unsafe nodes[count] = node
        count &+= 1
    }

    /// Takes a candidate, which the query has become, out of the columns, and with it those behind
    /// it that it stands in the way of for good.
    private mutating func take(_ place: Int) {
        score(from: place + 1)
        var kept = place
        for index in (place &+ 1)..<max(count, place &+ 1) {
            let shadow = unsafe max(shadows[index], ratio(own[index], scores[index]))
            unsafe codes[kept] = codes[index]
            unsafe scales[kept] = scales[index]
            unsafe biases[kept] = biases[index]
            unsafe own[kept] = own[index]
            unsafe shadows[kept] = shadow
            unsafe nodes[kept] = nodes[index]
            kept &+= shadow > GraphTuning.slack ? 0 : 1
        }
        count = kept
    }

    /// Scores the candidates from a place on against the query.
    private mutating func score(from start: Int) {
        if start >= count { return }
        unsafe withUnsafePointer(to: query.query) { query in
            unsafe Kernels.chosen.codes_score_pointers(
                query,
                codes + start,
                scales + start,
                biases + start,
                count - start,
                scores + start
            )
        }
    }

    /// How much farther a candidate is from the node than from another candidate.
    @inline(__always)
    private func ratio(_ own: Float, _ other: Float) -> Float {
        switch metric {
        case .cosine: Self.quotient(1 - own, 1 - other)
        case .squaredEuclidean: Self.quotient(-own, -other)
        // Inner products are no distances: only which one is nearer can be said.
        case .dot: other > own ? .infinity : 0
        }
    }

    private static func quotient(_ own: Float, _ other: Float) -> Float {
        let least: Float = 1e-9
        return max(own, least) / max(other, least)
    }
}

extension GraphQuery {
    /// Walks to the vector that it is, with the beam that neighbours are looked for with.
    borrowing func walk<Nodes: GraphNodes>(
        _ graph: Nodes,
        from entries: [UInt32],
        _ scratch: GraphScratch
    ) throws(Nodes.Failure) {
        var copy = unsafe query
        try unsafe withUnsafePointer(to: &copy) { (pointer) throws(Nodes.Failure) in
            _ = try unsafe graph.walk(
                to: pointer,
                beam: GraphTuning.buildBeam,
                from: entries,
                withCopies: false,
                scratch
            )
        }
    }
}
