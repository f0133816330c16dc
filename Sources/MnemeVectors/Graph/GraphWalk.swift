// The walk: from entries along links to what is nearest. All neighbours of a node that were not
// seen yet are gathered without a branch, fetched, scored in one call, and those that beat the
// worst of the beam are put in where they belong. Codes alone are looked at; rows are the caller's.
//
// Of copies of one another (`GraphCopies.swift`) one alone takes a place, however many there are:
// the others would fill the beam, and the walk would not come past them. Where they are wanted,
// those of what the walk has come to are put in when it is done.

internal import CKernels

/// What a walk did.
struct GraphWalkCount {
    /// Nodes whose links were followed.
    var followed = 0
    /// Codes that were scored.
    var scored = 0
}

extension GraphNodes {
    /// Fills the beam of `scratch` with what is nearest to a query by its code.
    ///
    /// Afterwards `scratch.filled` keys are there, best first. Of `entries` the first is begun
    /// with, and the best besides. `withCopies`: the copies of what is nearest are among it.
    /// `avoided`: a node that the walk goes around as if it were not there, but where it begins.
    ///
    /// - Complexity: about 20 scores for each place of the beam.
    @discardableResult
    func walk(
        to query: UnsafePointer<mneme_code_query>,
        beam: Int,
        from entries: [UInt32],
        withCopies: Bool = true,
        without avoided: UInt32? = nil,
        _ scratch: GraphScratch
    ) throws(Failure) -> GraphWalkCount {
        var done = GraphWalkCount()
        scratch.begin(count: count, beam: beam)
        var batch = GraphBatch(scratch, beam: beam)
        if let avoided, avoided < count, !entries.contains(avoided) {
            unsafe batch.marks[Int(avoided)] = batch.generation
        }
        try unsafe enter(query, entries, &batch, &done)
        let marks = unsafe batch.marks
        let generation = batch.generation
        var place = 0
        while place < batch.filled {
            let key = unsafe batch.keys[place]
            if key & 1 != 0 {
                place &+= 1
                continue
            }
            unsafe batch.keys[place] = key | 1
            let own = try code(GraphScratch.node(key))
            let links = try unsafe links(GraphScratch.node(key))
            let isUp = unsafe batch.isNew(links[0], count)
            var fresh = 0
            for index in 0..<GraphShape.degree {
                let node = unsafe links[index]
                if node >= count { break }
                let isFresh = unsafe marks[Int(node)] != generation
                unsafe marks[Int(node)] = generation
                unsafe batch.nodes[fresh] = node
                fresh &+= isFresh ? 1 : 0
            }
            done.followed &+= 1
            done.scored &+= fresh
            try fetch(fresh, &batch)
            var next = place &+ 1
            while next < batch.filled, unsafe batch.keys[next] & 1 != 0 { next &+= 1 }
            if next < batch.filled {
                let ahead = try unsafe self.links(GraphScratch.node(batch.keys[next]))
                unsafe mneme_prefetch(ahead, GraphShape.linkByteCount)
            }
            unsafe batch.score(query, fresh)
            if batch.hasLike(own, fresh) {
                fresh = setAside(copiesOf: own, from: isUp ? 1 : 0, fresh, &batch, scratch)
            }
            place = min(place &+ 1, batch.insert(fresh))
        }
        if withCopies, !scratch.aside.isEmpty {
            try unsafe putCopies(query, &batch, scratch, &done)
        }
        scratch.filled = batch.filled
        return done
    }

    /// Begins with the first of the entries and the best of them.
    private func enter(
        _ query: UnsafePointer<mneme_code_query>,
        _ entries: [UInt32],
        _ batch: inout GraphBatch,
        _ done: inout GraphWalkCount
    ) throws(Failure) {
        var best: (score: Float, node: UInt32)?
        var first: (score: Float, node: UInt32)?
        var start = 0
        while start < entries.count {
            let end = min(start + GraphScratch.batch, entries.count)
            var taken = 0
            for index in start..<end where entries[index] < count {
                unsafe batch.nodes[taken] = entries[index]
                taken += 1
            }
            try fetch(taken, &batch)
            unsafe batch.score(query, taken)
            for index in 0..<taken {
                let found = unsafe (score: batch.scores[index], node: batch.nodes[index])
                if first == nil { first = found }
                if best.map({ found.score > $0.score }) ?? true { best = found }
            }
            done.scored += taken
            start = end
        }
        guard let first, let best else { return }
        batch.put(best.node, best.score)
        if first.node != best.node { batch.put(first.node, first.score) }
    }

    /// Notes where the codes of the batch stand, and has them fetched.
    ///
    /// Factors are looked at when all were asked for: the first one that is not there yet would
    /// hold up those behind it.
    @inline(__always)
    func fetch(_ taken: Int, _ batch: inout GraphBatch) throws(Failure) {
        for index in 0..<taken {
            let place = try unsafe code(batch.nodes[index])
            unsafe batch.codes[index] = place.code
            unsafe batch.factors[index] = place.scale
            unsafe mneme_prefetch(place.scale, 1)
            unsafe mneme_prefetch(place.code, shape.codeByteCount)
        }
        for index in 0..<taken {
            let factors = unsafe batch.factors[index]
            unsafe batch.scales[index] = factors[0]
            unsafe batch.biases[index] = factors[1]
        }
    }
}

/// The beam and the batch of a walk under way, at hand.
///
/// SAFETY: the pointers are the scratch's, which the walk holds; no place beyond `beam` or beyond
/// the batch is used.
@safe
struct GraphBatch: ~Copyable {
    let beam: Int
    var filled = 0
    let keys: UnsafeMutablePointer<UInt64>
    let marks: UnsafeMutablePointer<UInt16>
    let generation: UInt16
    let nodes: UnsafeMutablePointer<UInt32>
    let codes: UnsafeMutablePointer<UnsafePointer<UInt8>>
    let factors: UnsafeMutablePointer<UnsafePointer<Float>>
    let scales: UnsafeMutablePointer<Float>
    let biases: UnsafeMutablePointer<Float>
    let scores: UnsafeMutablePointer<Float>
    /// Read once: a global's access in the loop costs more than the call.
    private let kernels: mneme_vector_kernels

    init(_ scratch: GraphScratch, beam: Int) {
        self.beam = beam
        generation = scratch.generation
        unsafe keys = scratch.keys
        unsafe marks = scratch.marked
        unsafe nodes = scratch.nodes
        unsafe codes = scratch.codes
        unsafe factors = scratch.factors
        unsafe scales = scratch.scales
        unsafe biases = scratch.biases
        unsafe scores = scratch.scores
        unsafe kernels = Kernels.chosen
    }

    /// What a node has to beat to come into the beam.
    @inline(__always)
    var worst: Float {
        unsafe filled == beam ? GraphScratch.score(keys[filled &- 1]) : -.infinity
    }

    /// Whether a link leads to a node that was not seen yet.
    @inline(__always)
    func isNew(_ link: UInt32, _ count: UInt32) -> Bool {
        guard link < count else { return false }
        return unsafe marks[Int(link)] != generation
    }

    /// Whether nodes of the batch may be copies of one: their scales are the same.
    @inline(__always)
    func hasLike(_ own: GraphCode, _ taken: Int) -> Bool {
        let scale = unsafe GraphCode.coarse(own.scale.pointee)
        var found: UInt32 = 0
        for index in 0..<taken {
            found |= unsafe GraphCode.coarse(scales[index]) == scale ? 1 : 0
        }
        return found != 0
    }

    /// Puts a node in that is begun with.
    mutating func put(_ node: UInt32, _ score: Float) {
        unsafe nodes[0] = node
        unsafe scores[0] = score
        unsafe marks[Int(node)] = generation
        _ = insert(1)
    }

    @inline(__always)
    func score(_ query: UnsafePointer<mneme_code_query>, _ taken: Int) {
        unsafe kernels.codes_score_pointers(query, codes, scales, biases, taken, scores)
    }

    /// Puts what beats the beam's worst into it; the first place that changed.
    @inline(__always)
    mutating func insert(_ taken: Int) -> Int {
        var lowest = Int.max
        var worst = worst
        for index in 0..<taken {
            let score = unsafe scores[index]
            guard score > worst || filled < beam else { continue }
            let key = unsafe GraphScratch.key(score, nodes[index])
            if filled < beam { filled &+= 1 }
            var place = filled &- 1
            while place > 0, unsafe keys[place &- 1] < key {
                unsafe keys[place] = keys[place &- 1]
                place &-= 1
            }
            unsafe keys[place] = key
            lowest = min(lowest, place)
            if filled == beam { worst = self.worst }
        }
        return lowest
    }
}
